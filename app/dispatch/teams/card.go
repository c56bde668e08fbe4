package teams

import (
	"context"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/render"
)

// MaxBody is how many bytes a request has. Teams takes 28 KB (28,672 bytes)
// after it has added its own properties, of which it tells nobody: a request of
// 24,453 bytes was refused as 28,897 (MicrosoftDocs/msteams-docs#11274). A
// workflow has said yes by then, so that a card that is too large is just not
// there.
const MaxBody = 20_000

// most is how many events a digest lists: what is longer is not read.
const most = 20

// encode returns the request's body, cut where it has to be.
func (c *Channel) encode(ctx context.Context, m *dispatch.Message) ([]byte, error) {
	cards := make([]render.Card, min(len(m.Events), most))
	for i := range cards {
		e := &m.Events[i]
		cards[i] = render.Teams(render.Input{
			Call: &e.Call, At: e.At, Team: m.Team, Site: m.Site, To: m.To, Version: m.Version,
			People: c.finder(ctx, m.Destination.Account),
		})
	}
	if len(cards) == 1 {
		return fitOne(cards[0], m)
	}
	return fitMany(cards, m)
}

func (c *Channel) finder(ctx context.Context, account app.AccountID) func(string) (app.Person, bool) {
	if c.People == nil {
		return nil
	}
	return func(username string) (app.Person, bool) { return c.People(ctx, account, username) }
}

// fitOne cuts a card's facts, the last ones first, and then its texts, until it
// fits.
func fitOne(card render.Card, m *dispatch.Message) ([]byte, error) {
	left := 0
	for {
		body, err := envelope(one(card, left, m)).Bytes()
		if err != nil || len(body) <= MaxBody {
			return body, err
		}
		switch n := len(card.Facts); {
		case n > 0:
			card.Facts, left = card.Facts[:n-1], left+1
		case len(card.Link) > maxLink:
			card.Link = ""
		default:
			for _, s := range []*string{&card.Text, &card.Quote, &card.Subtitle, &card.Title, &card.Summary} {
				*s = half(*s)
			}
			card.Action = ""
		}
	}
}

// maxLink is what browsers and Teams open without doubt, in characters.
const maxLink = 2000

// half returns the first half of a text that is Markdown, with a mark.
func half(s string) string {
	if len(s) < 8 {
		return ""
	}
	return shorter(s, len(s)/2)
}

