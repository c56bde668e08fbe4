package dojo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"strings"
	"time"
)

// wireAlert is an alert as Django serialises it. Null and absent values leave
// the zero value, which is right for texts and refused for the rest.
type wireAlert struct {
	Model  string `json:"model"`
	PK     int64  `json:"pk"`
	Fields struct {
		Title       string    `json:"title"`
		Description string    `json:"description"`
		URL         string    `json:"url"`
		Source      string    `json:"source"`
		Icon        string    `json:"icon"`
		UserID      int64     `json:"user_id"`
		Created     time.Time `json:"created"`
	} `json:"fields"`
}

// decodeAlerts reads a list of alerts from an answer and hands out one after
// the other. The list has to be one bare JSON array with nothing after it; what
// was handed out before an error was found counts for nothing. It returns
// errStopped where yield wants no more.
func decodeAlerts(from *body, element int64, yield func(Alert) bool) error {
	total := from.limit
	allow := func(offset int64) { from.limit = min(total, offset+element) }
	dec := json.NewDecoder(from)
	allow(0)
	open, err := dec.Token()
	if err != nil {
		return jsonError(err)
	}
	if open != json.Delim('[') {
		return fmt.Errorf("%w: not a list", ErrMalformed)
	}
	for {
		allow(dec.InputOffset())
		if !dec.More() {
			break
		}
		var wire wireAlert
		if err := dec.Decode(&wire); err != nil {
			return jsonError(err)
		}
		alert, err := wire.alert()
		if err != nil {
			return err
		}
		if !yield(alert) {
			return errStopped
		}
	}
	if _, err := dec.Token(); err != nil {
		return jsonError(err)
	}
	allow(dec.InputOffset())
	switch _, err := dec.Token(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return jsonError(err)
	default:
		return fmt.Errorf("%w: something follows the list", ErrMalformed)
	}
}

// alert checks and converts a wireAlert.
func (w *wireAlert) alert() (Alert, error) {
	switch {
	case w.PK <= 0:
		return Alert{}, fmt.Errorf("%w: an element of the list is no alert", ErrMalformed)
	case w.Model != "" && w.Model != "dojo.alerts":
		return Alert{}, fmt.Errorf("%w: the list holds other things than alerts", ErrMalformed)
	case w.Fields.UserID <= 0:
		return Alert{}, fmt.Errorf("%w: an alert without a user", ErrMalformed)
	case w.Fields.Created.IsZero():
		return Alert{}, fmt.Errorf("%w: an alert without a time", ErrMalformed)
	}
	return Alert{
		PK:          w.PK,
		UserID:      w.Fields.UserID,
		Title:       w.Fields.Title,
		Description: strings.TrimSpace(html.UnescapeString(w.Fields.Description)),
		URL:         w.Fields.URL,
		Source:      w.Fields.Source,
		Icon:        w.Fields.Icon,
		Created:     w.Fields.Created.UTC(),
	}, nil
}

// decode reads a small JSON object into into and accepts nothing after it.
func (c *Client) decode(a *answer, into any) error {
	if err := c.wantJSON(a); err != nil {
		return err
	}
	dec := json.NewDecoder(a.body)
	if err := dec.Decode(into); err != nil {
		return a.fail(jsonError(err))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return a.fail(fmt.Errorf("%w: something follows the object", ErrMalformed))
	}
	return nil
}

// jsonError names a decoder's error. Its own text can quote the answer and is
// left out.
func jsonError(err error) error {
	switch {
	case isSentinel(err):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it ended before it was complete", ErrMalformed)
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("%w: not JSON at byte %d", ErrMalformed, syntax.Offset)
	}
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%w: %s where something else was due", ErrMalformed, kind.Value)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%w: a value that cannot be read", ErrMalformed)
}
