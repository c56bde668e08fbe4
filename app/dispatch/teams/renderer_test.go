package teams_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/teams"
)

// shown is what a reader sees of a card in Microsoft's own library.
type shown struct {
	Problems, Texts, Links []string
	Tags                   []string // elements of HTML in its texts
}

// show shows cards, or skips the test where the library is not there.
func show(t *testing.T, requests map[string]json.RawMessage) map[string]shown {
	t.Helper()
	dir := filepath.Join("..", "..", "..", ".ci", "cards")
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(dir, "node_modules", ".installed"))
	}
	if err != nil {
		t.Skipf("CARDS ARE NOT CHECKED BY MICROSOFT'S RENDERER: %v; `make cards` installs it", err)
	}
	program, err := filepath.Abs(filepath.Join(dir, "show.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadFile(program); err != nil { // so that a change of it is a reason to test again
		t.Fatal(err)
	}
	in, err := json.Marshal(requests)
	if err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer
	renderer := exec.CommandContext(t.Context(), node, program)
	renderer.Stdin, renderer.Stderr = bytes.NewReader(in), &complaints
	out, err := renderer.Output()
	if err != nil {
		t.Fatalf("show the cards: %v\n%s", err, complaints.String())
	}
	var cards map[string]shown
	if err := json.Unmarshal(out, &cards); err != nil {
		t.Fatal(err)
	}
	for name := range requests {
		if len(cards[name].Texts) == 0 {
			t.Errorf("%s: nothing is shown", name)
		}
	}
	for name, card := range cards {
		for _, problem := range card.Problems {
			t.Errorf("%s: %s", name, problem)
		}
	}
	return cards
}

// escaped is a character of which Markdown makes nothing.
var escaped = regexp.MustCompile(`\\([[:punct:]])`)

func TestMicrosoftsRendererShowsEveryCard(t *testing.T) {
	t.Parallel()
	requests := make(map[string]json.RawMessage)
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) != len(dispatchtest.Samples()) {
		t.Fatalf("%d cards, %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		requests[strings.TrimSuffix(filepath.Base(file), ".json")] = raw
	}
	// Of all other kinds of events there is no file; what they show is package
	// render's, that it can be shown is not.
	for _, kind := range app.Kinds {
		m := dispatchtest.Message(dispatchtest.HostileCall(kind, "a plain text"))
		raw, err := teams.Encode(t.Context(), &m)
		if err != nil {
			t.Fatal(err)
		}
		requests["every "+string(kind)] = raw
	}
	cards := show(t, requests)
	for name, texts := range map[string][]string{
		"scan_added": {
			"Scan Added", "3 findings have been updated for scan Generic Findings Import.", `Shelf: 'a' & "b"`, "Q4 <round>", "New Findings", "View Scan", "Bookshop",
		},
		"engagement_closed": {"Engagement Closed", "An engagement Q4 <round> has been closed.", "Shelf", "View Engagement", "Bookshop"},
		"sla_breach":        {"SLA Breach", "SQL Injection with severity High has breached its SLA (3 days overdue).", "Shelf", "Q4 <round>", "High", "View Finding"},
		"ping":              {"Test", "Test webhook notification", "Bookshop"},
		"digest":            {"3 notifications", "Critical", "High", "An engagement Q4 <round> has been closed.", "Open DefectDojo", "Bookshop"},
	} {
		seen := strings.Join(cards[name].Texts, "\n")
		for _, text := range texts {
			if !strings.Contains(seen, text) {
				t.Errorf("%s does not show %q but %q", name, text, cards[name].Texts)
			}
		}
	}
	for name, card := range cards {
		sent, err := dispatchtest.ReadCard(requests[name])
		if err != nil {
			t.Fatal(err)
		}
		if name == "digest" {
			want := []string{"https://dojo.example.com/finding/23", "https://dojo.example.com/test/6", "https://dojo.example.com/engagement/9/finding/all"}
			if !slices.Equal(card.Links, want) || !slices.Equal(card.Tags, []string{"a", "br", "p", "strong"}) {
				t.Errorf("digest: links to %v, elements %v", card.Links, card.Tags)
			}
			continue
		}
		if len(card.Links) != 0 || !slices.Equal(card.Tags, []string{"p"}) {
			t.Errorf("%s: links to %v, elements %v", name, card.Links, card.Tags)
		}
		for _, text := range sent.Texts {
			if want := escaped.ReplaceAllString(text, "$1"); !slices.Contains(card.Texts, want+"\n") {
				t.Errorf("%s does not show %q", name, want)
			}
		}
	}
}

// Whatever others write is read as they wrote it, and is nothing but text.
func TestMicrosoftsRendererShowsHostileTextsAsTexts(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	t.Parallel()
	requests := make(map[string]json.RawMessage)
	for name, text := range dispatchtest.Hostile {
		for _, kind := range []app.Kind{app.KindOther, app.KindScanAdded} {
			m := dispatchtest.Message(dispatchtest.HostileCall(kind, text))
			m.Team = text
			raw, err := teams.Encode(t.Context(), &m)
			if err != nil {
				t.Fatal(err)
			}
			requests[name+"/"+string(kind)] = raw
		}
		m := dispatchtest.Digest(dispatchtest.HostileCall(app.KindOther, text), dispatchtest.HostileCall(app.KindScanAdded, text))
		raw, err := teams.Encode(t.Context(), &m)
		if err != nil {
			t.Fatal(err)
		}
		requests[name+"/digest"] = raw
	}
	cards := show(t, requests)
	for _, name := range slices.Sorted(maps.Keys(cards)) {
		card := cards[name]
		of, kind, _ := strings.Cut(name, "/")
		for _, link := range card.Links {
			if kind != "digest" || !strings.HasPrefix(link, "https://dojo.example.com/") {
				t.Errorf("%s: a link to %q", name, link)
			}
		}
		for _, tag := range card.Tags {
			if tag != "p" && tag != "br" && (kind != "digest" || tag != "a" && tag != "strong") {
				t.Errorf("%s: Markdown has become a %s", name, tag)
			}
		}
		if kind == string(app.KindOther) {
			dispatchtest.Shows(t, name, strings.Join(card.Texts, "\n"), dispatchtest.Hostile[of])
		}
	}
}
