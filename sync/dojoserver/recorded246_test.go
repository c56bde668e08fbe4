package dojoserver

import (
	"slices"
	"testing"
	"time"
)

// users246 are the people of the 2.46.0 recordings.
var users246 = []User{
	{ID: 1, Name: "admin", Password: rightPassword, First: "Ada", Last: "Min", Superuser: true},
	{ID: 2, Name: "ana", Password: rightPassword, First: "Ana", Last: "Alder"},
	{ID: 3, Name: "ben", Password: rightPassword, First: "Ben", Last: "Birch"},
	{ID: 4, Name: "chi", Password: rightPassword, First: "Chi", Last: "Cedar"},
	{ID: 5, Name: "dan", Password: rightPassword, First: "Dan", Last: "Dogwood"},
	{ID: 6, Name: "eve", Password: rightPassword, Inactive: true},
	{ID: 7, Name: "fay", Password: rightPassword, First: "Fay", Last: "Fir"},
	{ID: 8, Name: "gus", Password: rightPassword, MustChange: true},
	{ID: 9, Name: "sam", Password: rightPassword},
	{ID: 10, Name: "pat", Password: rightPassword},
}

var options246 = map[string]Options{
	"":        {Version: "2.46.0"},
	"hosts":   {Version: "2.46.0", AllowedHosts: []string{"127.0.0.1"}},
	"limit":   {Version: "2.46.0", RateLimit: 5},
	"counter": {Version: "2.46.0", CounterDisabled: true},
}

func TestSignInAgreesWith246(t *testing.T) {
	w := &world{users: users246, options: options246, seed: func(_ *world, s *Server) {
		fill(s, "ana", 3)
		s.AddPage(Page{Path: "/findings", Title: "x"})
	}}
	steps := merge(
		each(step{}, `login-get login-get-plain login-get-next login-post-empty-fields login-post-missing-csrf-token
			login-post-missing-csrf-cookie login-post-good login-get-when-logged-in root-after-login login-post-good-with-next
			login-post-next-foreign-host login-post-csrf-header-only login-post-no-referer login-post-origin-same login-post-origin-other
			session-1-alive logout-own-session-dead logout-other-session-alive
			expired-get-alerts-json expired-get-alerts-json-xhr expired-get-alerts-count expired-post-alerts expired-post-alerts-no-csrf
			expired-get-delete-alerts expired-get-logout anonymous-get-alerts-json anonymous-get-unknown-path logged-in-unknown-path
			api-with-session-cookie api-get-token-and-cookie api-expired-cookie-and-token ui-with-token ui-with-basic api-with-basic
			token-auth-good token-auth-form token-auth-wrong token-auth-missing-field token-auth-get token-auth-with-cookie get-with-trailing-slash`),
		each(step{password: "wrong"}, "login-post-wrong-password login-post-unknown-user token-auth-wrong"),
		each(step{as: "eve"}, "login-post-inactive-user"),
		each(step{slot: "second"}, "session-2-alive logout-get"),
		each(step{as: "gus"}, `force-password-login force-password-alerts-json force-password-alerts-post force-password-api-session
			force-password-api-token force-password-change-page token-auth-force-password`),
		each(step{as: "pat"}, "password-change-before polling-sets-no-cookie session-invalid-host"),
		each(step{on: "limit", as: "sam", password: "wrong"}, "rate-limit-wrong-1 rate-limit-wrong-6 rate-limit-wrong-7"),
		each(step{on: "limit", as: "sam"}, "rate-limit-right-password rate-limit-token-endpoint"),
		map[string]step{
			"password-change-after": {as: "pat", before: func(w *world) {
				w.server().SetPassword("pat", "another")
				w.server().SetPassword("pat", rightPassword)
			}},
			"polling-sets-no-cookie":        {as: "pat", slot: "fresh"},
			"session-invalid-host":          {as: "pat", slot: "fresh"},
			"user-deactivated-after":        {as: "fay", before: func(w *world) { w.session("fay", ""); w.server().SetActive("fay", false) }},
			"user-reactivated-same-session": {as: "fay", before: func(w *world) { w.server().SetActive("fay", true) }},
			"host-not-allowed":              {on: "hosts"},
			"rate-limit-wrong-5":            {on: "limit", as: "sam", password: "wrong", before: func(w *world) { w.try("sam", "wrong", 3) }},
		},
	)
	// The session is tried before the token, so ben's token changes nothing.
	steps["api-get-other-users-token-and-cookie"] = step{}
	w.replay(t, "2.46.0-login.json", steps, merge(
		because("notes on findings are not served; the CSRF rule of the API is shown by token-auth-with-cookie",
			"api-post-session-no-csrf api-post-session-with-csrf api-post-token-and-cookie"),
	))
}

