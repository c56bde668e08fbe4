package dojoserver

import "strings"

// The recordings of webhooks are not kept here at all: they are calls that the
// real server makes, and the administrators' pages for them.

// because gives the same reason for several exchanges.
func because(reason string, names ...string) map[string]string {
	out := make(map[string]string)
	for _, line := range names {
		for name := range strings.FieldsSeq(line) {
			out[name] = reason
		}
	}
	return out
}

// outOfScope246 are the exchanges of 2.46.0 with parts of DefectDojo that the
// small server leaves out.
func outOfScope246() map[string]string {
	return merge(
		because("only the API's user_profile and api-token-auth are served, no objects, people or imports",
			"post-no-trailing-slash products-superuser products-reader products-product-type-member products-group-member",
			"products-global-reader products-no-access products-limit-offset products-limit-1 products-by-name",
			"products-prefetch product-detail product-detail-not-visible product-detail-unknown products-bad-ordering",
			"products-bad-filter products-unknown-filter products-bad-limit product-types-superuser product-types-reader",
			"product-types-member product-type-detail product-members-admin product-type-members-admin product-members-ana",
			"product-type-members-ana product-members-ben product-type-members-ben product-members-fay",
			"product-type-members-fay product-members-by-user product-groups-admin product-groups-ana",
			"product-type-groups-admin dojo-groups-admin dojo-group-members-admin dojo-groups-ana dojo-group-members-ana",
			"dojo-groups-chi dojo-group-members-chi global-roles-admin global-roles-plain roles-admin roles-plain",
			"product-member-patch product-member-duplicate product-member-post-forbidden users-admin users-plain",
			"user-contact-infos-admin user-contact-infos-plain engagements-reader engagements-by-product",
			"engagements-no-access tests-reader findings-reader findings-related findings-by-severity findings-outside-sla",
			"finding-detail finding-detail-not-visible finding-notes finding-note-post-reader finding-note-post-writer",
			"finding-patch-reader finding-delete-reader test-imports test-types sla-configurations-plain",
			"sla-configurations-admin risk-acceptance-plain development-environments endpoints malformed-json",
			"product-post-missing-fields product-post-duplicate-name product-post-forbidden product-delete-forbidden",
			"unknown-route-3x wrong-content-type import-scan-no-file import-scan-reader",
		),
		because("notification settings are administrators' business and not served",
			"notifications-plain notifications-global-reader notifications-admin notifications-by-user",
			"notifications-template-filter notifications-post-system notifications-post-system-again",
			"notifications-post-template notifications-post-template-again notifications-post-user-duplicate",
			"notifications-post-user-product notifications-user-both notifications-patch-list notifications-patch-empty",
			"notifications-patch-bad-channel notifications-patch-string notifications-patch-empty-scan-list",
			"notifications-patch-empty-scan-string notification-detail-after-string",
			"notifications-patch-empty-scan-empty-list notifications-patch-empty-scan-empty-string",
			"notifications-patch-unknown-key notifications-patch-webhooks notifications-patch-plain",
		),
		because("webhooks are administrators' business and not served",
			"notification-webhooks-plain notification-webhooks-empty notification-webhooks-post-no-header",
			"notification-webhooks-post-full notification-webhooks-post-duplicate notification-webhooks-post-bad-url",
			"notification-webhooks-post-localhost notification-webhooks-list notification-webhooks-patch",
			"notification-webhooks-post-plain notification-webhooks-delete-tray-b notification-webhooks-delete-tray-d",
			"notification-webhooks-delete-tray-a",
		),
		because("system settings are administrators' business and not served",
			"system-settings-plain system-settings-admin system-settings-detail system-settings-patch",
		),
		because("the OpenAPI document is not served",
			"openapi-schema",
		),
	)
}

// outOfScope320 are the exchanges of 3.2.0 with parts of DefectDojo that the
// small server leaves out.
func outOfScope320() map[string]string {
	return merge(
		because("only the API's user_profile and api-token-auth are served, no objects, people or imports",
			"no-trailing-slash post-no-trailing-slash anonymous method-not-allowed bad-limit limit-zero pagination-page-1",
			"pagination-page-2 pagination-past-the-end pagination-next-host accept-html accept-xml malformed-json",
			"wrong-content-type options products-plain products-plain-via-type products-plain-none products-staff",
			"products-superuser product-detail product-detail-not-visible product-detail-missing products-prefetch",
			"products-order-field-ignored products-filter-name products-filter-name-exact products-filter-bad-id",
			"products-unknown-filter assets product-types-plain product-types-plain-member product-types-superuser",
			"organizations product-create-plain product-create-invalid product-delete-plain engagements",
			"engagements-plain-other-product engagement-detail tests test-detail findings-sla findings-outside-of-sla",
			"findings-severity findings-related-fields findings-prefetch finding-detail finding-not-visible",
			"findings-plain-none finding-notes-empty finding-note-create finding-note-create-private finding-note-empty",
			"finding-notes finding-close finding-create-plain import-scan reimport-scan test-imports test-types",
			"sla-configurations-plain sla-configurations-staff users-plain users-staff users-superuser",
			"user-contact-infos-plain user-contact-infos-superuser notes-plain removed-dojo-groups",
			"removed-dojo-group-members removed-global-roles removed-roles removed-product-members removed-product-groups",
			"removed-product-type-members removed-product-type-groups",
		),
		because("notification settings are administrators' business and not served",
			"notifications-plain notifications-staff notifications-list notifications-filter-user",
			"notifications-filter-system notifications-patch-list notifications-patch-empty-list",
			"notifications-patch-all-channels notifications-patch-unknown-channel notifications-patch-not-a-list",
			"notifications-patch-null notifications-patch-empty-scan-list notifications-patch-empty-scan-string",
			"notifications-patch-empty-scan-two notifications-patch-empty-scan-blank notifications-patch-unknown-event",
			"notifications-after-patch notifications-post-duplicate notifications-post-product-row",
			"notifications-post-template notifications-post-template-again notifications-post-second-system",
			"notifications-patch-plain notifications-delete notifications-deleted own-settings-after-form",
			"own-settings-product-row",
		),
		because("webhooks are administrators' business and not served",
			"webhooks-plain webhooks-empty webhooks-create webhooks-create-no-header webhooks-create-null-header",
			"webhooks-create-duplicate-name webhooks-create-bad-url webhooks-create-missing webhooks-create-with-status",
			"webhooks-list webhooks-patch webhooks-patch-status webhooks-put webhooks-delete webhooks-deleted",
		),
		because("system settings are administrators' business and not served",
			"system-settings-plain system-settings-staff system-settings system-settings-detail system-settings-patch",
			"system-settings-post",
		),
		because("the OpenAPI document is not served",
			"oa3-schema-head",
		),
		because("the page on which a user chooses notifications is not served",
			"own-settings-form-get own-settings-form-post own-settings-product-form-post own-settings-system-form",
		),
	)
}
