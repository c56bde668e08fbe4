package webhook_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/webhook"
)

var now = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

// What the receiver answers, as the channel reports it.
var (
	answers500 = &dispatch.Failure{Code: "server_error", Status: 500}
	answers429 = &dispatch.Failure{Code: "rate_limited", Status: 429}
	answers400 = &dispatch.Failure{Code: "rejected", Status: 400, Final: true, Alone: true}
	answers404 = &dispatch.Failure{Code: "not_found", Status: 404, Final: true}
	answers410 = &dispatch.Failure{Code: "gone", Status: 410, Final: true, Disable: true}
	answers302 = &dispatch.Failure{Code: "redirected", Status: 302, Final: true}
	answers408 = &dispatch.Failure{Code: "server_error", Status: 408}
	timesOut   = &dispatch.Failure{Code: "timeout", Err: context.DeadlineExceeded}
	refused    = &dispatch.Failure{Code: "connection_refused", Err: errors.New("dial tcp 127.0.0.1:9: connect: connection refused")}
	nameless   = &dispatch.Failure{Code: "unknown_host", Err: errors.New("lookup nowhere.example: no such host")}
	distrusted = &dispatch.Failure{Code: "tls", Err: errors.New("certificate signed by unknown authority")}
)

const (
	active   = webhook.StatusActive
	trial    = webhook.StatusActiveTmp
	rests    = webhook.StatusInactiveTmp
	off      = webhook.StatusInactivePermanent
	dayAgo   = 24*time.Hour + 10*time.Minute
	noNotice = webhook.NoticeNone
)

