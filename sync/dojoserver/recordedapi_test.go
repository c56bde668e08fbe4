package dojoserver

import (
	"testing"
	"time"
)

// recordedAt is the day of the recordings.
func recordedAt() time.Time { return time.Date(2026, 11, 25, 5, 0, 0, 0, time.UTC) }

func day(month time.Month, d int) time.Time { return time.Date(2026, month, d, 0, 0, 0, 0, time.UTC) }

// peopleOf246 are the users that the API showed.
func peopleOf246() []User {
	contacts := map[string]int64{"admin": 9, "ana": 1, "ben": 2, "chi": 3, "dan": 4, "eve": 5, "fay": 6, "gus": 7, "sam": 8}
	var out []User
	for _, u := range users246[:9] {
		u.ContactID = contacts[u.Name]
		out = append(out, u)
	}
	return out
}

func seed246(_ *world, s *Server) {
	for _, u := range []string{"ana", "ben", "fay", "admin"} {
		s.SignIn(u) // so that last_login is no null
	}
	s.AddProductType(ProductType{Name: "Research and Development", Critical: true, Unborn: true})
	s.AddProductType(ProductType{Name: "Retail", Description: "Shops"})
	s.AddProduct(Product{Name: "Shop", Description: "Web shop", Type: 2, Tags: []string{"pci"}})
	s.AddProduct(Product{Name: "Pay", Description: "Payments & cards", Type: 2})
	s.AddGroup(Group{Name: "Devs", Description: "Developers"})
	for _, m := range []Member{
		{User: "ana", Product: 1},
		{User: "eve", Product: 1, Role: "Owner"},
		{User: "admin", ProductType: 1, Role: "Owner"},
		{User: "admin", ProductType: 2, Role: "Owner"},
		{User: "ben", ProductType: 2, Role: "Writer"},
		{User: "admin", Group: 1, Role: "Owner"},
		{User: "chi", Group: 1},
		{Group: 1, Product: 1, Role: "Maintainer"},
		{User: "dan"},
	} {
		s.AddMember(m)
	}
	s.AddEngagement(Engagement{Name: "CI: nightly", Product: 1, Lead: "ben", TargetStart: day(11, 1), TargetEnd: day(12, 31)})
	s.AddTest(Test{
		Title: "nightly", Type: 212, TypeName: "Generic Findings Import Scan (Generic Findings Import)", ScanType: "Generic Findings Import",
		Engagement: 1, Percent: 100, FromScan: true,
	})
	s.AddFinding(Finding{
		Title: "SQL Injection in /Cart", Description: "id parameter", Severity: "High", Test: 1, Date: day(11, 20),
		Active: true, Verified: true, Static: true, Reporter: "admin",
	})
	for range 6 {
		s.AddFinding(Finding{Title: "Low Thing", Severity: "Low", Test: 1, Active: true})
	}
	s.AddTestImport(TestImport{Test: 1, New: []int64{1, 2}})
}

