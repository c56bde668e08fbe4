package ui

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"bellhop/app"
)

// fakeEngine keeps notification settings and deliveries in memory.
type fakeEngine struct {
	mu         sync.Mutex
	rules      Rules
	deliveries []DeliveryLine // newest first
	attempts   map[app.DeliveryID][]app.Attempt
	reasons    []Reason
	silences   []SilenceLine // newest first
	preview    func(app.Silence) Preview
	people     []app.Person  // besides maria
	looks      []app.Silence // what a preview was asked for
	more       app.Channels  // of these more are stopped than are counted
	err        error
	reads      int
}

func (f *fakeEngine) change(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

// asked returns how often something was read.
func (f *fakeEngine) asked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reads
}

func (f *fakeEngine) Rules(_ context.Context, _ app.AccountID, person app.PersonID) (Rules, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	r := f.rules
	if r.Of = r.Me; person != 0 {
		i := slices.IndexFunc(f.people, func(p app.Person) bool { return p.ID == person })
		if i < 0 {
			return Rules{}, app.ErrNotFound
		}
		r.Of = f.people[i]
	}
	r.Local, r.Server, r.Settings = slices.Clone(r.Local), slices.Clone(r.Server), maps.Clone(r.Settings)
	return r, f.err
}

func (f *fakeEngine) Deliveries(_ context.Context, q app.DeliveryFilter) (p DeliveryPage, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	for _, d := range f.deliveries {
		switch {
		case q.After != "" && d.ID >= q.After,
			q.State != "" && d.State != q.State,
			q.NeedsYou && d.State != app.DeliveryDead && (d.State != app.DeliveryWaiting || d.Stopped == nil),
			q.Channel != "" && d.Channel.String() != q.Channel,
			q.Alert != 0 && d.Event != int64(q.Alert):
			continue
		}
		if len(p.Lines) == q.Limit {
			p.Next = p.Lines[q.Limit-1].ID
			break
		}
		p.Lines = append(p.Lines, d)
	}
	return p, f.err
}

func (f *fakeEngine) DeliveryCounts(context.Context) (DeliveryCounts, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out, stopped := map[app.Channel]map[app.DeliveryState]int{}, map[app.Channel]int{}
	for _, d := range f.deliveries {
		if out[d.Channel] == nil {
			out[d.Channel] = map[app.DeliveryState]int{}
		}
		out[d.Channel][d.State]++
		if d.Stopped != nil && d.State == app.DeliveryWaiting {
			stopped[d.Channel]++
		}
	}
	return DeliveryCounts{States: out, Stopped: stopped, More: f.more}, f.err
}

func (f *fakeEngine) Attempts(_ context.Context, id app.DeliveryID) ([]app.Attempt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.attempts[id], f.err
}

func (f *fakeEngine) Why(context.Context, app.AlertID) ([]Reason, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reasons, f.err
}

func (f *fakeEngine) People(_ context.Context, _ app.AccountID, text string, limit int) (list []app.Person, more bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range append([]app.Person{f.rules.Me}, f.people...) {
		if !strings.Contains(p.Username, text) {
			continue
		}
		if len(list) == limit {
			return list, true, f.err
		}
		list = append(list, p)
	}
	return list, false, f.err
}

func (f *fakeEngine) Silences(_ context.Context, q app.SilenceFilter) (p SilencePage, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	for _, s := range f.silences {
		ended := !s.Until.After(noon)
		if ended {
			p.Ended++
		} else {
			p.InForce++
		}
		if ended != q.Ended || q.After != 0 && s.ID >= q.After || p.Next != 0 {
			continue
		}
		if len(p.Lines) == q.Limit {
			p.Next = p.Lines[q.Limit-1].ID
			continue
		}
		p.Lines = append(p.Lines, s)
	}
	return p, f.err
}

func (f *fakeEngine) SilencesInForce(context.Context) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, s := range f.silences {
		if s.Until.After(noon) {
			n++
		}
	}
	return n, f.err
}

func (f *fakeEngine) Preview(_ context.Context, s app.Silence) (Preview, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looks = append(f.looks, s)
	if f.preview == nil {
		return Preview{Days: 30}, f.err
	}
	return f.preview(s), f.err
}

// keeper is the part of a [fakeBell] that changes what the engine keeps.
type keeper struct {
	put    func(app.Preference) (app.Preference, error)
	drop   func(app.Preference) error
	resend func(ids []app.DeliveryID, dead bool) (int, error)
	tests  func(app.DestinationID) (app.Tested, error)
	hold   func(paused bool) error
	quiet  func(app.Silence) (app.Silence, error)
	loud   func(app.SilenceID) (app.SilenceEnded, error)
}

