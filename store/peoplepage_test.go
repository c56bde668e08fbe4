package store_test

import (
	"errors"
	"testing"

	"bellhop/app"
)

func TestPeopleAreFoundByAPartOfTheirNames(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.replace(small())
	people := w.known()
	names := func(text string, limit int) (out string, more bool) {
		t.Helper()
		list, more, err := w.store.PeopleLike(ctx, w.account.ID, text, limit)
		ok(t, err)
		for _, p := range list {
			if !p.Active {
				t.Errorf("%s has left", p.Username)
			}
			out += p.Username + " "
		}
		return out, more
	}
	if got, more := names("ADA", 5); got != "ada " || more {
		t.Errorf("found are %q, more: %t", got, more)
	}
	if got, more := names("", 1); got != "ada " || !more {
		t.Errorf("of all are found %q, more: %t", got, more)
	}
	for _, text := range []string{"%", "_", `\`, "a%a", "zzz"} {
		if got, _ := names(text, 5); got != "" {
			t.Errorf("%q finds %q", text, got)
		}
	}
	p, err := w.store.PersonWithID(ctx, w.account.ID, people["bob"].ID)
	if err != nil || p.Username != "bob" {
		t.Errorf("found is %+v, %v", p, err)
	}
	if _, err := w.store.PersonWithID(ctx, w.account.ID, 999); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("nobody is found with %v", err)
	}
}
