package render_test

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch/render"
)

// recordedText is one event as a real server told it on every channel.
type recordedText struct {
	Name  string   `json:"name"`
	Call  app.Call `json:"call"`
	To    string   `json:"to"` // whose copy Mail.Person is
	Alert struct {
		Title       string `json:"title"`
		Description string `json:"description"`
		URL         string `json:"url"`
		Source      string `json:"source"`
		Icon        string `json:"icon"`
	} `json:"alert"`
	Mail struct {
		Person, Shared struct{ Subject, Text string }
	} `json:"mail"`
	Slack string `json:"slack"`
	Teams *struct {
		Title  string      `json:"title"`
		Text   string      `json:"text"`
		Facts  [][2]string `json:"facts"`
		Action [2]string   `json:"action"`
	} `json:"teams"`
}

// difference is a place where Bellhop's words are not the recorded ones, on
// purpose. A difference that no recording shows any more fails the test.
type difference struct {
	name, why string
	// mend makes Bellhop's words of the recorded ones; "" drops a line.
	mend func(r *recordedText, line string) string
}

// subst mends what matches a pattern.
func subst(pattern, by string) func(*recordedText, string) string {
	re := regexp.MustCompile(pattern)
	return func(_ *recordedText, line string) string { return re.ReplaceAllString(line, by) }
}

// only limits a difference to some events.
func only(mend func(*recordedText, string) string, kinds ...app.Kind) func(*recordedText, string) string {
	return func(r *recordedText, line string) string {
		if slices.Contains(kinds, r.Call.Kind) {
			return mend(r, line)
		}
		return line
	}
}

// wordDifferences are the ones of single lines, on every channel.
var wordDifferences = []difference{
	{
		"escaped",
		"entities belong into HTML; elsewhere a reader sees them",
		func(_ *recordedText, line string) string { return html.UnescapeString(line) },
	},
	{
		"author",
		"2.46 names the reader as the author of a note",
		only(func(r *recordedText, line string) string {
			return regexp.MustCompile(`^User (Ana Alder \(ana\)|Fay Fir \(fay\)) jotted`).ReplaceAllString(line, "User "+r.Call.RequestedBy+" jotted")
		}, app.KindUserMentioned),
	},
	{
		"days",
		"2.46 leaves the days of a service level out",
		only(func(r *recordedText, line string) string {
			return strings.Replace(line, "SLA due date: .", "SLA due date: "+strconv.Itoa(*r.Call.SLAAge)+".", 1)
		}, app.KindSLABreach),
	},
	{
		"upcoming",
		"an upcoming engagement is called by its own name, not by the product's",
		only(func(r *recordedText, line string) string {
			return strings.Replace(line, `"`+r.Call.Product.Name+`"`, `"`+r.Call.Engagement.Name+`"`, 1)
		}, app.KindUpcomingEngagement),
	},
	{
		"doubled",
		"a second address is glued to one that is absolute",
		subst(`https?://[^/ ]*?(https?://)`, "$1"),
	},
	{
		"untitled",
		"a test without a title has none, instead of None",
		only(subst(` Title: None`, ""), app.KindTestAdded),
	},
	{
		"acceptance",
		"the link to a risk acceptance leads there, not to the start page",
		only(func(r *recordedText, line string) string {
			return regexp.MustCompile(`^(Risk Acceptance can be viewed here: https?://[^/]*)$`).ReplaceAllString(line, "${1}"+r.Call.URL)
		}, app.KindRiskAcceptanceExpiration),
	},
}

