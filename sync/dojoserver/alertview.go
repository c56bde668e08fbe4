package dojoserver

import (
	"bytes"
	"encoding/json"
	"math/big"
	"net/http"
	"strconv"
	"strings"
)

// wireAlert is an alert as Django serialises it, keys in its order.
type wireAlert struct {
	Model  string     `json:"model"`
	PK     int64      `json:"pk"`
	Fields wireFields `json:"fields"`
}

type wireFields struct {
	Title       string  `json:"title"`
	Description *string `json:"description"`
	URL         *string `json:"url"`
	Source      string  `json:"source"`
	Icon        string  `json:"icon"`
	UserID      int64   `json:"user_id"`
	Created     string  `json:"created"`
}

func (a Alert) wire(user int64) wireAlert {
	w := wireAlert{Model: "dojo.alerts", PK: a.PK, Fields: wireFields{
		Title: a.Title, Source: a.Source, Icon: a.Icon, UserID: user, Created: wireTime(a.Created),
	}}
	if !a.NullDescription {
		w.Fields.Description = &a.Description
	}
	if a.URL != "" || a.EmptyURL {
		w.Fields.URL = &a.URL
	}
	return w
}

// alertsJSON lists the user's alerts. It answers any method.
func (x *exchange) alertsJSON() {
	alerts := x.s.Alerts(x.user.Name)
	if limit := x.r.URL.Query().Get("limit"); limit != "" {
		n, ok := pythonInt(limit)
		if !ok || n.Sign() < 0 {
			x.serverError()
			return
		}
		if n.IsInt64() && n.Int64() < int64(len(alerts)) {
			alerts = alerts[:n.Int64()]
		}
	}
	list := make([]wireAlert, len(alerts))
	for i, a := range alerts {
		list[i] = a.wire(x.user.ID)
	}
	x.json(http.StatusOK, list)
}

// alertsCount tells the number on the bell.
func (x *exchange) alertsCount() {
	x.json(http.StatusOK, map[string]int{"count": x.count()})
}

// alertsCountText is the same as plain text, from 3.0 on.
func (x *exchange) alertsCountText() {
	x.send(http.StatusOK, "text/plain", []byte(strconv.Itoa(x.count())))
}

func (x *exchange) count() int {
	if x.s.opts.CounterDisabled {
		return 0
	}
	return len(x.s.Alerts(x.user.Name))
}

// alertsPage shows the alerts and, on POST, removes the selected ones first.
// Other methods only show.
func (x *exchange) alertsPage() {
	if x.r.Method == http.MethodPost {
		pks, ok := selected(x.parseForm().values["alert_select"])
		if !ok {
			x.serverError()
			return
		}
		x.s.RemoveAlert(x.user.Name, pks...)
	}
	alerts, ok := x.onePage(x.s.listed(x.user.Name))
	if !ok {
		x.serverError()
		return
	}
	x.touched = true
	x.send(http.StatusOK, htmlType, x.alertsHTML(alerts))
}

// onePage cuts a list down to the page that was asked for: 25 alerts unless
// page_size says otherwise, the last page instead of one beyond, the first
// instead of nonsense. A page_size of nonsense is not forgiven.
func (x *exchange) onePage(alerts []Alert) ([]Alert, bool) {
	size, number := 25, 1
	query := x.r.URL.Query()
	if wish := query.Get("page_size"); wish != "" {
		n, ok := pythonInt(wish)
		if !ok || n.Sign() <= 0 {
			return nil, false
		}
		size = len(alerts) + 1
		if n.IsInt64() {
			size = int(min(n.Int64(), int64(size)))
		}
	}
	last := max((len(alerts)+size-1)/size, 1)
	if n, ok := pythonInt(query.Get("page")); ok {
		number = last
		if n.IsInt64() && n.Int64() >= 1 {
			number = int(min(n.Int64(), int64(last)))
		}
	}
	return alerts[min((number-1)*size, len(alerts)):min(number*size, len(alerts))], true
}

// listed returns a user's alerts in the order of the page, which is by key
// from 2.51 on.
func (s *Server) listed(user string) []Alert {
	var out []Alert
	s.withUser(user, func(a *account) {
		if s.old() {
			out = a.newestFirst()
		} else {
			out = a.byKey()
		}
	})
	return out
}

// selected reads the keys of a removal. One that is no integer spoils the
// whole request; one that no column could hold just finds nothing.
func selected(values []string) ([]int64, bool) {
	var pks []int64
	for _, v := range values {
		n, ok := pythonInt(v)
		if !ok {
			return nil, false
		}
		if n.IsInt64() {
			pks = append(pks, n.Int64())
		}
	}
	return pks, true
}

// pythonInt reads a decimal integer of any size, with blanks around it, as
// Python's int does.
func pythonInt(s string) (*big.Int, bool) {
	return new(big.Int).SetString(strings.TrimSpace(s), 10)
}

// deleteAlerts asks, and on POST removes everything there is at that moment.
func (x *exchange) deleteAlerts() {
	if x.r.Method != http.MethodPost {
		x.send(http.StatusOK, htmlType, x.confirmPage())
		return
	}
	x.s.withUser(x.user.Name, func(a *account) { a.alerts = nil })
	x.message("Alerts removed.")
	x.redirect("alerts") // relative to the word, as the real server's is
}

// json writes a value as Django does: without escaping HTML.
func (x *exchange) json(status int, value any) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		x.serverError()
		return
	}
	x.send(status, jsonType, bytes.TrimSuffix(out.Bytes(), []byte("\n")))
}

// serverError is the page of an exception.
func (x *exchange) serverError() {
	if !x.s.old() {
		x.formToken()
	}
	x.send(http.StatusInternalServerError, htmlType, x.errorPage("500 Internal Server Error"))
}

// notFound is the page for paths and objects that do not exist.
func (x *exchange) notFound() {
	if !x.s.old() && !x.signedIn() {
		x.formToken()
	}
	x.send(http.StatusNotFound, htmlType, x.errorPage("404 Not Found"))
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
