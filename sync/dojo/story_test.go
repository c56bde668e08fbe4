package dojo_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/sync/dojo"
	"bellhop/sync/dojoserver"
)

// ana is the user of these stories.
var ana = dojoserver.User{Name: "ana", Password: "correct horse", First: "Ana", Last: "Lima"}

// serve starts a server and connects a client to it; both end with the test.
func serve(t *testing.T, o dojoserver.Options, change ...func(*dojo.Config)) (*dojoserver.Server, *dojo.Client) {
	t.Helper()
	if o.Users == nil {
		o.Users = []dojoserver.User{ana}
	}
	s := dojoserver.New(o)
	base, err := s.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, connect(t, base, change...)
}

func connect(t *testing.T, base string, change ...func(*dojo.Config)) *dojo.Client {
	t.Helper()
	cfg := dojo.Config{BaseURL: base, Proxy: "none"}
	for _, f := range change {
		f(&cfg)
	}
	c, err := dojo.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// list collects a whole list.
func list(t *testing.T, c *dojo.Client, limit int) ([]dojo.Alert, error) {
	t.Helper()
	var out []dojo.Alert
	for a, err := range c.Alerts(t.Context(), limit) {
		if err != nil {
			return out, err
		}
		out = append(out, a)
	}
	return out, nil
}

// mustList is list for a list that has to succeed.
func mustList(t *testing.T, c *dojo.Client, limit int) []dojo.Alert {
	t.Helper()
	alerts, err := list(t, c, limit)
	if err != nil {
		t.Fatal(err)
	}
	return alerts
}

func signIn(t *testing.T, c *dojo.Client) dojo.Session {
	t.Helper()
	session, err := c.SignIn(t.Context(), "ana", "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	return session
}

func TestAUserSignsInAndRemovesAlerts(t *testing.T) {
	for _, version := range []string{"2.46.0", "3.2.0"} {
		for _, prefix := range []string{"", "/dojo", "/a/b"} {
			t.Run(version+prefix, func(t *testing.T) {
				s, c := serve(t, dojoserver.Options{Version: version, Prefix: prefix})
				born := time.Date(2026, 11, 25, 4, 46, 30, 375_900_000, time.UTC)
				first := s.AddAlert("ana", dojoserver.Alert{Title: "<b>one</b>", Description: " a &lt;b&gt; &amp;amp; b\n", Created: born})
				second := s.AddAlert("ana", dojoserver.Alert{Title: "two", URL: "/finding/2", Created: born.Add(time.Minute).Truncate(time.Second)})

				session := signIn(t, c)
				if session.Name != "sessionid" || session.ID == "" || session.CSRF == "" || session.At.IsZero() {
					t.Errorf("the session is incomplete: name %q, at %v", session.Name, session.At)
				}
				user, err := c.User(t.Context())
				if err != nil || user.Username != "ana" || user.ID != 1 || user.Superuser {
					t.Errorf("User = %+v, %v", user, err)
				}
				if v, err := c.Version(t.Context()); err != nil || v != version {
					t.Errorf("Version = %q, %v", v, err)
				}
				if n, err := c.Count(t.Context()); err != nil || n != 2 {
					t.Errorf("Count = %d, %v", n, err)
				}
				got := mustList(t, c, -1)
				want := []dojo.Alert{
					{PK: second, UserID: 1, Title: "two", URL: "/finding/2", Source: "Other", Icon: "info-circle", Created: born.Add(time.Minute).Truncate(time.Second)},
					{PK: first, UserID: 1, Title: "<b>one</b>", Description: "a <b> &amp; b", Source: "Other", Icon: "info-circle", Created: born.Truncate(time.Millisecond)},
				}
				if !slices.Equal(got, want) {
					t.Errorf("the list is\n%+v, want\n%+v", got, want)
				}
				if one := mustList(t, c, 1); len(one) != 1 || one[0].PK != second {
					t.Errorf("the newest alert is %+v", one)
				}
				if none := mustList(t, c, 0); len(none) != 0 {
					t.Errorf("a list of none is %+v", none)
				}
				if err := c.Remove(t.Context(), []int64{second, 12345}); err != nil {
					t.Fatal(err)
				}
				if left := mustList(t, c, -1); len(left) != 1 || left[0].PK != first {
					t.Errorf("after the removal there are %+v", left)
				}
				for _, line := range s.Requests() {
					if strings.Contains(line, "/logout") || strings.Contains(line, "/delete_alerts") {
						t.Errorf("the client asked for %s", line)
					}
				}
			})
		}
	}
}

func TestAWrongPasswordIsSentOnce(t *testing.T) {
	s, c := serve(t, dojoserver.Options{})
	_, err := c.SignIn(t.Context(), "ana", "hunter2-secret")
	if !errors.Is(err, dojo.ErrPasswordRefused) {
		t.Fatalf("err = %v", err)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Error("the error tells the password")
	}
	want := []string{"GET /login?force_login_form", "POST /login?force_login_form"}
	if got := s.Requests(); !slices.Equal(got, want) {
		t.Errorf("requests are %q, want %q", got, want)
	}
}
