package vector

import (
	"cmp"
	"slices"
	"strings"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/render"
)

// Sent is one message in the form of the recordings.
type Sent struct {
	Channel string
	// To is a user name, an endpoint's name on webhooks, or nil: the
	// system-wide pass.
	To *string
	// Texts are the members that depend on the channel.
	Texts render.Object
	// Why are the rules by which it was sent, in words.
	Why []string
}

// MarshalJSON writes one object: "channel", "to", the texts, "why".
func (s Sent) MarshalJSON() ([]byte, error) {
	var to any
	if s.To != nil {
		to = *s.To
	}
	o := render.Object{{Name: "channel", Value: s.Channel}, {Name: "to", Value: to}}
	o = append(append(o, s.Texts...), render.Member{Name: "why", Value: s.Why})
	return o.Bytes()
}

// Run decides the call in its world and words every message, in the order of
// the recordings: by the channel's name, the system-wide pass before people and
// these by name.
func (v *Vector) Run() []Sent {
	out := []Sent{}
	if v.Untitled {
		return out
	}
	world := dispatch.New(v.Facts)
	for _, d := range world.Decide(&v.Event) {
		out = append(out, v.sent(world, d))
	}
	slices.SortStableFunc(out, func(a, b Sent) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.to(), b.to()))
	})
	return out
}

func (s *Sent) to() string {
	if s.To == nil {
		return ""
	}
	return *s.To
}

func (v *Vector) sent(w *dispatch.World, d app.Decision) Sent {
	s := Sent{Channel: d.Channel.String(), Why: dispatch.Words(w, &v.Event, d)}
	person := v.find(d.Person)
	in := render.Input{
		Call: &v.Event.Call, Team: v.team, Site: v.site, To: person, Version: v.version, Blank: v.blank, Letter: true,
		People: v.named,
	}
	if d.Person != 0 {
		s.To = &person.Username
	}
	text := func(name string, value any) { s.Texts = append(s.Texts, render.Member{Name: name, Value: value}) }
	switch d.Channel {
	case app.ChannelAlert:
		a := render.Alert(in)
		text("title", a.Title)
		text("description", a.Description)
		if a.URL == "" && v.unlinked {
			text("url", nil)
		} else {
			text("url", a.URL)
		}
		text("source", a.Source)
		text("icon", a.Icon)
	case app.ChannelMail:
		text("subject", render.Mail(in).Subject)
	case app.ChannelSlack:
		text("text", render.Slack(in).Text)
	case app.ChannelWebhooks:
		e := v.endpoints[d.Destination]
		s.To = &e.name
		var owner *app.Person
		if d.Person != 0 {
			owner = &person
		}
		whole := *in.Call
		if whole.Engagement == nil {
			whole.Engagement = v.above.engagement
		}
		if whole.Test == nil {
			whole.Test, whole.TestType = v.above.test, v.above.testType
		}
		whole.Actor = "" // who asked for a review is what the call says, or nobody
		in.Call = &whole
		m := render.Webhook(in, owner)
		var headers render.Object
		for _, h := range m.Headers {
			if e.header == "" || !strings.EqualFold(h[0], e.header) {
				headers = append(headers, render.Member{Name: h[0], Value: h[1]})
			}
		}
		if e.header != "" {
			headers = append(headers, render.Member{Name: e.header, Value: e.value})
		}
		text("headers", headers)
		text("body", m.Body)
	case app.ChannelTeams, app.ChannelToast, app.ChannelServices:
	}
	return s
}

func (v *Vector) find(id app.PersonID) app.Person {
	for _, p := range v.Facts.People {
		if p.ID == id && id != 0 {
			return p
		}
	}
	return app.Person{}
}

func (v *Vector) named(username string) (app.Person, bool) {
	for _, p := range v.Facts.People {
		if p.Username == username {
			return p, true
		}
	}
	return app.Person{}, false
}

// Refusal is somebody who is told nothing.
type Refusal struct {
	Person string
	// Why is the rule by which she gets no alert, in words.
	Why string
}

// Refused lists the people whom the call tells nothing on any channel, in the
// order of the world.
func (v *Vector) Refused() []Refusal {
	if v.Untitled {
		return nil
	}
	var out []Refusal
	world := dispatch.New(v.Facts)
	for _, p := range v.Facts.People {
		all := world.Explain(&v.Event, p.ID)
		if slices.ContainsFunc(all, func(d app.Decision) bool { return d.Yes }) {
			continue
		}
		if why := dispatch.Words(world, &v.Event, all[0]); len(why) > 0 {
			out = append(out, Refusal{Person: p.Username, Why: why[len(why)-1]})
		}
	}
	return out
}