// mailDifferences are the ones of mails besides.
var mailDifferences = []difference{
	{"greeting", "a blank before the comma", subst(`^Hello ,$`, "Hello,")},
	{"regards", "the team's name is lost in DefectDojo's mails", subst(`^Defect Dojo$`, "TEAM")},
	{
		"link line",
		"a text part shows the address where HTML hides it behind a name",
		subst(`^(.*\.) It can be viewed here: .*$`, "$1"),
	},
	{"at", "the same colon before every link", subst(`^It can be reviewed at `, "It can be reviewed at: ")},
	{"guidance", "a full stop", subst(`^(Please refer to your SLA documentation for further guidance)$`, "$1.")},
	{"standard", "that something has occurred says nothing; the title stands there instead", subst(`^Event \w+ has occurred\.$`, "")},
	{"none", "an empty list needs no word", subst(`^None$`, "")},
	{
		"for while",
		"grammar", func(_ *recordedText, line string) string {
			line = strings.Replace(line, "updated for while", "updated while", 1)
			return regexp.MustCompile(`^1 findings have been`).ReplaceAllString(line, "1 finding has been")
		},
	},
	{
		"separate",
		"that findings come in a mail of their own is DefectDojo's business",
		subst(`^Finding details in the 'scan_added' email.*$`, ""),
	},
	{
		"items",
		"lists have marks",
		only(subst(`^(.*) \((Critical|High|Medium|Low|Info)\)( (Active|Inactive), .*)?$`, "- $1 ($2)"),
			app.KindScanAdded, app.KindScanAddedEmpty, app.KindRiskAcceptanceExpiration),
	},
	{
		"combined items",
		"what DefectDojo calls the age is the finding's, not the service level's",
		only(subst(`^"(.*)" \((\w+) severity\), SLA age: \d+$`, "- $1 ($2)"), app.KindSLABreachCombined),
	},
	{
		"summary",
		"facts have labels; nobody's name is left out instead of None",
		only(func(r *recordedText, line string) string {
			line = regexp.MustCompile(`^(Product summary:|(team manager|product manager|technical contact): None)$`).ReplaceAllString(line, "")
			line = regexp.MustCompile(`^name: `).ReplaceAllString(line, "- Product: ")
			line = regexp.MustCompile(`^product type: `).ReplaceAllString(line, "- Product type: ")
			return strings.Replace(line, "findings breaching their SLA today", "findings are breaching their SLA today", 1)
		}, app.KindSLABreachCombined),
	},
	{
		"overdue",
		"days overdue are not negative; what is due today is said so; 2.46 says 'remaining' of everything",
		only(func(r *recordedText, line string) string {
			line = strings.Replace(line, "overdue: -", "overdue: ", 1)
			if strings.HasPrefix(line, "A security finding is about to breach its SLA.") {
				switch age := *r.Call.SLAAge; {
				case age < 0:
					return "This security finding has breached its SLA."
				case age == 0:
					return "A security finding breaches its SLA today."
				}
				return "A security finding is about to breach its SLA."
			}
			return line
		}, app.KindSLABreach),
	},
	{
		"acceptance",
		"the number has its noun, the day its 'on'; what happened to the findings is not known",
		only(func(r *recordedText, line string) string {
			line = regexp.MustCompile(` with (\d+) (has expired|will expire) (.*)$`).ReplaceAllString(line, " with $1 findings $2 on $3.")
			line = strings.Replace(line, " with 1 findings", " with 1 finding", 1)
			line = strings.Replace(line, " with 0 findings", "", 1)
			if line == "Findings:" {
				line = ""
			}
			return strings.Replace(line, "Findings have been reactivated", "", 1)
		}, app.KindRiskAcceptanceExpiration),
	},
	{"reviewers", "lists and quotes have marks", only(func(r *recordedText, line string) string {
		line = regexp.MustCompile(`^(\w+ \w+ \(\w+\))$`).ReplaceAllString(line, "- $1")
		return regexp.MustCompile(`^(Review Request: .*)$`).ReplaceAllString(line, "> $1")
	}, app.KindReviewRequested)},
	{"quote", "what somebody wrote is marked", only(func(r *recordedText, line string) string {
		for l := range strings.SplitSeq(r.Call.Note, "\n") {
			if l == line {
				return "> " + line
			}
		}
		return line
	}, app.KindUserMentioned)},
	{"trail", "a test stands below the sentence", subst(`^A new test has been added: `, "")},
	{"reminder", "a capital", only(subst(`^this is a reminder`, "This is a reminder"), app.KindUpcomingEngagement)},
	{"project", "facts have marks", only(subst(`^(Project (start|end): )`, "- $1"), app.KindUpcomingEngagement)},
	{
		"markup",
		"DefectDojo's mails swallow what looks like a tag in a description",
		func(r *recordedText, line string) string {
			stripped := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(r.Call.Description, "")
			for i, l := range strings.Split(stripped, "\n") {
				if stripped != r.Call.Description && strings.Join(strings.Fields(l), " ") == strings.Join(strings.Fields(line), " ") {
					return strings.Split(r.Call.Description, "\n")[i]
				}
			}
			return line
		},
	},
	{
		"created",
		"2.46 has no mail text of its own for a product type",
		only(func(r *recordedText, line string) string {
			line = regexp.MustCompile(`^Product Type (.*) has been created successfully\.$`).ReplaceAllString(line, `The new product type "$1" has been added.`)
			return strings.Replace(line, "More information on this event can be found here: ", "It can be viewed here: ", 1)
		}, app.KindProductTypeAdded),
	},
	{
		"empty scan",
		"3.2 lost the mail of a scan that changed nothing",
		only(subst(`^More information on this event can be found here: `, "You can find details here: "), app.KindScanAddedEmpty),
	},
}

