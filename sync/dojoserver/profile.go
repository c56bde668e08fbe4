package dojoserver

import (
	"net/http"
	"time"
)

// userProfile tells who calls. 3.x and 2.x differ in what they add.
func (x *exchange) userProfile(a *account) {
	x.s.mu.Lock()
	user := x.s.userJSON(a)
	var contact map[string]any
	if !a.NoContact {
		contact = x.s.contactJSON(a)
	}
	x.s.mu.Unlock()
	out := map[string]any{"user": user, "user_contact_info": nil}
	if contact != nil {
		out["user_contact_info"] = contact
	}
	if x.s.old() {
		x.s.addRoles(out, a.Name)
	}
	x.json(http.StatusOK, out)
}

// addRoles adds a user's roles as 2.x shows them: those through a group are not
// among them.
func (s *Server) addRoles(out map[string]any, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := func(m Member) bool { return m.User == user }
	out["global_role"] = nil
	if global := s.membersJSON("global_roles", own); len(global) > 0 {
		out["global_role"] = global[0]
	}
	out["dojo_group_member"] = s.membersJSON("dojo_group_members", own)
	out["product_type_member"] = s.membersJSON("product_type_members", own)
	out["product_member"] = s.membersJSON("product_members", own)
}

// userJSON is the user object of the API. The caller holds the lock.
func (s *Server) userJSON(a *account) map[string]any {
	out := map[string]any{
		"id": a.ID, "username": a.Name, "first_name": a.First, "last_name": a.Last, "email": a.Email,
		"date_joined": apiTime(a.joined), "last_login": nil,
		"is_active": !a.Inactive, "is_superuser": a.Superuser, "configuration_permissions": []any{},
	}
	if !a.lastLogin.IsZero() {
		out["last_login"] = apiTime(a.lastLogin)
	}
	if !s.old() {
		out["is_staff"] = a.Staff
		out["token_last_reset"] = nil
		out["password_last_reset"] = nil
	}
	return out
}

// contactJSON is the user's contact record. The caller holds the lock.
func (s *Server) contactJSON(a *account) map[string]any {
	out := map[string]any{
		"id": a.contactID(), "user_profile": s.userJSON(a), "user": a.ID, "title": nullText(a.Title),
		"phone_number": "", "cell_number": "", "twitter_username": nil, "github_username": nil,
		"slack_username": nullText(a.Slack), "slack_user_id": nil, "block_execution": false,
		"force_password_reset": a.MustChange,
	}
	if !s.old() {
		out["deduplication_execution_mode"] = nil
		out["ui_use_tailwind"] = false
		out["token_last_reset"] = nil
		out["password_last_reset"] = nil
	}
	return out
}

// apiTime formats a time as the REST framework does, to the microsecond.
func apiTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
