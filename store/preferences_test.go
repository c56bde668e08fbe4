package store_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"bellhop/app"
)

// rowOf is a row of settings with one channel for one event.
func rowOf(column app.Column, channels ...app.Channel) app.Row {
	var r app.Row
	r[column] = app.ChannelsOf(channels...)
	return r
}

func TestAChangeThatHasNotSeenTheLastOneIsRefused(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	p := app.Preference{Account: w.account.ID, Scope: app.ScopeSystem, Row: rowOf(app.ColumnOther, app.ChannelMail)}
	first := must(w.store.PutPreference(ctx, p, "ada"))(t)
	if first.Version != 1 || first.Owner != app.OwnerLocal {
		t.Errorf("stored %+v", first)
	}
	if _, err := w.store.PutPreference(ctx, p, "bob"); !errors.Is(err, app.ErrConflict) {
		t.Errorf("a second first row: %v", err)
	}
	second := first
	second.Extra.Only = []app.Condition{{Severity: "High", Channels: app.ChannelsOf(app.ChannelMail)}}
	second = must(w.store.PutPreference(ctx, second, "bob"))(t)
	stale := first
	stale.Row = app.DefaultRow()
	_, err := w.store.PutPreference(ctx, stale, "ada")
	problem(t, err, "changed_meanwhile")
	if err := w.store.DropPreference(ctx, first, "ada"); !errors.Is(err, app.ErrConflict) {
		t.Errorf("dropping what was changed: %v", err)
	}
	// Saying the same again is no change.
	same := must(w.store.PutPreference(ctx, second, "ada"))(t)
	if !reflect.DeepEqual(same, second) || second.Version != 2 {
		t.Errorf("the same again is %+v, was %+v", same, second)
	}
	if got := must(w.store.Preferences(ctx, w.account.ID, app.OwnerLocal))(t); len(got) != 1 || !reflect.DeepEqual(got[0], second) {
		t.Errorf("read %+v", got)
	}
	ok(t, w.store.DropPreference(ctx, app.Preference{Account: w.account.ID, Scope: app.ScopeSystem}, "ada"))
	if err := w.store.DropPreference(ctx, second, "ada"); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("dropped twice: %v", err)
	}
	w.reopen()
	changes := must(w.store.PreferenceChanges(ctx, w.account.ID, 0))(t)
	want := []app.PreferenceChange{
		{ID: 3, At: w.clock, Who: "ada", Before: &second},
		{ID: 2, At: w.clock, Who: "bob", Before: &first, After: &second},
		{ID: 1, At: w.clock, Who: "ada", After: &first},
	}
	if !reflect.DeepEqual(changes, want) {
		t.Errorf("the changes are %+v, want %+v", changes, want)
	}
}

func TestAnImportIsTakenWholeOrNotAtAll(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.replace(small())
	people := w.known()
	id := w.account.ID
	old := must(w.store.PutPreference(ctx, app.Preference{Account: id, Scope: app.ScopeSystem}, "ada"))(t)
	good := []app.Preference{
		{Account: id, Scope: app.ScopeSystem, Row: app.DefaultRow(), Version: 40}, // from a file
		{Account: id, Scope: app.ScopePersonal, Person: people["bob"].ID, Row: rowOf(app.ColumnOther, app.ChannelSlack)},
		{Account: id, Scope: app.ScopeProduct, Person: people["bob"].ID, Product: 2},
	}
	bad := append(good[:3:3],
		app.Preference{Account: id, Scope: "everywhere"},
		app.Preference{Account: id, Scope: app.ScopePersonal},
		app.Preference{Account: id, Scope: app.ScopePersonal, Person: 999},
		app.Preference{Account: id, Scope: app.ScopeSystem, Person: people["bob"].ID},
		app.Preference{Account: id, Scope: app.ScopeProduct, Person: people["bob"].ID},
		app.Preference{Account: 99, Scope: app.ScopeSystem},
		app.Preference{Account: id, Owner: "nobody", Scope: app.ScopeSystem},
	)
	err := w.store.ImportPreferences(ctx, bad, "ada")
	problem(t, err, "invalid")
	for _, row := range []string{"row 4:", "row 5:", "row 6:", "row 7:", "row 8:", "row 9:", "row 10:"} {
		if !strings.Contains(err.Error(), row) {
			t.Errorf("the error names no %s %v", row, err)
		}
	}
	if got := must(w.store.Preferences(ctx, id, app.OwnerLocal))(t); len(got) != 1 || !reflect.DeepEqual(got[0], old) {
		t.Errorf("half of it was taken: %+v", got)
	}
	if n := len(must(w.store.PreferenceChanges(ctx, id, 0))(t)); n != 1 {
		t.Errorf("%d changes are told", n)
	}
	ok(t, w.store.ImportPreferences(ctx, good, "a file"))
	got := must(w.store.Preferences(ctx, id, app.OwnerLocal))(t)
	if len(got) != 3 || got[0].Version != 2 || got[0].Row != app.DefaultRow() || got[1].Row != good[1].Row || got[2].Product != 2 {
		t.Errorf("imported: %+v", got)
	}
	if c := must(w.store.PreferenceChanges(ctx, id, 1))(t); len(c) != 1 || c[0].Who != "a file" || c[0].After.Product != 2 {
		t.Errorf("the last change: %+v", c)
	}
}

