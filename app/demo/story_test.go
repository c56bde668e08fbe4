package demo_test

import (
	"context"
	"net/http"
	"strings"
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

func TestTheDemosReceiverIsAwayAndComesBack(t *testing.T) {
	t.Parallel()
	h, err := demo.NewHook(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	post := func() int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL(), strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		return resp.StatusCode
	}
	h.Down(true)
	if got := post(); got != http.StatusServiceUnavailable {
		t.Errorf("while it is away it answers %d", got)
	}
	h.Down(false)
	if got := post(); got != http.StatusOK {
		t.Errorf("back again it answers %d", got)
	}
	if err := h.Await(t.Context(), 1); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Await(ctx, 2); err == nil {
		t.Error("what was refused is counted as taken")
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
}