func (b *fakeBell) AddSilence(_ context.Context, s app.Silence) (out app.Silence, err error) {
	if err = b.note(b.quiet != nil, "silence %q in %d until %s", silenceText(s), s.Account, s.Until.Format(time.RFC3339)); err == nil {
		out, err = b.quiet(s)
	}
	return out, err
}

func (b *fakeBell) EndSilence(_ context.Context, id app.SilenceID) (out app.SilenceEnded, err error) {
	if err = b.note(b.loud != nil, "end silence %d", id); err == nil {
		out, err = b.loud(id)
	}
	return out, err
}

func (b *fakeBell) PutPreference(_ context.Context, p app.Preference) (out app.Preference, err error) {
	if err = b.note(b.put != nil, "put %s of %d for %d at %d", p.Scope, p.Person, p.Product, p.Version); err == nil {
		out, err = b.put(p)
	}
	return out, err
}

func (b *fakeBell) DropPreference(_ context.Context, p app.Preference) (err error) {
	if err = b.note(b.drop != nil, "drop %s of %d for %d at %d", p.Scope, p.Person, p.Product, p.Version); err == nil {
		err = b.drop(p)
	}
	return err
}

func (b *fakeBell) Resend(_ context.Context, ids []app.DeliveryID, dead bool) (n int, err error) {
	if err = b.note(b.resend != nil, "resend %v %t", ids, dead); err == nil {
		n, err = b.resend(ids, dead)
	}
	return n, err
}

func (b *fakeBell) TestDestination(_ context.Context, id app.DestinationID) (out app.Tested, err error) {
	if err = b.note(b.tests != nil, "test %d", id); err == nil {
		out, err = b.tests(id)
	}
	return out, err
}

func (b *fakeBell) PauseOutbox(_ context.Context, paused bool) (err error) {
	if err = b.note(b.hold != nil, "pause the outbox %t", paused); err == nil {
		err = b.hold(paused)
	}
	return err
}

