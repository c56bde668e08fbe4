package vector

import (
	"cmp"
	"slices"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/render"
)

// Sent is one message in the form of the recordings. Which members it has
// depends on the channel.
type Sent struct {
	Channel string `json:"channel"`
	// To is a user name, an endpoint's name on webhooks, or null: the
	// system-wide pass.
	To          *string       `json:"to"`
	Title       *string       `json:"title,omitempty"`
	Description *string       `json:"description,omitempty"`
	URL         *string       `json:"url,omitempty"`
	Source      *string       `json:"source,omitempty"`
	Icon        *string       `json:"icon,omitempty"`
	Subject     *string       `json:"subject,omitempty"`
	Text        *string       `json:"text,omitempty"`
	Headers     render.Object `json:"headers,omitempty"`
	Body        render.Object `json:"body,omitempty"`
	// Why are the rules by which it was sent, in words.
	Why []string `json:"why"`
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
	switch d.Channel {
	case app.ChannelAlert:
		a := render.Alert(in)
		s.Title, s.Description, s.URL, s.Source, s.Icon = &a.Title, &a.Description, &a.URL, &a.Source, &a.Icon
	case app.ChannelMail:
		m := render.Mail(in)
		s.Subject = &m.Subject
	case app.ChannelSlack:
		m := render.Slack(in)
		s.Text = &m.Text
	case app.ChannelWebhooks:
		e := v.endpoints[d.Destination]
		s.To = &e.name
		var owner *app.Person
		if d.Person != 0 {
			owner = &person
		}
		m := render.Webhook(in, owner)
		for _, h := range m.Headers {
			s.Headers = append(s.Headers, render.Member{Name: h[0], Value: h[1]})
		}
		if e.header != "" {
			s.Headers = append(s.Headers, render.Member{Name: e.header, Value: e.value})
		}
		s.Body = m.Body
	case app.ChannelTeams, app.ChannelToast:
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
