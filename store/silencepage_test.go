package store_test

import (
	"reflect"
	"testing"
	"time"

	"bellhop/app"
)

func TestSilencesAreReadByThePage(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	var ids []app.SilenceID // newest first
	for i := range 5 {
		until := w.clock.Add(time.Duration(1+i%2) * time.Hour)
		ids = append([]app.SilenceID{must(w.store.AddSilence(ctx, app.Silence{Account: w.account.ID, Until: until, Note: "x"}))(t).ID}, ids...)
	}
	read := func(f app.SilenceFilter) (got []app.SilenceID, pages int) {
		t.Helper()
		for f.Limit = 2; ; pages++ {
			list, next, err := w.store.SilencePage(ctx, f)
			ok(t, err)
			for _, s := range list {
				got = append(got, s.ID)
			}
			if next == 0 {
				return got, pages + 1
			}
			f.After = next
		}
	}
	if got, pages := read(app.SilenceFilter{}); !reflect.DeepEqual(got, ids) || pages != 3 {
		t.Errorf("%v on %d pages, want %v", got, pages, ids)
	}
	w.clock = w.clock.Add(time.Hour)
	if got, pages := read(app.SilenceFilter{Account: w.account.ID}); !reflect.DeepEqual(got, []app.SilenceID{ids[1], ids[3]}) || pages != 1 {
		t.Errorf("in force are %v on %d pages", got, pages)
	}
	if got, _ := read(app.SilenceFilter{Ended: true}); !reflect.DeepEqual(got, []app.SilenceID{ids[0], ids[2], ids[4]}) {
		t.Errorf("ended are %v", got)
	}
	if got, _ := read(app.SilenceFilter{Account: 99}); got != nil {
		t.Errorf("of another account are %v", got)
	}
	if in, ended, err := w.store.SilenceCounts(ctx, 0); err != nil || in != 2 || ended != 3 {
		t.Errorf("counted are %d and %d, %v", in, ended, err)
	}
	if in, ended, err := w.store.SilenceCounts(ctx, 99); err != nil || in+ended != 0 {
		t.Errorf("of another account are counted %d and %d, %v", in, ended, err)
	}
}
