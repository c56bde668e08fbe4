package control

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"bellhop/app"
)

func (s *Server) status(r *http.Request) (any, error) {
	st, err := s.bell.Status(r.Context())
	if st.Accounts == nil {
		st.Accounts = []app.AccountStatus{}
	}
	return st, err
}

func (s *Server) count(r *http.Request) (any, error) {
	account, err := number(r.URL.Query(), "account")
	if err != nil {
		return nil, err
	}
	st, err := s.bell.Status(r.Context())
	if err != nil {
		return nil, err
	}
	n, err := CountOf(st, app.AccountID(account))
	return countBody{n}, err
}

// CountOf returns the number of alerts in the list of an account (0 = of all);
// an account that is not there is [app.ErrNotFound].
func CountOf(st app.Status, account app.AccountID) (int, error) {
	if account == 0 {
		return st.Count, nil
	}
	for _, a := range st.Accounts {
		if a.ID == account {
			return a.Count, nil
		}
	}
	return 0, app.NewProblem("not_found", fmt.Sprintf("There is no account %d.", account), "List them with `bellhop accounts`.", false, app.ErrNotFound)
}

func (s *Server) alerts(r *http.Request) (any, error) {
	f, err := filterOf(r.URL.Query())
	if err != nil {
		return nil, err
	}
	page, err := s.bell.Alerts(r.Context(), f)
	if page.Alerts == nil {
		page.Alerts = []app.Alert{}
	}
	return page, err
}

// filterOf reads a filter from a query and refuses what it does not know: a
// misspelt limit must not mean everything.
func filterOf(q url.Values) (app.Filter, error) {
	for key, values := range q {
		switch key {
		case "account", "view", "search", "source", "after", "limit":
			if len(values) > 1 {
				return app.Filter{}, app.Invalid(fmt.Sprintf("%q is given more than once.", key), "Give it once.")
			}
		default:
			return app.Filter{}, app.Invalid(fmt.Sprintf("Alerts cannot be asked for by %q.", key),
				"Use account, view, search, source, after and limit.")
		}
	}
	account, err := number(q, "account")
	if err != nil {
		return app.Filter{}, err
	}
	after, err := number(q, "after")
	if err != nil {
		return app.Filter{}, err
	}
	limit, err := number(q, "limit")
	if err != nil {
		return app.Filter{}, err
	}
	if limit > maxLimit {
		return app.Filter{}, app.Invalid(fmt.Sprintf("A page has at most %d alerts.", maxLimit), "Ask for the rest with after.")
	}
	f := app.Filter{
		Account: app.AccountID(account), View: app.View(q.Get("view")), Search: q.Get("search"),
		Source: q.Get("source"), After: app.AlertID(after), Limit: int(limit),
	}
	switch f.View {
	case "", app.ViewList, app.ViewHistory, app.ViewEverything:
		return f, nil
	default:
		return app.Filter{}, app.Invalid(fmt.Sprintf("There is no view %q.", f.View), "Use list, history or everything.")
	}
}

// maxLimit is the largest page of an [app.Filter].
const maxLimit = 1000

// filterQuery is the other side of [filterOf].
func filterQuery(f app.Filter) url.Values {
	return url.Values{
		"account": {strconv.FormatInt(int64(f.Account), 10)},
		"view":    {string(f.View)},
		"search":  {f.Search},
		"source":  {f.Source},
		"after":   {strconv.FormatInt(int64(f.After), 10)},
		"limit":   {strconv.Itoa(f.Limit)},
	}
}

// number returns a whole number of zero or more from a query, zero where it is
// not there.
func number(q url.Values, key string) (int64, error) {
	if q.Get(key) == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(q.Get(key), 10, 64)
	if err != nil || n < 0 {
		return 0, app.Invalid(fmt.Sprintf("%q is not a number that %s can be.", q.Get(key), key), "Give a whole number.")
	}
	return n, nil
}

func (s *Server) remove(ctx context.Context, in idsBody) (any, error) {
	if err := some(in.IDs); err != nil {
		return nil, err
	}
	return s.bell.Remove(ctx, in.IDs)
}

func (s *Server) retry(ctx context.Context, in idsBody) (any, error) {
	if err := some(in.IDs); err != nil {
		return nil, err
	}
	return s.bell.Retry(ctx, in.IDs)
}

func some(ids []app.AlertID) error {
	if len(ids) == 0 {
		return app.Invalid("No alert was named.", "Name at least one id.")
	}
	return nil
}

func (s *Server) clear(ctx context.Context, in upToBody) (any, error) {
	if in.UpTo <= 0 {
		return nil, app.Invalid("It was not said up to which alert the list is to be cleared.", "Give up_to, the newest id that was shown.")
	}
	return s.bell.Clear(ctx, in.Account, in.UpTo)
}

func (s *Server) undo(ctx context.Context, in undoBody) (any, error) {
	n, err := s.bell.Undo(ctx, in.Intents)
	return undoneBody{n}, err
}

func (s *Server) snooze(ctx context.Context, in snoozeBody) (any, error) {
	if in.Seconds <= 0 || in.Seconds > maxSnooze {
		return nil, app.Invalid("An alert cannot be put off for that long.", "Give from one second to a year.")
	}
	return emptyBody{}, s.bell.Snooze(ctx, in.ID, time.Duration(in.Seconds)*time.Second)
}

// maxSnooze is a year in seconds.
const maxSnooze = 366 * 24 * 60 * 60

func (s *Server) looked(ctx context.Context, in upToBody) (any, error) {
	return emptyBody{}, s.bell.Looked(ctx, in.Account, in.UpTo)
}

func (s *Server) sync(ctx context.Context, in syncBody) (any, error) {
	return emptyBody{}, s.bell.Sync(ctx, in.Account)
}

func (s *Server) pause(ctx context.Context, in pauseBody) (any, error) {
	if in.Until.IsZero() {
		return nil, app.Invalid("It was not said until when to pause.", "Give until as RFC 3339.")
	}
	return emptyBody{}, s.bell.Pause(ctx, in.Until)
}

func (s *Server) resume(ctx context.Context, _ emptyBody) (any, error) {
	return emptyBody{}, s.bell.Resume(ctx)
}

func (s *Server) settings(r *http.Request) (any, error) {
	m, err := s.bell.Settings(r.Context())
	return settingsBody{m}, err
}

func (s *Server) set(ctx context.Context, in settingBody) (any, error) {
	return emptyBody{}, s.bell.Set(ctx, in.Key, in.Value)
}

func (s *Server) probe(ctx context.Context, in app.Connect) (any, error) {
	return s.bell.Probe(ctx, in)
}

func (s *Server) connect(ctx context.Context, in app.Connect) (any, error) {
	return s.bell.Connect(ctx, in)
}

func (s *Server) disconnect(r *http.Request) (any, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return nil, app.Invalid("This is not the number of an account.", "List them with `bellhop accounts`.")
	}
	return emptyBody{}, s.bell.Disconnect(r.Context(), app.AccountID(id))
}

func (s *Server) open(ctx context.Context, in openBody) (any, error) {
	target, err := s.bell.Open(ctx, in.ID, in.ForeignOK)
	return openedBody{target}, err
}

func (s *Server) window(ctx context.Context, in viewBody) (any, error) {
	return emptyBody{}, s.bell.ShowWindow(ctx, in.View)
}

func (s *Server) windowShown(ctx context.Context, in viewBody) (any, error) {
	return emptyBody{}, s.bell.WindowShown(ctx, in.View)
}

func (s *Server) quit(ctx context.Context, _ emptyBody) (any, error) {
	return emptyBody{}, s.bell.Quit(ctx)
}
