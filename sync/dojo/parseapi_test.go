package dojo

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzRowPage: whatever comes, a page is refused or has the rows that it says,
// each no longer than allowed.
func FuzzRowPage(f *testing.F) {
	for _, seed := range []string{
		`{"count":2,"next":null,"previous":null,"results":[{"id":1},{"id":2}],"prefetch":{}}`,
		`{"count":1,"next":"http://x/?offset=1","results":[{"id":1,"tags":["a"]}]}`,
		`{"results":[],"count":0}`, `[]`, `{"count":1e9,"results":[[[[]]]]}`, `{"results":[{}`, `{"count":-1,"results":[]}`,
		`{"results":[1,2,3,4,5,6]}`, `{"results":[],"results":[]}`, `{"count":0,"results":[]}x`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const element, most = 64, 5
		rows := 0
		page, err := decodeRows(open(t, strings.NewReader(text), 1<<20), element, most, func(row json.RawMessage) error {
			rows++
			if !json.Valid(row) || len(row) > 2*element {
				t.Errorf("a row of %d bytes: %q", len(row), row)
			}
			return nil
		})
		if rows > most {
			t.Errorf("%d rows, %d are allowed", rows, most)
		}
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLarge) {
				t.Errorf("the error is %v", err)
			}
			return
		}
		var whole struct {
			Count   int               `json:"count"`
			Next    *string           `json:"next"`
			Results []json.RawMessage `json:"results"`
		}
		dec := json.NewDecoder(strings.NewReader(text))
		if err := dec.Decode(&whole); err != nil {
			t.Fatalf("accepted, and no page at all: %v", err)
		}
		if page.rows != rows {
			t.Errorf("%d rows were counted, %d handed out", page.rows, rows)
		}
	})
}

// FuzzNotificationRow: a row that is read holds sets, and, written and read
// again, the same ones.
func FuzzNotificationRow(f *testing.F) {
	for _, seed := range []string{
		`{"id":2,"product":null,"user":1,"scan_added":["alert","slack"],"scan_added_empty":"alert","template":false}`,
		`{"id":2,"scan_added":["mail","mail",""," alert "],"scan_added_empty":"","other":null,"new_event":["x"],"note":"text","n":3}`,
		`{"scan_added":7}`, `{"scan_added_empty":"alert, mail"}`, `null`, `[]`, `{"id":"x"}`, `{"":[]}`, `{"other":[null,1]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var row NotificationRow
		if json.Unmarshal([]byte(text), &row) != nil {
			return
		}
		for name, set := range row.Channels {
			if set == nil || !slices.IsSorted(set) || len(slices.Compact(slices.Clone(set))) != len(set) || slices.Contains(set, "") {
				t.Errorf("%s is no set: %q", name, set)
			}
		}
		body := make(map[string]any, len(row.Channels))
		for name, set := range row.Channels {
			body[name] = set
		}
		again, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		var second NotificationRow
		if err := json.Unmarshal(again, &second); err != nil || !maps.EqualFunc(row.Channels, second.Channels, slices.Equal) {
			t.Errorf("read again: %v, %v; %v", second.Channels, row.Channels, err)
		}
	})
}

func TestWhatARowMayHold(t *testing.T) {
	var row NotificationRow
	if err := json.Unmarshal([]byte(`{"id":2,"user":4,"scan_added_empty":"alert, mail","other":null,"future":["b","a","b"],"note":"alert","count":3}`), &row); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"scan_added_empty": {"alert", "mail"}, "other": {}, "future": {"a", "b"}}
	if row.ID != 2 || row.User != 4 || !maps.EqualFunc(row.Channels, want, slices.Equal) {
		t.Errorf("the row is %+v", row)
	}
	for _, bad := range []string{`{"id":1,"scan_added":7}`, `{"id":1,"other":{"alert":true}}`, `{"id":"1"}`, `{"id":1,"other":[1]}`} {
		if err := json.Unmarshal([]byte(bad), &row); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

// FuzzBoxes: no page does harm, and every box is one of a column's channels.
func FuzzBoxes(f *testing.F) {
	for _, seed := range []string{
		`<input type="checkbox" name="scan_added" aria-label="scan_added" checked value="mail"/>`,
		"<INPUT\n type=checkbox\n name='other'\n value=alert>", `<input type="checkbox" name="a" value="b`, `<input`, `<input =x= ==>`,
		`<!-- <input type="checkbox" name="other" value="alert"> -->`, `<script>"<input type=checkbox name=other value=mail>"</script>`,
		`<input type="checkbox" name="other" name="second" value="alert" checked="">`, `<input type="checkbox" title="a > b" name="other" value="mail">`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, page string) {
		for name, channels := range readBoxes([]byte(page)) {
			if !columnName.MatchString(name) || len(channels) == 0 {
				t.Errorf("the column %q has %v", name, channels)
			}
			for channel := range channels {
				if !channelName.MatchString(channel) {
					t.Errorf("%q has the channel %q", name, channel)
				}
			}
		}
	})
}

