package dispatch

import "bellhop/app"

// The rules that a decision's chain is made of, in the order in which they are
// asked. Each has its sentence in [Words]. A chain is stored, so a number is
// never given to another rule; 31 is the last one that fits.
const (
	_ uint8 = iota
	// RuleHistory tells nobody of what was so before Bellhop first looked.
	RuleHistory
	// RuleSame tells nobody again of what another event has told.
	RuleSame
	// RuleOnlyMe leaves out everybody but the signed-in person: because of the
	// mode, or because the event is an alert of hers.
	RuleOnlyMe
	// RuleNoUsers leaves out all people: the event is for shared places.
	RuleNoUsers
	// RuleNotNamed leaves out whom an event with recipients does not name.
	RuleNotNamed
	// RuleNamed lets the people in whom an event names.
	RuleNamed
	// RuleInactive leaves out people who may not sign in.
	RuleInactive
	// RuleServerShowed is access by evidence: the server showed her the alert, or
	// it was raised on the machine that decides for her alone.
	RuleServerShowed
	// RuleSuperuser is access to everything.
	RuleSuperuser
	// RuleStaff is access to everything on a 3.x server.
	RuleStaff
	// RuleGlobal is access to everything by a global role (2.x).
	RuleGlobal
	// RuleType is access to a product type and to all of its products.
	RuleType
	// RuleProduct is access to a product.
	RuleProduct
	// RuleNoAccess leaves out people who cannot see what it is about.
	RuleNoAccess
	// RuleNoObject lets a recipient in: the event is about nothing that has to
	// be seen.
	RuleNoObject
	// RuleAdminsOnly leaves out everybody but superusers of an event that is
	// about no product and no product type.
	RuleAdminsOnly
	// RuleMuted leaves out the people who muted the product.
	RuleMuted
	// RuleNotMine leaves out who did it, where she asked for that.
	RuleNotMine
	// RuleAlertOnly leaves out channels of events that are alerts only.
	RuleAlertOnly
	// RuleServerAlerts leaves out the alert that the server keeps itself: what
	// it tells by webhook reaches her list from there.
	RuleServerAlerts
	// RuleNoRow leaves out people without any settings.
	RuleNoRow
	// RuleOff leaves out a channel that no setting switches on.
	RuleOff
	// RulePersonal switches a channel on by a person's own settings.
	RulePersonal
	// RuleProductRow switches a channel on by her settings for the product.
	RuleProductRow
	// RuleSystem switches a channel on by the system's settings.
	RuleSystem
	// RuleTrump adds the system's settings to a recipient's.
	RuleTrump
	// RuleGate leaves out a channel that is off for everybody.
	RuleGate
	// RuleNoPlace leaves out a channel that leads nowhere.
	RuleNoPlace
	// RuleCondition leaves out what does not meet her conditions.
	RuleCondition
	// RuleQuiet holds a message until her quiet hours end.
	RuleQuiet
	// RuleSilence holds a message until a silence ends. It is the last number.
	RuleSilence
)

// decides says what a rule means where it is the last one of a chain: whether
// the message goes out.
func decides(rule uint8) bool {
	switch rule {
	case RulePersonal, RuleProductRow, RuleSystem, RuleTrump, RuleQuiet, RuleSilence:
		return true
	default:
		return false
	}
}

// last returns the rule that decided.
func last(c app.Chain) uint8 {
	for c > 31 {
		c >>= 5
	}
	return uint8(c)
}

// chain returns the chain of the rules in order.
func chain(rules ...uint8) app.Chain {
	var c app.Chain
	for _, r := range rules {
		c = c.With(r)
	}
	return c
}
