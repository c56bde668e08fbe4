// Package intake turns what others tell this machine into events: DefectDojo's
// webhooks, which arrive on a listener of their own, and local events, which
// come from the command line, the socket or standard input.
//
// # Webhooks
//
// [ParseWebhook] reads the bodies that DefectDojo 2.39 to 3.2 sends. They are
// made from YAML templates, so a text can arrive as a number, a link as "None"
// or as two addresses in one, and whatever is optional can be missing; the
// parser takes all of it. What is no JSON object, is larger than [MaxBody] or
// nests deeper than [MaxDepth] is refused as a whole.
//
// Links keep their path alone. The host in them is the setting DD_SITE_URL,
// which is often still http://localhost:8080, or the host that the acting
// user's browser used; either way the page is one of the account's server.
//
// The body's "user" is the owner of the endpoint, not who did something. Most
// events come without a product. Where such a body has an owner, the server
// chose her and looked at her access and nobody else's: the event is addressed
// to her alone. A review goes to its reviewers. Everything else is decided by
// the rules of the engine, by which an event without a product concerns
// superusers alone: before they are asked, the product can be found by the
// object that the link leads to ([app.Call.About]), which takes a look at the
// server and is not this package's business.
//
// # Which account
//
// The event belongs to the account whose address the server claims in
// X-DefectDojo-Instance; else to the one whose host and path prefix a link in
// the body has. Among several accounts on one server it is the endpoint
// owner's, else the oldest. A server that is not recognised is believed to be
// the account's where there is only one account, since the sender knows the
// secret; with several accounts, or none, the call is refused with 422. A ping
// is judged like an event, so that a mistake shows in DefectDojo's form while
// somebody looks at it.
//
// # Once
//
// DefectDojo gives its calls no id and never repeats one; a relay, or a task
// that its worker runs again, may. The key is the id in the Standard Webhooks
// header webhook-id where a sender has one. Otherwise it is a hash of the
// instance, the event, who it is for and the body without "user" (one event
// goes to a system endpoint and to a personal one with that difference alone),
// together with the minute in which the hash was first seen. The same call
// again within a minute of the first gets the first one's key. So:
//   - a call that is repeated, on this connection or another, counts once;
//   - two scans in a minute differ by their findings and count twice; two that
//     change nothing are equal to the letter and count once;
//   - two notes on one object within a minute count once: they have one title
//     and one link, and either leads to both;
//   - later than a minute, the same text is a new fact: the job that reports
//     overdue findings says the same every day.
//
// After a restart the minute of the clock stands in for the minute since the
// first call.
//
// # Answers
//
// The server drops an endpoint for good after any 4xx answer and for a while
// after 5xx; the event itself is lost to it either way. Hence 204 as soon as
// an event is stored, 503 for whatever passes by itself, and 4xx only for what
// an administrator has to mend.
package intake

import "bellhop/app"

// The bounds of what is read. A refusal costs no more than the bound.
const (
	// MaxBody is the largest webhook body and the largest batch, in bytes: a
	// scan's body lists every finding, at about 200 bytes each.
	MaxBody = 8 << 20
	// MaxDepth is how deep a body may nest. DefectDojo's own reach depth 4.
	MaxDepth = 32
	// MaxFindings is how many findings of each list are kept. The server sorts
	// them by severity, so that the worst stay; the rest is counted.
	MaxFindings = 500

	maxName    = 300  // characters of an object's name; DefectDojo's columns hold up to 255
	maxFinding = 511  // characters of a finding's title (dojo/models.py)
	maxUser    = 150  // characters of a user name (Django)
	maxPeople  = 1000 // reviewers, recipients
	maxLink    = 2048 // bytes of a link; DefectDojo's own stay below 200
	maxKind    = 100  // characters of an event's name; it becomes an alert's source
)

// refused returns the problem of a body that cannot be used.
func refused(code, message, step string) *app.Problem {
	return app.NewProblem(code, message, step, true, app.ErrInvalid)
}
