package app_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"bellhop/app"
)

func TestEveryEventHasASourceThatLeadsBackToIt(t *testing.T) {
	t.Parallel()
	if len(app.Kinds) != 37 {
		t.Fatalf("%d events, DefectDojo emits 37", len(app.Kinds))
	}
	for _, k := range app.Kinds {
		if got := app.KindOf(k.Source()); got != k {
			t.Errorf("%s is filed as %q, which is read as %s", k, k.Source(), got)
		}
	}
}

func TestSourcesAreTitledAndCutAsDefectDojoDoes(t *testing.T) {
	t.Parallel()
	for kind, want := range map[app.Kind]string{
		"sla_breach_combined": "Sla Breach (Combined)", "jira_update": "Jira Problems", "url_deleted": "Url Deleted",
		"engagement_closed": "Engagement Closed", "dummy_foo_event": "Dummy Foo Event", "it's_3d": "It'S 3D", "": "",
	} {
		if got := kind.Source(); got != want {
			t.Errorf("%q is filed as %q, want %q", kind, got, want)
		}
	}
}

func TestEventsFollowTheirColumn(t *testing.T) {
	t.Parallel()
	for kind, want := range map[app.Kind]app.Column{
		"scan_added": app.ColumnScanAdded, "engagement_closed": app.ColumnCloseEngagement,
		"finding_added": app.ColumnOther, "never_heard_of": app.ColumnOther, "other": app.ColumnOther,
	} {
		if got := kind.Column(); got != want {
			t.Errorf("%s follows %s, want %s", kind, got, want)
		}
	}
}

func TestARowIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	row := app.DefaultRow()
	row[app.ColumnOther] = app.ChannelsOf(app.ChannelMail, app.ChannelAlert)
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	var back app.Row
	if err := json.Unmarshal(text, &back); err != nil || back != row {
		t.Errorf("%s was read as %v, %v", text, back, err)
	}
	before := back
	if err := json.Unmarshal([]byte(`{"other":["pigeon"]}`), &back); err == nil || back != before {
		t.Errorf("an unknown channel: %v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"others":["mail"]}`), &back); err == nil || back != before {
		t.Errorf("an unknown column: %v, %v", back, err)
	}
}

func TestAChainKeepsTheOrderOfItsRulesAndTheLastOne(t *testing.T) {
	t.Parallel()
	var c app.Chain
	for rule := range uint8(12) {
		c = c.With(rule + 1)
	}
	if want := []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}; !reflect.DeepEqual(c.Rules(), want) {
		t.Errorf("rules are %v", c.Rules())
	}
	if got := c.With(31).Rules(); got[11] != 31 || got[0] != 1 {
		t.Errorf("a full chain became %v", got)
	}
}

func TestCutCountsCharacters(t *testing.T) {
	t.Parallel()
	if got := app.Cut("äöü€", 3); got != "äöü" {
		t.Errorf("cut to %q", got)
	}
	if got := app.Cut("ab", 3); got != "ab" {
		t.Errorf("cut to %q", got)
	}
}
