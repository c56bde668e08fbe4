package dispatch_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// noonOf is the day of [event], from noon on.
func noonOf(hours int) time.Time { return time.Date(2026, 3, 4, 12+hours, 0, 0, 0, time.UTC) }

func TestASilenceHoldsItsChannelsAndTheListNever(t *testing.T) {
	t.Parallel()
	shop := event(app.Call{Title: "Scan", Product: &app.Ref{ID: 11}})
	pay := event(app.Call{Title: "Scan", Product: &app.Ref{ID: 12}})
	bad := event(app.Call{Title: "Scan", Product: &app.Ref{ID: 11}, FindingsNew: []app.FindingRef{{Severity: "Critical"}}})
	for _, tt := range []struct {
		name           string
		s              app.Silence
		shop, pay, bad string
	}{
		{"everything", app.Silence{CriticalPasses: true}, "alert (toast) (mail)", "alert (toast) (mail)", "alert toast mail"},
		{"a product, mail", app.Silence{Products: []string{"shop"}, Channels: app.ChannelsOf(app.ChannelMail)}, "alert toast (mail)", "alert toast mail", "alert toast (mail)"},
		{"hers", app.Silence{Person: 1}, "alert (toast) (mail)", "alert (toast) (mail)", "alert (toast) (mail)"},
		{"another's", app.Silence{Person: 2}, "alert toast mail", "alert toast mail", "alert toast mail"},
		{"nobody's", app.Silence{Person: 99}, "alert toast mail", "alert toast mail", "alert toast mail"},
	} {
		f := ann(app.Extra{})
		tt.s.ID, tt.s.Until = 5, noonOf(2)
		f.Silences = []app.Silence{tt.s}
		for what, pair := range map[string]struct {
			e    *app.Event
			want string
		}{"shop": {shop, tt.shop}, "pay": {pay, tt.pay}, "critical": {bad, tt.bad}} {
			if got := heard(f, pair.e); got != pair.want {
				t.Errorf("%s: of %s she hears %q, want %q", tt.name, what, got, pair.want)
			}
			late := *pair.e
			late.At = noonOf(2)
			if got := heard(f, &late); got != "alert toast mail" {
				t.Errorf("%s: at its end it holds still: %q", tt.name, got)
			}
		}
	}
}

// What is silenced goes out when the last of quiet hours and silences is over.
func TestTheLaterEndCounts(t *testing.T) {
	t.Parallel()
	mail := app.ChannelsOf(app.ChannelMail)
	quiet := app.Extra{Quiet: []app.QuietHours{{From: "11:00", To: "14:00", Zone: "UTC", Channels: mail}, {From: "18:00", To: "19:00", Zone: "UTC", Channels: mail}}}
	for _, tt := range []struct {
		name  string
		x     app.Extra
		until []int // hours after noon
		want  int
	}{
		{"a silence alone", app.Extra{}, []int{1}, 1},
		{"the longer of two", app.Extra{}, []int{3, 1}, 3},
		{"quiet hours are longer", quiet, []int{1}, 2},
		{"the silence is longer", quiet, []int{3}, 3},
		{"the silence ends in other quiet hours", quiet, []int{6}, 7},
		{"a silence of weeks", app.Extra{}, []int{24 * 30}, 24 * 30},
	} {
		f := ann(tt.x)
		for _, hours := range tt.until {
			f.Silences = append(f.Silences, app.Silence{Channels: mail, Until: noonOf(hours)})
		}
		e := event(app.Call{})
		w := dispatch.New(f)
		if got := w.HeldUntil(e, 1, app.ChannelMail, e.At); !got.Equal(noonOf(tt.want)) {
			t.Errorf("%s: held until %v, want %v", tt.name, got, noonOf(tt.want))
		}
		if got := w.HeldUntil(e, 1, app.ChannelToast, e.At); !got.Equal(e.At) {
			t.Errorf("%s: a toast is held until %v", tt.name, got)
		}
	}
}

func TestTheWordsNameTheSilence(t *testing.T) {
	t.Parallel()
	f := ann(app.Extra{})
	f.Silences = []app.Silence{
		{ID: 3, Until: noonOf(1)}, {ID: 4, Until: noonOf(3), Who: "ann", Note: "we deploy"}, {ID: 5, Until: noonOf(9), Person: 2},
	}
	e := event(app.Call{})
	want := "Silence 4 (ann: we deploy) holds mail until " + noonOf(3).Local().Format("2006-01-02 15:04") + "."
	if got := why(f, e, app.ChannelMail); got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	// What was decided is explained after the silence's end, too.
	w := dispatch.New(f)
	i := slices.IndexFunc(w.Explain(e, 1), func(d app.Decision) bool { return d.Channel == app.ChannelMail })
	d := w.Explain(e, 1)[i]
	f.Silences = nil
	words := dispatch.Words(dispatch.New(f), e, d)
	if got := words[len(words)-1]; got != "A silence that has ended held mail." {
		t.Errorf("said %q", got)
	}
}

