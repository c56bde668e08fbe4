package dispatch

import (
	"slices"
	"strings"

	"bellhop/app"
)

// wishes are an [app.Extra] made ready: names in small letters, hours as
// minutes, zones loaded. What cannot be read in it is left out, since settings
// are checked where they are entered.
type wishes struct {
	muted, notMine bool
	only           []condition
	quiet          []quiet
}

type condition struct {
	columns                        uint32 // bits of the columns that it narrows
	channels                       app.Channels
	severity                       int
	products, types, tags, sources []string
	text                           string
}

// severityNames in DefectDojo's order; the index is the rank.
var severityNames = []string{"info", "low", "medium", "high", "critical"}

// rank returns the severity's rank, from 1; 0 = none.
func rank(severity string) int { return slices.Index(severityNames, strings.ToLower(severity)) + 1 }

func readWishes(x app.Extra) *wishes {
	if x.IsZero() {
		return nil
	}
	ready := &wishes{muted: x.Muted, notMine: x.NotMine}
	for _, c := range x.Only {
		ready.only = append(ready.only, readCondition(c))
	}
	for _, h := range x.Quiet {
		if one, ok := readQuiet(h); ok {
			ready.quiet = append(ready.quiet, one)
		}
	}
	return ready
}

func readCondition(c app.Condition) condition {
	ready := condition{
		channels: c.Channels, severity: rank(c.Severity), products: small(c.Products), types: small(c.ProductType),
		tags: small(c.Tags), sources: small(c.Sources), text: strings.ToLower(c.Text),
	}
	if c.Channels == 0 {
		ready.channels = app.AllChannels &^ app.ChannelsOf(app.ChannelAlert)
	}
	if len(c.Columns) == 0 {
		ready.columns = 1<<app.NumColumns - 1
	}
	for _, name := range c.Columns {
		if column, ok := app.ColumnNamed(name); ok {
			ready.columns |= 1 << column
		}
	}
	return ready
}

func small(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, strings.ToLower(s))
	}
	return out
}

// wishes returns what a person wants beyond DefectDojo: everywhere, and for the
// event's product.
func (q *question) wishes(i int32) (both [2]*wishes) {
	if q.w.flags[i]&isSpecial == 0 {
		return both
	}
	both[0] = q.w.wishes[i]
	// Recipients, too, may have muted the product.
	rows := q.w.productRows[q.scope.product]
	if at, ok := slices.BinarySearchFunc(rows, i, func(r productRow, i int32) int { return int(r.person) - int(i) }); ok {
		both[1] = rows[at].wishes
	}
	return both
}

// topic is what conditions ask about an event, in small letters. It is made
// where the first condition asks.
type topic struct {
	known              bool
	severity           int
	product, typ, text string
	sources, tags      []string
}

// learn makes the topic.
func (q *question) learn() *topic {
	t := &q.topic
	if t.known {
		return t
	}
	c := &q.e.Call
	*t = topic{known: true, text: strings.ToLower(c.Title + "\n" + c.Description), tags: small(c.Tags)}
	if c.Finding != nil {
		t.severity = rank(c.Finding.Severity)
	}
	// Findings that a scan closed or left alone make nothing worse.
	for _, list := range [][]app.FindingRef{c.FindingsNew, c.FindingsReactivated, c.Findings} {
		for _, f := range list {
			t.severity = max(t.severity, rank(f.Severity))
		}
	}
	if c.Product != nil {
		t.product = strings.ToLower(c.Product.Name)
	}
	if p := q.w.product(q.scope.product); p != nil {
		t.product = strings.ToLower(p.Name)
	}
	if c.ProductType != nil {
		t.typ = strings.ToLower(c.ProductType.Name)
	}
	if p := q.w.productType(q.scope.typ); p != nil {
		t.typ = strings.ToLower(p.Name)
	}
	t.sources = []string{strings.ToLower(q.kind().Source())}
	if q.e.Alert.Source != "" {
		t.sources = append(t.sources, strings.ToLower(q.e.Alert.Source))
	}
	return t
}

// meets says whether the event meets all conditions that narrow the channel.
func (q *question) meets(x *wishes, ch app.Channel) bool {
	for i := range x.only {
		c := &x.only[i]
		if c.channels.Has(ch) && c.columns&(1<<q.column) != 0 && !q.learn().meets(c) {
			return false
		}
	}
	return true
}

func (t *topic) meets(c *condition) bool {
	has := func(want []string, have ...string) bool {
		return len(want) == 0 || slices.ContainsFunc(have, func(s string) bool { return slices.Contains(want, s) })
	}
	return t.severity >= c.severity && has(c.products, t.product) && has(c.types, t.typ) && has(c.tags, t.tags...) &&
		has(c.sources, t.sources...) && strings.Contains(t.text, c.text)
}
