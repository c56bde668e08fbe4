package program

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/app"
)

// counted is a keeper that counts what it is asked.
type counted struct {
	memory
	asked int
}

func (c *counted) Get(ctx context.Context, account app.AccountID, name string) (string, error) {
	c.asked++
	return c.memory.Get(ctx, account, name)
}

func TestAStormAsksTheKeyringOnceAndKeepsNothingLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		below := &counted{}
		r := &recent{secretKeeper: below}
		get := func(name string) string {
			value, err := r.Get(t.Context(), 1, name)
			if err != nil && !errors.Is(err, app.ErrNotFound) {
				t.Fatal(err)
			}
			return value
		}
		want := func(what, value, expected string, asked int) {
			t.Helper()
			if value != expected || below.asked != asked {
				t.Errorf("%s: %q after %d questions, want %q after %d", what, value, below.asked, expected, asked)
			}
		}
		set := func(name, value string) {
			if err := r.Set(t.Context(), 1, name, value); err != nil {
				t.Fatal(err)
			}
		}
		set(secretKeyOf(7), "old")
		for range 1000 {
			get(secretKeyOf(7))
		}
		want("a thousand messages", get(secretKeyOf(7)), "old", 1)
		set(secretKeyOf(7), "new")
		want("changed", get(secretKeyOf(7)), "new", 2)
		time.Sleep(rememberFor + time.Second)
		r.mu.Lock()
		if len(r.known) != 0 {
			t.Error("a secret is still in memory")
		}
		r.mu.Unlock()
		want("a while later", get(secretKeyOf(7)), "new", 3)
		if err := r.Drop(t.Context(), 1, secretKeyOf(7)); err != nil {
			t.Fatal(err)
		}
		want("dropped", get(secretKeyOf(7)), "", 4)
		set("password", "of the account")
		get("password")
		want("what is no destination's is not remembered", get("password"), "of the account", 6)
	})
}

func TestSecretsAreReadOnceForAStormAndSharedWithNobody(t *testing.T) {
	t.Parallel()
	r := &recent{secretKeeper: &counted{}}
	defer r.clear()
	d := app.Destination{ID: 7, Account: 1}
	if err := writeSecrets(t.Context(), r, d, map[string]string{"token": "one"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := readSecrets(t.Context(), r, d)
		if err != nil || len(got) != 1 || got["token"] != "one" {
			t.Fatalf("read %v, %v", got, err)
		}
		got["token"] = "changed by who got it"
	}
	if n := len(r.read); n != 1 {
		t.Errorf("%d texts are remembered", n)
	}
	if err := writeSecrets(t.Context(), r, d, map[string]string{"token": "two"}); err != nil {
		t.Fatal(err)
	}
	if n := len(r.read); n != 0 {
		t.Errorf("%d texts are remembered after a change", n)
	}
	if got, err := readSecrets(t.Context(), r, d); err != nil || got["token"] != "two" {
		t.Errorf("read %v, %v after a change", got, err)
	}
}
