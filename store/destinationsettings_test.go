package store_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"bellhop/app"
)

// inFiles counts how often a text stands in the files of the data folder.
func (w *world) inFiles(text string) (n int) {
	w.Helper()
	files := must(filepath.Glob(filepath.Join(w.dir, "*")))(w)
	for _, file := range files {
		n += bytes.Count(must(os.ReadFile(file))(w), []byte(text))
	}
	return n
}

// A token that was set where everybody could read it is gone from the files, and
// so is what earlier versions of the rows and removed rows had of it.
func TestForgottenSettingsAreInNoFile(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	names := make(map[app.DestinationID][]string)
	for i := range 5 {
		d := must(w.store.AddDestination(ctx, app.Destination{
			Account: w.account.ID, Channel: app.ChannelSlack, Name: fmt.Sprint("place ", i), Address: "#x",
			Config: map[string]string{"username": "bell", "token": fmt.Sprintf("xoxb-LEAK-%d", i)},
		}))(t)
		d.Config["token"] += "-again"
		ok(t, w.store.UpdateDestination(ctx, d))
		if i == 3 {
			ok(t, w.store.RemoveDestination(ctx, d.ID))
			continue
		}
		names[d.ID] = []string{"token"}
	}
	ok(t, w.store.Backup(ctx))
	if w.inFiles("xoxb-LEAK") == 0 {
		t.Fatal("nothing was there to be forgotten")
	}
	before := must(w.store.Destinations(ctx, w.account.ID))(t)
	for range 2 {
		ok(t, w.store.ForgetSettings(ctx, names))
		if n := w.inFiles("xoxb-LEAK"); n != 0 {
			t.Errorf("it stands in the files %d times", n)
		}
		after := must(w.store.Destinations(ctx, w.account.ID))(t)
		for i, d := range after {
			if d.ID != before[i].ID || d.Name != before[i].Name || fmt.Sprint(d.Config) != "map[username:bell]" {
				t.Errorf("the place is %+v", d)
			}
		}
		if len(after) != 4 {
			t.Errorf("there are %d places", len(after))
		}
	}
	if d := must(w.store.AddDestination(ctx, app.Destination{Account: w.account.ID, Channel: app.ChannelSlack, Name: "new"}))(t); d.ID != 6 {
		t.Errorf("a new place has the number %d, which another had", d.ID)
	}
	w.deepCheck()
}
