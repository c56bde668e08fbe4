package app_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"bellhop/app"
)

func TestLinkLeadsToTheObjectOnTheAccountsServer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, base, link, want string }{
		{"a path", "https://dojo.example.com", "/finding/12", "https://dojo.example.com/finding/12"},
		{"a path with the prefix in it", "https://example.com/dojo", "/dojo/finding/12", "https://example.com/dojo/finding/12"},
		{"a path without the prefix", "https://example.com/dojo", "/finding/12", "https://example.com/dojo/finding/12"},
		{"a path that only begins like the prefix", "https://example.com/dojo", "/dojos/1", "https://example.com/dojo/dojos/1"},
		{"no link", "https://dojo.example.com", "", "https://dojo.example.com/alerts"},
		{"no slash", "https://dojo.example.com", "test/3", "https://dojo.example.com/test/3"},
		{"absolute, own host", "https://dojo.example.com", "https://dojo.example.com/test/3?x=1#n", "https://dojo.example.com/test/3?x=1#n"},
		{"absolute, own host, other case", "https://dojo.example.com", "http://DOJO.example.com:8080/test/3", "http://DOJO.example.com:8080/test/3"},
		{"query kept", "https://dojo.example.com", "/finding?test=3&o=-id", "https://dojo.example.com/finding?test=3&o=-id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, foreign, err := app.Link(c.base, c.link)
			if err != nil || foreign || got != c.want {
				t.Errorf("Link(%q, %q) = %q, foreign %v, %v; want %q", c.base, c.link, got, foreign, err, c.want)
			}
		})
	}
}

func TestLinkToAnotherHostHasToBeAskedFirst(t *testing.T) {
	t.Parallel()
	for _, link := range []string{"https://evil.example/finding/1", "//evil.example/finding/1", "http://dojo.example.com.evil.example/"} {
		got, foreign, err := app.Link("https://dojo.example.com", link)
		if err != nil || !foreign {
			t.Errorf("Link(%q) = %q, foreign %v, %v; want a foreign link", link, got, foreign, err)
		}
	}
}

func TestLinkRefusesWhatIsNotAWebPage(t *testing.T) {
	t.Parallel()
	for _, link := range []string{
		"javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "smb://host/share", "ms-settings:x",
		"https://user:pw@dojo.example.com/", "https:///nohost", "/finding/1\n--flag", "\\\\host\\share", "%zz://x",
	} {
		if got, _, err := app.Link("https://dojo.example.com", link); !errors.Is(err, app.ErrInvalid) {
			t.Errorf("Link(%q) = %q, %v; want it refused", link, got, err)
		}
	}
}

func FuzzLinkIsAlwaysHTTP(f *testing.F) {
	for _, s := range []string{"/finding/1", "//x", "javascript:x", "http://a@b/", "", "?x", "#y", "/%2e%2e//x", "http://[::1]:80/"} {
		f.Add("https://dojo.example.com/p", s)
	}
	f.Fuzz(func(t *testing.T, base, link string) {
		got, foreign, err := app.Link(base, link)
		if err != nil {
			return
		}
		u, err := url.Parse(got)
		if err != nil {
			t.Fatalf("Link(%q, %q) = %q, which does not parse: %v", base, link, got, err)
		}
		b, _ := url.Parse(base)
		if u.Scheme != "http" && u.Scheme != "https" {
			t.Errorf("Link(%q, %q) = %q is no web page", base, link, got)
		}
		if !foreign && !strings.EqualFold(u.Hostname(), b.Hostname()) {
			t.Errorf("Link(%q, %q) = %q leads away and does not say so", base, link, got)
		}
	})
}
