// Package control is the way into a running bell: HTTP with JSON over a
// Unix-domain socket in the data folder (Windows has such sockets since 10).
// The window, the command line and scripts all use the calls below, so what
// one of them can do, each can do.
//
//	GET    /v1/status                                  app.Status
//	GET    /v1/count?account=                          {"count": 5}
//	GET    /v1/alerts?account=&view=&search=&source=&after=&limit=
//	                                                   {"alerts": [...], "next": 17}
//	POST   /v1/remove    {"ids": [1, 2]}               app.Removed
//	POST   /v1/clear     {"account": 0, "up_to": 17}   app.Removed
//	POST   /v1/undo      {"intents": []}               {"undone": 2}
//	POST   /v1/retry     {"ids": [1]}                  app.Removed
//	POST   /v1/snooze    {"id": 1, "seconds": 3600}    {}
//	POST   /v1/looked    {"account": 0, "up_to": 17}   {}
//	POST   /v1/sync      {"account": 0}                {}, once the outcome is known
//	POST   /v1/pause     {"until": "RFC 3339"}         {}
//	POST   /v1/resume                                  {}
//	GET    /v1/settings                                {"settings": {"theme": "system", ...}}
//	PUT    /v1/settings  {"key": "", "value": ""}      {}
//	POST   /v1/probe     app.Connect                   app.Probe
//	POST   /v1/connect   app.Connect                   app.Account
//	DELETE /v1/accounts/{id}                           {}
//	POST   /v1/open      {"id": 1, "foreign_ok": false} {"url": "https://..."}
//	POST   /v1/window    {"view": "alerts"}            {}
//	POST   /v1/window/shown {"view": "alerts"}         {}
//	POST   /v1/quit                                    {}
//	POST   /v1/notify    {"account": 0, "notices": [{"event": "other", "title": "..."}]}
//	                                                   app.Noticed
//	PUT    /v1/preferences app.Preference              app.Preference
//	DELETE /v1/preferences app.Preference              {}
//	POST   /v1/preferences {"preferences": [...]}      {}, all or none
//	POST   /v1/preferences/write {"account": 1, "dry": true}
//	                                                   {"changes": [...]}
//	POST   /v1/people    {"account": 1}                app.PeopleNote
//	GET    /v1/intake                                  app.Intake
//	POST   /v1/intake    app.IntakeChange              app.Intake
//	PUT    /v1/destinations {"destination": {}, "secrets": {}, "no_ping": false}
//	                                                   app.Placed
//	DELETE /v1/destinations/{id}                       {}
//	POST   /v1/destinations/{id}/test                  app.Tested
//	POST   /v1/resend    {"ids": [], "dead": true}     {"resent": 3}
//	POST   /v1/outbox    {"paused": true}              {}
//	GET    /v1/hints?window=1                          server-sent events, see below
//
// A failure is a status of 400 or more with
// {"error": {"code", "message", "step", "needs_user"}, "is": "not_found"}; "is"
// names the sentinel error of package app that it matches, if any, so that
// errors.Is gives the same answer on both sides.
//
// Hints are events "hint" with the changed topics (["alerts", "state"]) and,
// for a window that attached itself, "raise" with the view to show ("alerts").
// They carry no data: look again. Hints that were not read yet are merged.
//
// Who may call: whoever can open the socket, which is its owner alone (mode
// 0600). A request with an Origin header, or with a Host other than "bell" or
// "localhost", comes from a browser that was led astray and is refused.
package control
