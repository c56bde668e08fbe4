package dojo_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bellhop/sync/dojo"
	"bellhop/sync/dojoserver"
)

const jsonType = "application/json"

// element is one alert on the wire.
const element = `{"model": "dojo.alerts", "pk": 7, "fields": {"title": "t", "description": null, "url": null, "source": "Other", "icon": "key", "user_id": 1, "created": "2026-08-08T10:00:00.123Z"}}`

func withLimits(l dojo.Limits) func(*dojo.Config) {
	return func(cfg *dojo.Config) { cfg.Limits = l }
}

func TestListsThatAreNone(t *testing.T) {
	other := func(old, with string) string { return "[" + strings.Replace(element, old, with, 1) + "]" }
	for name, c := range map[string]struct {
		kind, text string
		want       error
	}{
		"a page":                   {"text/html; charset=utf-8", "<html>hello</html>", dojo.ErrNotJSON},
		"a page without a type":    {"", "<html>hello</html>", dojo.ErrNotJSON},
		"a list called text":       {"text/plain", "[]", dojo.ErrNotJSON},
		"nothing called text":      {"text/plain", "", dojo.ErrNotJSON},
		"the sign-in page":         {"text/html", loginPage, dojo.ErrSessionExpired},
		"a page called JSON":       {jsonType, "<html>hello</html>", dojo.ErrMalformed},
		"nothing":                  {jsonType, "", dojo.ErrMalformed},
		"null":                     {jsonType, "null", dojo.ErrMalformed},
		"an object":                {jsonType, `{"results": []}`, dojo.ErrMalformed},
		"a string":                 {jsonType, `"[]"`, dojo.ErrMalformed},
		"an open list":             {jsonType, "[" + element, dojo.ErrMalformed},
		"a list with a comma":      {jsonType, "[" + element + ",", dojo.ErrMalformed},
		"a list with a last comma": {jsonType, "[" + element + ",]", dojo.ErrMalformed},
		"half an alert":            {jsonType, "[" + element[:40], dojo.ErrMalformed},
		"two lists":                {jsonType, "[][]", dojo.ErrMalformed},
		"a list and noise":         {jsonType, "[" + element + "] x", dojo.ErrMalformed},
		"a list of numbers":        {jsonType, "[1]", dojo.ErrMalformed},
		"a list of nulls":          {jsonType, "[null]", dojo.ErrMalformed},
		"a list of lists":          {jsonType, "[[]]", dojo.ErrMalformed},
		"another model":            {jsonType, other("dojo.alerts", "dojo.finding"), dojo.ErrMalformed},
		"no key":                   {jsonType, other(`"pk": 7, `, ""), dojo.ErrMalformed},
		"a key of 0":               {jsonType, other(`"pk": 7`, `"pk": 0`), dojo.ErrMalformed},
		"a key like text":          {jsonType, other(`"pk": 7`, `"pk": "7"`), dojo.ErrMalformed},
		"a key with a fraction":    {jsonType, other(`"pk": 7`, `"pk": 7.5`), dojo.ErrMalformed},
		"a key beyond 64 bits":     {jsonType, other(`"pk": 7`, `"pk": 99999999999999999999`), dojo.ErrMalformed},
		"no user":                  {jsonType, other(`"user_id": 1`, `"user_id": null`), dojo.ErrMalformed},
		"no time":                  {jsonType, other(`"2026-08-08T10:00:00.123Z"`, "null"), dojo.ErrMalformed},
		"a time like noise":        {jsonType, other("2026-08-08T10:00:00.123Z", "yesterday"), dojo.ErrMalformed},
		"a title like a number":    {jsonType, other(`"title": "t"`, `"title": 5`), dojo.ErrMalformed},
		"a title like a book":      {jsonType, other(`"title": "t"`, `"title": "`+strings.Repeat("t", 70_000)+`"`), dojo.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			s, client := serve(t, dojoserver.Options{})
			client.UseSession(dojo.Session{ID: s.SignIn("ana")})
			s.Break(dojoserver.Answer(http.StatusOK, c.kind, c.text))
			if _, err := list(t, client, -1); !errors.Is(err, c.want) {
				t.Errorf("err = %v, want %v", err, c.want)
			}
		})
	}
}