func TestAPIAgreesWith246(t *testing.T) {
	w := &world{users: peopleOf246(), seed: seed246, options: map[string]Options{"": {Version: "2.46.0", Now: recordedAt}}}
	steps := merge(
		each(step{}, `user-profile-product-member user-profile-anonymous user-profile-bad-token user-profile-bad-scheme
			user-profile-malformed-token user-profile-no-trailing-slash unknown-route unknown-route-3x unknown-route-anonymous accept-html
			options-products method-not-allowed
			products-reader product-detail product-detail-not-visible product-detail-unknown
			products-bad-ordering products-bad-filter products-unknown-filter products-bad-limit products-by-name
			product-types-reader product-members-ana product-type-members-ana product-members-by-user product-groups-ana
			dojo-groups-ana dojo-group-members-ana global-roles-plain roles-plain users-plain user-contact-infos-plain
			engagements-reader engagements-by-product tests-reader findings-reader findings-related findings-by-severity
			findings-outside-sla finding-detail finding-patch-reader finding-delete-reader test-imports sla-configurations-plain
			risk-acceptance-plain notifications-plain notifications-patch-plain notification-webhooks-plain
			notification-webhooks-post-plain system-settings-plain product-delete-forbidden`),
		each(step{as: "fay"}, `user-profile-plain products-no-access product-members-fay product-type-members-fay engagements-no-access
			finding-detail-not-visible`),
		each(step{as: "ben"}, `user-profile-product-type-member products-product-type-member product-types-member product-type-detail
			product-members-ben product-type-members-ben`),
		each(step{as: "chi"}, "user-profile-group-member products-group-member dojo-groups-chi dojo-group-members-chi"),
		each(step{as: "dan"}, "user-profile-global-role products-global-reader notifications-global-reader"),
		each(step{as: "eve"}, "inactive-user-basic"),
		each(step{as: "admin"}, `user-profile-superuser products-superuser products-limit-offset products-limit-1 product-types-superuser
			product-members-admin product-type-members-admin product-groups-admin product-type-groups-admin dojo-groups-admin
			dojo-group-members-admin global-roles-admin roles-admin users-admin user-contact-infos-admin sla-configurations-admin
			notifications-admin notifications-by-user notifications-template-filter notifications-post-system
			notifications-post-system-again notifications-post-template notifications-post-template-again
			notifications-post-user-duplicate notifications-post-user-product notifications-user-both notifications-patch-list
			notifications-patch-empty notifications-patch-bad-channel notifications-patch-string notifications-patch-empty-scan-list
			notifications-patch-empty-scan-string notification-detail-after-string notifications-patch-empty-scan-empty-list
			notifications-patch-empty-scan-empty-string notifications-patch-unknown-key notifications-patch-webhooks
			notification-webhooks-empty notification-webhooks-post-no-header notification-webhooks-post-full
			notification-webhooks-post-duplicate notification-webhooks-post-bad-url notification-webhooks-post-localhost
			notification-webhooks-list notification-webhooks-patch notification-webhooks-delete-tray-b
			notification-webhooks-delete-tray-d notification-webhooks-delete-tray-a
			system-settings-admin system-settings-detail system-settings-patch`),
		map[string]step{"api-root": {headOnly: true}},
	)
	w.replay(t, "2.46.0-api.json", steps, outOfScope246())
}

// peopleOf320 are the users that the API showed.
func peopleOf320() []User {
	return []User{
		{ID: 1, Name: "admin", Password: rightPassword, First: "Ada", Last: "Admin", Superuser: true, Staff: true, NoContact: true},
		{ID: 2, Name: "sue", Password: rightPassword, First: "Sue", Last: "Prime", Superuser: true, Staff: true, ContactID: 3},
		{ID: 3, Name: "stan", Password: rightPassword, First: "Stan", Last: "Staff", Staff: true, NoContact: true},
		{ID: 4, Name: "ana", Password: rightPassword, First: "Ana", Last: "Lima", ContactID: 1, Title: "Engineer", Slack: "ana@example.com"},
		{ID: 5, Name: "ben", Password: rightPassword, NoContact: true},
		{ID: 6, Name: "chi", Password: rightPassword, First: "Chi", Last: "Zhou", NoContact: true},
		{ID: 7, Name: "pam", Password: rightPassword, NoContact: true},
		{ID: 8, Name: "kit", Password: rightPassword, MustChange: true, ContactID: 2},
	}
}

func seed320(_ *world, s *Server) {
	s.AddProductType(ProductType{Name: "Research and Development", Critical: true, Unborn: true})
	s.AddProductType(ProductType{Name: "Research", Authorized: []string{"ben"}})
	s.AddProductType(ProductType{Name: "Retail"})
	s.AddProduct(Product{Name: "Shop", Description: "Web shop", Type: 2, Authorized: []string{"ana"}})
	s.AddProduct(Product{Name: "Pay", Description: "Payments", Type: 3})
	s.AddEngagement(Engagement{Name: "Nightly", Product: 1, Lead: "ana", TargetStart: day(11, 25), TargetEnd: day(12, 5)})
	s.AddEngagement(Engagement{Name: "Nightly", Product: 2})
	s.AddTest(Test{Type: 58, TypeName: "ZAP Scan", Engagement: 1, Percent: -1})
	s.AddTest(Test{Type: 58, TypeName: "ZAP Scan", Engagement: 2, Percent: -1})
	for _, f := range []Finding{
		{Title: "SQL Injection in /Cart", Severity: "Critical", Date: day(11, 13), Test: 1},
		{Title: "Missing Header", Severity: "Low", Date: day(11, 24), Test: 1},
		{Title: "Old Cookie Flag", Severity: "Medium", Date: day(8, 27), Test: 1},
		{Title: "Other", Severity: "High", Date: day(11, 25), Test: 2},
	} {
		f.Description, f.Active, f.Verified, f.Reporter = "made up", true, true, "admin"
		s.AddFinding(f)
	}
	s.AddNotificationRow(NotificationRow{}) // the system's
	for name, value := range map[string]any{
		"slack_channel": "#sec", "slack_token": "<secret>", "msteams_url": "<secret>", "jira_webhook_secret": "<secret>",
		"mail_notifications_to": "sec@example.com", "team_name": "Shop Sec",
	} {
		s.SetSystem(name, value)
	}
}

