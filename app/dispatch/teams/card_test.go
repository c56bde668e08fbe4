package teams_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"bellhop/app"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/teams"
)

func TestCardsAreAsTheyWere(t *testing.T) {
	t.Parallel()
	for name, m := range dispatchtest.Samples() {
		raw, err := teams.Encode(t.Context(), &m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := dispatchtest.ReadCard(raw); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, append(raw, '\n'), "", "  "); err != nil {
			t.Fatal(err)
		}
		dispatchtest.Golden(t, "testdata/"+name+".json", pretty.String())
	}
}

// Whatever others write stays text: a reader of Markdown finds no link, no
// picture, no markup in a card beyond what a digest puts there.
func TestHostileTextsStayTexts(t *testing.T) {
	t.Parallel()
	for name, s := range dispatchtest.Hostile {
		for _, call := range dispatchtest.HostileCalls(s) {
			m := dispatchtest.Message(call)
			m.Team = s
			raw, err := teams.Encode(t.Context(), &m)
			if err != nil || len(raw) > teams.MaxBody {
				t.Fatalf("%s, %s: %d bytes, %v", name, call.Kind, len(raw), err)
			}
			card, err := dispatchtest.ReadCard(raw)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, call.Kind, err)
			}
			for _, link := range card.Links {
				if !strings.HasPrefix(link, "https://dojo.example.com/") {
					t.Errorf("%s, %s: a button leads to %s", name, call.Kind, link)
				}
			}
			for _, shown := range card.Texts {
				if marked := markup(shown); len(marked) > 0 {
					t.Errorf("%s, %s: %v in %.200q", name, call.Kind, marked, shown)
				}
				if strings.Contains(shown, "{{") {
					t.Errorf("%s, %s: a function in %.200q", name, call.Kind, shown)
				}
				if strings.ContainsAny(shown, "\x00\x1b\x7f\u202e\u2066") {
					t.Errorf("%s, %s: control characters in %.200q", name, call.Kind, shown)
				}
				if strings.Contains(strings.ReplaceAll(shown, `\<`, ""), "<at>") {
					t.Errorf("%s, %s: a mention in %.200q", name, call.Kind, shown)
				}
			}
		}
		m := dispatchtest.Digest(dispatchtest.HostileCalls(s)...)
		raw, err := teams.Encode(t.Context(), &m)
		if err != nil {
			t.Fatal(err)
		}
		card, err := dispatchtest.ReadCard(raw)
		if err != nil {
			t.Fatalf("%s, digest: %v", name, err)
		}
		for _, shown := range card.Texts {
			for _, to := range links(shown) {
				if !strings.HasPrefix(to, "https://dojo.example.com/") {
					t.Errorf("%s, digest: a link to %q in %.300q", name, to, shown)
				}
			}
		}
	}
}

// What a reader sees is what was said, after Markdown was read.
func TestHostileTextsAreReadAsTheyWereSaid(t *testing.T) {
	t.Parallel()
	w := &dispatchtest.Workflow{Sig: sig}
	c, m := start(t, w)
	for name, said := range dispatchtest.Hostile {
		m.Events = []app.Event{dispatchtest.Event(1, app.Call{Kind: app.KindOther, Title: said, Description: said})}
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		cards := w.Cards()
		dispatchtest.Shows(t, name, escaped.ReplaceAllString(strings.Join(cards[len(cards)-1].Texts, "\n"), "$1"), said)
	}
}

// markup names what a reader of Markdown makes of s besides text. Block marks
// that Adaptive Cards do not know are no markup.
func markup(s string) []string {
	var found []string
	_ = ast.Walk(goldmark.DefaultParser().Parse(text.NewReader([]byte(s))), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n.(type) {
		case *ast.Document, *ast.Paragraph, *ast.Text, *ast.TextBlock, *ast.CodeBlock, *ast.ThematicBreak:
		default:
			found = append(found, n.Kind().String())
		}
		return ast.WalkContinue, nil
	})
	return found
}

func links(s string) []string {
	var found []string
	_ = ast.Walk(goldmark.DefaultParser().Parse(text.NewReader([]byte(s))), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Link:
			if entering {
				found = append(found, string(n.Destination))
			}
		case *ast.Image, *ast.AutoLink, *ast.RawHTML, *ast.HTMLBlock:
			found = append(found, n.Kind().String())
		}
		return ast.WalkContinue, nil
	})
	return found
}

func FuzzCardsAreBoundedAndKnown(f *testing.F) {
	for _, s := range dispatchtest.Hostile {
		if len(s) < 10_000 {
			f.Add(s, s, "https://dojo.example.com", uint8(1))
		}
	}
	f.Add("t", strings.Repeat(`\`, 9000), "http://x/"+strings.Repeat("p", 3000), uint8(40))
	f.Fuzz(func(t *testing.T, title, description, site string, n uint8) {
		list := make([]app.Call, int(n)%64+1)
		for i := range list {
			list[i] = dispatchtest.Scan()
			list[i].Kind = app.Kinds[i%len(app.Kinds)]
			list[i].Title, list[i].Description, list[i].Note = title, description, description
		}
		m := dispatchtest.Digest(list...)
		m.Site, m.Team = site, title
		raw, err := teams.Encode(t.Context(), &m)
		if err != nil || len(raw) > teams.MaxBody || !json.Valid(raw) {
			t.Fatalf("%d bytes, %v", len(raw), err)
		}
		if _, err := dispatchtest.ReadCard(raw); err != nil {
			t.Errorf("%v in %s", err, raw)
		}
	})
}
