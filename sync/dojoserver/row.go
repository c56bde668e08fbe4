package dojoserver

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// NotificationRow is a row of notification settings.
type NotificationRow struct {
	ID       int64
	User     string // "" for nobody
	Product  int64  // 0 for all
	Template bool
	// Channels are what is on for each column. Columns that are not named have
	// "alert", but for scan_added_empty, which has nothing.
	Channels map[string][]string
}

// emptyColumn is the column that the serialiser does not declare.
const emptyColumn = "scan_added_empty"

// rowColumns are the columns of a row but for scan_added_empty, in the order of
// the API.
var rowColumns = []string{
	"product_type_added", "product_added", "engagement_added", "test_added", "scan_added", "jira_update", "upcoming_engagement",
	"stale_engagement", "auto_close_engagement", "close_engagement", "user_mentioned", "code_review", "review_requested",
	"other", "sla_breach", "sla_breach_combined", "risk_acceptance_expiration",
}

// productColumns are those that the form on a product's page has.
var productColumns = []string{
	"engagement_added", "close_engagement", "test_added", "scan_added", "sla_breach", "sla_breach_combined", "risk_acceptance_expiration",
}

// rowChannels are the channels in the order of the server.
var rowChannels = []string{"slack", "msteams", "mail", "webhooks", "alert"}

// filled returns a row with every column.
func (r NotificationRow) filled() NotificationRow {
	given := r.Channels
	r.Channels = map[string][]string{emptyColumn: {}}
	for _, column := range rowColumns {
		r.Channels[column] = []string{"alert"}
	}
	maps.Copy(r.Channels, given)
	return r
}

// AddNotificationRow adds a row, or replaces the one of that number, and
// returns its number. Every user has a row from the start, which
// [Server.OwnRow] returns.
func (s *Server) AddNotificationRow(r NotificationRow) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addRow(r.filled())
}

func (s *Server) addRow(r NotificationRow) int64 {
	return s.data.rows.put(r.ID, func(id int64) NotificationRow { r.ID = id; return r })
}

// OwnRow returns a user's row for all products; its number is 0 where there is
// none.
func (s *Server) OwnRow(user string) NotificationRow {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.findRow(user, 0, false)
}

// findRow finds the row of a user and a product, the zero row where there is
// none.
func (s *Server) findRow(user string, product int64, template bool) NotificationRow {
	for _, id := range s.data.rows.ids() {
		if r := s.data.rows.rows[id]; r.User == user && r.Product == product && r.Template == template {
			return r
		}
	}
	return NotificationRow{}
}

// ownRow gives a new user a row, a copy of the template where there is one.
func (s *Server) ownRow(user string) {
	if s.findRow(user, 0, false).ID != 0 {
		return
	}
	row := NotificationRow{User: user}.filled()
	if template := s.findRow("", 0, true); template.ID != 0 {
		maps.Copy(row.Channels, template.Channels)
	}
	s.addRow(row)
}

// rowJSON is a row as the API shows it. Of scan_added_empty 2.46 shows one
// channel as a string.
func (s *Server) rowJSON(r NotificationRow) map[string]any {
	out := map[string]any{"id": r.ID, "product": nullID(r.Product), "user": nullID(s.userID(r.User)), "template": r.Template}
	for column, channels := range r.Channels {
		out[column] = listOf(channels)
	}
	if odd := r.Channels[emptyColumn]; s.old() && len(odd) == 1 {
		out[emptyColumn] = odd[0]
	}
	return out
}

func rowList() *collection {
	return &collection{
		title: "Notifications", model: "Notifications", list: readCreate, detail: readChange, may: superuser,
		rows: func(s *Server, _ *account, _ url.Values) []*row {
			return rowsOf(&s.data.rows, always, s.rowJSON)
		},
		filters: map[string]filter{"id": number("id"), "user": number("user"), "product": number("product"), "template": yesNo("template")},
		write:   (*exchange).changeRow,
	}
}

