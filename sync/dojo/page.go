package dojo

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
)

// An input's name, with any kind of quotes.
var (
	userField     = regexp.MustCompile(`name\s*=\s*["']?username["'\s>]`)
	passwordField = regexp.MustCompile(`name\s*=\s*["']?password["'\s>]`)
	versionText   = regexp.MustCompile(`\bv\.\s*(\d{1,5}\.\d{1,5}[0-9A-Za-z.+-]{0,40})`)
)

// isLoginPage reports whether a page is DefectDojo's sign-in form: a Django
// form with a user name and a password, on a page that names DefectDojo or
// loads its files. Only markup is looked at, the words may be translated.
func isLoginPage(page []byte) bool {
	return isDjangoLogin(page) && bytes.Contains(bytes.ToLower(page), []byte("dojo"))
}

// isDjangoLogin is isLoginPage for any Django application.
func isDjangoLogin(page []byte) bool {
	return bytes.Contains(page, []byte("csrfmiddlewaretoken")) && userField.Match(page) && passwordField.Match(page)
}

// isCSRFPage reports whether a page is the one with which Django refuses a
// CSRF token: a few hundred bytes of its own template, which DefectDojo does
// not replace. "CSRF" stays in every translation.
func isCSRFPage(page []byte) bool {
	return len(page) < 8<<10 && bytes.Contains(page, []byte("CSRF"))
}

// isHTML reports whether an answer is a page, by its Content-Type or, where it
// has none, by its first byte.
func isHTML(contentType string, page []byte) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	if err == nil {
		return kind == "text/html" || kind == "application/xhtml+xml"
	}
	return bytes.HasPrefix(bytes.TrimLeft(page, " \t\r\n"), []byte("<"))
}

// isJSON reports whether a Content-Type announces JSON.
func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// version finds the server's version in the footer of a page, "" where there
// is none.
func version(page []byte) string {
	found := versionText.FindAllSubmatch(page, -1)
	if len(found) == 0 {
		return ""
	}
	return string(found[len(found)-1][1])
}
