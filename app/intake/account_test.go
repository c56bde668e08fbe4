package intake

import (
	"errors"
	"testing"

	"bellhop/app"
)

func TestACallBelongsToTheAccountOfItsServer(t *testing.T) {
	t.Parallel()
	const (
		a, b   = "https://a.example.com", "https://b.example.com:8443"
		p1, p2 = "https://shared.example.com/one", "https://shared.example.com/two"
	)
	all := []app.Account{
		{ID: 9, URL: app.LocalURL},
		{ID: 5, URL: a, Username: "chi"},
		{ID: 1, URL: a, Username: "ana"},
		{ID: 2, URL: b},
		{ID: 3, URL: p1},
		{ID: 4, URL: p2},
	}
	for _, c := range []struct {
		why, instance, body string
		accounts            []app.Account
		want                app.AccountID
	}{
		{"by the instance", a, `{}`, all, 1},
		{"with another scheme and a slash", "http://A.example.com/", `{}`, all, 1},
		{"with the scheme's port", "https://a.example.com:443", `{}`, all, 1},
		{"by another port", b, `{}`, all, 2},
		{"the endpoint owner's among several", a, `{"user":{"username":"chi"}}`, all, 5},
		{"an owner who has no account here", a, `{"user":"dora"}`, all, 1},
		{"by the prefix in the instance", p2, `{"url_ui":"https://shared.example.com/two/finding/1"}`, all, 4},
		{"by the prefix in the link, where the instance lacks it", "https://shared.example.com", `{"url_ui":"https://shared.example.com/two/finding/1"}`, all, 4},
		{"by the link alone", "http://localhost:8080", `{"url_ui":"https://b.example.com:8443/finding/1"}`, all, 2},
		{"by the second of two glued addresses", "http://localhost:8080", `{"url_ui":"http://localhost:8080https://shared.example.com/one/jira"}`, all, 3},
		{"the instance says more than the link", a, `{"url_ui":"https://b.example.com:8443/finding/1"}`, all, 1},
		{"no instance", "", `{"url_ui":"https://a.example.com/finding/1"}`, all, 1},
		{"a host that two servers share", "https://shared.example.com", `{"url_ui":"https://shared.example.com/three"}`, all, 0},
		{"a prefix is no beginning of a word", "https://shared.example.com", `{"url_ui":"https://shared.example.com/oneness"}`, all, 0},
		{"nobody's", "http://localhost:8080", `{"url_ui":"http://localhost:8080/finding/1"}`, all, 0},
		{"a host in the instance that is no address", "dojo", `{}`, all, 0},
		{"nobody's, but there is one account", "http://localhost:8080", `{}`, all[:2], 5},
		{"no account but this machine's own", a, `{}`, all[:1], 0},
		{"a prefix that the server does not know of", "https://shared.example.com", `{"url_ui":"https://shared.example.com/finding/1"}`, []app.Account{all[1], all[4]}, 3},
	} {
		w, err := ParseWebhook(recorded{Event: "other", Instance: c.instance}.header(), []byte(c.body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := match(c.accounts, &w)
		if got.ID != c.want || (c.want == 0) != errors.Is(err, app.ErrNotFound) {
			t.Errorf("%s: account %d, %v, want %d", c.why, got.ID, err, c.want)
		}
		if c.want == 0 && app.AsProblem(err).Step == "" {
			t.Errorf("%s: nothing is said to do", c.why)
		}
	}
	if all[0].ID != 9 || all[1].ID != 5 {
		t.Error("the caller's list was reordered")
	}
}
