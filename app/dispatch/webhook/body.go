package webhook

import (
	"cmp"
	"slices"
	"strings"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/render"
)

// MaxBody is how many bytes a body has where the size is bounded: Standard
// Webhooks 1.0.0 asks for less than 20 kB.
const MaxBody = 20_000

// most is how many findings of a list can fit in a body: the shortest one,
// {"id":1,"title":"","severity":""}, has 33 bytes.
const most = MaxBody / 33

// encode returns the request's words and its body, cut where it has to be; the
// body is written over b where there is room. What is left out of a list is counted
// in "findings_omitted", which DefectDojo does not have and which is there only
// where something is missing. people may be nil.
func encode(b []byte, m *dispatch.Message, people func(string) (app.Person, bool)) (render.WebhookText, []byte, error) {
	e := &m.Events[0]
	in := render.Input{Call: &e.Call, At: e.At, Team: m.Team, Site: m.Site, To: m.To, Version: m.Version, People: people}
	if short(&e.Call) { // as nearly all are: nothing of it has to be copied, let alone cut
		text := render.Webhook(in, owner(m))
		if body, err := appendObject(b[:0], text.Body); err != nil || len(body) <= MaxBody {
			return text, body, err
		}
	}
	all := e.Call
	if m.Config["unbounded"] != "on" {
		all = preclipped(all)
	}
	known := omission{all.More.New, all.More.Reactivated, all.More.Mitigated, all.More.Untouched, 0}
	if n := len(all.Reviewers); n > maxReviewers && m.Config["unbounded"] != "on" {
		all.Reviewers, known[reviewers] = all.Reviewers[:maxReviewers], n-maxReviewers
	}
	// with returns the request with at most n findings.
	with := func(n int) (render.WebhookText, omission, []byte, error) {
		call, omitted := all, known
		if n >= 0 {
			call = shortened(call, &omitted, n)
		}
		in.Call = &call
		text := render.Webhook(in, owner(m))
		body, err := appendObject(b[:0], omitted.addTo(text.Body))
		return text, omitted, body, err
	}
	if m.Config["unbounded"] == "on" {
		text, _, body, err := with(-1)
		return text, body, err
	}
	if text, _, body, err := with(most); err != nil || len(body) <= MaxBody {
		return text, body, err
	}
	text, omitted, body, err := with(0)
	if err != nil {
		return text, nil, err
	}
	if len(body) > MaxBody { // the texts alone are too long
		body, err = clip(text.Body, omitted)
		return text, body, err
	}
	low, high := 0, most-1
	for low < high {
		n := (low + high + 1) / 2
		if _, _, body, err := with(n); err == nil && len(body) <= MaxBody {
			low = n
		} else {
			high = n - 1
		}
	}
	text, _, body, err = with(low)
	return text, body, err
}

// short says of a call that it lists nothing and, as a rule, fits into a body as it
// is. The body of a scan has counts, which are made of its lists.
func short(c *app.Call) bool {
	return c.Kind != app.KindScanAdded && c.Kind != app.KindScanAddedEmpty && len(c.Title)+len(c.Description) <= MaxBody/4 &&
		len(c.FindingsNew)+len(c.FindingsReactivated)+len(c.FindingsMitigated)+len(c.FindingsUntouched)+len(c.Reviewers) == 0 && c.More == (app.FindingCounts{})
}

// preclipped bounds the texts of a call before they are rendered several times.
func preclipped(c app.Call) app.Call {
	for _, s := range []*string{&c.Title, &c.Description} {
		*s = cut(*s, MaxBody)
	}
	for _, ref := range []**app.Ref{&c.ProductType, &c.Product, &c.Engagement, &c.Test} {
		if r := *ref; r != nil && len(r.Name) > MaxBody {
			*ref = &app.Ref{ID: r.ID, Name: cut(r.Name, MaxBody)}
		}
	}
	if f := c.Finding; f != nil && len(f.Title) > MaxBody {
		c.Finding = &app.FindingRef{ID: f.ID, Title: cut(f.Title, MaxBody), Severity: cut(f.Severity, maxFinding)}
	}
	return c
}