// The numbers are the lines of the list of DefectDojo's own tests
// (TestNotificationWebhooks); "ours" marks what differs by intent.
func TestAnAttemptMovesAnEndpointAsInDefectDojo(t *testing.T) {
	t.Parallel()
	for line, c := range map[string]struct {
		before webhook.State
		err    error
		after  webhook.State
		notice webhook.Notice
	}{
		"49 2xx leaves an active endpoint alone": {webhook.State{Status: active}, nil, webhook.State{Status: active}, noNotice},
		"49 2xx does not end a trial":            {webhook.State{Status: trial, FirstError: ago(time.Hour), LastError: ago(time.Hour), Note: "x"}, nil, webhook.State{Status: trial, FirstError: ago(time.Hour), LastError: ago(time.Hour), Note: "x"}, noNotice},
		"50 400 is permanent":                    {webhook.State{}, answers400, webhook.State{Status: off, FirstError: now, LastError: now, Note: "Response status code: 400"}, webhook.NoticeDisabled},
		"50 404 is permanent":                    {webhook.State{}, answers404, webhook.State{Status: off, FirstError: now, LastError: now, Note: "Response status code: 404"}, webhook.NoticeDisabled},
		"50 410 is permanent":                    {webhook.State{}, answers410, webhook.State{Status: off, FirstError: now, LastError: now, Note: "Response status code: 410"}, webhook.NoticeDisabled},
		"51 the first 500":                       {webhook.State{Status: active}, answers500, webhook.State{Status: rests, FirstError: now, LastError: now, Note: "Response status code: 500"}, noNotice},
		"51 the first 429":                       {webhook.State{}, answers429, webhook.State{Status: rests, FirstError: now, LastError: now, Note: "Response status code: 429"}, noNotice},
		"52 the second 500 within a day":         {webhook.State{Status: trial, FirstError: ago(10 * time.Minute), LastError: ago(10 * time.Minute)}, answers500, webhook.State{Status: rests, FirstError: ago(10 * time.Minute), LastError: now, Note: "Response status code: 500"}, noNotice},
		"53 500 after a day of trouble":          {webhook.State{Status: trial, FirstError: ago(dayAgo), LastError: ago(time.Minute), Warned: ago(22 * time.Hour)}, answers500, webhook.State{Status: off, FirstError: ago(dayAgo), LastError: now, Note: "Response status code: 500", Warned: ago(22 * time.Hour)}, webhook.NoticeDisabled},
		"61 a read timeout":                      {webhook.State{}, timesOut, webhook.State{Status: rests, FirstError: now, LastError: now, Note: "Read timed out."}, noNotice},

		"62 ours: a name that is not found passes": {webhook.State{}, nameless, webhook.State{Status: rests, FirstError: now, LastError: now, Note: "unknown_host: lookup nowhere.example: no such host"}, noNotice},
		"62 ours: and is permanent after a day":    {webhook.State{Status: trial, FirstError: ago(dayAgo), LastError: ago(time.Hour), Warned: ago(22 * time.Hour)}, nameless, webhook.State{Status: off, FirstError: ago(dayAgo), LastError: now, Note: "unknown_host: lookup nowhere.example: no such host", Warned: ago(22 * time.Hour)}, webhook.NoticeDisabled},
		"ours: a refused connection passes":        {webhook.State{}, refused, webhook.State{Status: rests, FirstError: now, LastError: now, Note: "connection_refused: dial tcp 127.0.0.1:9: connect: connection refused"}, noNotice},
		"ours: a bad certificate passes":           {webhook.State{}, distrusted, webhook.State{Status: rests, FirstError: now, LastError: now, Note: "tls: certificate signed by unknown authority"}, noNotice},
		"ours: 408 passes":                         {webhook.State{}, answers408, webhook.State{Status: rests, FirstError: now, LastError: now, Note: "Response status code: 408"}, noNotice},
		"ours: a redirect is permanent":            {webhook.State{}, answers302, webhook.State{Status: off, FirstError: now, LastError: now, Note: "Response status code: 302"}, webhook.NoticeDisabled},
		"ours: the owner is warned after an hour": {
			webhook.State{Status: trial, FirstError: ago(time.Hour), LastError: ago(time.Minute)},
			answers500,
			webhook.State{Status: rests, FirstError: ago(time.Hour), LastError: now, Note: "Response status code: 500", Warned: now},
			webhook.NoticeWarning,
		},
		"ours: and before it is switched off, however late": {
			webhook.State{Status: trial, FirstError: ago(dayAgo), LastError: ago(16 * time.Hour)},
			answers500,
			webhook.State{Status: rests, FirstError: ago(dayAgo), LastError: now, Note: "Response status code: 500", Warned: now},
			webhook.NoticeWarning,
		},
		"ours: with an hour to act": {
			webhook.State{Status: trial, FirstError: ago(dayAgo), LastError: ago(time.Minute), Warned: ago(time.Hour)},
			answers500,
			webhook.State{Status: rests, FirstError: ago(dayAgo), LastError: now, Note: "Response status code: 500", Warned: ago(time.Hour)},
			noNotice,
		},
		"ours: and not twice": {
			webhook.State{Status: trial, FirstError: ago(13 * time.Hour), LastError: ago(time.Minute), Warned: ago(time.Hour)},
			answers500,
			webhook.State{Status: rests, FirstError: ago(13 * time.Hour), LastError: now, Note: "Response status code: 500", Warned: ago(time.Hour)},
			noNotice,
		},
		"ours: what was in the air does not open it":   {webhook.State{Status: off, FirstError: ago(time.Minute), LastError: ago(time.Minute), Note: "x"}, answers500, webhook.State{Status: off, FirstError: ago(time.Minute), LastError: ago(time.Minute), Note: "x"}, noNotice},
		"ours: nor does it close it anew":              {webhook.State{Status: off, FirstError: ago(time.Minute), LastError: ago(time.Minute), Note: "x"}, answers404, webhook.State{Status: off, FirstError: ago(time.Minute), LastError: ago(time.Minute), Note: "x"}, webhook.NoticeDisabled},
		"ours: the end of Bellhop is nobody's fault":   {webhook.State{Status: active}, &dispatch.Failure{Code: "cancelled", Err: context.Canceled}, webhook.State{Status: active}, noNotice},
		"ours: nor is an event that cannot be encoded": {webhook.State{Status: active}, &dispatch.Failure{Code: "encode", Final: true, Alone: true}, webhook.State{Status: active}, noNotice},
	} {
		after, notice := webhook.Next(c.before, c.err, now)
		if after != c.after || notice != c.notice {
			t.Errorf("%s:\n got %+v, notice %q\nwant %+v, notice %q", line, after, notice, c.after, c.notice)
		}
	}
}

