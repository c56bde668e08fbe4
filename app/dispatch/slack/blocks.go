package slack

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	api "github.com/slack-go/slack"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/render"
)

// Slack's limits in characters, counted as UTF-16 does, which is never less than
// what Slack counts (docs.slack.dev, Block Kit reference and chat.postMessage).
const (
	maxText    = 40_000
	maxBlocks  = 50
	maxSection = 3000
	maxHeader  = 150
	maxField   = 2000
	maxFields  = 10
	// maxTotal is for all blocks of a message together as JSON. It stands in no
	// documentation: from about 13,200 on, Slack answers msg_blocks_too_long
	// (slackapi/bolt-js#2509).
	maxTotal = 13_000
)

// Sizes of our own, which keep a message readable.
const (
	shownField  = 300 // characters of a fact
	shownEvents = 20  // events that a digest lists
	shownLine   = 300 // characters of each
	maxLink     = 2000
)

// compose returns the message as text, for notifications and where blocks are
// not shown, and as blocks.
func (c *Channel) compose(ctx context.Context, m *dispatch.Message) (string, []api.Block) {
	texts := make([]render.SlackText, min(len(m.Events), shownEvents))
	for i := range texts {
		e := &m.Events[i]
		texts[i] = render.Slack(render.Input{
			Call: &e.Call, At: e.At, Team: m.Team, Site: m.Site, To: m.To, Version: m.Version,
			People: c.finder(ctx, m.Destination.Account),
		})
		if m.Held {
			texts[i].Foot = strings.TrimPrefix(texts[i].Foot+" · "+render.Held, " · ")
		}
	}
	if len(texts) == 1 {
		return one(texts[0])
	}
	return many(texts, m)
}

func (c *Channel) finder(ctx context.Context, account app.AccountID) func(string) (app.Person, bool) {
	if c.People == nil {
		return nil
	}
	return func(username string) (app.Person, bool) { return c.People(ctx, account, username) }
}

// one is the message about one event.
func one(t render.SlackText) (string, []api.Block) {
	for field := shownField; ; field /= 2 {
		blocks := []api.Block{header(t.Header)}
		blocks = add(blocks, section(clip(t.Body, maxSection)))
		if facts := fields(t.Fields, field); len(facts) > 0 {
			blocks = append(blocks, api.NewSectionBlock(nil, facts, nil))
		}
		blocks = add(blocks, section(clipLines(t.List, maxSection)))
		blocks = add(blocks, section(link(t.Link, or(t.Action, "View"))))
		blocks = add(blocks, foot(t.Foot))
		if fits(blocks) {
			return fallback(t.Fallback, t.Header), blocks
		}
		// Facts are cut first; then the list goes, then the body is cut.
		if field < 40 {
			switch {
			case t.List != "":
				t.List = ""
			case len(t.Fields) > 0:
				t.Fields = nil
			default:
				t.Body = clip(t.Body, len(t.Body)/2)
				t.Foot = ""
			}
			field = shownField
		}
	}
}

// many is the message about several events, the most severe ones first; those
// that are not shown are counted.
func many(texts []render.SlackText, m *dispatch.Message) (string, []api.Block) {
	title := strconv.Itoa(len(m.Events)) + " notifications"
	for n := len(texts); ; n-- {
		blocks := []api.Block{header(title)}
		blocks = add(blocks, section(severities(m.Events)))
		plain := []string{title}
		for _, t := range texts[:n] {
			line := clip(strings.ReplaceAll(firstLine(t.Body), "|", "¦"), shownLine)
			plain = append(plain, "• "+escape(t.Header)+": "+line)
			if l := link(t.Link, line); l != "" {
				line = l
			}
			blocks = add(blocks, section("*"+escape(t.Header)+"*\n"+line))
		}
		if more := len(m.Events) - n; more > 0 {
			plain = append(plain, "and "+strconv.Itoa(more)+" more")
			blocks = add(blocks, section("_and "+strconv.Itoa(more)+" more_"))
		}
		if len(texts) > 0 {
			blocks = add(blocks, foot(texts[0].Foot))
		}
		if n == 0 || fits(blocks) {
			return fallback(strings.Join(plain, "\n"), title), blocks
		}
	}
}