func TestASilenceSaysWhatItWouldHold(t *testing.T) {
	t.Parallel()
	w := dispatch.New(ann(app.Extra{}))
	s := app.Silence{Products: []string{"Shop"}, CriticalPasses: true}
	// The product goes by its name of today.
	usual := event(app.Call{Product: &app.Ref{ID: 11, Name: "Old name"}})
	bad := event(app.Call{Product: &app.Ref{ID: 11}, Finding: &app.FindingRef{Severity: "Critical"}})
	mail := app.Decision{Person: 1, Channel: app.ChannelMail, Yes: true}
	for _, tt := range []struct {
		e            *app.Event
		d            app.Decision
		held, passes bool
	}{
		{usual, mail, true, false},
		{bad, mail, false, true},
		{usual, app.Decision{Person: 1, Channel: app.ChannelAlert, Yes: true}, false, false},
		{usual, app.Decision{Person: 1, Channel: app.ChannelMail}, false, false},
		{event(app.Call{Product: &app.Ref{ID: 12}}), mail, false, false},
	} {
		if held, passes := w.Silences(&s, tt.e, tt.d); held != tt.held || passes != tt.passes {
			t.Errorf("%+v: held %v, passes %v", tt.d, held, passes)
		}
	}
}

// silences makes up to four silences that make little sense.
func (r random) silences() (list []app.Silence) {
	for i := range r.IntN(5) {
		list = append(list, app.Silence{
			ID: app.SilenceID(i + 1), Person: app.PersonID(max(0, r.IntN(people*2)-people)),
			Events:   pick(r, nil, nil, []string{"scan_added"}, []string{"other", "engagement_closed"}, []string{"no such event"}),
			Products: pick(r, nil, nil, []string{"P1", "p2"}), Severity: pick(r, "", "", "High", "unheard of"), Text: pick(r, "", "T"),
			Tags: pick(r, nil, nil, []string{"PCI"}), Channels: r.channels(), CriticalPasses: r.chance(50),
			Until: time.Date(2026, 3, 27, r.IntN(120), 0, 0, 0, time.UTC), Who: pick(r, "", "ann"), Note: pick(r, "", "why not"),
		})
	}
	return list
}

// Silences take nothing away and add nothing: they only hold, never the list of
// alerts, and what they hold they hold until an end that lies in the future. What is
// decided for all is what is explained to each, in words too.
func FuzzSilencesOnlyHold(f *testing.F) {
	fuzz(f, func(t *testing.T, r random) {
		facts, e := r.facts(), r.event()
		before := dispatch.New(facts).Decide(&e)
		facts.Silences = r.silences()
		w := dispatch.New(facts)
		after := w.Decide(&e)
		if again := dispatch.New(r.shuffle(facts)).Decide(&e); !reflect.DeepEqual(after, again) {
			t.Fatalf("decided %v\nand then %v", after, again)
		}
		if len(before) != len(after) {
			t.Fatalf("decided %v\nwith silences %v", before, after)
		}
		var explained []app.Decision
		for id := range app.PersonID(people + 3) {
			for _, d := range w.Explain(&e, id) {
				if d.Yes {
					explained = append(explained, d)
				}
				for _, s := range dispatch.Words(w, &e, d) {
					if !strings.HasSuffix(s, ".") || strings.Contains(s, "has ended") || strings.Contains(s, "does not know") {
						t.Errorf("said %q", s)
					}
				}
			}
		}
		if len(after)+len(explained) > 0 && !reflect.DeepEqual(after, explained) {
			t.Fatalf("decided   %v\nexplained %v", after, explained)
		}
		for i, d := range after {
			was := before[i]
			silenced := slices.Contains(d.Why.Rules(), dispatch.RuleSilence)
			would := slices.ContainsFunc(facts.Silences, func(s app.Silence) bool {
				held, _ := w.Silences(&s, &e, d)
				return held && e.At.Before(s.Until)
			})
			if silenced != would || silenced && !d.Held || silenced && d.Channel == app.ChannelAlert {
				t.Errorf("%v: silenced %v, want %v", d, silenced, would)
			}
			if until := w.HeldUntil(&e, d.Person, d.Channel, e.At); silenced && !until.After(e.At) {
				t.Errorf("%v is held until %v", d, until)
			}
			if !silenced && !reflect.DeepEqual(d, was) {
				t.Errorf("without a silence it was %v, now it is %v", was, d)
			}
			d.Why, d.Held, was.Why, was.Held = 0, false, 0, false
			if d != was {
				t.Errorf("it was %v, now it is %v", was, d)
			}
		}
	})
}
