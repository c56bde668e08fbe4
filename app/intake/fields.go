package intake

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"bellhop/app"
)

// The bounds of a local event beyond DefectDojo's own.
const (
	maxKey    = 200 // bytes of a key
	maxTags   = 100
	maxTag    = 100 // characters
	maxFuture = 24 * time.Hour
)

// Fields are a local event as its sender gives it. The zero value of a field is
// "not given".
type Fields struct {
	Event       string // "" = other
	Title       string
	Description string
	URL         string // http, https, or a path on the account's server
	ProductType Object
	Product     Object
	Engagement  Object
	Test        Object
	Finding     Object
	Severity    string // of the finding, or of the event where there is none
	// Recipients are user names; a list that is empty and not nil is nobody.
	Recipients []string
	AlertOnly  bool
	NoUsers    bool
	Tags       []string
	// Key makes sending twice harmless; "" = one that nobody else has.
	Key   string
	At    time.Time // zero = now
	Actor string    // user name
}

// Object names something on the server by id, by name, or both.
type Object struct {
	ID   int64
	Name string
}

// ObjectFlag reads an object from the command line: digits are an id, all else
// is a name.
func ObjectFlag(value string) Object {
	value = strings.TrimSpace(value)
	if value != "" && len(value) < 18 && strings.Trim(value, "0123456789") == "" {
		return Object{ID: number([]byte(value))}
	}
	return Object{Name: value}
}

func (o Object) ref() *app.Ref {
	if o == (Object{}) {
		return nil
	}
	return &app.Ref{ID: o.ID, Name: app.Cut(o.Name, maxName)}
}

// Notice is a local event that can be recorded, with what its sender should
// know.
type Notice struct {
	Event app.Event
	// Warnings are sentences: a text that was cut, a name that may be misspelt.
	Warnings []string
	// Line is the line of a batch, 0 elsewhere.
	Line int
}

// Notice checks the fields and makes an event of them, for this machine's own
// account. Texts that are too long are cut where DefectDojo cuts them. The
// error is an [app.Problem] that matches [app.ErrInvalid].
func (f Fields) Notice(now time.Time) (Notice, error) {
	var n Notice
	kind, err := f.kind(&n)
	if err != nil {
		return Notice{}, err
	}
	if strings.Trim(f.Title, " \t\r\n\x00") == "" {
		return Notice{}, app.Invalid("The event has no title.", `Say in a few words what happened: --title TEXT, or "title" in JSON.`)
	}
	link, err := checkURL(f.URL)
	if err != nil {
		return Notice{}, err
	}
	severity, err := checkSeverity(f.Severity)
	if err != nil {
		return Notice{}, err
	}
	if f.NoUsers && f.Recipients != nil {
		return Notice{}, app.Invalid("An event cannot be for named people and for nobody in person at once.", "Give recipients or no_users, not both.")
	}
	recipients, err := names(f.Recipients, "recipients", maxPeople, maxUser)
	if err != nil {
		return Notice{}, err
	}
	tags, err := names(f.Tags, "tags", maxTags, maxTag)
	if err != nil {
		return Notice{}, err
	}
	key, err := checkKey(f.Key)
	if err != nil {
		return Notice{}, err
	}
	at := f.At
	if at.IsZero() {
		at = now
	}
	if at.After(now.Add(maxFuture)) || at.Year() < 2000 {
		return Notice{}, app.Invalid("The event's time cannot be right.", "Give the time at which it happened, or none for now.")
	}
	n.Event = app.Event{
		Origin: app.OriginLocal, Key: key, At: at, Kind: kind,
		Call: app.Call{
			Kind:        kind,
			Title:       n.cut("title", f.Title, app.MaxTitle),
			Description: n.cut("description", f.Description, app.MaxDescription),
			URL:         link, Actor: n.cut("actor", strings.TrimSpace(f.Actor), maxUser),
			ProductType: f.ProductType.ref(), Product: f.Product.ref(), Engagement: f.Engagement.ref(), Test: f.Test.ref(),
			Finding: f.finding(severity), Recipients: recipients, NoUsers: f.NoUsers, AlertOnly: f.AlertOnly, Tags: tags,
		},
	}
	return n, nil
}

