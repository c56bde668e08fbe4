package app_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/app"
)

var silenceNow = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// scanOf is a scan of a product that brought findings of some severities.
func scanOf(product string, severities ...string) *app.Event {
	e := &app.Event{Kind: app.KindScanAdded, Call: app.Call{
		Kind: app.KindScanAdded, Title: "Nightly scan", Description: "By ZAP", Product: &app.Ref{Name: product}, Tags: []string{"pci"},
	}}
	for _, s := range severities {
		e.Call.FindingsNew = append(e.Call.FindingsNew, app.FindingRef{Title: "A hole", Severity: s})
	}
	return e
}

func TestASilenceMatchesWhatAllOfItsPartsSay(t *testing.T) {
	t.Parallel()
	closed := &app.Event{Kind: app.KindEngagementClosed, Call: app.Call{Kind: app.KindEngagementClosed, Title: "Done"}}
	alert := &app.Event{Kind: app.KindOther, Alert: app.Alert{Source: "Jira Problems"}, Call: app.Call{Title: "JIRA"}}
	for name, tt := range map[string]struct {
		s    app.Silence
		e    *app.Event
		want bool
	}{
		"nothing said":              {app.Silence{}, scanOf("Shop"), true},
		"the event":                 {app.Silence{Events: []string{"other", "scan_added"}}, scanOf("Shop"), true},
		"another event":             {app.Silence{Events: []string{"other"}}, scanOf("Shop"), false},
		"the setting":               {app.Silence{Events: []string{"close_engagement"}}, closed, true},
		"the kind":                  {app.Silence{Events: []string{"engagement_closed"}}, closed, true},
		"the product, small":        {app.Silence{Products: []string{"shop"}}, scanOf("Shop"), true},
		"another product":           {app.Silence{Products: []string{"Pay"}}, scanOf("Shop"), false},
		"no product":                {app.Silence{Products: []string{"Pay"}}, closed, false},
		"as bad":                    {app.Silence{Severity: "High"}, scanOf("Shop", "Low", "High"), true},
		"worse":                     {app.Silence{Severity: "Medium"}, scanOf("Shop", "Low", "High"), false},
		"without findings":          {app.Silence{Severity: "Info"}, scanOf("Shop"), true},
		"critical":                  {app.Silence{}, scanOf("Shop", "Critical"), true},
		"critical passes":           {app.Silence{CriticalPasses: true}, scanOf("Shop", "Low", "critical"), false},
		"high does not pass":        {app.Silence{CriticalPasses: true}, scanOf("Shop", "High"), true},
		"title":                     {app.Silence{Text: "NIGHTLY"}, scanOf("Shop"), true},
		"description":               {app.Silence{Text: "by zap"}, scanOf("Shop"), true},
		"another text":              {app.Silence{Text: "burp"}, scanOf("Shop"), false},
		"tag":                       {app.Silence{Tags: []string{"PCI", "x"}}, scanOf("Shop"), true},
		"another tag":               {app.Silence{Tags: []string{"x"}}, scanOf("Shop"), false},
		"source of the event":       {app.Silence{Sources: []string{"scan added"}}, scanOf("Shop"), true},
		"source of the alert":       {app.Silence{Sources: []string{"jira problems"}}, alert, true},
		"all but one":               {app.Silence{Events: []string{"scan_added"}, Products: []string{"Shop"}, Text: "burp"}, scanOf("Shop"), false},
		"an empty name is no match": {app.Silence{Products: []string{""}}, closed, false},
	} {
		if got := tt.s.Matches(tt.e, ""); got != tt.want {
			t.Errorf("%s: matches %v, want %v", name, got, tt.want)
		}
	}
	// A product that was renamed goes by its name of today.
	if s := (app.Silence{Products: []string{"Shop"}}); s.Matches(scanOf("Shop"), "Store") || !s.Matches(scanOf("Old"), "Shop") {
		t.Error("the name of today does not count")
	}
}

func TestASilenceHoldsForWhomAndWhereItSays(t *testing.T) {
	t.Parallel()
	e := scanOf("Shop")
	for _, tt := range []struct {
		s      app.Silence
		person app.PersonID
		ch     app.Channel
		want   bool
	}{
		{app.Silence{}, 0, app.ChannelSlack, true},
		{app.Silence{}, 7, app.ChannelToast, true},
		{app.Silence{}, 7, app.ChannelAlert, false},
		{app.Silence{Channels: app.AllChannels}, 7, app.ChannelAlert, false},
		{app.Silence{Channels: app.ChannelsOf(app.ChannelMail)}, 7, app.ChannelToast, false},
		{app.Silence{Channels: app.ChannelsOf(app.ChannelMail)}, 7, app.ChannelMail, true},
		{app.Silence{Person: 7}, 7, app.ChannelMail, true},
		{app.Silence{Person: 7}, 8, app.ChannelMail, false},
		{app.Silence{Person: 7}, 0, app.ChannelMail, false},
	} {
		if got := tt.s.Holds(e, "", tt.person, tt.ch); got != tt.want {
			t.Errorf("%+v holds %v of %d: %v", tt.s, tt.ch, tt.person, got)
		}
	}
}

