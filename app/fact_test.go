package app_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"bellhop/app"
)

// One object has one name, however the server is reached and whatever its
// release calls the page.
func TestOneFactHasOneName(t *testing.T) {
	t.Parallel()
	call := func(kind app.Kind, url string) app.Call { return app.Call{Kind: kind, URL: url, Title: "Shop"} }
	for _, alike := range []struct {
		want  string
		calls []app.Call
	}{
		{"finding_closed finding/41", []app.Call{
			call("finding_closed", "/finding/41"), call("finding_closed", "https://dojo.example.com/finding/41/"),
			call("finding_closed", "https://dojo.example.com/dojo/finding/41?x=1#note"), call("finding_closed", "/test/finding/41"),
			{Kind: "finding_closed", URLAPI: "https://dojo.example.com/api/v2/findings/41/"},
			{Kind: "finding_closed", Finding: &app.FindingRef{ID: 41}, Product: &app.Ref{ID: 11}},
		}},
		{"product_added product/11", []app.Call{call("product_added", "/product/11"), call("product_added", "/asset/11")}},
		{"product_type_added product_type/101", []app.Call{
			call("product_type_added", "/product/type/101"), call("product_type_added", "/organization/101"),
		}},
		{"product_deleted product Shop", []app.Call{call("product_deleted", "/product"), call("product_deleted", "/asset")}},
		{"product_type_deleted product_type Shop", []app.Call{
			call("product_type_deleted", "/product/type"), call("product_type_deleted", "/organization"),
		}},
		{"engagement_closed engagement/21/finding/all", []app.Call{call("engagement_closed", "/engagement/21/finding/all")}},
		{"sla_breach_combined Shop", []app.Call{
			call("sla_breach_combined", ""), call("sla_breach_combined", "::no link"),
			{Kind: "sla_breach_combined", Title: "Shop", URLAPI: "/api/v2/products/11/"},
			{Kind: "sla_breach_combined", Title: "Shop", Product: &app.Ref{ID: 11}},
		}},
		{"", []app.Call{{Kind: "other"}}},
	} {
		for _, c := range alike.calls {
			if got := (app.Event{Kind: c.Kind, Call: c}).Fact(); got != alike.want {
				t.Errorf("%q %q is the fact %q, want %q", c.URL, c.URLAPI, got, alike.want)
			}
		}
	}
}

func TestAnEventKnowsWhatItIsAbout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		url, api, kind string
		id             int64
	}{
		{"/finding/41", "", "finding", 41},
		{"https://dojo.example.com/dojo/engagement/9/risk_acceptance/2", "", "engagement", 9},
		{"/asset/3", "", "product", 3},
		{"", "/api/v2/tests/6/", "test", 6},
		{"/finding", "/api/v2/tests/6/", "test", 6},
		{"/product/type/4", "", "", 0},
		{"/finding_group/4", "", "", 0},
		{"/jira/4", "", "", 0},
		{"/finding/-4", "", "", 0},
		{"", "", "", 0},
	} {
		call := app.Call{URL: c.url, URLAPI: c.api}
		if kind, id := call.About(); kind != c.kind || id != c.id {
			t.Errorf("%q, %q is about %q %d, want %q %d", c.url, c.api, kind, id, c.kind, c.id)
		}
	}
}

// Two sources tell a fact once; one source that tells it twice tells two.
func TestTheSameFactIsToldOnce(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	event := func(origin app.Origin, key, url string, after time.Duration) app.Telling {
		return app.Telling{{Origin: origin, Key: key, At: at.Add(after), Kind: "finding_closed", Call: app.Call{URL: url}}}
	}
	got := app.Tell(
		[]app.Telling{event(app.OriginAlert, "a1", "/finding/1", time.Minute), event(app.OriginAlert, "a2", "/finding/1", 2*time.Minute)},
		[]app.Telling{event(app.OriginWebhook, "w1", "https://x/finding/1", 0), event(app.OriginWebhook, "w2", "/finding/1", 0)},
		[]app.Telling{event(app.OriginDerived, "d1", "/finding/1", time.Hour), event(app.OriginLocal, "l1", "/finding/2", 0)},
	)
	var keys [][]string
	for _, telling := range got {
		var list []string
		for _, e := range telling {
			list = append(list, e.Key)
		}
		keys = append(keys, list)
	}
	if want := [][]string{{"l1"}, {"w1", "a1"}, {"w2", "a2"}, {"d1"}}; !reflect.DeepEqual(keys, want) {
		t.Errorf("told %v, want %v", keys, want)
	}
}

// The merge depends on the events alone: it is commutative, associative and
// idempotent, and keeps every source.
func FuzzTellingIsAMerge(f *testing.F) {
	f.Add(uint64(1), 12)
	f.Add(uint64(7), 40)
	f.Fuzz(func(t *testing.T, seed uint64, n int) {
		if n < 0 || n > 60 {
			return
		}
		rnd := rand.New(rand.NewPCG(seed, 1))
		at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
		var parts [3][]app.Telling
		count := map[string]bool{}
		for i := range n {
			e := app.Event{
				Account: app.AccountID(rnd.IntN(2)), Origin: []app.Origin{"alert", "webhook", "derived"}[rnd.IntN(3)],
				Key: strconv.Itoa(i / 2), At: at.Add(time.Duration(rnd.IntN(40)) * time.Minute), Kind: "other",
				Call: app.Call{URL: "/finding/" + strconv.Itoa(rnd.IntN(3))},
			}
			count[string(e.Origin)+e.Key+strconv.Itoa(int(e.Account))] = true
			part := rnd.IntN(3)
			parts[part] = append(parts[part], app.Telling{e})
		}
		a, b, c := parts[0], parts[1], parts[2]
		all := app.Tell(a, b, c)
		for how, got := range map[string][]app.Telling{
			"in another order": app.Tell(c, a, b), "left first": app.Tell(app.Tell(a, b), c),
			"right first": app.Tell(a, app.Tell(b, c)), "again": app.Tell(all, all),
		} {
			if !sameTellings(got, all) {
				t.Errorf("merged %s: %v, want %v", how, got, all)
			}
		}
		sources := 0
		for _, telling := range all {
			sources += len(telling)
		}
		if sources != len(count) {
			t.Errorf("%d sources are kept of %d", sources, len(count))
		}
	})
}

// sameTellings compares by what tells events apart.
func sameTellings(a, b []app.Telling) bool {
	key := func(e app.Event) string {
		return strconv.Itoa(int(e.Account)) + string(e.Origin) + e.Key + e.At.String() + e.Fact()
	}
	return slices.EqualFunc(a, b, func(x, y app.Telling) bool {
		return slices.EqualFunc(x, y, func(x, y app.Event) bool { return key(x) == key(y) })
	})
}