func TestListsThatAreTolerated(t *testing.T) {
	for name, text := range map[string]string{
		"white space":      " \n[ " + element + " ]\n\n",
		"unknown keys":     strings.Replace("["+element+"]", `"pk"`, `"extra": {"a": [1]}, "pk"`, 1),
		"no model":         strings.Replace("["+element+"]", `"model": "dojo.alerts", `, "", 1),
		"all texts null":   strings.NewReplacer(`"t"`, "null", `"Other"`, "null", `"key"`, "null").Replace("[" + element + "]"),
		"another zone":     strings.Replace("["+element+"]", "10:00:00.123Z", "12:00:00.123+02:00", 1),
		"broken UTF-8":     strings.Replace("["+element+"]", `"t"`, "\"\xff\"", 1),
		"a lone surrogate": strings.Replace("["+element+"]", `"t"`, `"\ud83e"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			s, client := serve(t, dojoserver.Options{})
			client.UseSession(dojo.Session{ID: s.SignIn("ana")})
			s.Break(dojoserver.Answer(http.StatusOK, jsonType, text))
			alerts := mustList(t, client, -1)
			born := time.Date(2026, 8, 8, 10, 0, 0, 123_000_000, time.UTC)
			if len(alerts) != 1 || alerts[0].PK != 7 || !alerts[0].Created.Equal(born) || alerts[0].Created.Location() != time.UTC {
				t.Errorf("the list is %+v", alerts)
			}
		})
	}
}

func TestBodiesThatNeverEnd(t *testing.T) {
	long := strings.Repeat("x", 1000)
	endless := func(begin, chunk string) dojoserver.Hook { return dojoserver.Endless(jsonType, begin, chunk) }
	for name, c := range map[string]struct {
		hook   dojoserver.Hook
		limits dojo.Limits
		want   error
	}{
		"a list of alerts":  {endless("["+element, ","+element), dojo.Limits{ListBytes: 100_000}, dojo.ErrTooLarge},
		"one alert":         {endless(`[{"model": "`, long), dojo.Limits{Element: 10_000}, dojo.ErrTooLarge},
		"spaces before":     {endless(" ", long[:0]+strings.Repeat(" ", 1000)), dojo.Limits{Element: 10_000}, dojo.ErrTooLarge},
		"spaces between":    {endless("["+element+" ", strings.Repeat(" ", 1000)), dojo.Limits{Element: 10_000}, dojo.ErrTooLarge},
		"spaces after":      {endless("[]", strings.Repeat(" ", 1000)), dojo.Limits{Element: 10_000}, dojo.ErrTooLarge},
		"a page":            {dojoserver.Endless("text/html", "<html>", long), dojo.Limits{Page: 10_000}, dojo.ErrNotJSON},
		"silence":           {dojoserver.Pieces(jsonType, nil), dojo.Limits{Idle: 30 * time.Millisecond}, dojo.ErrUnreachable},
		"no answer":         {dojoserver.Hold(nil), dojo.Limits{Idle: 30 * time.Millisecond}, dojo.ErrUnreachable},
		"alerts, for ever":  {endless("["+element, ","+element), dojo.Limits{List: 60 * time.Millisecond}, dojo.ErrUnreachable},
		"a broken off list": {dojoserver.Cut(jsonType, "["+element), dojo.Limits{}, dojo.ErrMalformed},
		"a dropped request": {dojoserver.Drop(), dojo.Limits{}, dojo.ErrUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			s, client := serve(t, dojoserver.Options{}, withLimits(c.limits))
			client.UseSession(dojo.Session{ID: s.SignIn("ana")})
			s.Break(c.hook)
			if _, err := list(t, client, -1); !errors.Is(err, c.want) {
				t.Errorf("err = %v, want %v", err, c.want)
			}
		})
	}
}

func TestANameThatIsNoneIsRefused(t *testing.T) {
	for name, long := range map[string]int{"none": 0, "endless": 1 << 20} {
		s, client := serve(t, dojoserver.Options{})
		client.UseSession(dojo.Session{ID: s.SignIn("ana")})
		s.Break(dojoserver.Answer(http.StatusOK, jsonType, `{"user": {"id": 1, "username": "`+strings.Repeat("a", long)+`"}}`))
		if user, err := client.User(t.Context()); !errors.Is(err, dojo.ErrMalformed) {
			t.Errorf("%s: a name of %d bytes, %v", name, len(user.Username), err)
		}
	}
}

func TestAListAtItsLimitIsWhole(t *testing.T) {
	text := "[" + element + "," + element + "]"
	for _, short := range []int64{0, 1} {
		s, client := serve(t, dojoserver.Options{}, withLimits(dojo.Limits{ListBytes: int64(len(text)) - short}))
		client.UseSession(dojo.Session{ID: s.SignIn("ana")})
		s.Break(dojoserver.Answer(http.StatusOK, jsonType, text))
		alerts, err := list(t, client, -1)
		if whole := short == 0; whole && (err != nil || len(alerts) != 2) || !whole && !errors.Is(err, dojo.ErrTooLarge) {
			t.Errorf("%d bytes short: %d alerts, %v", short, len(alerts), err)
		}
	}
}

func TestACallerMayStopAndMayCancel(t *testing.T) {
	s, client := serve(t, dojoserver.Options{})
	client.UseSession(dojo.Session{ID: s.SignIn("ana")})
	s.Break(dojoserver.Endless(jsonType, "["+element, ","+element))
	n := 0
	for _, err := range client.Alerts(t.Context(), -1) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 3 {
			break
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	var last error
	for _, err := range client.Alerts(ctx, -1) {
		last = err
		cancel(errors.New("enough"))
	}
	if !errors.Is(last, context.Canceled) || errors.Is(last, dojo.ErrUnreachable) {
		t.Errorf("after a cancellation: %v", last)
	}
	late, stop := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer stop()
	if _, err := client.Count(late); !errors.Is(err, dojo.ErrUnreachable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after the caller's deadline: %v", err)
	}
}

// A page of a few kilobytes can unpack to gigabytes.
func TestAPackedListIsMeasuredUnpacked(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		w.Header().Set("Content-Encoding", "gzip")
		packed := gzip.NewWriter(w)
		_, _ = io.WriteString(packed, "[")
		for range 20 {
			if _, err := io.WriteString(packed, strings.Repeat(element+",", 1000)); err != nil {
				return
			}
		}
		_ = packed.Close()
	}))
	defer server.Close()
	client := connect(t, server.URL, withLimits(dojo.Limits{ListBytes: 1 << 20}))
	client.UseSession(dojo.Session{ID: "x"})
	alerts, err := list(t, client, -1)
	if !errors.Is(err, dojo.ErrTooLarge) || len(alerts) < 1000 || len(alerts) > 10_000 {
		t.Errorf("%d alerts, %v", len(alerts), err)
	}
}