// cannedEngine knows maria, who has a mail address and a webhook, three
// products, and a server that sends mail for scans and mentions by Slack.
func cannedEngine() *fakeEngine {
	server := app.DefaultRow()
	server[app.ColumnScanAdded] |= app.ChannelsOf(app.ChannelMail)
	server[app.ColumnSLABreach] |= app.ChannelsOf(app.ChannelMail)
	system := app.DefaultRow()
	system[app.ColumnUserMentioned] |= app.ChannelsOf(app.ChannelMail)
	system[app.ColumnReviewRequested] |= app.ChannelsOf(app.ChannelMail)
	settings := map[string]string{}
	for _, s := range app.Settings {
		settings[s.Key] = s.Default
	}
	f := &fakeEngine{rules: Rules{
		Me:       app.Person{ID: 7, Account: 1, Username: "maria", Email: "maria@example.com", Active: true, Me: true},
		Local:    []app.Preference{{Account: 1, Owner: app.OwnerLocal, Scope: app.ScopeSystem, Row: system, Version: 3}},
		Server:   []app.Preference{{Account: 1, Owner: app.OwnerServer, Scope: app.ScopePersonal, Person: 7, Row: server, Version: 1}},
		Products: []app.Product{{ID: 1, Name: "Edge"}, {ID: 2, Name: "Pay"}, {ID: 3, Name: "Shop"}},
		Destinations: []app.Destination{
			{ID: 1, Account: 1, Channel: app.ChannelWebhooks, Name: "ci", Person: 7, Address: "https://ci.example.com/hook"},
			{ID: 2, Account: 1, Channel: app.ChannelMail, Name: "office", Config: map[string]string{"host": "smtp.example.com"}},
			{ID: 3, Account: 1, Channel: app.ChannelSlack, Name: "bot"},
		},
		Settings: settings,
		People:   1,
	}, attempts: map[app.DeliveryID][]app.Attempt{}}
	add := func(n int, event int64, ago time.Duration, ch app.Channel, to string, state app.DeliveryState, title string, more func(*app.Delivery)) {
		at := noon.Add(-ago)
		d := app.Delivery{
			ID: app.DeliveryID(fmt.Sprintf("01KB%022d", n)), Event: event, Account: 1, Person: 7, Channel: ch, Lane: ch.String(),
			State: state, Created: at, Due: at, Attempts: 1,
		}
		if state != app.DeliveryWaiting && state != app.DeliveryHeld {
			d.Settled = at.Add(2 * time.Second)
		}
		if more != nil {
			more(&d)
		}
		f.deliveries = append(f.deliveries, DeliveryLine{Delivery: d, Title: title, To: to})
		for i := range d.Attempts {
			a := app.Attempt{Delivery: d.ID, N: i + 1, Begun: at.Add(time.Duration(i) * 5 * time.Minute), Took: 240 * time.Millisecond, Status: d.Status, Code: d.Code, Answer: d.Answer}
			f.attempts[d.ID] = append(f.attempts[d.ID], a)
		}
	}
	const breach, note = "Finding 4411 - SLA breached by 2 days! Overdue notice", "maria jotted a note"
	add(40, 100, 168*time.Minute, app.ChannelMail, "maria@example.com", app.DeliverySent, breach, func(d *app.Delivery) { d.Status, d.Answer = 250, "2.0.0 Ok: queued as 4XyZ" })
	add(39, 100, 168*time.Minute, app.ChannelWebhooks, "ci", app.DeliveryDead, breach, func(d *app.Delivery) {
		d.Attempts, d.Status, d.Code, d.Answer = 3, 404, "refused", "no such hook"
		d.Next = "Look at the address of the webhook, then send it again."
	})
	add(38, 99, 185*time.Minute, app.ChannelTeams, "Blue team", app.DeliveryWaiting, note, func(d *app.Delivery) {
		d.Attempts, d.Status, d.Code, d.Answer, d.Due = 2, 502, "server_error", "upstream is away", noon.Add(4*time.Minute)
	})
	add(37, 98, 209*time.Minute, app.ChannelMail, "maria@example.com", app.DeliveryHeld, "Finding review requested for Test created for Pay: Q4 pentest", func(d *app.Delivery) {
		d.Attempts, d.Due = 0, noon.Add(19*time.Hour)
	})
	add(36, 97, 9*time.Hour, app.ChannelToast, "maria", app.DeliverySent, "Created/Updated 37 findings for Shop: nightly: ZAP Scan", nil)
	add(35, 97, 9*time.Hour, app.ChannelSlack, "#security", app.DeliveryDropped, "Created/Updated 37 findings for Shop: nightly: ZAP Scan", func(d *app.Delivery) {
		d.Attempts, d.Code, d.Answer = 0, "gone", "The destination was removed."
	})
	for i := range 34 {
		add(34-i, int64(60-i), time.Duration(20+i*7)*time.Hour, app.ChannelMail, "maria@example.com", app.DeliverySent, fmt.Sprintf("Test created for Shop: sprint %d: Semgrep JSON Report", 40-i), func(d *app.Delivery) { d.Status, d.Answer = 250, "2.0.0 Ok" })
	}
	f.silences = []SilenceLine{
		{Silence: app.Silence{ID: 5, Account: 1, CriticalPasses: true, Created: noon.Add(-20 * time.Minute), Until: noon.Add(40 * time.Minute), Who: "maria", Note: "Snoozed"}},
		{Silence: app.Silence{
			ID: 4, Account: 1, Person: 7, Events: []string{"scan_added", "finding_closed"}, Products: []string{"Shop"}, Severity: "Medium",
			Channels: app.ChannelsOf(app.ChannelMail, app.ChannelSlack), CriticalPasses: true, Created: noon.Add(-26 * time.Hour), Until: noon.Add(45 * time.Hour), Who: "maria", Note: "nightly scans are noisy until the new baseline",
		}, For: "maria"},
		{Silence: app.Silence{ID: 2, Account: 1, Tags: []string{"pci"}, Text: "prod", Created: noon.Add(-90 * time.Hour), Until: noon.Add(-80 * time.Hour), Who: "tom"}},
	}
	f.preview = func(s app.Silence) Preview {
		p := Preview{Days: 30, Messages: 340}
		if len(s.Products) == 0 || slices.Contains(s.Products, "Shop") {
			p.Held, p.Events, p.Passed = 57, 41, 2
			p.Channels[app.ChannelMail], p.Channels[app.ChannelToast] = 40, 17
			p.Titles = []string{"Created/Updated 37 findings for Shop: nightly: ZAP Scan", "Test created for Shop: sprint 40: Semgrep JSON Report"}
		}
		return p
	}
	f.reasons = []Reason{
		{Of: 7, Person: "maria", Channel: app.ChannelAlert, Yes: true, Words: []string{"The server showed it to maria.", "The own settings of maria switch alert on for sla_breach."}},
		{Of: 7, Person: "maria", Channel: app.ChannelMail, To: "maria@example.com", Yes: true, Words: []string{"The server showed it to maria.", "The own settings of maria switch mail on for sla_breach."}},
		{Of: 7, Person: "maria", Channel: app.ChannelSlack, Words: []string{"The server showed it to maria.", "No settings that count for maria switch Slack on for sla_breach."}},
	}
	return f
}

// withEngine gives an inbox the engine.
func withEngine(f *fakeInbox, e *fakeEngine) *fakeInbox {
	f.engine = e
	return f
}