// shorter returns at most n bytes of a text that is Markdown, and a mark.
func shorter(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	s = s[:n]
	if slashes := len(s) - len(strings.TrimRight(s, `\`)); slashes%2 == 1 {
		s = s[:len(s)-1] // the escape of what was cut off
	}
	return s + "…"
}

// fitMany shows as many events as fit and counts the others.
func fitMany(cards []render.Card, m *dispatch.Message) ([]byte, error) {
	for n := len(cards); ; n-- {
		body, err := envelope(many(cards[:n], m)).Bytes()
		if err != nil || len(body) <= MaxBody || n == 0 {
			return body, err
		}
	}
}

// envelope is the request of which a workflow takes the card.
func envelope(card render.Object) render.Object {
	return render.Object{
		{Name: "type", Value: "message"},
		{Name: "attachments", Value: []render.Object{{
			{Name: "contentType", Value: "application/vnd.microsoft.card.adaptive"},
			{Name: "contentUrl", Value: nil},
			{Name: "content", Value: card},
		}}},
	}
}

// adaptive is a card of version 1.4, the newest that Teams shows everywhere.
func adaptive(summary string, body, actions []render.Object) render.Object {
	card := render.Object{
		{Name: "$schema", Value: "http://adaptivecards.io/schemas/adaptive-card.json"},
		{Name: "type", Value: "AdaptiveCard"},
		{Name: "version", Value: "1.4"},
		{Name: "msteams", Value: render.Object{{Name: "width", Value: "Full"}}},
	}
	if summary != "" {
		card = append(card, render.Member{Name: "fallbackText", Value: strings.ReplaceAll(summary, "{{", "{ {")})
	}
	card = append(card, render.Member{Name: "body", Value: body})
	if len(actions) > 0 {
		card = append(card, render.Member{Name: "actions", Value: actions})
	}
	return card
}

// one is the card about one event; left is how many facts were left out.
func one(c render.Card, left int, m *dispatch.Message) render.Object {
	body := []render.Object{heading(c.Title, c.Style)}
	if shows(c.Subtitle) {
		body = append(body, text(c.Subtitle, member("weight", "Bolder")))
	}
	if shows(c.Text) {
		body = append(body, text(c.Text))
	}
	if shows(c.Quote) {
		body = append(body, container("emphasis", text(c.Quote)))
	}
	facts := make([]render.Object, 0, len(c.Facts)+1)
	for _, f := range c.Facts {
		if shows(f[0]) && shows(f[1]) {
			facts = append(facts, fact(f[0], f[1]))
		}
	}
	if left > 0 {
		facts = append(facts, fact("And", strconv.Itoa(left)+" more"))
	}
	if len(facts) > 0 {
		body = append(body, render.Object{member("type", "FactSet"), {Name: "facts", Value: facts}})
	}
	body = append(body, foot(m)...)
	var actions []render.Object
	if c.Link != "" {
		actions = append(actions, open(c.Action, c.Link))
	}
	return adaptive(c.Summary, body, actions)
}

// many is the card about several events, the most severe ones first; those that
// are not shown are counted.
func many(shown []render.Card, m *dispatch.Message) render.Object {
	title := strconv.Itoa(len(m.Events)) + " notifications"
	style := render.StyleAccent
	for _, c := range shown {
		if urgency(c.Style) > urgency(style) {
			style = c.Style
		}
	}
	body := []render.Object{heading(title, style)}
	if counts := severities(m.Events); len(counts) > 0 {
		body = append(body, render.Object{member("type", "FactSet"), {Name: "facts", Value: counts}})
	}
	for _, c := range shown {
		line := c.Text
		if shows(c.Subtitle) {
			line = c.Subtitle
		}
		line = shorter(line, maxLine)
		if c.Link != "" && len(c.Link) <= maxLink {
			line = "[" + strings.ReplaceAll(line, "\n", " ") + "](" + linkEscapes.Replace(c.Link) + ")"
		}
		body = append(body, text("**"+c.Title+"**  \n"+line, member("spacing", "Medium")))
	}
	if more := len(m.Events) - len(shown); more > 0 {
		body = append(body, text("and "+strconv.Itoa(more)+" more", render.Member{Name: "isSubtle", Value: true}))
	}
	body = append(body, foot(m)...)
	var actions []render.Object
	if to, _, err := app.Link(m.Site, ""); err == nil && len(to) <= maxLink {
		actions = append(actions, open("Open DefectDojo", to))
	}
	return adaptive(title, body, actions)
}

// linkEscapes keep a link's end where Markdown sees it.
var linkEscapes = strings.NewReplacer("(", "%28", ")", "%29", " ", "%20", "<", "%3C", ">", "%3E", `\`, "%5C")

// maxLine is how many bytes of an event a digest shows.
const maxLine = 300

// escape makes Markdown of a plain text, in which nothing has a meaning.
func escape(s string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case unicode.IsControl(r) || unicode.IsSpace(r):
			r = ' '
		case unicode.In(r, unicode.Cf, unicode.Noncharacter_Code_Point):
			continue
		case r < utf8.RuneSelf && (unicode.IsPunct(r) || unicode.IsSymbol(r)):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// severities counts events by the most severe finding that each speaks of.
func severities(events []app.Event) []render.Object {
	counts := map[string]int{}
	for i := range events {
		counts[dispatch.Severity(&events[i])]++
	}
	var facts []render.Object
	for _, s := range []string{"Critical", "High", "Medium", "Low", "Info"} {
		if n := counts[s]; n > 0 {
			facts = append(facts, fact(s, strconv.Itoa(n)))
		}
	}
	return facts
}

func urgency(style string) int {
	switch style {
	case render.StyleAttention:
		return 3
	case render.StyleWarning:
		return 2
	case render.StyleAccent:
		return 1
	default:
		return 0
	}
}

func member(name, value string) render.Member { return render.Member{Name: name, Value: value} }

// asText takes the meaning from braces: in every text of a card, {{DATE(…)}} and
// {{TIME(…)}} are functions of Adaptive Cards. It comes after whatever cuts.
var asText = strings.NewReplacer("{", `\{`)

func text(s string, more ...render.Member) render.Object {
	return append(render.Object{member("type", "TextBlock"), member("text", asText.Replace(s)), {Name: "wrap", Value: true}}, more...)
}

func fact(label, value string) render.Object {
	return render.Object{member("title", label), member("value", asText.Replace(value))}
}

// shows says whether there is something to see; Teams refuses a card with a
// text that has nothing.
func shows(s string) bool { return strings.TrimSpace(s) != "" }

func heading(title, style string) render.Object {
	if !shows(title) {
		title = "Notification"
	}
	c := container(style, text(title, member("weight", "Bolder"), member("size", "Medium")))
	return append(c, render.Member{Name: "bleed", Value: true})
}

func container(style string, items ...render.Object) render.Object {
	return render.Object{member("type", "Container"), member("style", style), {Name: "items", Value: items}}
}

// foot names the team; a card without one has no foot.
func foot(m *dispatch.Message) []render.Object {
	team := escape(app.Cut(m.Team, 100))
	if m.Held {
		team = strings.TrimPrefix(team+" · "+render.Held, " · ")
	}
	if team == "" {
		return nil
	}
	return []render.Object{text(team, member("size", "Small"), render.Member{Name: "isSubtle", Value: true}, member("spacing", "Medium"))}
}

func open(label, link string) render.Object {
	if label == "" {
		label = "View"
	}
	return render.Object{member("type", "Action.OpenUrl"), member("title", label), member("url", link)}
}