func TestAnswersByStatus(t *testing.T) {
	for name, c := range map[string]struct {
		hook  dojoserver.Hook
		want  error
		retry time.Duration
	}{
		"bad gateway":   {dojoserver.Down(0), dojo.ErrServer, 0},
		"maintenance":   {dojoserver.Down(90 * time.Second), dojo.ErrServer, 90 * time.Second},
		"too many":      {retryHook(http.StatusTooManyRequests, "120"), dojo.ErrRateLimited, 2 * time.Minute},
		"a later date":  {retryHook(http.StatusServiceUnavailable, time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)), dojo.ErrServer, time.Hour},
		"unauthorized":  {dojoserver.Answer(http.StatusUnauthorized, "text/html", "<html>"), dojo.ErrForbidden, 0},
		"forbidden":     {dojoserver.Answer(http.StatusForbidden, "text/html", "<html>"+strings.Repeat(" ", 9000)), dojo.ErrForbidden, 0},
		"no permission": {dojoserver.Answer(http.StatusBadRequest, "text/html", "<h1>403 Forbidden</h1>"), dojo.ErrForbidden, 0},
		"no such page":  {dojoserver.Answer(http.StatusNotFound, "text/html", "<html>"), dojo.ErrNotDojo, 0},
		"client cert":   {dojoserver.Answer(http.StatusBadRequest, "text/html", "<center>No required SSL certificate was sent</center>"), dojo.ErrTLS, 0},
		"bad request":   {dojoserver.Answer(http.StatusBadRequest, "text/plain", "no"), dojo.ErrMalformed, 0},
		"no content":    {dojoserver.Answer(http.StatusNoContent, "", ""), dojo.ErrMalformed, 0},
		"not modified":  {dojoserver.Answer(http.StatusNotModified, "", ""), dojo.ErrRedirect, 0},
		"teapot":        {dojoserver.Answer(http.StatusTeapot, "text/plain", ""), dojo.ErrMalformed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, client := serve(t, dojoserver.Options{})
			client.UseSession(dojo.Session{ID: s.SignIn("ana")})
			s.Break(c.hook)
			_, err := list(t, client, -1)
			failure, ok := errors.AsType[*dojo.Error](err)
			if !ok || !errors.Is(err, c.want) || (failure.RetryAfter-c.retry).Abs() > 2*time.Second {
				t.Errorf("err = %v (retry %v), want %v after %v", err, failure.RetryAfter, c.want, c.retry)
			}
		})
	}
}