func TestWordsAreThoseOfRealServers(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for version, setup := range map[string][2]string{
		"2.46.0": {"Sec Team", "https://dojo.example.com"},
		"3.2.0":  {"Shop Sec", "http://127.0.0.1:8320"},
	} {
		for _, r := range recordings[recordedText](t, "texts-"+version) {
			in := render.Input{
				Call: &r.Call, Team: setup[0], Site: setup[1], Version: version, People: knownPeople(version),
				At: time.Date(2026, 11, 25, 14, 0, 0, 0, time.UTC),
			}
			compareAlert(t, used, in, &r)
			compareSlack(t, used, in, &r)
			compareMail(t, used, in, &r)
			compareTeams(t, in, &r)
		}
	}
	for _, d := range wordDifferences {
		if !used["words: "+d.name] {
			t.Errorf("no recording shows the difference %q any more", d.name)
		}
	}
	for _, d := range mailDifferences {
		if !used["mail: "+d.name] {
			t.Errorf("no recording shows the mail's difference %q any more", d.name)
		}
	}
}

func knownPeople(version string) func(string) (app.Person, bool) {
	last := map[string]string{"2.46.0": "Alder", "3.2.0": "Lima"}[version]
	return func(u string) (app.Person, bool) {
		return app.Person{Username: u, FirstName: "Ana", LastName: last, RemoteID: 4}, u == "ana"
	}
}

// mend applies the differences of one table to a line.
func mend(used map[string]bool, prefix string, table []difference, r *recordedText, line string) string {
	for _, d := range table {
		if got := d.mend(r, line); got != line {
			used[prefix+d.name] = true
			line = got
		}
	}
	return line
}

// squash makes one blank of every run of white space.
func squash(s string) string { return strings.Join(strings.Fields(s), " ") }

func compareAlert(t *testing.T, used map[string]bool, in render.Input, r *recordedText) {
	t.Helper()
	got := render.Alert(in)
	want := render.AlertText{
		Title: r.Alert.Title, URL: r.Alert.URL, Source: r.Alert.Source, Icon: r.Alert.Icon,
		Description: squash(mend(used, "words: ", wordDifferences, r, r.Alert.Description)),
	}
	got.Description = squash(got.Description)
	if got != want {
		t.Errorf("%s, alert:\n got %+v\nwant %+v", r.Name, got, want)
	}
}

func compareSlack(t *testing.T, used map[string]bool, in render.Input, r *recordedText) {
	t.Helper()
	if r.Slack == "" {
		return
	}
	want := make([]string, 0, 8)
	for l := range strings.SplitSeq(r.Slack, "\n") {
		want = append(want, mend(used, "words: ", wordDifferences, r, strings.TrimSpace(l)))
	}
	in.Letter = r.Call.Kind == app.KindScanAddedEmpty
	if got, want := squash(render.Slack(in).Text), squash(strings.Join(want, "\n")); got != want {
		t.Errorf("%s, Slack:\n got %s\nwant %s", r.Name, got, want)
	}
}

