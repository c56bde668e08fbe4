package dojoserver

import "testing"

// users320 are the people of the 3.2.0 recordings.
var users320 = []User{
	{ID: 1, Name: "admin", Password: rightPassword, First: "Ada", Last: "Admin", Superuser: true, Staff: true},
	{ID: 2, Name: "sue", Password: rightPassword, First: "Sue", Last: "Prime", Superuser: true, Staff: true},
	{ID: 3, Name: "stan", Password: rightPassword, First: "Stan", Last: "Staff", Staff: true, NoContact: true},
	{ID: 4, Name: "ana", Password: rightPassword, First: "Ana", Last: "Lima"},
	{ID: 5, Name: "ina", Password: rightPassword, Inactive: true},
	{ID: 6, Name: "chi", Password: rightPassword + "-of-chi", First: "Chi", Last: "Zhou", NoContact: true},
	{ID: 7, Name: "pam", Password: rightPassword},
	{ID: 8, Name: "kit", Password: rightPassword, First: "Kit", Last: "Reset", MustChange: true},
}

var options320 = map[string]Options{
	"":         {Version: "3.2.0"},
	"hosts":    {Version: "3.2.0", AllowedHosts: []string{"127.0.0.1"}},
	"limit":    {Version: "3.2.0", RateLimit: 5},
	"lockout":  {Version: "3.2.0", RateLimit: 5, Lockout: true},
	"counter":  {Version: "3.2.0", CounterDisabled: true},
	"https":    {Version: "3.2.0", ProxyHeader: true, SecureCookies: true},
	"redirect": {Version: "3.2.0", SSLRedirect: true},
	"single":   {Version: "3.2.0", SingleSession: true},
	"notokens": {Version: "3.2.0", TokensDisabled: true},
	"labels":   {Version: "3.2.0", OldLabels: true},
}

func TestSignInAgreesWith320(t *testing.T) {
	w := &world{users: users320, options: options320, seed: func(w *world, s *Server) {
		if w.on == "" {
			w.born(s, "ana", "session-poll-sets-no-cookie")
			fill(s, "ana", 5)
			return
		}
		fill(s, "ana", 6)
		fill(s, "chi", 6)
	}}
	chi := rightPassword + "-of-chi"
	steps := merge(
		each(step{}, `login-get login-get-again-with-cookie login-get-head login-get-trailing-slash login-post-good login-post-good-next
			login-post-good-next-foreign-host login-post-good-csrf-in-header login-post-good-no-referer login-post-wrong-password
			login-post-unknown-user login-post-empty-fields login-post-username-case login-post-no-csrf login-post-csrf-cookie-but-no-token
			login-post-csrf-mismatch login-post-selfmade-csrf-pair login-post-origin-same login-post-origin-https-behind-tls-proxy
			login-post-https-proxy-no-origin login-get-when-logged-in root-when-logged-in session-poll-sets-no-cookie session-cookie-on-api
			token-on-ui-route expired-get-alerts-count expired-post-delete-alerts expired-get-root anonymous-get-unknown-ui-path
			anonymous-get-static-missing api-token-auth-good api-token-auth-form-encoded api-token-auth-bad-password
			api-token-auth-missing-field api-token-auth-get api-token-auth-malformed-json api-token-auth-with-session-cookie
			token-on-api bad-token-on-api basic-good-on-api no-auth-on-api token-and-cookie-get bad-token-with-good-session
			logout-get logout-token-still-works logout-anonymous`),
		each(step{slot: "dead"}, "expired-get-alerts-json expired-get-alerts-json-xhr expired-post-alerts expired-session-on-api"),
		each(step{as: "ina"}, "login-post-inactive-user api-token-auth-inactive"),
		each(step{password: "wrong"}, "basic-bad-on-api"),
		each(step{as: "kit"}, `forced-change-login forced-change-alerts-json forced-change-alerts-count forced-change-post-alerts
			forced-change-session-on-api forced-change-page forced-change-basic-on-api`),
		each(step{slot: "second"}, "logout-other-session-after"),
		each(step{slot: "third"}, "logout-third-session-after"),
		each(step{as: "pam"}, "change-password-own-session-after"),
		each(step{as: "pam", slot: "second"}, "change-password-other-session-after"),
		each(step{on: "limit"}, `rate-limit-block-attempt-1 rate-limit-block-attempt-2 rate-limit-block-attempt-3 rate-limit-block-attempt-4
			rate-limit-block-attempt-5 rate-limit-block-attempt-6 rate-limit-block-attempt-7 rate-limit-block-right-password
			rate-limit-block-other-user-same-password rate-limit-block-get-login
			rate-limit-token-endpoint-1 rate-limit-token-endpoint-2 rate-limit-token-endpoint-3 rate-limit-token-endpoint-4
			rate-limit-token-endpoint-5 rate-limit-token-endpoint-6 rate-limit-token-endpoint-7`),
		each(step{on: "limit", password: chi}, "rate-limit-block-other-user"),
		each(step{on: "https"}, `https-login-get https-login-no-referer https-login-referer https-login-referer-other-host
			https-login-referer-http https-login-origin https-expired-alerts https-plain-request-with-secure-session`),
		each(step{on: "redirect"}, "ssl-redirect-get ssl-redirect-post"),
		each(step{on: "single", slot: "newer"}, "single-user-session-newer-session"),
		each(step{on: "hosts"}, "host-not-allowed"),
		each(step{on: "notokens"}, "api-tokens-disabled api-tokens-disabled-token-used"),
		map[string]step{
			"logout-other-session-before": {slot: "second", before: func(w *world) {
				w.session("ana", "")
				w.session("ana", "third")
			}},
			"change-password-post": {as: "pam", before: func(w *world) { w.session("pam", "second") }},
			"rate-limit-lockout-6th-no-contact-info": {on: "lockout", as: "chi", before: func(w *world) {
				w.session("chi", "")
				w.try("chi", "a", 5)
			}},
			"rate-limit-lockout-live-session-no-contact-info": {on: "lockout", as: "chi"},
			"rate-limit-lockout-6th-with-contact-info": {on: "lockout", as: "sue", before: func(w *world) {
				w.session("sue", "")
				w.try("sue", "b", 5)
			}},
			"rate-limit-lockout-live-session-with-contact-info": {on: "lockout", as: "sue"},
			"single-user-session-older-session": {on: "single", slot: "older", before: func(w *world) {
				w.session("ana", "older")
				w.session("ana", "newer")
			}},
		},
	)
	w.replay(t, "3.2.0-login.json", steps, merge(
		because("notes on findings are not served; the CSRF rule of the API is shown by api-token-auth-with-session-cookie",
			"token-and-cookie-unsafe token-only-unsafe cookie-unsafe-with-csrf cookie-unsafe-without-csrf"),
	))
}

