package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/store/storetest"
)

// numbers are alerts of which many have a number in common, and some have the
// parts of an identifier in another order.
func numbers() []app.Remote {
	var out []app.Remote
	for key := int64(1); key <= 600; key++ {
		a := storetest.Alert(key)
		a.Title = fmt.Sprintf("CVE-%d-%04d in build %d", 2016+key%3, key%40, key)
		a.Description = fmt.Sprintf("seen 1234 times, ticket %04d-%d", key%7, 2016+key%5)
		out = append(out, a)
	}
	return out
}

// plainly says whether a text has all words that were typed, the last one as a
// beginning where it is still being typed.
func plainly(text, typed string) bool {
	split := func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789", r) }
	have := " " + strings.Join(strings.FieldsFunc(strings.ToLower(text), split), " ") + " "
	words := strings.Fields(strings.ToLower(typed))
	for i, w := range words {
		phrase := " " + strings.Join(strings.FieldsFunc(w, split), " ")
		if i < len(words)-1 || strings.HasSuffix(typed, " ") {
			phrase += " "
		}
		if !strings.Contains(have, phrase) {
			return false
		}
	}
	return true
}

func TestNumbersAreFoundWhereTheyStandTogether(t *testing.T) {
	w := newWorld(t)
	alerts := numbers()
	w.pull(app.Apply{First: true}, alerts...)
	// Some are in the history.
	page := must(w.store.Alerts(t.Context(), app.Filter{Limit: 200}))(t)
	var some []app.AlertID
	for i, a := range page.Alerts {
		if i%3 == 0 {
			some = append(some, a.ID)
		}
	}
	must(w.store.Remove(t.Context(), some, 0))(t)
	left := make(map[int64]bool)
	for a, err := range w.store.Each(t.Context(), app.Filter{View: app.ViewHistory}) {
		ok(t, err)
		left[a.RemoteID] = true
	}
	for _, typed := range []string{
		"CVE-2017-0012 ", "CVE-2017-0012", "CVE-2018-0012 ", "cve-2016-00", "cve-2016-001", "0012-2017 ", "0005-2019", "0005-2019 ",
		"1234 ", "1234", "1234 0012 ", "ticket 0006-2017 ", "build 599 cve-2018-0039 ", "2016 ", "2017-2016 ", "cve 9999 ", "cve 9999", "build 00",
	} {
		for _, view := range []app.View{app.ViewList, app.ViewHistory, app.ViewEverything} {
			var want []int64
			for _, a := range slices.Backward(alerts) {
				in := view == app.ViewEverything || left[a.ID] == (view == app.ViewHistory)
				if in && wordsIn(a, typed) {
					want = append(want, a.ID)
				}
			}
			var got []int64
			for a, err := range eachPage(w, app.Filter{Search: typed, View: view, Limit: 30}) {
				ok(t, err)
				got = append(got, a.RemoteID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%q in %s: found %d %v, want %d %v", typed, view, len(got), got, len(want), want)
			}
		}
	}
}

// wordsIn says whether each word is in the title or the description.
func wordsIn(a app.Remote, typed string) bool {
	words := strings.Fields(typed)
	for i, word := range words {
		if i < len(words)-1 || strings.HasSuffix(typed, " ") {
			word += " "
		}
		if !plainly(a.Title, word) && !plainly(a.Description, word) {
			return false
		}
	}
	return true
}

// eachPage yields what a filter finds, by pages of its limit.
func eachPage(w *world, f app.Filter) func(func(app.Alert, error) bool) {
	return func(yield func(app.Alert, error) bool) {
		for {
			page, err := w.store.Alerts(w.Context(), f)
			if err != nil {
				yield(app.Alert{}, err)
				return
			}
			for _, a := range page.Alerts {
				if !yield(a, nil) {
					return
				}
			}
			if f.After = page.Next; f.After == 0 {
				return
			}
		}
	}
}
