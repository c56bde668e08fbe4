package render

import (
	"strings"

	"bellhop/app"
)

// maxParagraph bounds one text of a message in characters, whatever a server
// sends.
const maxParagraph = 10_000

// message is an event in words before a channel gives it its form. All texts
// are plain and harmless, and not escaped.
type message struct {
	label  string // what kind of event it is
	title  string // one line; "" where the sentence says it all
	brief  string // the event in one sentence, for cards and toasts
	intro  []string
	people []string // who is asked for a review
	quote  string   // what somebody wrote
	facts  [][2]string
	card   [][2]string // facts that a mail tells in its sentences and lists
	trail  []crumb
	lists  []list
	after  string
	// reach introduces the link.
	reach, link, action string
	style               string
}

// crumb is an object on the way to what the event is about.
type crumb struct{ name, link string }

// list is a list of findings with its heading.
type list struct {
	what     string // "New": what happened to them; "" = nothing
	name     string
	findings []app.FindingRef
}

// compose words the event. An event whose call does not name its objects, as
// those that come from a server's alerts, says what the call says.
func (in *Input) compose() message {
	m := message{
		label: in.label(), style: in.style(), link: in.url(),
		reach: "More information on this event can be found here", action: "View",
	}
	m.card = in.cardFacts()
	if in.templated(&m) {
		for i := range m.lists {
			m.lists[i].findings = severest(m.lists[i].findings)
		}
		return m
	}
	m.title = shorten(strings.TrimSpace(oneLine(in.Call.Title)), app.MaxTitle)
	m.brief = m.title
	if in.says() || m.title == "" {
		m.brief = shorten(strings.TrimSpace(in.standard()), maxParagraph)
		m.intro = append(m.intro, m.brief)
	}
	if m.brief == "" {
		m.brief = m.label
	}
	m.facts = m.card // no sentence tells them
	return m
}

// templated words the events that have words of their own.
func (in *Input) templated(m *message) bool {
	c := in.Call
	switch c.Kind {
	case app.KindProductTypeAdded, app.KindProductAdded:
		return in.objectAdded(m)
	case app.KindEngagementAdded, app.KindEngagementClosed:
		return in.engagement(m)
	case app.KindUpcomingEngagement:
		return in.upcoming(m)
	case app.KindTestAdded:
		return in.testAdded(m)
	case app.KindScanAdded, app.KindScanAddedEmpty:
		return in.scanAdded(m)
	case app.KindReviewRequested:
		return in.reviewRequested(m)
	case app.KindUserMentioned:
		return in.userMentioned(m)
	case app.KindSLABreach:
		return in.slaBreach(m)
	case app.KindSLABreachCombined:
		return in.slaCombined(m)
	case app.KindRiskAcceptanceExpiration:
		return in.riskAcceptance(m)
	default:
		return false
	}
}

func (in *Input) objectAdded(m *message) bool {
	c, what, ref := in.Call, "product type", in.Call.ProductType
	m.action = "View Product Type"
	if c.Kind == app.KindProductAdded {
		what, ref, m.action = "product", c.Product, "View Product"
	}
	if ref == nil {
		m.action = "View"
		return false
	}
	m.reach = "It can be viewed here"
	m.intro = []string{in.description() + "."}
	m.brief = "A new " + what + " " + name(ref) + " has been added."
	return true
}

func (in *Input) engagement(m *message) bool {
	c := in.Call
	if c.Engagement == nil || c.Product == nil {
		return false
	}
	m.reach, m.action = "It can be viewed here", "View Engagement"
	m.intro = []string{in.engagementSentence()}
	m.trail = in.trail(false)
	if c.Kind == app.KindEngagementClosed {
		m.brief = "An engagement " + name(c.Engagement) + " has been closed."
	} else {
		m.brief = "A new engagement " + name(c.Engagement) + " has been added."
	}
	return true
}

func (in *Input) upcoming(m *message) bool {
	c := in.Call
	if c.Engagement == nil || c.Start.IsZero() {
		return false
	}
	m.action = "View Engagement"
	m.brief = "Engagement " + name(c.Engagement) + " is starting on " + date(c.Start) + "."
	m.intro = []string{"This is a reminder that the engagement " + quote(name(c.Engagement)) + " is about to start shortly."}
	m.trail = in.trail(false)
	m.facts = append(m.facts, [2]string{"Project start", date(c.Start)})
	if !c.End.IsZero() {
		m.facts = append(m.facts, [2]string{"Project end", date(c.End)})
	}
	return true
}

func (in *Input) testAdded(m *message) bool {
	c := in.Call
	if c.Engagement == nil || testName(c) == "" {
		return false
	}
	m.reach, m.action = "You can find details here", "View Test"
	m.intro = []string{"A new test has been added:"}
	m.brief = "A new test " + testName(c) + " has been added."
	m.trail = in.trail(true)
	return true
}

func (in *Input) scanAdded(m *message) bool {
	c := in.Call
	if testName(c) == "" {
		return false
	}
	m.reach, m.action = "You can find details here", "View Scan"
	if in.says() {
		m.intro = append(m.intro, in.standard())
	}
	m.intro = append(m.intro, findingsWere(count(c))+" updated while a scan was uploaded:")
	m.brief = findingsWere(count(c)) + " updated for scan " + testName(c) + "."
	m.trail = in.trail(true)
	for _, l := range changes(c) {
		m.lists = append(m.lists, list{l.name, l.name + " findings", l.findings})
	}
	return true
}

// untouched findings are counted and only mails list them.
const untouched = "Untouched"