// changeRow makes, changes or removes a row.
func (x *exchange) changeRow(_ *account, id int64) {
	s := x.s
	if x.r.Method == http.MethodDelete {
		s.mu.Lock()
		s.data.rows.remove(id)
		s.mu.Unlock()
		x.noContent()
		return
	}
	given, ok := x.readObject()
	if !ok {
		return
	}
	s.mu.Lock()
	status, out, fault := s.changeRow(given, id)
	s.mu.Unlock()
	if fault != nil {
		x.fieldError(fault.field, fault.text, fault.code)
		return
	}
	x.json(status, out)
}

// noContent answers 204, without a type.
func (x *exchange) noContent() {
	x.send(http.StatusNoContent, "", nil)
}

// changeRow applies the values of a request. The caller holds the lock.
func (s *Server) changeRow(given map[string]any, id int64) (int, map[string]any, *invalid) {
	before := s.data.rows.rows[id]
	r := before
	if id == 0 {
		r = NotificationRow{}.filled()
	}
	r.Channels = maps.Clone(r.Channels)
	if value, ok := given["user"]; ok {
		r.User = s.userName(value)
	}
	if value, ok := given["product"].(float64); ok {
		r.Product = int64(value)
	}
	if value, ok := given["template"].(bool); ok {
		r.Template = value
	}
	for _, column := range slices.Sorted(maps.Keys(r.Channels)) {
		value, ok := given[column]
		if !ok {
			continue
		}
		set, fault := columnValue(column, value)
		if fault != nil {
			return 0, nil, fault
		}
		r.Channels[column] = set
	}
	if twin := s.findRow(r.User, r.Product, r.Template); twin.ID != 0 && twin.ID != id {
		if r.Template {
			return 0, nil, &invalid{"non_field_errors", "Notification template already exists", "invalid"}
		}
		return 0, nil, &invalid{"non_field_errors", "Notification for user and product already exists", "invalid"}
	}
	r.ID = s.addRow(r)
	out := s.rowJSON(r)
	if text, ok := given[emptyColumn].(string); ok {
		out[emptyColumn] = text // as it was written, in this one answer
	}
	if id == 0 {
		return http.StatusCreated, out, nil
	}
	return http.StatusOK, out, nil
}

// userName returns the name of the user with a number from JSON.
func (s *Server) userName(value any) string {
	id, _ := value.(float64)
	for name, a := range s.users {
		if id != 0 && a.ID == int64(id) {
			return name
		}
	}
	return ""
}

// columnValue reads the value of a column as the serialiser does: a list of
// channels, or one string in scan_added_empty.
func columnValue(column string, value any) ([]string, *invalid) {
	bad := func(text, code string) ([]string, *invalid) { return nil, &invalid{column, text, code} }
	if value == nil {
		return bad("This field may not be null.", "null")
	}
	if column == emptyColumn {
		text, ok := value.(string)
		switch {
		case !ok:
			return bad(`"`+pythonList(value)+`" is not a valid choice.`, "invalid_choice")
		case text == "":
			return []string{}, nil
		case !slices.Contains(rowChannels, text):
			return bad(`"`+text+`" is not a valid choice.`, "invalid_choice")
		}
		return []string{text}, nil
	}
	list, ok := value.([]any)
	if !ok {
		kind := "dict"
		switch value.(type) {
		case string:
			kind = "str"
		case float64:
			kind = "int"
		case bool:
			kind = "bool"
		}
		return bad(`Expected a list of items but got type "`+kind+`".`, "not_a_list")
	}
	set := []string{}
	for _, item := range list {
		name, _ := item.(string)
		if !slices.Contains(rowChannels, name) {
			return bad(`"`+name+`" is not a valid choice.`, "invalid_choice")
		}
		if !slices.Contains(set, name) {
			set = append(set, name)
		}
	}
	return set, nil
}

// pythonList writes a list of texts as Python's str does.
func pythonList(value any) string {
	list, _ := value.([]any)
	words := make([]string, len(list))
	for i, item := range list {
		text, _ := item.(string)
		words[i] = "'" + text + "'"
	}
	return "[" + strings.Join(words, ", ") + "]"
}
