package dojo_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"bellhop/sync/dojo"
)

// collect takes all rows of a list.
func collect[T any](rows iter.Seq2[T, error]) ([]T, error) {
	var out []T
	for row, err := range rows {
		if err != nil {
			return out, err
		}
		out = append(out, row)
	}
	return out, nil
}

// users serves n users in pages. Its links to other pages lead to a host that
// must never be asked.
func users(n int, asked *atomic.Int32) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		limit, _ := strconv.Atoi(r.FormValue("limit"))
		offset, _ := strconv.Atoi(r.FormValue("offset"))
		var rows []string
		for i := offset; i < min(n, offset+limit); i++ {
			rows = append(rows, fmt.Sprintf(`{"id": %d, "username": "u%d", "is_active": true}`, i+1, i+1))
		}
		next := "null"
		if offset+limit < n {
			next = `"http://198.51.100.1/api/v2/users/?limit=100&offset=100"`
		}
		w.Header().Set("Content-Type", jsonType)
		_, _ = fmt.Fprintf(w, `{"count": %d, "next": %s, "previous": null, "results": [%s], "prefetch": {}}`, n, next, strings.Join(rows, ","))
	}
}

// token returns a client with a token for what handler serves.
func token(t *testing.T, handler http.HandlerFunc, change ...func(*dojo.Config)) *dojo.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c := connect(t, server.URL, change...)
	c.UseToken("secret-token")
	return c
}

func TestAListIsWalkedPageByPage(t *testing.T) {
	var asked atomic.Int32
	c := token(t, users(250, &asked))
	people, err := collect(c.Users(t.Context()))
	if err != nil || len(people) != 250 || people[249].Username != "u250" || !people[0].Active {
		t.Errorf("%d people, %v", len(people), err)
	}
	if n := asked.Load(); n != 3 {
		t.Errorf("%d requests for 250 users, want 3", n)
	}
}

// A server, or something before it, may give fewer rows than were asked for:
// the next page begins after those that came.
func TestPagesMayBeShorterThanAskedFor(t *testing.T) {
	var asked atomic.Int32
	short := users(250, &asked)
	c := token(t, func(w http.ResponseWriter, r *http.Request) {
		r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "limit=100", "limit=60", 1)
		short(w, r)
	})
	people, err := collect(c.Users(t.Context()))
	if err != nil || len(people) != 250 || people[60].ID != 61 || asked.Load() != 5 {
		t.Errorf("%d people by %d requests, %v", len(people), asked.Load(), err)
	}
}

func TestACallerWhoHasEnoughAsksNoMore(t *testing.T) {
	var asked atomic.Int32
	c := token(t, users(250, &asked))
	for person, err := range c.Users(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if person.ID == 100 {
			break
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("%d requests for the first 100 users, want 1", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	for _, err := range c.Users(ctx) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("after the cancellation: %v", err)
			}
			break
		}
		n++
		cancel()
	}
	if n != 100 {
		t.Errorf("%d users came, want the page that was there", n)
	}
	cancel()
}

func TestAListHasABound(t *testing.T) {
	var asked atomic.Int32
	c := token(t, users(1000, &asked), withLimits(dojo.Limits{PageRows: 10, Pages: 5}))
	people, err := collect(c.Users(t.Context()))
	if !errors.Is(err, dojo.ErrTooLarge) || len(people) != 50 || asked.Load() != 5 {
		t.Errorf("%d people by %d requests, %v", len(people), asked.Load(), err)
	}
}

// Each answer says of a refused list what a caller has to know: who is not
// known, who may not, and what this version does not have.
func TestRefusalsOfTheAPI(t *testing.T) {
	page := `<html><head><title>Page not found</title></head></html>`
	for name, a := range map[string]struct {
		status     int
		kind, text string
		want       error
	}{
		"a plain user":           {403, jsonType, `{"detail":"You do not have permission to perform this action."}`, dojo.ErrForbidden},
		"nobody":                 {403, jsonType, `{"detail":"Authentication credentials were not provided."}`, dojo.ErrTokenRefused},
		"a token of nobody":      {403, jsonType, `{"detail":"Invalid token."}`, dojo.ErrTokenRefused},
		"a token that is over":   {403, jsonType, `{"detail":"API token has expired."}`, dojo.ErrTokenRefused},
		"a list of later or old": {404, "text/html", page, dojo.ErrNotOffered},
		"an object":              {404, jsonType, `{"detail":"No Product matches the given query."}`, dojo.ErrNotFound},
		"an ordering":            {400, jsonType, `{"o":["Select a valid choice. x is not one of the available choices."],"message":"{'o'}","pro":["buy"]}`, dojo.ErrRefused},
		"a sign-in page":         {200, "text/html", loginPage, dojo.ErrSessionExpired},
		"a failure":              {500, jsonType, `{"message":"Internal server error"}`, dojo.ErrServer},
		"a gateway":              {502, "text/html", page, dojo.ErrServer},
		"too many":               {429, jsonType, `{}`, dojo.ErrRateLimited},
		"no list":                {200, jsonType, `[]`, dojo.ErrMalformed},
		"no results":             {200, jsonType, `{"count":0,"next":null}`, dojo.ErrMalformed},
		"two results":            {200, jsonType, `{"count":0,"results":[],"results":[]}`, dojo.ErrMalformed},
		"results of null":        {200, jsonType, `{"count":0,"results":null}`, dojo.ErrMalformed},
		"a row without id":       {200, jsonType, `{"count":1,"results":[{"username":"x"}]}`, dojo.ErrMalformed},
		"a row of null":          {200, jsonType, `{"count":1,"results":[null]}`, dojo.ErrMalformed},
		"an endless promise":     {200, jsonType, `{"count":1,"next":"x","results":[]}`, dojo.ErrMalformed},
		"half a page":            {200, jsonType, `{"count":1,"next":null,"results":[{"id":1,"username":"x"}`, dojo.ErrMalformed},
		"a page and more":        {200, jsonType, `{"count":0,"results":[]} {}`, dojo.ErrMalformed},
		"more than asked for":    {200, jsonType, `{"count":0,"results":[` + strings.Repeat(`{"id":1,"username":"x"},`, 100) + `{"id":1,"username":"x"}]}`, dojo.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			c := token(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", a.kind)
				w.WriteHeader(a.status)
				_, _ = io.WriteString(w, a.text)
			})
			_, err := collect(c.Users(t.Context()))
			if !errors.Is(err, a.want) {
				t.Errorf("%v, want %v", err, a.want)
			}
			if err != nil && (strings.Contains(err.Error(), "buy") || strings.Contains(err.Error(), "secret-token")) {
				t.Errorf("the error says too much: %v", err)
			}
		})
	}
}