func TestAlertsAgreeWith246(t *testing.T) {
	w := &world{users: users246, options: options246, seed: func(w *world, s *Server) {
		if w.on == "counter" {
			w.born(s, "ben", "alerts-json-counter-disabled")
			return
		}
		w.born(s, "ana", "alerts-json")
		w.born(s, "admin", "alerts-json-admin")
		w.born(s, "ben", "alerts-json-other-user-still-there")
		fill(s, "ben", 9)
		s.AddPage(Page{Path: "/engagement/1", Title: "CI", Hidden: []string{"fay"}})
	}}
	anew := func(name string) func(*world) {
		return func(w *world) {
			s := w.server()
			for _, a := range s.Alerts("ana") {
				s.RemoveAlert("ana", a.PK)
			}
			w.born(s, "ana", name)
		}
	}
	steps := merge(
		each(step{}, `alerts-json alerts-json-limit-2 alerts-json-limit-0 alerts-json-limit-minus-1 alerts-json-limit-abc
			alerts-json-unknown-params alerts-count alerts-count-text alerts-partial alerts-html alerts-json-head
			alerts-post-no-csrf alerts-post-one alerts-count-after-one alerts-post-same-again alerts-post-many alerts-count-after-many
			alerts-post-unknown alerts-post-other-users-id alerts-post-non-integer alerts-count-after-non-integer alerts-post-empty-value
			alerts-post-huge-int alerts-post-none-selected alerts-post-comma-list alerts-post-json-body alerts-post-csrf-in-field
			alerts-post-minted-csrf alerts-post-origin-other alerts-json-after delete-alerts-get alerts-count-before-delete-all
			delete-alerts-post-no-csrf delete-alerts-post alerts-json-after-delete-all delete-alerts-post-again link-deleted-object link-ok`),
		each(step{cut: true}, "alerts-json-limit-empty alerts-json-limit-huge alerts-json-post"),
		each(step{as: "fay"}, "alerts-json-empty-list alerts-count-zero link-not-authorized"),
		each(step{as: "admin"}, "alerts-json-admin"),
		each(step{as: "ben"}, "alerts-json-other-user-still-there alerts-count-other-user"),
		each(step{as: "ben", on: "counter"}, "alerts-count-counter-disabled alerts-json-counter-disabled"),
		map[string]step{
			"alerts-json-after-engagement-closed": {before: anew("alerts-json-after-engagement-closed")},
			"alerts-json-engagement-reopened":     {before: func(w *world) { w.born(w.server(), "ana", "alerts-json-engagement-reopened") }},
			"alert-created-whole-second":          {before: anew("alert-created-whole-second")},
		},
	)
	w.replay(t, "2.46.0-alerts.json", steps, nil)
}

func TestCleanUpKeepsTheNewest(t *testing.T) {
	s := New(Options{Users: []User{{Name: "ana"}, {Name: "ben"}}, MaxAlerts: 3})
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 5 {
		// Born in reverse order: the clean-up goes by time, not by key.
		s.AddAlert("ana", Alert{Title: "a", Created: start.Add(-time.Duration(i) * time.Minute)})
	}
	s.AddAlert("ben", Alert{Title: "b"})
	if n := s.CleanUp(); n != 2 {
		t.Errorf("%d alerts went, want 2", n)
	}
	var pks []int64
	for _, a := range s.Alerts("ana") {
		pks = append(pks, a.PK)
	}
	if !slices.Equal(pks, []int64{1, 2, 3}) || len(s.Alerts("ben")) != 1 {
		t.Errorf("ana keeps %v, ben %v", pks, s.Alerts("ben"))
	}
}