// The same as 49 to 53, 61 and 62, with receivers that answer.
func TestWhatAReceiverDoesMovesItsEndpoint(t *testing.T) {
	for fault, c := range map[dispatchtest.Fault]struct {
		status webhook.Status
		note   string // its beginning
		notice webhook.Notice
	}{
		dispatchtest.Takes:      {"", "", noNotice},
		dispatchtest.Refuses:    {off, "Response status code: 403", webhook.NoticeDisabled},
		dispatchtest.Broken:     {rests, "Response status code: 503", noNotice},
		dispatchtest.Limited:    {rests, "Response status code: 429", noNotice},
		dispatchtest.LimitedFor: {rests, "Response status code: 429", noNotice},
		dispatchtest.Waits:      {rests, "Read timed out.", noNotice},
		dispatchtest.Closes:     {rests, "connection", noNotice},
		dispatchtest.Nameless:   {rests, "unknown_host", noNotice},
		dispatchtest.Distrusted: {rests, "tls", noNotice},
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			server := dispatchtest.HTTP(t, fault, &dispatchtest.Receiver{})
			channel := webhook.New(webhook.Options{Timeout: dispatchtest.Timeout(fault), Resolver: server.Resolver})
			t.Cleanup(channel.Close)
			m := dispatchtest.Message(dispatchtest.Closed())
			m.Destination.Address, m.Config = server.URL, map[string]string{"private": "on"}
			_, err := channel.Send(t.Context(), m)
			s, notice := webhook.Next(webhook.State{}, err, now)
			if s.Status != c.status || !strings.HasPrefix(s.Note, c.note) || notice != c.notice {
				t.Fatalf("it is %+v, notice %q", s, notice)
			}
			if s.Status != "" && (s.FirstError != now || s.LastError != now) {
				t.Errorf("the trouble began at %v and was met last at %v", s.FirstError, s.LastError)
			}
			if s.Status != rests {
				return
			}
			// 52: a minute later it is tried, and fails again; 53: a day later it is off.
			s, ok, _ := webhook.Open(s, now.Add(time.Minute))
			if !ok || s.Status != trial {
				t.Fatalf("a minute later it is %+v", s)
			}
			_, err = channel.Send(t.Context(), m)
			if s, _ = webhook.Next(s, err, now.Add(time.Minute)); s.Status != rests || s.FirstError != now || s.LastError != now.Add(time.Minute) {
				t.Errorf("a minute later it is %+v", s)
			}
			s.Status, s.LastError, s.Warned = trial, now.Add(dayAgo-time.Minute), now.Add(2*time.Hour)
			if s, notice = webhook.Next(s, err, now.Add(dayAgo)); s.Status != off || s.FirstError != now || notice != webhook.NoticeDisabled {
				t.Errorf("a day later it is %+v, notice %q", s, notice)
			}
		})
	}
}

func TestTimeMovesAnEndpointAsInDefectDojo(t *testing.T) {
	t.Parallel()
	for line, c := range map[string]struct {
		before webhook.State
		move   func(webhook.State) webhook.State
		after  webhook.State
	}{
		"54 an active endpoint is not reactivated": {webhook.State{Status: active}, webhook.Reactivate, webhook.State{Status: active}},
		"54 nor is one that is off":                {webhook.State{Status: off, Note: "x"}, webhook.Reactivate, webhook.State{Status: off, Note: "x"}},
		"55 one that rests goes on trial":          {webhook.State{Status: rests, FirstError: ago(time.Hour), LastError: ago(time.Minute), Note: "x"}, webhook.Reactivate, webhook.State{Status: trial, FirstError: ago(time.Hour), LastError: ago(time.Minute), Note: "x"}},
		"56 an active one is left alone":           {webhook.State{Status: active}, clean, webhook.State{Status: active}},
		"57 a fresh trial is left alone":           {webhook.State{Status: trial, FirstError: ago(time.Hour), LastError: ago(time.Minute)}, clean, webhook.State{Status: trial, FirstError: ago(time.Hour), LastError: ago(time.Minute)}},
		"58 a trial of a day has passed":           {webhook.State{Status: trial, FirstError: ago(dayAgo), LastError: ago(dayAgo), Note: "x"}, clean, webhook.State{Status: active, Note: "Reactivation from active_tmp"}},
		"59 a rest of a minute goes on":            {webhook.State{Status: rests, FirstError: ago(time.Minute), LastError: ago(time.Minute)}, clean, webhook.State{Status: rests, FirstError: ago(time.Minute), LastError: ago(time.Minute)}},
		"60 a rest of ten minutes is a trial":      {webhook.State{Status: rests, FirstError: ago(10 * time.Minute), LastError: ago(10 * time.Minute), Note: "x"}, clean, webhook.State{Status: trial, FirstError: ago(10 * time.Minute), LastError: ago(10 * time.Minute), Note: "x"}},
	} {
		if after := c.move(c.before); after != c.after {
			t.Errorf("%s:\n got %+v\nwant %+v", line, after, c.after)
		}
	}
}

func clean(s webhook.State) webhook.State { return webhook.Clean(s, now) }

func TestAnEndpointIsOpenAgainAfterAMinuteOfRest(t *testing.T) {
	t.Parallel()
	s, _ := webhook.Next(webhook.State{}, answers500, now)
	if _, ok, at := webhook.Open(s, now.Add(59*time.Second)); ok || !at.Equal(now.Add(time.Minute)) {
		t.Errorf("after 59 s it is open: %v, or at %v", ok, at)
	}
	if f := webhook.Closed(s, now.Add(59*time.Second)); f == nil || f.Final || f.After != time.Second {
		t.Errorf("what comes meanwhile gets %+v", f)
	}
	next, ok, _ := webhook.Open(s, now.Add(time.Minute))
	if !ok || next.Status != trial || !next.FirstError.Equal(now) {
		t.Errorf("after a minute it is %+v, open %v", next, ok)
	}
	if f := webhook.Closed(next, now.Add(time.Minute)); f != nil {
		t.Errorf("an open door gives %v", f)
	}
}