// A server that speaks another language than English is understood by asking
// it who calls.
func TestARefusalInAnotherLanguage(t *testing.T) {
	for _, known := range []bool{true, false} {
		c := token(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", jsonType)
			if known && r.URL.Path == "/api/v2/user_profile/" {
				_, _ = io.WriteString(w, `{"user": {"id": 1, "username": "ana"}}`)
				return
			}
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"detail": "Sie sind nicht berechtigt, diese Aktion durchzuführen."}`)
		})
		want := dojo.ErrForbidden
		if !known {
			want = dojo.ErrTokenRefused
		}
		if _, err := collect(c.Users(t.Context())); !errors.Is(err, want) {
			t.Errorf("known %v: %v, want %v", known, err, want)
		}
	}
}

// What must be complete is given up where rows came or went between two pages:
// the rest has moved, and somebody would be missing.
func TestAListThatChangesMeanwhile(t *testing.T) {
	var asked atomic.Int32
	n := 250
	c := token(t, func(w http.ResponseWriter, r *http.Request) {
		if asked.Load() == 1 {
			n--
		}
		users(n, &asked)(w, r)
	})
	if _, err := collect(c.Users(t.Context())); !errors.Is(err, dojo.ErrListChanged) {
		t.Errorf("a user went between two pages: %v", err)
	}
	if people, err := collect(c.Users(t.Context())); err != nil || len(people) != 249 {
		t.Errorf("read again: %d people, %v", len(people), err)
	}
}

func TestFiltersAreSentAsTheServerReadsThem(t *testing.T) {
	var got []string
	c := token(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.URL.RequestURI())
		w.Header().Set("Content-Type", jsonType)
		_, _ = io.WriteString(w, `{"count": 0, "next": null, "previous": null, "results": []}`)
	}, withLimits(dojo.Limits{PageRows: 5}))
	ctx := t.Context()
	_, _ = collect(c.Findings(ctx, dojo.FindingFilter{
		IDs: []int64{4, 5}, Active: dojo.Yes, Duplicate: dojo.No, OutsideSLA: true, Severity: []string{"High", "Critical"},
		Product: 7, Created: dojo.Past7Days, Order: "-last_status_update", Related: true,
	}))
	_, _ = collect(c.Findings(ctx, dojo.FindingFilter{}))
	_, _ = collect(c.Products(ctx))
	_, _ = collect(c.NotificationRows(ctx, dojo.RowFilter{User: 3, Template: dojo.No}))
	_, _ = collect(c.TestImports(ctx, dojo.ImportFilter{Test: 9, Order: "-created"}))
	want := []string{
		"/api/v2/findings/?active=true&created=2&duplicate=false&id=4%2C5&limit=5&o=-last_status_update&offset=0&outside_of_sla=1" +
			"&related_fields=true&severity=High%2CCritical&test__engagement__product=7",
		"/api/v2/findings/?limit=5&o=id&offset=0",
		"/api/v2/products/?limit=5&offset=0",
		"/api/v2/notifications/?limit=5&offset=0&template=false&user=3",
		"/api/v2/test_imports/?limit=5&o=-created&offset=0&test=9",
	}
	if !slices.Equal(got, want) {
		t.Errorf("asked for\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// 100,000 people pass through in pages that are never held together.
func TestAHugeListOfPeopleNeedsNoMemory(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("takes 3 s, and a minute under the race detector")
	}
	const people, slack = 100_000, 16 << 20
	var asked atomic.Int32
	c := token(t, users(people, &asked))
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, peak, n := heap(), uint64(0), 0
	for _, err := range c.Users(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%10_000 == 0 {
			peak = max(peak, heap())
		}
	}
	if n != people || asked.Load() != people/100 || peak > before+slack {
		t.Errorf("%d people by %d requests, from %d KiB to %d KiB", n, asked.Load(), before>>10, peak>>10)
	}
	t.Logf("the heap went from %d KiB to %d KiB", before>>10, peak>>10)
}
