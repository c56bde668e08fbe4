package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"bellhop/app"
)

// The bodies of requests and answers that are not a type of package app.
type (
	idsBody struct {
		IDs []app.AlertID `json:"ids"`
	}
	upToBody struct {
		Account app.AccountID `json:"account"`
		UpTo    app.AlertID   `json:"up_to"`
	}
	undoBody struct {
		Intents []app.IntentID `json:"intents"`
	}
	undoneBody struct {
		Undone int `json:"undone"`
	}
	snoozeBody struct {
		ID      app.AlertID `json:"id"`
		Seconds int64       `json:"seconds"`
	}
	syncBody struct {
		Account app.AccountID `json:"account"`
	}
	pauseBody struct {
		Until time.Time `json:"until"`
	}
	settingBody struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	settingsBody struct {
		Settings map[string]string `json:"settings"`
	}
	openBody struct {
		ID        app.AlertID `json:"id"`
		ForeignOK bool        `json:"foreign_ok"`
	}
	openedBody struct {
		URL string `json:"url"`
	}
	viewBody struct {
		View string `json:"view"`
	}
	countBody struct {
		Count int `json:"count"`
	}
	emptyBody struct{}
)

// errorBody is a failure on the wire.
type errorBody struct {
	Error app.Problem `json:"error"`
	// Is names the sentinel of package app that the error matches.
	Is string `json:"is,omitempty"`
	// URL is where the link leads that was not opened.
	URL string `json:"url,omitempty"`
}

// sentinel is an error of package app with its name and status on the wire.
type sentinel struct {
	name   string
	err    error
	status int
}

// sentinels are looked through in this order.
func sentinels() []sentinel {
	return []sentinel{
		{"foreign_host", app.ErrForeignHost, http.StatusConflict},
		{"too_late", app.ErrTooLate, http.StatusGone},
		{"not_found", app.ErrNotFound, http.StatusNotFound},
		{"newer_database", app.ErrNewerDatabase, http.StatusServiceUnavailable},
		{"not_running", app.ErrNotRunning, http.StatusServiceUnavailable},
		{"invalid", app.ErrInvalid, http.StatusBadRequest},
		{"timeout", context.DeadlineExceeded, http.StatusGatewayTimeout},
		{"canceled", context.Canceled, http.StatusServiceUnavailable},
	}
}

// codeWindowOpen is the code of a second window's refusal.
const codeWindowOpen = "window_open"

// encodeError returns err as it crosses the socket, with its status.
func encodeError(err error) (int, errorBody) {
	p := AsProblem(err)
	body := errorBody{Error: *p}
	status := http.StatusInternalServerError
	for _, s := range sentinels() {
		if errors.Is(err, s.err) {
			body.Is, status = s.name, s.status
			break
		}
	}
	switch {
	case p.Code == codeWindowOpen:
		status = http.StatusConflict
	case body.Is == "" && p.NeedsUser:
		status = http.StatusUnprocessableEntity
	case body.Is == "" && p.Code != "unexpected":
		status = http.StatusBadGateway // a server that Bellhop talks to has failed
	}
	return status, body
}

// decodeError is the other side of [encodeError].
func decodeError(body errorBody) *app.Problem {
	var cause error
	for _, s := range sentinels() {
		if s.name == body.Is {
			cause = s.err
		}
	}
	e := body.Error
	return app.NewProblem(e.Code, e.Message, e.Step, e.NeedsUser, cause)
}

// AsProblem is [app.AsProblem] with words for the bare sentinel errors.
func AsProblem(err error) *app.Problem {
	if _, ok := errors.AsType[*app.Problem](err); ok || err == nil {
		return app.AsProblem(err)
	}
	switch {
	case errors.Is(err, app.ErrNotFound):
		return app.NewProblem("not_found", "There is no such entry.", "List what there is with `bellhop alerts` or `bellhop accounts`.", false, err)
	case errors.Is(err, app.ErrTooLate):
		return app.NewProblem("too_late", "It is too late to undo this.", "The removal has been sent already, or nothing was removed.", false, err)
	case errors.Is(err, app.ErrForeignHost):
		return app.NewProblem("foreign_host", "The alert's link leads to another host.", "Open it with --foreign if you trust it.", true, err)
	case errors.Is(err, app.ErrNotRunning):
		return notRunning(err)
	case errors.Is(err, app.ErrNewerDatabase):
		return app.NewProblem("newer_database", "The database was written by a newer Bellhop.", "Install that version or a newer one.", true, err)
	case errors.Is(err, app.ErrInvalid):
		return app.NewProblem("invalid", err.Error(), "", true, err)
	case errors.Is(err, context.DeadlineExceeded):
		return app.NewProblem("timeout", "The bell took too long.", "Try again; `bellhop doctor` looks for a cause.", false, err)
	case errors.Is(err, context.Canceled):
		return app.NewProblem("canceled", "This was interrupted.", "", false, err)
	default:
		return app.AsProblem(err)
	}
}

func notRunning(err error) *app.Problem {
	return app.NewProblem("not_running", "The bell is not running.",
		"Start it with `bellhop` (tray) or `bellhop run --headless`.", true, errors.Join(app.ErrNotRunning, err))
}

// decode reads one JSON value of at most limit bytes, and nothing more, into
// v. An empty body leaves v as it is. The error matches [app.ErrInvalid].
func decode(w http.ResponseWriter, r *http.Request, limit int64, v any) error {
	body := http.MaxBytesReader(w, r.Body, limit)
	data, err := io.ReadAll(body)
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return app.NewProblem("too_large", fmt.Sprintf("The request is larger than %d bytes.", tooLarge.Limit),
			"Send it in parts.", true, app.ErrInvalid)
	}
	if err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	if len(data) == 0 {
		return nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return app.NewProblem("not_json", "The request's body is not JSON.",
			"Send it with Content-Type: application/json.", true, app.ErrInvalid)
	}
	return decodeStrict(data, v)
}

// decodeStrict reads exactly one JSON value into v and refuses fields that v
// does not have: a misspelt "up_to" must not clear something else.
func decodeStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return app.Invalid("The request's body cannot be read: "+whatIsWrong(err)+".", "See the calls in package control.")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return app.Invalid("The request's body holds more than one value.", "Send one JSON object.")
	}
	return nil
}

// whatIsWrong names the place of a mistake without repeating a value: a value
// can be a secret, and the decoder's own message may quote it.
func whatIsWrong(err error) string {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%q must be of type %s", e.Field, e.Type)
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("it is no JSON from byte %d on", e.Offset)
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok && len(field) < 40 {
		return "there is no field " + field
	}
	return "it is not the JSON that this call takes"
}
