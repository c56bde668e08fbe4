package ui

import (
	"net/mail"
	"slices"
	"strings"

	"bellhop/app"
)

// obstacle is why a channel is of no use in a scope.
type obstacle struct {
	what string // "" = it is of use
	step string
}

// obstacle says what is missing for a channel. Places are counted as the decisions
// count them, so that what somebody gets can always be switched off here.
func (r Rules) obstacle(ch app.Channel, scope app.Scope, product int64) obstacle {
	if !slices.Contains(app.SettingList(r.Settings[app.SettingChannels]), ch.String()) && r.Settings[app.SettingChannels] != "" {
		return obstacle{"switched off as a whole", "Add " + ch.String() + " to “Channels in use” under General."}
	}
	if ch == app.ChannelAlert || ch == app.ChannelToast || scope == app.ScopeTemplate {
		return obstacle{}
	}
	to := r.receiver(scope)
	whose, whoseWords := " --mine", "of yours"
	switch {
	case to.ID == 0:
		whose = ""
	case to.ID != r.Me.ID:
		whose, whoseWords = " --user "+oneLine(head(to.Username, 60)), "of "+oneLine(head(to.Username, 60))
	}
	add := "bellhop channels add " + ch.String() + whose + " --name " + map[app.Channel]string{
		app.ChannelMail: "me --address …", app.ChannelSlack: "me --address …", app.ChannelTeams: "team --secret url", app.ChannelWebhooks: "hook --address https://…",
		app.ChannelServices: "phone --secret url",
	}[ch]
	known := ch == app.ChannelMail && !blank(to.Email) || ch == app.ChannelSlack && !blank(to.Slack)
	switch p := r.places(ch, to, scope, product); {
	case p.off && !p.on:
		return obstacle{"every destination is switched off", "Switch one on: bellhop channels edit NAME --on"}
	case !p.carried && ch == app.ChannelMail:
		return obstacle{"no mail server is set up", "Add it: bellhop channels add mail --name office --set host=… --set from=… --secret password"}
	case !p.carried:
		return obstacle{"no Slack bot is set up", "Add it: bellhop channels add slack --name slack --secret token"}
	case p.on, known:
		return obstacle{}
	case p.partlyOff:
		return obstacle{"every destination is switched off", "Switch one on: bellhop channels edit NAME --on"}
	case p.other:
		return obstacle{"its destinations are for other products", "Add one: " + add}
	case to.ID == 0 && onlyCarries(ch):
		return obstacle{"no shared destination has an address", "Add one: " + add}
	case to.ID == 0:
		return obstacle{"no shared destination", "Add one: " + add}
	case onlyCarries(ch):
		return obstacle{"no address " + whoseWords + " is known", "Add one: " + add}
	}
	return obstacle{"no destination " + whoseWords, "Add one: " + add}
}

// forMe says whether decisions are made for the signed-in person alone.
func (r Rules) forMe() bool { return r.Settings[app.SettingEngineMode] != string(app.ModeEveryone) }

// receiver returns to whom a row of settings delivers; ID 0 is the shared places.
// While decisions are made for Me alone, the system's row speaks for her too.
func (r Rules) receiver(scope app.Scope) app.Person {
	switch {
	case scope != app.ScopeSystem:
		return r.Of
	case r.forMe():
		return r.Me
	}
	return app.Person{}
}

// places are what destinations of a channel a receiver has.
type places struct {
	on        bool // one that is of use
	off       bool // one that is switched off, which takes the place of a known address
	partlyOff bool // one for some product that is switched off
	other     bool // one that is for another product than the one asked for
	carried   bool // what she has can be sent: there is a mail server or a bot
}

func (r Rules) places(ch app.Channel, to app.Person, scope app.Scope, product int64) places {
	out := places{carried: !onlyCarries(ch)}
	for _, d := range r.Destinations {
		if d.Channel != ch || d.Person != 0 && d.Person != to.ID {
			continue
		}
		if !d.Off {
			out.carried = out.carried || ch == app.ChannelSlack || d.Config["host"] != "" || d.Config["provider"] != ""
		}
		switch here := d.Product == 0 || d.Product == product; {
		case !r.leads(d, to):
		case !here && scope == app.ScopeProduct:
			out.other = true
		case !d.Off:
			out.on = true
		case !here:
			out.partlyOff = true
		default:
			out.off = true
		}
	}
	return out
}

// leads says whether a destination is a place of a receiver. What is shared is Me's
// while decisions are made for her alone. A mail server, or a bot of somebody's own,
// leads without an address to that of its receiver; a shared bot is no place by
// itself, since who is known in Slack is reached without one. Mail to Me goes, where
// her address is not known, to the one in whose name the server sends.
func (r Rules) leads(d app.Destination, to app.Person) bool {
	me := r.forMe() && to.ID == r.Me.ID && to.ID != 0
	switch {
	case d.Person != to.ID && !me:
		return false
	case d.Address != "" || !onlyCarries(d.Channel):
		return true
	case to.ID == 0:
		return false
	case d.Channel == app.ChannelSlack:
		return d.Person != 0 && (!blank(to.Slack) || !blank(to.Email))
	}
	return !blank(to.Email) || me && sends(d)
}

// sends says whether a mail destination names the address in whose name it sends.
func sends(d app.Destination) bool {
	for _, key := range [...]string{"from", "username"} {
		if _, err := mail.ParseAddress(d.Config[key]); err == nil {
			return true
		}
	}
	return false
}

// onlyCarries says whether a channel's destinations can be ways out alone, a mail
// server or a bot.
func onlyCarries(ch app.Channel) bool { return ch == app.ChannelMail || ch == app.ChannelSlack }

func blank(s string) bool { return strings.TrimSpace(s) == "" }