// changes are an import's findings by what happened to them.
func changes(c *app.Call) [4]list {
	return [4]list{
		{name: "New", findings: c.FindingsNew},
		{name: "Reactivated", findings: c.FindingsReactivated},
		{name: "Closed", findings: c.FindingsMitigated},
		{name: untouched, findings: c.FindingsUntouched},
	}
}

func (in *Input) reviewRequested(m *message) bool {
	c := in.Call
	if c.Finding == nil {
		return false
	}
	title := short(c.Finding.Title)
	m.reach, m.action = "It can be reviewed at", "Review Finding"
	m.people = in.reviewers()
	m.quote = shorten(strings.TrimSpace(plain(c.Note)), maxParagraph)
	who := "User " + in.letterAuthor()
	if in.author() == "" {
		who = "Somebody"
	}
	switch {
	case len(m.people) > 0:
		m.intro = []string{who + " has requested that the following users review the finding " + quote(title) + " for accuracy:"}
	default:
		m.intro = []string{who + " has requested a review of the finding " + quote(title) + "."}
	}
	m.brief = who + " has requested a review of the finding " + quote(title) + "."
	return true
}

func (in *Input) userMentioned(m *message) bool {
	c := in.Call
	if c.Note == "" {
		return false
	}
	m.reach, m.action = "It can be reviewed at", "View Note"
	who := "User " + in.letterAuthor()
	if in.author() == "" {
		who = "Somebody"
	}
	m.brief = who + " jotted a note" + suffix(" on ", short(c.Section)) + ":"
	m.intro = []string{m.brief}
	m.quote = shorten(strings.TrimSpace(plain(c.Note)), maxParagraph)
	return true
}

func (in *Input) slaBreach(m *message) bool {
	c := in.Call
	if c.Finding == nil {
		return false
	}
	title, severity := short(c.Finding.Title), short(c.Finding.Severity)
	m.reach, m.action = "You can find details here", "View Finding"
	verb := "is about to breach its SLA"
	m.intro = []string{"A security finding is about to breach its SLA."}
	switch {
	case in.overdue():
		verb = "has breached its SLA"
		m.intro = []string{"This security finding has breached its SLA."}
	case c.SLAAge != nil && *c.SLAAge == 0:
		verb = "breaches its SLA today"
		m.intro = []string{"A security finding breaches its SLA today."}
	}
	m.brief = title + suffix(" with severity ", severity) + " " + verb
	if d := in.due(); d != "" && d != "due today" {
		m.brief += " (" + d + ")"
	}
	m.brief += "."
	if c.SLAAge != nil {
		n := *c.SLAAge
		label := "Day(s) remaining"
		if n < 0 {
			label, n = "Day(s) overdue", -n
		}
		m.facts = append(m.facts, [2]string{label, itoa(int64(n))})
	}
	m.facts = append(m.facts, [2]string{"Title", title})
	if severity != "" {
		m.facts = append(m.facts, [2]string{"Severity", severity})
	}
	m.trail = in.trail(true)
	m.after = slaGuidance
	return true
}

const slaGuidance = "Please refer to your SLA documentation for further guidance."

func (in *Input) slaCombined(m *message) bool {
	c := in.Call
	if len(c.Findings) == 0 {
		return false
	}
	switch c.Breach {
	case "breached":
		m.brief = "These security findings have breached their SLA:"
	case "breaching":
		m.brief = "These security findings are breaching their SLA today:"
	default:
		m.brief = "These security findings are about to breach their SLA:"
	}
	m.title = shorten(oneLine(c.Title), app.MaxTitle)
	m.intro = []string{m.brief}
	if c.Product != nil {
		m.facts = append(m.facts, [2]string{"Product", name(c.Product)})
	}
	if c.ProductType != nil {
		m.facts = append(m.facts, [2]string{"Product type", name(c.ProductType)})
	}
	m.lists = []list{{name: "Findings", findings: c.Findings}}
	if m.link == "" && c.Product != nil {
		m.link = in.page("product", c.Product.ID)
	}
	m.action = "View Product"
	m.after = slaGuidance
	return true
}

func (in *Input) riskAcceptance(m *message) bool {
	c := in.Call
	m.reach, m.action = "Risk Acceptance can be viewed here", "View Risk Acceptance"
	if c.Accepted == nil {
		return false
	}
	verb, when := " will expire", ""
	if in.expired() {
		verb = " has expired"
	}
	if !c.End.IsZero() {
		when = " on " + date(c.End)
	}
	of := "Risk acceptance " + name(c.Accepted)
	if len(c.Findings) > 0 {
		of += " with " + counted(len(c.Findings), "finding", "findings")
	}
	m.brief = of + verb + when + "."
	if in.says() {
		m.intro = append(m.intro, in.standard())
	}
	m.intro = append(m.intro, m.brief)
	m.trail = in.trail(false)
	if len(c.Findings) > 0 {
		m.lists = []list{{name: "Findings", findings: c.Findings}}
	}
	return true
}

// trail is the way to the engagement, or to the test.
func (in *Input) trail(test bool) []crumb {
	c := in.Call
	var t []crumb
	if c.Product != nil {
		t = append(t, crumb{name(c.Product), in.page("product", c.Product.ID)})
	}
	if c.Engagement != nil {
		t = append(t, crumb{name(c.Engagement), in.page("engagement", c.Engagement.ID)})
	}
	if n := testName(c); test && n != "" {
		var id int64
		if c.Test != nil {
			id = c.Test.ID
		}
		t = append(t, crumb{n, in.page("test", id)})
	}
	return t
}
