package app_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"bellhop/app"
)

var (
	somePeople = []app.Person{
		{ID: 1, Username: "ann", Active: true, Me: true},
		{ID: 2, Username: "bob", Active: true},
		{ID: 3, Username: "bob"}, // left, before another got the name
	}
	someProducts = []app.Product{{ID: 11, Name: "Shop"}, {ID: 12, Name: "Pay"}}
)

func TestSettingsComeBackAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	row := app.DefaultRow()
	row[app.ColumnOther] = app.ChannelsOf(app.ChannelMail)
	var product app.Row
	product[app.ColumnScanAdded] = app.ChannelsOf(app.ChannelTeams)
	list := []app.Preference{
		{Account: 7, Owner: app.OwnerLocal, Scope: app.ScopeSystem, Row: row},
		{Account: 7, Owner: app.OwnerLocal, Scope: app.ScopePersonal, Person: 2, Row: row, Extra: app.Extra{
			NotMine: true, Quiet: []app.QuietHours{{Days: []string{"mon"}, From: "22:00", To: "07:00", Zone: "Europe/Berlin", Channels: app.ChannelsOf(app.ChannelToast)}},
			Only: []app.Condition{{Severity: "High", Channels: app.ChannelsOf(app.ChannelSlack)}},
		}},
		{Account: 7, Owner: app.OwnerLocal, Scope: app.ScopeProduct, Person: 1, Product: 12, Row: product, Extra: app.Extra{Muted: true}},
	}
	text, err := json.MarshalIndent(app.WritePreferences(list, somePeople, someProducts), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	back, err := app.ReadPreferences(strings.NewReader(string(text)), 7, somePeople, someProducts)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	first, _ := json.Marshal(list)
	second, _ := json.Marshal(back)
	if string(first) != string(second) {
		t.Errorf("written %s\nread    %s", first, second)
	}
}

// Whatever a row says, also where nobody can choose it, comes back from a file.
func TestNoColumnIsLostInAFile(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(4, 5)) // the same rows in every run
	for range 500 {
		var list []app.Preference
		for _, p := range []app.Preference{
			{Scope: app.ScopeSystem},
			{Scope: app.ScopePersonal, Person: 1},
			{Scope: app.ScopeProduct, Person: 1, Product: 11},
			{Scope: app.ScopeProduct, Person: 2, Product: 12, Extra: app.Extra{Muted: true}},
		} {
			p.Account, p.Owner = 7, app.OwnerLocal
			for c := range p.Row {
				p.Row[c] = app.Channels(random.UintN(256)) & app.AllChannels & -app.Channels(random.UintN(2))
			}
			list = append(list, p)
		}
		text, err := json.Marshal(app.WritePreferences(list, somePeople, someProducts))
		if err != nil {
			t.Fatal(err)
		}
		back, err := app.ReadPreferences(strings.NewReader(string(text)), 7, somePeople, someProducts)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if !reflect.DeepEqual(back, list) {
			t.Fatalf("%s is read as\n%+v, written from\n%+v", text, back, list)
		}
	}
}

func TestEveryMistakeInSettingsIsNamedWithItsPlace(t *testing.T) {
	t.Parallel()
	file := `{"version": 2, "settings": [
		{"scope": "personal", "user": "zoe", "events": {"scan_added": ["pigeon"], "scans": []}},
		{"scope": "product", "user": "ann", "product": "Lab", "events": {"other": ["mail"]}, "kept": {"scan_added": ["mail"], "scans": []}},
		{"scope": "everywhere", "colour": 1, "events": {}},
		{"scope": "system", "user": "ann", "events": {"other": "mail"}},
		{"scope": "personal", "events": {}, "extra": {"quiet": [{"from": "25:00", "to": "07:00", "channels": ["toast"]}]}},
		{"scope": "personal", "events": {}, "extra": {"muted": true}},
		{"scope": "personal", "events": {}}, {"scope": "personal", "user": "ann", "events": {}}
	]}`
	list, err := app.ReadPreferences(strings.NewReader(file), 7, somePeople, someProducts)
	if list != nil || !errors.Is(err, app.ErrInvalid) {
		t.Fatalf("%v, %v", list, err)
	}
	message := app.AsProblem(err).Message
	for _, place := range []string{
		"version: must be 1", `settings[0].user: nobody is called "zoe"`, `settings[0].events.scan_added: there is no channel "pigeon"`,
		`settings[0].events: there is no event setting "scans"`, `settings[1].product: no product "Lab"`,
		"settings[1].events.other: cannot be set for one product", "settings[1].kept.scan_added: belongs into events",
		`settings[1].kept: there is no event setting "scans"`, "settings[2].scope: must be", `settings[2]: there is no "colour"`,
		"settings[3]: the scope system has neither", "settings[3].events.other: must be a list", `settings[4].extra: "25:00" is no time`,
		"settings[5].extra.muted: only a product", "settings[7]: speaks for the same as settings[6]",
	} {
		if !strings.Contains(message, place) {
			t.Errorf("%q is not named in\n%s", place, message)
		}
	}
}

func FuzzReadPreferences(f *testing.F) {
	f.Add(`{"version":1,"settings":[{"scope":"personal","events":{"other":["mail"]}}]}`)
	f.Add(`{"version":1,"settings":[{"scope":"product","product":"Shop","events":{},"extra":{"muted":true}}]}`)
	f.Add(`{"version":1,"settings":[{"scope":"product","product":"Shop","events":{},"kept":{"other":["mail"]}}]}`)
	f.Add(`[`)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := app.ReadPreferences(strings.NewReader(text), 1, somePeople, someProducts)
		if err != nil {
			if list != nil {
				t.Error("half a file was read")
			}
			return
		}
		again, err := json.Marshal(app.WritePreferences(list, somePeople, someProducts))
		if err != nil {
			t.Fatal(err)
		}
		back, err := app.ReadPreferences(strings.NewReader(string(again)), 1, somePeople, someProducts)
		if err != nil || len(back) != len(list) {
			t.Errorf("%s is read as %d lines of %d: %v", again, len(back), len(list), err)
		}
	})
}