// cut returns at most n bytes of s, and says so.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + cutMark
}

// maxReviewers is how many people a body names: of these it has room for the
// longest names.
const maxReviewers = 50

// omission counts what is left out of the lists new, reactivated, mitigated and
// untouched, and of the reviewers.
type omission [5]int

const reviewers = 4

func (o omission) addTo(body render.Object) render.Object {
	body = slices.Clip(body)
	if n := o[reviewers]; n > 0 {
		body = append(body, render.Member{Name: "reviewers_omitted", Value: n})
	}
	if o[reviewers] = 0; o == (omission{}) {
		return body
	}
	counts := make(render.Object, reviewers)
	for i, name := range []string{"new", "reactivated", "mitigated", "untouched"} {
		counts[i] = render.Member{Name: name, Value: o[i]}
	}
	return append(body, render.Member{Name: "findings_omitted", Value: counts})
}

// maxFinding is a finding's title in DefectDojo, in characters; only what never
// was a finding is longer.
const maxFinding = 511

// shortened returns the call with at most n findings in its lists together: the
// new ones first, the most severe first.
func shortened(c app.Call, o *omission, n int) app.Call {
	if c.FindingCount == nil {
		count := len(c.FindingsNew) + len(c.FindingsReactivated) + len(c.FindingsMitigated)
		c.FindingCount = &count
	}
	for i, list := range []*[]app.FindingRef{&c.FindingsNew, &c.FindingsReactivated, &c.FindingsMitigated, &c.FindingsUntouched} {
		if len(*list) > n {
			o[i] += len(*list) - n
			worst := slices.Clone(*list)
			slices.SortStableFunc(worst, func(a, b app.FindingRef) int { return cmp.Compare(rank(a.Severity), rank(b.Severity)) })
			*list = worst[:n]
		}
		for j := range *list {
			if f := &(*list)[j]; len(f.Title) > 4*maxFinding || len(f.Severity) > maxFinding {
				*list = slices.Clone(*list)
				clipFindings(*list)
				break
			}
		}
		n -= len(*list)
	}
	return c
}

func clipFindings(list []app.FindingRef) {
	for i := range list {
		list[i].Title, list[i].Severity = cut(list[i].Title, 4*maxFinding), cut(list[i].Severity, maxFinding)
	}
}

func rank(severity string) int {
	i := slices.Index([]string{"critical", "high", "medium", "low"}, strings.ToLower(severity))
	if i < 0 {
		return 4
	}
	return i
}

// clip cuts the texts of a body, the longest ones first, until it fits. An
// address that is cut would lead elsewhere, so it goes as a whole.
func clip(body render.Object, omitted omission) ([]byte, error) {
	low, high := 0, MaxBody
	for low < high {
		n := (low + high + 1) / 2
		b, err := appendObject(make([]byte, 0, 2<<10), omitted.addTo(clipped(body, n)))
		if err != nil {
			return nil, err
		}
		if len(b) <= MaxBody {
			low = n
		} else {
			high = n - 1
		}
	}
	return appendObject(make([]byte, 0, 2<<10), omitted.addTo(clipped(body, low)))
}

const cutMark = "… (cut)"

func clipped(o render.Object, n int) render.Object {
	out := make(render.Object, len(o))
	for i, m := range o {
		switch v := m.Value.(type) {
		case string:
			if len(v) > n && strings.HasPrefix(m.Name, "url_") {
				m.Value = nil
			} else if len(v) > n {
				m.Value = cut(v, n)
			}
		case render.Object:
			m.Value = clipped(v, n)
		case []render.Object:
			list := make([]render.Object, len(v))
			for j := range v {
				list[j] = clipped(v[j], n)
			}
			m.Value = list
		}
		out[i] = m
	}
	return out
}