func fits(blocks []api.Block) bool {
	if len(blocks) > maxBlocks {
		return false
	}
	raw, err := json.Marshal(blocks)
	return err == nil && size(string(raw)) <= maxTotal
}

// size counts characters as UTF-16 does.
func size(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

func fallback(text, title string) string {
	if strings.TrimSpace(text) == "" {
		text = escape(or(strings.TrimSpace(title), "Notification"))
	}
	return clip(text, maxText)
}

func add(blocks []api.Block, b api.Block) []api.Block {
	if b == nil {
		return blocks
	}
	return append(blocks, b)
}

func header(title string) api.Block {
	if strings.TrimSpace(title) == "" {
		title = "Notification"
	}
	return api.NewHeaderBlock(api.NewTextBlockObject(api.PlainTextType, clip(title, maxHeader), false, false))
}

// mrkdwn is a text in which Slack looks for nothing that is not marked: neither
// addresses nor names become links.
func mrkdwn(s string) *api.TextBlockObject {
	return api.NewTextBlockObject(api.MarkdownType, s, false, true)
}

// section is a paragraph, nil without a text.
func section(s string) api.Block {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return api.NewSectionBlock(mrkdwn(clip(s, maxSection)), nil, nil)
}

func foot(s string) api.Block {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return api.NewContextBlock("", mrkdwn(clip(s, shownField)))
}

// fields shows facts side by side, each at most n characters long.
func fields(facts [][2]string, n int) []*api.TextBlockObject {
	var list []*api.TextBlockObject
	for _, f := range facts[:min(len(facts), maxFields)] {
		if strings.TrimSpace(f[1]) != "" {
			list = append(list, mrkdwn("*"+escape(f[0])+"*\n"+clip(f[1], min(n, maxField))))
		}
	}
	return list
}

// link is a link with a label, which is escaped already; "" without an address
// that can be in one.
func link(to, label string) string {
	if to == "" || len(to) > maxLink || strings.ContainsAny(to, "\n\r\t ") {
		return ""
	}
	return "<" + linkEscapes.Replace(to) + "|" + label + ">"
}

var linkEscapes = strings.NewReplacer("&", "&amp;", "|", "%7C", "<", "%3C", ">", "%3E")

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escape(s string) string { return escapes.Replace(s) }

// severities counts events by the most severe finding that each speaks of.
func severities(events []app.Event) string {
	counts := map[string]int{}
	for i := range events {
		counts[dispatch.Severity(&events[i])]++
	}
	var parts []string
	for _, s := range []string{"Critical", "High", "Medium", "Low", "Info"} {
		if n := counts[s]; n > 0 {
			parts = append(parts, s+": *"+strconv.Itoa(n)+"*")
		}
	}
	return strings.Join(parts, "   ")
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// clip cuts an escaped text to at most n characters, with an ellipsis, and never
// within an escape.
func clip(s string, n int) string {
	if len(s) <= n || size(s) <= n {
		return s
	}
	count, end := 0, 0
	for i, r := range s {
		w := utf16.RuneLen(r)
		if count+w > n-1 {
			end = i
			break
		}
		count += w
	}
	s = s[:max(end, 0)]
	if amp := strings.LastIndexByte(s, '&'); amp >= 0 && !strings.Contains(s[amp:], ";") && len(s)-amp < utf8.UTFMax+2 {
		s = s[:amp]
	}
	return strings.TrimRight(s, " \n") + "…"
}

// clipLines cuts a text of lines, some of which are links, between lines.
func clipLines(s string, n int) string {
	if size(s) <= n {
		return s
	}
	kept := ""
	for line := range strings.SplitSeq(s, "\n") {
		if size(kept)+size(line)+2 > n {
			break
		}
		kept += line + "\n"
	}
	return kept + "…"
}
