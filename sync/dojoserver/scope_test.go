package dojoserver

import "strings"

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

// The exchanges of the API that the small server leaves out, and why.

const (
	noWriting  = "objects are changed by the tests' own methods, not through the API"
	noNotes    = "notes are not served: Bellhop reads none"
	noImports  = "imports are made by AddTestImport"
	noTypes    = "test types, environments and endpoints are not served: Bellhop reads none"
	noPrefetch = "prefetch is not asked for by the client, and the server answers it with {}"
	noSchema   = "the OpenAPI document is not served"
)

func outOfScope246() map[string]string {
	return merge(
		because(noWriting,
			"post-no-trailing-slash product-member-patch product-member-duplicate product-member-post-forbidden malformed-json",
			"product-post-missing-fields product-post-duplicate-name product-post-forbidden wrong-content-type"),
		because(noNotes, "finding-notes finding-note-post-reader finding-note-post-writer"),
		because(noImports, "import-scan-no-file import-scan-reader"),
		because(noTypes, "test-types development-environments endpoints"),
		because(noPrefetch, "products-prefetch"),
		because(noSchema, "openapi-schema"),
	)
}

func outOfScope320() map[string]string {
	return merge(
		because(noWriting,
			"post-no-trailing-slash malformed-json wrong-content-type product-create-plain product-create-invalid finding-close",
			"finding-create-plain"),
		because(noNotes, "finding-notes-empty finding-note-create finding-note-create-private finding-note-empty finding-notes notes-plain"),
		because(noImports, "import-scan reimport-scan"),
		because(noTypes, "test-types"),
		because(noPrefetch, "products-prefetch findings-prefetch"),
		because(noSchema, "oa3-schema-head"),
	)
}
