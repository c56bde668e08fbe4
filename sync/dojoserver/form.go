package dojoserver

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// Django's DATA_UPLOAD_MAX_MEMORY_SIZE and DATA_UPLOAD_MAX_NUMBER_FIELDS as
// DefectDojo sets them.
const (
	maxBody   = 8 << 20
	maxFields = 10_240
)

// form is the body of a POST as far as it is a form. It is read here because
// net/url refuses more than 10,000 fields, which the real server takes.
type form struct {
	values  url.Values
	tooMany bool // more than maxFields
}

// parseForm reads the body once. A body of another kind is no form and leaves
// it empty, as Django does with JSON.
func (x *exchange) parseForm() *form {
	if x.form != nil {
		return x.form
	}
	x.form = &form{values: make(url.Values)}
	kind, _, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if x.r.Method != http.MethodPost || kind != "application/x-www-form-urlencoded" {
		return x.form
	}
	content, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, maxBody))
	if err != nil {
		x.form.tooMany = true
		return x.form
	}
	fields := 0
	for pair := range strings.SplitSeq(string(content), "&") {
		if pair == "" {
			continue
		}
		if fields++; fields > maxFields {
			x.form.tooMany = true
			return x.form
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 == nil && err2 == nil {
			x.form.values.Add(name, value)
		}
	}
	return x.form
}

// field returns a field's last value, as Django does.
func (f *form) field(name string) string {
	values := f.values[name]
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}
