package demo_test

import (
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/demo"
	"bellhop/sync/dojo"
)

func TestTheDemosServerHasABacklogAndGoesAway(t *testing.T) {
	t.Parallel()
	s, err := demo.NewServer(t.Context(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	in := s.SignIn()
	if in.SignIn != app.SignInPassword || in.Password == "" {
		t.Fatalf("the demo signs in with %q", in.SignIn)
	}
	c, err := dojo.New(dojo.Config{BaseURL: in.URL, Proxy: in.Proxy})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.SignIn(t.Context(), in.Username, in.Password); err != nil {
		t.Fatal(err)
	}
	n := 0
	for a, err := range c.Alerts(t.Context(), -1) {
		if err != nil {
			t.Fatal(err)
		}
		if a.Title == "" || a.Source == "" || time.Since(a.Created) > 100*time.Hour {
			t.Errorf("an alert of the backlog is %+v", a)
		}
		n++
	}
	if n == 0 || n != s.Count() {
		t.Errorf("%d alerts came, the server has %d", n, s.Count())
	}
	s.Down(true)
	if _, err := c.Count(t.Context()); err == nil {
		t.Error("a server that is away answered")
	}
	s.Down(false)
	s.RemoveOldest(2)
	if left, err := c.Count(t.Context()); err != nil || left != n-2 {
		t.Errorf("after two were removed %d are left, %v", left, err)
	}
}
