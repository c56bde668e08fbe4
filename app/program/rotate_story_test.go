package program

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"bellhop/app"
	"bellhop/store"
)

// A signing key is replaced: for a week a receiver may have the old one or the
// new one, and afterwards the new one alone, across a restart.
func TestASigningKeyIsReplacedWithoutARequestThatCannotBeVerified(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect()
	e := newEdges(w)
	me := w.person(a.ID, maria)
	hook := w.places(e, a.ID, me.ID)[app.ChannelWebhooks]
	w.mine(me, app.ChannelWebhooks)
	fresh := NewSigningKey()
	w.private = append(w.private, fresh)

	verifies := func(title, key string, h http.Header, raw []byte, want bool) {
		t.Helper()
		wh, err := standardwebhooks.NewWebhook(key)
		if err != nil {
			t.Fatal(err)
		}
		if err := wh.VerifyIgnoringTimestamp(raw, h); (err == nil) != want {
			t.Errorf("%s: %v", title, err)
		}
	}
	arrives := func(title string, n, signatures int, old bool) {
		t.Helper()
		w.notify(a.ID, map[string]any{"title": title})
		w.wantArrived(e, "maria@example.com", arrivals{Hook: n})
		h := e.hook.Hooks()[n-1]
		if got := strings.Count(h.Header.Get("webhook-signature"), "v1,"); got != signatures {
			t.Errorf("%s: %d signatures", title, got)
		}
		verifies(title+", the old key", hookKey, h.Header, h.Raw, old)
		if n > 1 {
			verifies(title+", the new key", fresh, h.Header, h.Raw, true)
		}
	}
	arrives("Before", 1, 1, true)
	name, until := KeyEnd(w.clock.now())
	hook.Config[name] = until
	hook = w.put(hook, map[string]string{"key": fresh})
	arrives("Meanwhile", 2, 2, true)
	e.hook.Keys = []string{fresh} // whoever runs the receiver has changed it
	w.restart()
	hook.Name = "renamed"
	w.put(hook, nil)
	arrives("Meanwhile, after a restart", 3, 2, true)
	w.clock.pass(8 * 24 * time.Hour)
	arrives("Afterwards", 4, 1, false)
}

// A refresh token that a provider has replaced is kept where it was: in the
// shared mail server through which a person's mail left, and nowhere else.
func TestARenewedTokenIsKeptWhereItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect()
	me := w.person(a.ID, maria)
	server := map[string]string{"provider": "office365", "username": "bell@example.com", "client_id": "app", "from": "bell@example.com"}
	office := w.put(app.Destination{Account: a.ID, Channel: app.ChannelMail, Name: "office", Config: server}, map[string]string{"refresh_token": "refresh-0"})
	other := w.put(app.Destination{Account: a.ID, Channel: app.ChannelMail, Name: "other", Config: server}, map[string]string{"refresh_token": "other-0"})
	mine := w.put(app.Destination{Account: a.ID, Channel: app.ChannelMail, Name: "mine", Person: me.ID, Address: "maria@example.com"}, nil)
	token := func(d app.Destination) string {
		t.Helper()
		kept, err := readSecrets(t.Context(), w.secrets, d)
		if err != nil {
			t.Fatal(err)
		}
		return kept["refresh_token"]
	}
	w.read(func(s *store.Store) {
		for _, step := range []struct {
			was  []string
			now  string
			good bool
		}{
			{[]string{"refresh-0", "refresh-0"}, "refresh-1", true},
			{[]string{"refresh-1", "refresh-0"}, "refresh-2", true}, // by a mail that waited
			{[]string{"refresh-0", ""}, "refresh-3", false},
		} {
			if err := keepRenewed(t.Context(), s, w.secrets, step.was, "refresh_token", step.now); (err == nil) != step.good {
				t.Errorf("%s: %v", step.now, err)
			}
		}
	})
	if got := []string{token(office), token(other), token(mine)}; !slices.Equal(got, []string{"refresh-2", "other-0", ""}) {
		t.Errorf("kept are %q", got)
	}
}

// watchedVault notes of each secret of a destination that is written whether
// somebody else could have written another one meanwhile.
type watchedVault struct {
	secretKeeper
	above        atomic.Pointer[recent]
	alone, other atomic.Int64
}

func (v *watchedVault) Set(ctx context.Context, account app.AccountID, name, value string) error {
	switch above := v.above.Load(); {
	case !strings.HasPrefix(name, destinationSecret):
	case above.changing.TryLock():
		above.changing.Unlock()
		v.other.Add(1)
	default:
		v.alone.Add(1)
	}
	return v.secretKeeper.Set(ctx, account, name, value)
}

// A token that is renewed while its destination is edited is not replaced by the
// old one again: one at a time changes the secrets.
func TestARenewedTokenAndAnEditWaitForEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect()
	w.stop()
	vault := &watchedVault{secretKeeper: w.secrets}
	w.keeper = vault
	w.start()
	vault.above.Store(w.bell.vault.(*recent))
	office := app.Destination{Account: a.ID, Channel: app.ChannelMail, Name: "office", Config: map[string]string{"provider": "office365", "username": "bell@example.com", "client_id": "app", "from": "bell@example.com"}}
	office = w.put(office, map[string]string{"refresh_token": "refresh-0"})
	if err := keepRenewed(t.Context(), w.bell.store, w.bell.vault, []string{"refresh-0"}, "refresh_token", "refresh-1"); err != nil {
		t.Fatal(err)
	}
	w.put(office, nil)
	if alone, other := vault.alone.Load(), vault.other.Load(); alone != 3 || other != 0 {
		t.Errorf("%d of the secrets were written alone, %d not", alone, other)
	}
}