func TestAlertsAgreeWith320(t *testing.T) {
	w := &world{users: users320, options: options320, seed: func(w *world, s *Server) {
		w.born(s, "chi", "alerts-other-user-unchanged")
		if w.on != "" {
			s.AddPage(Page{Path: "/product/1", Title: "Shop"})
			return
		}
		w.born(s, "ana", "alerts-json-no-limit")
		s.AddPage(Page{Path: "/notifications/system", Title: "Notifications", Hidden: []string{"ana"}})
		s.AddPage(Page{Path: "/asset/1", Title: "Shop"})
		s.AddPage(Page{Path: "/asset/2", Title: "Other", Hidden: []string{"ana"}})
	}}
	steps := merge(
		each(step{}, `alerts-json-no-limit alerts-json-limit-2 alerts-json-limit-0 alerts-json-limit-minus-1 alerts-json-limit-abc
			alerts-json-limit-empty alerts-json-limit-1-5 alerts-json-limit-99999 alerts-json-trailing-slash alerts-json-post
			alerts-json-head alerts-json-if-none-match alerts-json-gzip alerts-count alerts-count-text alerts-partial alerts-html
			alerts-html-page-out-of-range alerts-html-page-size-junk alerts-post-nothing-selected alerts-post-one
			alerts-post-one-replayed alerts-post-many alerts-json-after-removals alerts-count-after-removals alerts-post-unknown-id
			alerts-post-huge-id alerts-post-other-users-id alerts-post-mixed-own-and-foreign
			alerts-post-non-integer alerts-post-mixed-with-non-integer alerts-count-after-bad-posts alerts-post-comma-list
			alerts-post-json-body alerts-post-no-csrf alerts-post-csrf-cookie-only alerts-post-wrong-token alerts-post-stale-csrf-pair
			alerts-post-form-field-token alerts-post-origin-same alerts-post-origin-https alerts-put alerts-delete-method
			delete-alerts-get alerts-count-before-delete-all
			delete-alerts-post-no-csrf delete-alerts-post delete-alerts-post-again alerts-json-empty alerts-count-zero
			alerts-count-text-zero alerts-html-empty ui-permission-denied ui-object-not-visible ui-object-missing ui-unknown-page
			ui-old-product-path ui-old-product-type-path ui-new-product-path`),
		each(step{fewer: true}, "alerts-post-10240-fields alerts-post-10241-fields"),
		each(step{as: "chi"}, "alerts-other-user-unchanged"),
		each(step{as: "chi", on: "counter"}, "counter-disabled-count counter-disabled-count-text counter-disabled-json"),
		each(step{on: "labels"}, "relabel-off-old-product-path relabel-off-new-asset-path"),
	)
	w.replay(t, "3.2.0-alerts.json", steps, nil)
}