func retryHook(status int, after string) dojoserver.Hook {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Retry-After", after)
		w.WriteHeader(status)
		return true
	}
}

// The standard library quotes what it cannot read.
func TestBrokenHeadersAreNotQuoted(t *testing.T) {
	for name, c := range map[string]struct {
		head string
		want error
	}{
		"a location":      {"302 Found\r\nLocation: http://[::1?code=geheim\r\n", dojo.ErrRedirect},
		"a redirect":      {"302 Found\r\nLocation: https://elsewhere.example.com/x?code=geheim#geheim\r\n", dojo.ErrRedirect},
		"a header":        {"200 OK\r\nSet-Cookie sessionid=geheim\r\n", dojo.ErrMalformed},
		"a status":        {"geheim\r\n", dojo.ErrMalformed},
		"a length":        {"200 OK\r\nContent-Length: geheim\r\n", dojo.ErrMalformed},
		"endless headers": {"200 OK\r\nX: " + strings.Repeat("geheim", 100_000) + "\r\n", dojo.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
					_, _ = io.WriteString(conn, "HTTP/1.1 "+c.head+"\r\n")
					_ = conn.Close()
				}
			}))
			defer server.Close()
			client := connect(t, server.URL)
			client.UseSession(dojo.Session{ID: "geheim"})
			_, err := list(t, client, 5)
			if !errors.Is(err, c.want) || strings.Contains(err.Error(), "geheim") {
				t.Errorf("err = %.200v, want %v", err, c.want)
			}
		})
	}
}

func TestSomethingElseAnswers(t *testing.T) {
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = fmt.Fprint(conn, "SSH-2.0-OpenSSH_9.7\r\n")
			_ = conn.Close()
		}
	}))
	defer listener.Close()
	if _, err := connect(t, listener.URL).Probe(t.Context()); !errors.Is(err, dojo.ErrMalformed) {
		t.Errorf("something that speaks no HTTP: %v", err)
	}
	for name, c := range map[string]struct {
		kind, text string
	}{
		"a web page":       {"text/html", "<html><form><input name=username><input name=password></form></html>"},
		"another Django":   {"text/html", strings.ReplaceAll(loginPage, "DefectDojo", "Wiki")},
		"an API":           {jsonType, `{"name": "x"}`},
		"nothing at all":   {"text/plain", ""},
		"dojo, the school": {"text/html", "<html>Our dojo opens at 9</html>"},
	} {
		s, client := serve(t, dojoserver.Options{})
		s.Break(dojoserver.Answer(http.StatusOK, c.kind, c.text))
		if p, err := client.Probe(t.Context()); !errors.Is(err, dojo.ErrNotDojo) || p.DefectDojo {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	if _, err := connect(t, "http://127.0.0.1:1").Probe(t.Context()); !errors.Is(err, dojo.ErrUnreachable) || strings.Contains(err.Error(), "force_login_form") {
		t.Errorf("a closed port: %v", err)
	}
	if _, err := connect(t, "http://no-such-host.invalid").Probe(t.Context()); !errors.Is(err, dojo.ErrUnreachable) {
		t.Errorf("a name that does not exist: %v", err)
	}
}
