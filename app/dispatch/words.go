package dispatch

import (
	"fmt"
	"slices"
	"strings"

	"bellhop/app"
)

// Forced says whether a decision is overruled: the signed-in person has the
// alert of an event that is always listed, though her settings leave it out.
func (w *World) Forced(e *app.Event, d app.Decision) bool {
	return !d.Yes && d.Channel == app.ChannelAlert && e.AlwaysListed() && slices.Contains(w.me, w.index(d.Person))
}

// Words puts a decision's chain into sentences, one for each rule, in the order
// in which the rules were asked; the last of them says what decided. One more
// follows where it does not go without saying to which place a yes leads. What is
// [World.Forced] has a sentence of its own. The world may be a later one than
// that of the decision: people, products and destinations have the names of the
// world, and a right that it does not know any more is told as one of then.
// Names are the server's words: who shows them makes them harmless for the
// place where they stand.
func Words(w *World, e *app.Event, d app.Decision) []string {
	if w.Forced(e, d) {
		return []string{"It tells of a delivery that needs you. Such an alert is always given, whatever the settings say: nothing else would tell of it."}
	}
	q := w.ask(e)
	defer w.answered(q)
	s := speaker{q: q, w: w, d: d, i: -1, who: "the shared places"}
	if d.Person != 0 {
		s.who = fmt.Sprintf("person %d", d.Person)
		if s.i = w.index(d.Person); s.i >= 0 {
			s.who = w.people[s.i].Username
		}
	}
	rules := d.Why.Rules()
	out := make([]string, 0, len(rules))
	for _, rule := range rules {
		out = append(out, s.sentence(rule))
	}
	if way := s.way(); way != "" {
		out = append(out, way)
	}
	return out
}

// speaker words one decision.
type speaker struct {
	q   *question
	w   *World
	d   app.Decision
	i   int32 // of the person, -1 = nobody that is known
	who string
}

func (s *speaker) sentence(rule uint8) string {
	switch rule {
	case RuleHistory:
		return "It was so before Bellhop first looked, and history tells nobody."
	case RuleSame:
		return "Another event told the same fact before."
	case RuleOnlyMe:
		if s.q.asked == forMine {
			return "It is an alert of the signed-in person, and tells nobody else."
		}
		return "Bellhop decides for the signed-in person only."
	case RuleNoUsers:
		return "It is for the shared places only."
	case RuleNotNamed, RuleNamed:
		return s.recipients(rule)
	case RuleInactive:
		if s.i < 0 {
			return fmt.Sprintf("Nobody with the number %d is known.", s.d.Person)
		}
		return s.who + " is not an active user."
	case RuleServerShowed, RuleSuperuser, RuleStaff, RuleGlobal, RuleType, RuleProduct, RuleNoAccess, RuleNoObject, RuleAdminsOnly:
		return s.access(rule)
	case RuleMuted:
		return s.who + " muted " + s.about() + "."
	case RuleNotMine:
		return s.who + " did it, and wants to hear nothing of what " + s.who + " did."
	case RuleAlertOnly:
		return "It is meant as an alert only, and " + s.channel() + " is left out."
	case RuleServerAlerts:
		return "The server keeps the list of alerts itself."
	case RuleNoRow, RuleOff, RulePersonal, RuleProductRow, RuleSystem, RuleTrump:
		return s.settings(rule)
	case RuleGate:
		return upperFirst(s.channel()) + " is off for everybody."
	case RuleNoPlace:
		return s.place()
	case RuleCondition:
		return "It does not meet the conditions that " + s.who + " set for " + s.channel() + "."
	case RuleQuiet:
		return "The quiet hours of " + s.who + " hold " + s.channel() + " until they end."
	case RuleSilence:
		return s.silence()
	default:
		return fmt.Sprintf("A rule decided that this version does not know (%d).", rule)
	}
}

func (s *speaker) recipients(rule uint8) string {
	switch {
	case rule == RuleNamed:
		return "It names " + s.who + " as a recipient."
	case len(s.q.e.Call.Recipients) == 0:
		return "It goes to the recipients that it names, and names none."
	case s.d.Person == 0:
		return "It goes to the recipients that it names, not to the shared places."
	default:
		return "It goes to the recipients that it names, and " + s.who + " is not one of them."
	}
}

func (s *speaker) access(rule uint8) string {
	switch rule {
	case RuleServerShowed:
		if s.q.e.Origin == app.OriginLocal {
			return "It was raised on this machine, which decides for " + s.who + " alone."
		}
		return "The server showed it to " + s.who + "."
	case RuleSuperuser:
		if s.i >= 0 && !s.w.people[s.i].Superuser {
			return s.who + " was a superuser when it was decided, and saw everything."
		}
		return s.who + " is a superuser, and sees everything."
	case RuleStaff:
		if s.i >= 0 && !s.w.people[s.i].Staff {
			return s.who + " was staff when it was decided, and staff see everything on a 3.x server."
		}
		return s.who + " is staff, and staff see everything on a 3.x server."
	case RuleGlobal:
		return s.who + s.granted(app.GrantGlobal, 0, "everything") + "."
	case RuleType:
		return s.who + s.granted(app.GrantProductType, s.q.scope.typ, s.typeName()) + s.within() + "."
	case RuleProduct:
		return s.who + s.granted(app.GrantProduct, s.q.scope.product, s.productName()) + "."
	case RuleNoObject:
		return "It is about no product, so that no access is asked for."
	case RuleAdminsOnly:
		return "It is about no product and no product type, which concerns superusers alone, and " + s.who + " is none."
	}
	if s.q.scope.kind == aboutProduct && s.q.scope.product == 0 {
		return "It is not known which product it is about, and " + s.who + " may not see all of them."
	}
	return s.who + " may not see " + s.about() + "."
}