// imported320 is what the recorded imports left behind.
func imported320(w *world) {
	s := w.server()
	s.AddTest(Test{ID: 3, Title: "api import", Engagement: 1})
	s.AddTestImport(TestImport{Test: 3, New: []int64{6, 7}, Created: day(11, 25)})
	s.AddTestImport(TestImport{Test: 3, Again: true, Closed: []int64{7}, New: []int64{8}, Untouched: []int64{6}, Created: day(11, 26)})
}

func TestAPIAgreesWith320(t *testing.T) {
	w := &world{users: peopleOf320(), seed: seed320, options: map[string]Options{"": {Version: "3.2.0", Now: recordedAt}}}
	steps := merge(
		each(step{}, `user-profile-plain user-profile-post no-trailing-slash unknown-route unknown-route-anonymous anonymous
			method-not-allowed bad-limit limit-zero accept-html accept-xml options products-plain product-detail
			product-detail-not-visible product-detail-missing products-filter-name products-filter-name-exact assets
			product-types-plain product-delete-plain engagements engagement-detail tests test-detail
			findings-sla findings-outside-of-sla findings-severity findings-related-fields finding-detail finding-not-visible
			sla-configurations-plain users-plain user-contact-infos-plain no-alerts-api-alerts no-alerts-api-notification_alerts
			notifications-plain notifications-patch-plain webhooks-plain system-settings-plain engagements-plain-other-product
			own-settings-form-get own-settings-form-post own-settings-product-form-post own-settings-system-form
			removed-dojo-groups removed-dojo-group-members removed-global-roles removed-roles removed-product-members
			removed-product-groups removed-product-type-members removed-product-type-groups products-filter-bad-id`),
		each(step{as: "chi"}, "user-profile-plain-no-contact-info products-plain-none findings-plain-none"),
		each(step{as: "ben"}, "products-plain-via-type product-types-plain-member organizations"),
		each(step{as: "stan"}, `user-profile-staff products-staff sla-configurations-staff users-staff notifications-staff system-settings-staff`),
		each(step{as: "sue"}, `user-profile-superuser products-superuser products-order-field-ignored products-unknown-filter
			product-types-superuser pagination-page-1 pagination-page-2 pagination-past-the-end pagination-next-host
			users-superuser user-contact-infos-superuser notifications-list
			notifications-filter-user notifications-filter-system notifications-patch-list notifications-patch-empty-list
			notifications-patch-all-channels notifications-patch-unknown-channel notifications-patch-not-a-list
			notifications-patch-null notifications-patch-empty-scan-list notifications-patch-empty-scan-string
			notifications-patch-empty-scan-two notifications-patch-empty-scan-blank notifications-patch-unknown-event
			notifications-after-patch notifications-post-duplicate notifications-post-product-row notifications-post-template
			notifications-post-template-again notifications-post-second-system notifications-delete notifications-deleted
			own-settings-after-form own-settings-product-row
			webhooks-empty webhooks-create webhooks-create-no-header webhooks-create-null-header webhooks-create-duplicate-name
			webhooks-create-bad-url webhooks-create-missing webhooks-create-with-status webhooks-list webhooks-patch
			webhooks-patch-status webhooks-put webhooks-delete webhooks-deleted
			system-settings system-settings-detail system-settings-patch system-settings-post`),
		map[string]step{
			"api-root":     {headOnly: true},
			"test-imports": {before: imported320},
		},
	)
	w.replay(t, "3.2.0-api.json", steps, outOfScope320())
}
