package dojo

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// NotificationRow is one row of notification settings. Without user and
// product it is the system's row, or, where Template is set, the one that new
// users get.
type NotificationRow struct {
	ID       int64
	User     int64 // 0 for nobody
	Product  int64 // 0 for all
	Template bool
	// Channels holds for every column, "scan_added" for example, the channels
	// that are on: slack, msteams, mail, webhooks, alert; sorted, none twice.
	Channels map[string][]string
}

// oddColumn is the column that the API does not declare as a list: it is
// written as one string, and shown as what it was written, or as a list
// (2.46.0 and 3.2.0).
const oddColumn = "scan_added_empty"

// rowColumns are the columns of 2.30 to 3.2.
var rowColumns = []string{
	"product_type_added", "product_added", "engagement_added", "test_added", "scan_added", oddColumn, "jira_update",
	"upcoming_engagement", "stale_engagement", "auto_close_engagement", "close_engagement", "user_mentioned",
	"code_review", "review_requested", "other", "sla_breach", "sla_breach_combined", "risk_acceptance_expiration",
}

// UnmarshalJSON reads a row as the API sends it. A list under any name is a
// column, so that those of later versions come through; the known ones may be
// strings too. Other keys are left out.
func (r *NotificationRow) UnmarshalJSON(text []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	out := NotificationRow{Channels: make(map[string][]string)}
	for name, into := range map[string]any{"id": &out.ID, "user": &out.User, "product": &out.Product, "template": &out.Template} {
		if raw, ok := fields[name]; ok {
			if err := json.Unmarshal(raw, into); err != nil {
				return err
			}
			delete(fields, name)
		}
	}
	for name, raw := range fields {
		known := slices.Contains(rowColumns, name)
		set, ok := columnOf(raw, known)
		if ok {
			out.Channels[name] = set
		} else if known {
			return fmt.Errorf("%w: a setting that is no list of channels", ErrMalformed)
		}
	}
	*r = out
	return nil
}

// columnOf reads the value of a column; lenient ones may be null or a string
// of channels joined by commas.
func columnOf(raw json.RawMessage, lenient bool) ([]string, bool) {
	var names []string
	if raw[0] == '[' {
		if json.Unmarshal(raw, &names) != nil {
			return nil, false
		}
		return channelSet(names), true
	}
	var one *string
	if !lenient || json.Unmarshal(raw, &one) != nil {
		return nil, false
	}
	if one != nil {
		names = strings.Split(*one, ",")
	}
	return channelSet(names), true
}

// channelSet sorts channels and takes out doubles and what is empty; the order
// in which the server lists them is random before 2.5x. It is never nil.
func channelSet(names []string) []string {
	out := make([]string, 0, len(names))
	for _, name := range names {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// RowFilter says which rows of settings are wanted; the zero value all.
type RowFilter struct {
	User     int64 // the user's rows, those for products included
	Product  int64
	Template Is
}

const rowsPath = "/api/v2/notifications/"

// NotificationRows lists rows of notification settings; for superusers alone.
// There is no row of the system before it is first saved: until then every
// column but scan_added_empty counts as "alert".
func (c *Client) NotificationRows(ctx context.Context, want RowFilter) iter.Seq2[NotificationRow, error] {
	f := newFilters()
	f.id("user", want.User)
	f.id("product", want.Product)
	f.is("template", want.Template)
	return list(ctx, c, listing{op: "list the notification settings", path: rowsPath, filter: f.Values, exact: true},
		same(func(r *NotificationRow) int64 { return r.ID }))
}

// PatchNotificationRow sets columns of a row to channels and leaves the rest
// as it is; for superusers alone. The row is returned as the server has it
// afterwards. [ErrRefused] says that the server, or the API, cannot take the
// values: of scan_added_empty it takes one channel at most. [ErrNotTaken] says
// that it passed over a column, which it does with those it does not know.
func (c *Client) PatchNotificationRow(ctx context.Context, id int64, columns map[string][]string) (NotificationRow, error) {
	const op = "change notification settings"
	body, err := rowBody(op, columns)
	if err != nil {
		return NotificationRow{}, err
	}
	var got NotificationRow
	err = c.write(ctx, change{op: op, method: http.MethodPatch, path: objectPath(rowsPath, id), body: body, want: http.StatusOK}, &got)
	if err != nil {
		return NotificationRow{}, err
	}
	if got.ID != id {
		return got, &Error{Op: op, Status: http.StatusOK, Err: fmt.Errorf("%w: another row came back", ErrNotTaken)}
	}
	return got, taken(op, http.StatusOK, columns, got)
}

// AddNotificationRow makes a row; for superusers alone. Columns that it does
// not name become "alert" at the server, so name them all. There is one row
// for each user and product, and [ErrRefused] for a second.
func (c *Client) AddNotificationRow(ctx context.Context, row NotificationRow) (NotificationRow, error) {
	const op = "add notification settings"
	body, err := rowBody(op, row.Channels)
	if err != nil {
		return NotificationRow{}, err
	}
	if row.User != 0 {
		body["user"] = row.User
	}
	if row.Product != 0 {
		body["product"] = row.Product
	}
	if row.Template {
		body["template"] = true
	}
	var got NotificationRow
	err = c.write(ctx, change{op: op, method: http.MethodPost, path: rowsPath, body: body, want: http.StatusCreated}, &got)
	if err != nil {
		return NotificationRow{}, err
	}
	if got.ID <= 0 || got.User != row.User || got.Product != row.Product || got.Template != row.Template {
		return got, &Error{Op: op, Status: http.StatusCreated, Err: fmt.Errorf("%w: another row came back", ErrNotTaken)}
	}
	return got, taken(op, http.StatusCreated, row.Channels, got)
}

// rowBody writes columns as the API takes them.
func rowBody(op string, columns map[string][]string) (map[string]any, error) {
	body := make(map[string]any, len(columns)+3)
	for name, channels := range columns {
		set := channelSet(channels)
		switch {
		case name == "id" || name == "user" || name == "product" || name == "template":
			return nil, &Error{Op: op, Err: fmt.Errorf("%w: %s is no column", ErrRefused, name)}
		case name != oddColumn:
			body[name] = set
		case len(set) > 1:
			return nil, &Error{Op: op, Err: fmt.Errorf("%w: the API takes one channel for %s, not %d", ErrRefused, oddColumn, len(set))}
		default:
			body[name] = strings.Join(set, "")
		}
	}
	return body, nil
}

// taken compares what was asked for with the row that came back.
func taken(op string, status int, columns map[string][]string, got NotificationRow) error {
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		have, ok := got.Channels[name]
		if !ok || !slices.Equal(have, channelSet(columns[name])) {
			return &Error{Op: op, Status: status, Err: fmt.Errorf("%w of %s", ErrNotTaken, name)}
		}
	}
	return nil
}