// granted says by what a person has access: " is Reader of the product Shop
// through group Blue", all ways by role and group. Where the world knows of none
// it was one of when it was decided.
func (s *speaker) granted(scope app.GrantScope, id int64, what string) string {
	var ways []string
	for _, g := range s.w.grants {
		if g.Person != s.d.Person || g.Scope != scope || (id != 0 && g.Object != id) {
			continue
		}
		way := "an authorised user of " + what
		if g.Role != "" {
			way = g.Role + " of " + what
		}
		if g.Group != "" {
			way += " through group " + g.Group
		}
		ways = append(ways, way)
	}
	if len(ways) == 0 {
		return " had access to " + what + " when it was decided"
	}
	slices.Sort(ways)
	return " is " + strings.Join(slices.Compact(ways), " and ")
}

// within names the product where the access is to its type.
func (s *speaker) within() string {
	if s.q.scope.kind != aboutProduct {
		return ""
	}
	return ", to which " + s.productName() + " belongs"
}

func (s *speaker) about() string {
	switch s.q.scope.kind {
	case aboutProduct:
		return s.productName()
	case aboutType:
		return s.typeName()
	default:
		return "it"
	}
}

func (s *speaker) productName() string {
	if p := s.w.product(s.q.scope.product); p != nil {
		return "the product " + p.Name
	}
	if p := s.q.e.Call.Product; p != nil && p.Name != "" {
		return "the product " + p.Name
	}
	return fmt.Sprintf("product %d", s.q.scope.product)
}

func (s *speaker) typeName() string {
	if t := s.w.productType(s.q.scope.typ); t != nil {
		return "the product type " + t.Name
	}
	if t := s.q.e.Call.ProductType; t != nil && t.Name != "" {
		return "the product type " + t.Name
	}
	return fmt.Sprintf("product type %d", s.q.scope.typ)
}

func (s *speaker) settings(rule uint8) string {
	switches := " switch " + s.channel() + " on for " + s.column() + "."
	system := "The system's settings"
	if !s.w.systemStored {
		system = "No system settings are stored, and the defaults"
	}
	switch rule {
	case RuleNoRow:
		return "No settings of " + s.who + " are stored."
	case RulePersonal:
		if slices.Contains(s.w.defaulted, s.i) {
			return "No settings of " + s.who + " are stored, and the defaults" + switches
		}
		return "The own settings of " + s.who + switches
	case RuleProductRow:
		return "The settings of " + s.who + " for " + s.productName() + switches
	case RuleSystem:
		if s.d.Person == 0 {
			return system + switches
		}
		return s.who + " is a superuser and gets the system's settings too. " + system + switches
	case RuleTrump:
		return "For " + s.column() + " the system's settings are added to a recipient's. " + system + switches
	}
	if s.d.Person == 0 {
		return "The system's settings leave " + s.channel() + " off for " + s.column() + "."
	}
	return "No settings that count for " + s.who + " switch " + s.channel() + " on for " + s.column() + "."
}

// column names the setting that the event follows.
func (s *speaker) column() string {
	column, kind := s.q.column.String(), string(s.q.kind())
	if column == kind {
		return column
	}
	return column + ", which " + kind + " follows"
}

func (s *speaker) channel() string {
	switch s.d.Channel {
	case app.ChannelTeams:
		return "Teams"
	case app.ChannelSlack:
		return "Slack"
	default:
		return s.d.Channel.String()
	}
}

func (s *speaker) place() string {
	shared := s.d.Person == 0
	if _, some := s.q.places(s.d.Person, s.d.Channel); some {
		return "The destinations of " + s.who + " for " + s.channel() + " are switched off."
	}
	switch {
	case s.d.Channel == app.ChannelToast:
		return "Toasts are shown to the signed-in person, on this machine."
	case shared && hasReceiver(s.d.Channel):
		return "No shared destination with an address is set up for " + s.channel() + "."
	case shared:
		return "No shared destination is set up for " + s.channel() + "."
	case hasReceiver(s.d.Channel) && s.w.mode == app.ModeMe:
		return "No " + s.channel() + " address of " + s.who + " is known, and no destination has one that is for this."
	case hasReceiver(s.d.Channel):
		return "No " + s.channel() + " address of " + s.who + " is known."
	default:
		return s.who + " has no destination of their own for " + s.channel() + "."
	}
}

// way says to which place a yes leads where that is not the person's own, or has
// no address; "" where there is nothing to say.
func (s *speaker) way() string {
	at := slices.IndexFunc(s.w.places[s.d.Person], func(d app.Destination) bool { return d.ID == s.d.Destination })
	if !s.d.Yes || s.d.Destination == 0 || s.i < 0 || at < 0 {
		return ""
	}
	place, p, text := &s.w.places[s.d.Person][at], &s.w.people[s.i], ""
	if place.Person == 0 {
		text = place.Name + " is a shared destination, and counts as one of " + s.who + " while Bellhop decides for nobody else."
	}
	if place.Channel != app.ChannelMail || place.Address != "" {
		return text
	}
	to := s.w.Mailbox(p, place)
	switch {
	case blank(p.Email):
		text += " It has no address and none of " + s.who + " is known, so that it goes to " + to + ", in whose name it is sent."
	case text != "":
		text += " It has no address, so that it goes to that of " + s.who + ", " + to + "."
	}
	return strings.TrimSpace(text)
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