// kind checks the event's name. One that is not known follows the setting for
// other events, as in DefectDojo, and gets a warning.
func (f Fields) kind(n *Notice) (app.Kind, error) {
	name := strings.TrimSpace(f.Event)
	if name == "" {
		return app.KindOther, nil
	}
	if len(name) > maxKind || strings.ContainsFunc(name, notInName) {
		return "", app.Invalid("This is no name of an event.", "Use letters, digits, points, dashes and underscores, at most 100; without one it is other.")
	}
	if slices.Contains(app.Kinds, app.Kind(name)) || app.Kind(name) == app.KindCodeReview {
		return app.Kind(name), nil
	}
	warning := fmt.Sprintf("There is no event %q in DefectDojo, so that it follows the settings for other events.", name)
	if near := nearest(name, app.Kinds); near != "" {
		warning += fmt.Sprintf(" Did you mean %q?", near)
	}
	n.Warnings = append(n.Warnings, warning)
	return app.Kind(name), nil
}

// cut cuts a text where DefectDojo does, and says so.
func (n *Notice) cut(field, text string, limit int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "")
	short := app.Cut(text, limit)
	if len(short) < len(text) {
		n.Warnings = append(n.Warnings, fmt.Sprintf("The %s is longer than %d characters and was cut.", field, limit))
	}
	return short
}

func (f Fields) finding(severity string) *app.FindingRef {
	if f.Finding == (Object{}) && severity == "" {
		return nil
	}
	ref := app.FindingRef{ID: f.Finding.ID, Title: app.Cut(f.Finding.Name, maxFinding), Severity: severity}
	if f.Finding == (Object{}) {
		ref.Title = app.Cut(f.Title, maxFinding) // the event itself is what is severe
	}
	return &ref
}

// checkURL refuses what no browser should be given. A path needs its slash:
// "example.com/x" would otherwise be looked for on the server.
func checkURL(link string) (string, error) {
	link = strings.TrimSpace(link)
	if link == "" {
		return "", nil
	}
	wrong := app.Invalid("The link cannot be used.", "Begin it with http://, https://, or with one slash for a page on the account's server.")
	if len(link) > maxLink || strings.ContainsFunc(link, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }) {
		return "", wrong
	}
	u, err := url.Parse(link)
	if err != nil || u.User != nil {
		return "", wrong
	}
	switch {
	case u.Scheme == "" && u.Host == "" && strings.HasPrefix(link, "/") && !strings.HasPrefix(link, "//"):
		return link, nil
	case (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "":
		return link, nil
	}
	return "", wrong
}

// severities are DefectDojo's, worst first.
var severities = []string{"Critical", "High", "Medium", "Low", "Info"}

func checkSeverity(severity string) (string, error) {
	severity = strings.TrimSpace(severity)
	if severity == "" {
		return "", nil
	}
	for _, s := range severities {
		if strings.EqualFold(s, severity) {
			return s, nil
		}
	}
	return "", app.Invalid("There is no such severity.", "Give one of: "+strings.Join(severities, ", ")+".")
}

func checkKey(key string) (string, error) {
	if key == "" {
		return "random:" + rand.Text(), nil
	}
	if len(key) > maxKey || strings.TrimSpace(key) != key || strings.ContainsFunc(key, unicode.IsControl) {
		return "", app.Invalid("This key cannot be used.", "Give at most 200 bytes without space around and without control characters, for example a build's number.")
	}
	return "given:" + strings.ToValidUTF8(key, "\ufffd"), nil
}

// names checks a list of names and drops repetitions.
func names(list []string, what string, most, longest int) ([]string, error) {
	if list == nil {
		return nil, nil
	}
	if len(list) > most {
		return nil, app.Invalid(fmt.Sprintf("There are more than %d %s.", most, what), "Send several events.")
	}
	out := make([]string, 0, len(list))
	seen := make(map[string]bool, len(list))
	for _, name := range list {
		name = strings.TrimSpace(name)
		if name == "" || len([]rune(name)) > longest || strings.ContainsFunc(name, unicode.IsControl) {
			return nil, app.Invalid(fmt.Sprintf("One of the %s is no name.", what), fmt.Sprintf("Each has 1 to %d characters.", longest))
		}
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out, nil
}