func TestBoxesInAnyMarkup(t *testing.T) {
	box := func(on bool) OwnSettings { return OwnSettings{"other": {"mail": on}} }
	for page, want := range map[string]OwnSettings{
		`<input type="checkbox" name="other" aria-label="other" checked value="mail"/>`:                    box(true),
		`<input type="checkbox" name="other" value="mail">`:                                                box(false),
		`<INPUT VALUE='mail' CHECKED="checked" NAME=other TYPE=CheckBox>`:                                  box(true),
		"<input\n\ttype=\"checkbox\"\n name=\"other\"\r\n value=\"mail\"\n/>":                              box(false),
		`<input class="x > y" data-on="checked" type="checkbox" name="other" value="mail">`:                box(false),
		`<input type="checkbox" name="other" value="mail" checked><input type="radio" name="x" value="y">`: box(true),
		`<input type="checkbox" name="Other" value="mail">`:                                                {},
		`<input type="hidden" name="other" value="mail" checked>`:                                          {},
		`<inputs type="checkbox" name="other" value="mail">`:                                               {},
		`<!-- <input type="checkbox" name="other" value="mail"> -->`:                                       {},
		`<script>var x = '<input type="checkbox" name="other" value="mail">';</script>`:                    {},
		`<textarea><input type="checkbox" name="other" value="mail"></TextArea>`:                           {},
		`<input type="checkbox" name="other" value="mail" checked`:                                         {},
		`<input type="checkbox" name="oth&#101;r" value="m&#x61;il">`:                                      box(false),
	} {
		if got := readBoxes([]byte(page)); !maps.EqualFunc(got, want, maps.Equal) {
			t.Errorf("%s is read as %v, want %v", page, got, want)
		}
	}
}

// FuzzSystemSettings: what is read has no secret in it and bounded numbers.
func FuzzSystemSettings(f *testing.F) {
	for _, seed := range []string{
		`{"id":1,"slack_token":"SECRET","msteams_url":"SECRET","jira_webhook_secret":"SECRET","team_name":"t","webhooks_notifications_timeout":10}`,
		`{"id":1,"slack_token":null,"disclaimer":"old","risk_acceptance_notify_before_expiration":null}`,
		`{"id":1,"webhooks_notifications_timeout":-5,"engagement_auto_close_days":-1}`, `{"id":0}`, `{"id":1,"slack_token":{"a":[]}}`, `null`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var wire wireSettings
		if json.Unmarshal([]byte(text), &wire) != nil {
			return
		}
		s, err := wire.settings()
		if err != nil {
			return
		}
		if s.WebhooksTimeout < 0 || s.WebhooksTimeout > math.MaxInt16*2*time.Second || s.AcceptanceDays < 0 || s.AutoCloseDays < 0 {
			t.Errorf("the settings are %+v", s)
		}
	})
}

// FuzzComplaint: what a server says about a request can be printed.
func FuzzComplaint(f *testing.F) {
	for _, seed := range []string{
		`{"o":["Select a valid choice."],"message":"{'o'}","pro":["x"]}`, `{"detail":"no"}`, `{"message":"broken"}`, `{"a":[]}`, `{"a":["\u001b[31m"]}`, `[]`,
		`{"` + strings.Repeat("n", 1000) + `":["` + strings.Repeat("x", 1000) + `"]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		said := complaint([]byte(text))
		if len([]rune(said)) > longestComplaint+4 || strings.ContainsAny(said, "\n\r\x1b\x00") {
			t.Errorf("it says %q", said)
		}
	})
}

func TestComplaintsInTheServersWords(t *testing.T) {
	for text, want := range map[string]string{
		`{"o":["Select a valid choice. x is not one of the available choices."],"message":"{'o': [ErrorDetail(…)]}","pro":["buy"]}`: ": o: Select a valid choice. x is not one of the available choices.",
		`{"non_field_errors":["Notification for user and product already exists"],"message":"…"}`:                                   ": Notification for user and product already exists",
		`{"message":"JSON request content is malformed"}`:                                                                           ": JSON request content is malformed",
		`{"detail":"Unable to check for permissions"}`:                                                                              ": Unable to check for permissions",
		`{"name":["a"],"url":["b"],"x":{"y":1}}`:                                                                                    ": name: a; url: b",
		`[]`:                                                                                                                        "", `{}`: "", `nothing`: "",
	} {
		if got := complaint([]byte(text)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
