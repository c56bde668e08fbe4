package program

import (
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"bellhop/app"
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