func compareMail(t *testing.T, used map[string]bool, in render.Input, r *recordedText) {
	t.Helper()
	for _, want := range []struct{ Subject, Text string }{r.Mail.Person, r.Mail.Shared} {
		if want.Text == "" {
			continue
		}
		in.To = app.Person{}
		if want == r.Mail.Person {
			in.To, _ = in.People(r.To)
		}
		got := render.Mail(in)
		if got.Subject != want.Subject {
			t.Errorf("%s: subject is %q, want %q", r.Name, got.Subject, want.Subject)
		}
		lines := strings.Split(got.Text, "\n")
		text := strings.ReplaceAll(want.Text, "settings here:\n", "settings here: ")
		for line := range strings.SplitSeq(text, "\n") {
			line = mend(used, "mail: ", mailDifferences, r, mend(used, "words: ", wordDifferences, r, line))
			line = strings.Replace(line, "TEAM", in.Team, 1)
			if line == "Hello," && in.To.Username != "" {
				line = "Hello Ana " + in.To.LastName + " (ana),"
			}
			if line != "" && !slices.Contains(lines, line) {
				t.Errorf("%s: the mail lacks the line %q:\n%s", r.Name, line, got.Text)
			}
		}
		compareHTML(t, r.Name, got)
	}
}

// compareHTML holds the two parts of a mail against each other.
func compareHTML(t *testing.T, name string, m render.MailText) {
	t.Helper()
	page := squash(html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(
		strings.ReplaceAll(m.HTML, "<br/>", " "), "")))
	for line := range strings.SplitSeq(m.Text, "\n") {
		line = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(line), "- "), "> ")
		if label, value, ok := strings.Cut(line, ": "); ok && !strings.Contains(page, squash(line)) {
			line = label + value // a fact is two cells
		}
		if !strings.Contains(page, squash(line)) && !strings.HasPrefix(line, "http") {
			t.Errorf("%s: the page lacks %q:\n%s", name, line, page)
		}
	}
}

// cardDifferences are facts of the server's cards that no call knows, and
// words that differ.
var cardDifferences = regexp.MustCompile(`^(Critical Product|Key Product|Tags|SLA Configuration|Internet Accessible|` +
	`Reactivation Status|SLA age|Start date|End date):`)

func compareTeams(t *testing.T, in render.Input, r *recordedText) {
	t.Helper()
	if r.Teams == nil {
		return
	}
	got := render.Teams(in)
	want := strings.Replace(r.Teams.Action[1], "None", "", 1)
	want = regexp.MustCompile(`https?://[^/ ]*?(https?://)`).ReplaceAllString(want, "$1")
	if r.Call.Kind == app.KindRiskAcceptanceExpiration {
		want = in.Site + r.Call.URL // the card leads to the start page
	}
	if r.Call.Kind == app.KindEngagementClosed {
		want = in.Site + r.Call.URL // the card of 3.2 leads to the engagement instead of its findings
	}
	want = strings.TrimSuffix(want, in.Site+"/") // no link at all
	if want == in.Site {
		want = ""
	}
	if r.Call.Kind != app.KindSLABreachCombined && got.Link != want {
		t.Errorf("%s: the card leads to %q, want %q", r.Name, got.Link, want)
	}
	if in.Version != "3.2.0" {
		return // 2.46 posts cards of another kind
	}
	if r.Teams.Title == "Event" {
		return // the card of all events that have none of their own; ours is called by the event
	}
	if got.Title != r.Teams.Title {
		t.Errorf("%s: the card is called %q, want %q", r.Name, got.Title, r.Teams.Title)
	}
	facts := fmt.Sprint(got.Facts)
	for _, f := range r.Teams.Facts {
		if cardDifferences.MatchString(f[0]) {
			continue
		}
		fact := fmt.Sprint([2]string{strings.TrimSuffix(f[0], ":"), html.UnescapeString(f[1])})
		if !strings.Contains(unmark(facts), fact) {
			t.Errorf("%s: the card lacks the fact %s: %s", r.Name, fact, facts)
		}
	}
	if r.Call.Kind == app.KindSLABreach || r.Call.Kind == app.KindRiskAcceptanceExpiration {
		return // the sentences are no sentences: "SLA breach X with severity High has breached its SLA"
	}
	text := html.UnescapeString(regexp.MustCompile(`\[(.*?)\]\(http[^)]*\)`).ReplaceAllString(r.Teams.Text, "$1"))
	text = regexp.MustCompile(`^1 findings have been`).ReplaceAllString(text, "1 finding has been")
	if unmark(got.Text) != text {
		t.Errorf("%s: the card says %q, want %q", r.Name, unmark(got.Text), text)
	}
}

// unmark takes the escapes of Markdown away.
func unmark(s string) string { return regexp.MustCompile(`\\([^\w\s])`).ReplaceAllString(s, "$1") }
