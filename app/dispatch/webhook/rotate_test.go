package webhook_test

import (
	"strings"
	"testing"
	"time"

	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/webhook"
)

func TestAnOldKeySignsForAWhileBesideTheNewOne(t *testing.T) {
	t.Parallel()
	in := func(d time.Duration) string { return now.Add(d).Format(time.RFC3339) }
	for name, c := range map[string]struct{ kept, fresh, until, want string }{
		"replaced at once":             {"old", "new", "", "new"},
		"both for a while":             {"old", "new", in(time.Hour), "new old"},
		"the while is over":            {"old", "new", in(-time.Hour), "new"},
		"no time":                      {"old", "new", "soon", "new"},
		"a third key drops the oldest": {"new old", "newest", in(time.Hour), "newest new"},
		"the same key again":           {"old", "old", in(time.Hour), "old"},
		"none before":                  {"", "new", in(time.Hour), "new"},
		"several are given":            {"old", "a b", in(time.Hour), "a b"},
	} {
		if got := webhook.Rotate(c.kept, c.fresh, c.until, now); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for name, c := range map[string]struct{ keys, until, want string }{
		"no time set":  {"new old", "", "new old"},
		"meanwhile":    {"new old", in(time.Second), "new old"},
		"at its end":   {"new old", in(0), "new"},
		"after it":     {" new\told older", in(-time.Hour), "new"},
		"one key":      {"new", in(-time.Hour), "new"},
		"none":         {"", in(-time.Hour), ""},
		"a wrong time": {"new old", "soon", "new old"},
	} {
		if got := webhook.Signing(c.keys, c.until, now); got != c.want {
			t.Errorf("%s: %q signs, want %q", name, got, c.want)
		}
	}
	if p := webhook.Check("https://example.com/hook", map[string]string{webhook.KeyOldUntil: "soon"}, nil); p == nil || p.Code != "bad_time" || p.Step == "" {
		t.Errorf("a wrong time gave %v", p)
	}
	if p := webhook.Check("https://example.com/hook", map[string]string{webhook.KeyOldUntil: in(time.Hour)}, nil); p != nil {
		t.Errorf("a time gave %v", p)
	}
}

// A receiver that has not changed its key verifies during the overlap, and one
// that has does so all the time.
func TestReceiversVerifyWhileTheKeyIsReplaced(t *testing.T) {
	t.Parallel()
	old, fresh := webhook.NewKey(), webhook.NewKey()
	until := now.Add(webhook.Overlap).Format(time.RFC3339)
	for name, c := range map[string]struct {
		has  string
		at   time.Time
		want bool
	}{
		"the old key meanwhile":  {old, now.Add(webhook.Overlap - time.Second), true},
		"the new key meanwhile":  {fresh, now, true},
		"the old key afterwards": {old, now.Add(webhook.Overlap), false},
		"the new key afterwards": {fresh, now.Add(webhook.Overlap), true},
	} {
		r := &dispatchtest.Receiver{Keys: []string{c.has}}
		channel, m := start(t, r)
		m.Secrets = map[string]string{"key": webhook.Signing(webhook.Rotate(old, fresh, until, now), until, c.at)}
		_, err := channel.Send(t.Context(), m)
		if (err == nil) != c.want {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && strings.Count(last(t, r).Header.Get("webhook-signature"), "v1,") != len(strings.Fields(m.Secrets["key"])) {
			t.Errorf("%s: signed with %v", name, last(t, r).Header)
		}
	}
}
