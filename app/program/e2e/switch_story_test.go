//go:build e2e && linux

package e2e

import (
	"encoding/json"
	"slices"
	"testing"

	"bellhop/app"
)

func TestASwitchOfTheWindowDecidesWhatIsDelivered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	r := newReceiver(t)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 1)
	w.hook(r)
	w.cli("prefs", "set", "other", "alert,webhooks")
	w.raise("other", "First mark")
	w.wantTitles(r, "First mark")
	w.dark()

	win := w.openWith(bell)
	win.press("ctrl+6")
	win.untilInk(thePage, green) // they are saved
	way := []string{"Down"}      // into the switches
	way = append(way, slices.Repeat([]string{"Down"}, int(app.ColumnProductAdded))...)
	way = append(way, slices.Repeat([]string{"Right"}, int(app.ChannelWebhooks))...)
	win.press(append(way, "space")...)
	w.untilPreference(app.ColumnProductAdded, "alert", "toast", "webhooks")
	win.still()
	w.shoot("switch-on")
	w.raise("product_added", "A product")
	w.raise("engagement_added", "An engagement") // of which no switch was touched
	w.raise("other", "Second mark")
	w.wantTitles(r, "First mark", "A product", "Second mark")

	win.click(873, 669) // the same switch, by the mouse
	w.untilPreference(app.ColumnProductAdded, "alert", "toast")
	win.still()
	w.shoot("switch-off")
	w.raise("product_added", "Another product")
	w.raise("other", "Third mark")
	w.wantTitles(r, "First mark", "A product", "Second mark", "Third mark")
	w.untilCount(bell, 7) // the list has all of them
	if got := w.deliveries("--channel", "webhooks"); len(got) != 4 {
		t.Errorf("the ledger has %+v", got)
	}
}

// raise raises an event that is about the user.
func (w *world) raise(event, title string) {
	w.t.Helper()
	w.cli("notify", event, "--title", title, "--recipients", user)
}

// untilPreference waits until the user's own settings have an event on exactly
// these channels.
func (w *world) untilPreference(c app.Column, channels ...string) {
	w.t.Helper()
	w.until("the switch is kept", func() bool {
		var kept struct {
			Preference struct {
				Row map[string][]string `json:"row"`
			} `json:"preference"`
		}
		if err := json.Unmarshal([]byte(w.cli("prefs", "show", "--json")), &kept); err != nil {
			w.t.Fatalf("read the settings: %v", err)
		}
		return slices.Equal(kept.Preference.Row[c.String()], channels)
	})
}

// wantTitles waits for the last of the titles and fails unless the receiver has
// taken exactly these. Events are decided in the order in which they were raised,
// so that what had to arrive before the last one has been decided.
func (w *world) wantTitles(r *receiver, titles ...string) {
	w.t.Helper()
	var got []string
	for _, x := range w.untilTaken(r, len(titles)) {
		got = append(got, x.title)
	}
	slices.Sort(got) // a webhook may overtake another one
	slices.Sort(titles)
	if !slices.Equal(got, titles) {
		w.t.Errorf("the receiver has %q, want %q", got, titles)
	}
}