// 48: DefectDojo drops what comes for an endpoint that is off. Here it waits.
func TestWhatComesToAClosedDoorWaits(t *testing.T) {
	t.Parallel()
	s := webhook.Disable(webhook.State{Note: "Response status code: 404"})
	if _, ok, at := webhook.Open(s, now.Add(1000*time.Hour)); ok || !at.IsZero() {
		t.Errorf("it opens by itself: %v, %v", ok, at)
	}
	f := webhook.Closed(s, now)
	if f == nil || f.Alone || !f.Disable || f.Next == "" || f.Answer != s.Note {
		t.Errorf("got %+v", f)
	}
}

// A laptop that slept for two days has had no trouble for two days.
func TestSleepIsNoTrouble(t *testing.T) {
	t.Parallel()
	s, _ := webhook.Next(webhook.State{}, answers500, ago(48*time.Hour))
	s, ok, _ := webhook.Open(s, now)
	if !ok || s.Status != active {
		t.Fatalf("after two days it is %+v", s)
	}
	if s, notice := webhook.Next(s, refused, now); s.Status != rests || notice != noNotice || !s.FirstError.Equal(now) {
		t.Errorf("the first trouble after that makes it %+v, %q", s, notice)
	}
}

// A clock that was a year ahead and is right again keeps no door closed.
func TestAClockSetBackIsNoTrouble(t *testing.T) {
	t.Parallel()
	s, _ := webhook.Next(webhook.State{}, answers500, now.Add(365*24*time.Hour))
	s, ok, _ := webhook.Open(s, now)
	if !ok || s.Status != trial {
		t.Fatalf("it is %+v", s)
	}
	if s, _ := webhook.Next(s, answers500, now); !s.FirstError.Equal(now) || s.Status != rests {
		t.Errorf("after trouble it is %+v", s)
	}
}

// backOff are the pauses between the attempts of a webhook's message, as the
// outbox makes them (dispatch/backoff.go).
var backOff = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// Whenever attempts are made and fail, the owner is warned before the endpoint is
// switched off: by one message and its pauses, by a message a minute, on a laptop
// that sleeps from five in the afternoon until nine, and on one that slept for
// nearly a day after half an hour of trouble.
func TestTheOwnerIsWarnedBeforeTheEnd(t *testing.T) {
	t.Parallel()
	every := func(d time.Duration) (list []time.Duration) {
		for at := time.Duration(0); at < 80*time.Hour; at += d {
			list = append(list, at)
		}
		return list
	}
	var oneMessage, asleep []time.Duration
	at := time.Duration(0)
	for _, pause := range backOff {
		oneMessage = append(oneMessage, at)
		at += pause
	}
	for _, at := range every(5 * time.Minute) { // trouble begins at ten to five
		if hour := (time.Duration(16)*time.Hour + 50*time.Minute + at) % (24 * time.Hour); hour >= 9*time.Hour && hour < 17*time.Hour {
			asleep = append(asleep, at)
		}
	}
	for name, c := range map[string]struct {
		attempts    []time.Duration
		warned, off time.Duration
	}{
		"one message":         {oneMessage, 2*time.Hour + 35*time.Minute + 5*time.Second, 31*time.Hour + 35*time.Minute + 5*time.Second},
		"a message a minute":  {every(time.Minute), time.Hour, 24*time.Hour + time.Minute},
		"a laptop of a day":   {asleep, 16*time.Hour + 10*time.Minute, 24*time.Hour + 5*time.Minute},
		"one that slept long": {append(every(5 * time.Minute)[:7], every(5 * time.Minute)[290:]...), 24*time.Hour + 10*time.Minute, 25*time.Hour + 15*time.Minute},
	} {
		var s webhook.State
		var warned, ended time.Duration
		for _, at := range c.attempts {
			var ok bool
			var notice webhook.Notice
			if s, ok, _ = webhook.Open(s, now.Add(at)); !ok {
				continue // it rests, or has ended
			}
			s, notice = webhook.Next(s, answers500, now.Add(at))
			switch {
			case notice == webhook.NoticeWarning && warned == 0 && ended == 0:
				warned = at
				if until := webhook.Until(s).Sub(now); until >= c.off {
					t.Errorf("%s: it is to be switched off after %v", name, until)
				}
			case notice == webhook.NoticeDisabled && ended == 0:
				ended = at
			case notice != noNotice:
				t.Errorf("%s: told %q after %v", name, notice, at)
			}
		}
		if warned != c.warned || ended != c.off {
			t.Errorf("%s: warned after %v and switched off after %v, want %v and %v", name, warned, ended, c.warned, c.off)
		}
	}
}