func TestASilenceThatCannotBeIsNamed(t *testing.T) {
	t.Parallel()
	good := app.Silence{
		Events: []string{"scan_added", "finding_closed", "integration"}, Products: []string{"Shop"}, Severity: "High",
		Channels: app.ChannelsOf(app.ChannelMail), Until: silenceNow.Add(time.Hour),
	}
	if err := good.Check(silenceNow); err != nil {
		t.Fatalf("a good silence: %v", err)
	}
	for want, change := range map[string]func(*app.Silence){
		"no end":                  func(s *app.Silence) { s.Until = time.Time{} },
		"lies in the past":        func(s *app.Silence) { s.Until = silenceNow },
		"longer than a year":      func(s *app.Silence) { s.Until = silenceNow.AddDate(2, 0, 0) },
		`no event "scan"`:         func(s *app.Silence) { s.Events = []string{"other", "scan"} },
		`no severity "high"`:      func(s *app.Silence) { s.Severity = "high" },
		"never holds the list":    func(s *app.Silence) { s.Channels |= app.ChannelsOf(app.ChannelAlert) },
		"channel that does not":   func(s *app.Silence) { s.Channels = 1 << 7 },
		"empty or too long":       func(s *app.Silence) { s.Products = []string{" "} },
		"list of more than":       func(s *app.Silence) { s.Tags = slices.Repeat([]string{"x"}, 101) },
		"text or the note of the": func(s *app.Silence) { s.Note = strings.Repeat("x", 501) },
	} {
		s := good
		change(&s)
		err := s.Check(silenceNow)
		if !errors.Is(err, app.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestASilenceIsTheSameInJSON(t *testing.T) {
	t.Parallel()
	full := app.Silence{
		ID: 3, Account: 1, Person: 2, Events: []string{"other"}, Products: []string{"Shop"}, Severity: "Low", Text: "x", Sources: []string{"y"},
		Tags: []string{"z"}, Channels: app.ChannelsOf(app.ChannelMail), Until: silenceNow.Add(time.Hour), Created: silenceNow, Who: "ann", Note: "why",
	}
	for i := range reflect.TypeFor[app.Silence]().NumField() {
		if f := reflect.ValueOf(full).Field(i); f.IsZero() && f.Kind() != reflect.Bool {
			t.Fatalf("the test forgets a field: %d", i)
		}
	}
	text, err := json.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	var back app.Silence
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, full) {
		t.Errorf("back came %+v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"until":"2026-03-04T13:00:00Z"}`), &back); err != nil || !back.CriticalPasses {
		t.Errorf("what does not speak of critical findings lets them pass not: %+v, %v", back, err)
	}
}

// A part more never matches more, a member more of a list never less, and a
// silence changes nothing that it is asked about.
func FuzzAPartMoreNeverMatchesMore(f *testing.F) {
	f.Add("scan_added", "Shop", "High", "nightly", "pci", "Scan Added", "critical")
	f.Add("", "", "", "", "", "", "")
	f.Add("other", "\xff", "Odd", "İ", "ſ", "K", "Info")
	f.Fuzz(func(t *testing.T, event, product, severity, text, tag, source, of string) {
		e := scanOf(product, of)
		e.Call.Tags = []string{tag}
		before, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		s := app.Silence{}
		matched := s.Matches(e, "")
		if !matched {
			t.Fatal("a silence that says nothing matches everything")
		}
		for _, add := range []func(){
			func() { s.Events = []string{event} }, func() { s.Products = []string{product} }, func() { s.Severity = severity },
			func() { s.Text = text }, func() { s.Tags = []string{tag} }, func() { s.Sources = []string{source} }, func() { s.CriticalPasses = true },
		} {
			add()
			if now := s.Matches(e, ""); now && !matched {
				t.Fatalf("%+v matches, and with less it did not", s)
			} else {
				matched = now
			}
		}
		wider := s
		wider.Events, wider.Products = append([]string{"scan_added"}, s.Events...), append([]string{"Another"}, s.Products...)
		if matched && !wider.Matches(e, "") {
			t.Error("with a member more it does not match any more")
		}
		if after, _ := json.Marshal(e); string(after) != string(before) {
			t.Error("the event was changed")
		}
	})
}