// What a server's API wrote into a product's row and nobody can choose survives a
// file that does not speak of it, and follows one that does.
func TestAnImportKeepsWhatNobodyCanChoose(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.replace(small())
	id := w.account.ID
	row := func(scan, other app.Channel) (r app.Row) {
		r[app.ColumnScanAdded], r[app.ColumnOther] = app.ChannelsOf(scan), app.ChannelsOf(other)
		return r
	}
	p := app.Preference{Account: id, Scope: app.ScopeProduct, Person: w.known()["bob"].ID, Product: 2, Row: row(app.ChannelMail, app.ChannelAlert)}
	must(w.store.PutPreference(ctx, p, "ada"))(t)
	stored := func() app.Row { return must(w.store.Preferences(ctx, id, app.OwnerLocal))(t)[0].Row }
	p.Row = rowOf(app.ColumnScanAdded, app.ChannelSlack)
	ok(t, w.store.ImportPreferences(ctx, []app.Preference{p}, "a file"))
	if got := stored(); got != row(app.ChannelSlack, app.ChannelAlert) {
		t.Errorf("an older file leaves %v", got)
	}
	p.Row = row(app.ChannelSlack, app.ChannelMail)
	ok(t, w.store.ImportPreferences(ctx, []app.Preference{p}, "a file"))
	if got := stored(); got != p.Row {
		t.Errorf("a file that speaks of it leaves %v", got)
	}
}

func TestTheServersRowsAreNeverMixedUpWithOurs(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.replace(small())
	people := w.known()
	id := w.account.ID
	ours := must(w.store.PutPreference(ctx, app.Preference{Account: id, Scope: app.ScopePersonal, Person: people["ada"].ID, Row: rowOf(app.ColumnOther, app.ChannelToast)}, "ada"))(t)
	theirs := []app.Preference{
		{Scope: app.ScopeSystem, Row: app.DefaultRow()},
		{Scope: app.ScopePersonal, Person: people["ada"].ID, Row: rowOf(app.ColumnOther, app.ChannelMail)},
		{Scope: app.ScopePersonal, Person: people["bob"].ID},
	}
	ok(t, w.store.ReplaceServerPreferences(ctx, id, theirs))
	ok(t, w.store.ReplaceServerPreferences(ctx, id, theirs[1:]))
	theirs[1].Row = app.DefaultRow()
	ok(t, w.store.ReplaceServerPreferences(ctx, id, theirs[1:2]))
	got := must(w.store.Preferences(ctx, id, app.OwnerServer))(t)
	if len(got) != 1 || got[0].Row != app.DefaultRow() || got[0].Version != 2 || got[0].Owner != app.OwnerServer {
		t.Errorf("the server's rows: %+v", got)
	}
	if mine := must(w.store.Preferences(ctx, id, app.OwnerLocal))(t); len(mine) != 1 || !reflect.DeepEqual(mine[0], ours) {
		t.Errorf("our rows: %+v", mine)
	}
	if n := len(must(w.store.PreferenceChanges(ctx, id, 0))(t)); n != 1 {
		t.Errorf("%d changes of ours are told", n)
	}
	if err := w.store.ReplaceServerPreferences(ctx, id, []app.Preference{theirs[0], {Scope: app.ScopePersonal, Person: 999}}); !errors.Is(err, app.ErrInvalid) {
		t.Errorf("somebody unknown: %v", err)
	}
	if again := must(w.store.Preferences(ctx, id, app.OwnerServer))(t); !reflect.DeepEqual(again, got) {
		t.Errorf("half of it was taken: %+v", again)
	}
}
