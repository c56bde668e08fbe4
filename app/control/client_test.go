package control_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/app/control/controltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dial returns a client of a bell that is served for the test.
func dial(t *testing.T, bell control.Bell) *control.Client {
	t.Helper()
	dir := t.TempDir()
	controltest.Serve(t, dir, bell)
	c, err := control.Dial(dir)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	t.Cleanup(c.Close)
	return c
}

// contract has a row for every method of [control.Bell] that is a call.
var contract = []struct {
	method string
	call   func(context.Context, *control.Client) (any, error)
	args   []any
	answer any // what the bell answers and the client returns
}{
	{
		method: "Status",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return c.Status(ctx) },
		answer: app.Status{
			Version: "1.2.3", Running: true, PID: 7, Started: noon, DataDir: "/d", Count: 5, New: 2, Pending: 1,
			Accounts: []app.AccountStatus{{
				Account:   app.Account{ID: 3, URL: "https://dojo.example.com/x", Username: "ann", SignIn: app.SignInPassword, Created: noon},
				SyncState: app.SyncState{Account: 3, Phase: app.PhaseOK, Since: noon, Skew: -time.Second},
				Count:     5, Pending: 1,
			}},
			PausedUntil: app.PauseForever,
		},
	},
	{
		method: "Alerts",
		call: func(ctx context.Context, c *control.Client) (any, error) {
			return c.Alerts(ctx, app.Filter{Account: 3, View: app.ViewHistory, Search: "a&b=c 0", Source: "0", After: 9, Limit: 1000})
		},
		args: []any{app.Filter{Account: 3, View: app.ViewHistory, Search: "a&b=c 0", Source: "0", After: 9, Limit: 1000}},
		answer: app.Page{Alerts: []app.Alert{{
			ID: 8, Account: 3, RemoteID: 80, Title: "T", Description: "<b>", Created: noon, FirstSeen: noon,
			Removal: &app.Removal{Why: app.WhyMe, At: noon, Pending: true}, Failure: &app.Failure{Reason: "r", At: noon},
		}}, Next: 8},
	},
	{
		method: "Remove",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return c.Remove(ctx, []app.AlertID{1, 2}) },
		args:   []any{[]app.AlertID{1, 2}}, answer: app.Removed{Intents: []app.IntentID{4}, Count: 2, UndoUntil: noon},
	},
	{
		method: "Clear",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return c.Clear(ctx, 3, 17) },
		args:   []any{app.AccountID(3), app.AlertID(17)}, answer: app.Removed{Intents: []app.IntentID{4, 5}, Count: 9, UndoUntil: noon},
	},
	{
		method: "Undo",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return c.Undo(ctx, []app.IntentID{4}) },
		args:   []any{[]app.IntentID{4}}, answer: 2,
	},
	{
		method: "Retry",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return c.Retry(ctx, []app.AlertID{1}) },
		args:   []any{[]app.AlertID{1}}, answer: app.Removed{Intents: []app.IntentID{6}, Count: 1, UndoUntil: noon},
	},
	{
		method: "Snooze",
		call: func(ctx context.Context, c *control.Client) (any, error) {
			return nil, c.Snooze(ctx, 1, 90*time.Minute)
		},
		args: []any{app.AlertID(1), 90 * time.Minute},
	},
	{
		method: "Looked",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return nil, c.Looked(ctx, 3, 17) },
		args:   []any{app.AccountID(3), app.AlertID(17)},
	},
	{
		method: "Sync",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return nil, c.Sync(ctx, 3) },
		args:   []any{app.AccountID(3)},
	},
	{
		method: "Pause",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return nil, c.Pause(ctx, noon) },
		args:   []any{noon},
	},
	{
		method: "Resume",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return nil, c.Resume(ctx) },
	},
	{
		method: "Settings",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return c.Settings(ctx) },
		answer: map[string]string{"theme": "dark"},
	},
	{
		method: "Set",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return nil, c.Set(ctx, "theme", "dark") },
		args:   []any{"theme", "dark"},
	},
	{
		method: "Probe",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return c.Probe(ctx, whole) },
		args:   []any{whole},
		answer: app.Probe{URL: "https://d", DefectDojo: true, SSO: true, TLSUntil: noon, TLSIssuer: "CA", Skew: -3, Problem: app.NewProblem("x", "m", "s", true, nil)},
	},
	{
		method: "Connect",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return c.Connect(ctx, whole) },
		args:   []any{whole}, answer: app.Account{ID: 3, URL: "https://d", Username: "ann", Created: noon},
	},
	{
		method: "Disconnect",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return nil, c.Disconnect(ctx, 3) },
		args:   []any{app.AccountID(3)},
	},
	{
		method: "Open",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return c.Open(ctx, 1, true) },
		args:   []any{app.AlertID(1), true}, answer: "https://d/finding/1?a=b",
	},
	{
		method: "ShowWindow",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return nil, c.ShowWindow(ctx, "history") },
		args:   []any{"history"},
	},
	{
		method: "WindowShown",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return nil, c.WindowShown(ctx, "history") },
		args:   []any{"history"},
	},
	{
		method: "Notify",
		call: func(ctx context.Context, c *control.Client) (any, error) {
			return c.Notify(ctx, 3, []json.RawMessage{json.RawMessage(`{"title":"a"}`)})
		},
		args:   []any{app.AccountID(3), []json.RawMessage{json.RawMessage(`{"title":"a"}`)}},
		answer: app.Noticed{Events: []int64{17}, Known: []bool{true}, Warnings: []string{"w"}},
	},
	{
		method: "PutPreference",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return c.PutPreference(ctx, line) },
		args:   []any{line}, answer: line,
	},
	{
		method: "DropPreference",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return nil, c.DropPreference(ctx, line) },
		args:   []any{line},
	},
	{
		method: "ImportPreferences",
		call: func(ctx context.Context, c *control.Client) (any, error) {
			return nil, c.ImportPreferences(ctx, []app.Preference{line})
		},
		args: []any{[]app.Preference{line}},
	},
	{
		method: "SyncPeople",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return c.SyncPeople(ctx, 3) },
		args:   []any{app.AccountID(3)}, answer: app.PeopleNote{Account: 3, Model: app.AccessRoles, Complete: true, People: 2},
	},
	{
		method: "WritePreferences",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return c.WritePreferences(ctx, 3, true) },
		args:   []any{app.AccountID(3), true},
		answer: []app.PreferenceWrite{{Scope: app.ScopeSystem, Column: "other", After: app.ChannelsOf(app.ChannelMail)}},
	},
	{
		method: "Intake",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return c.Intake(ctx) },
		answer: app.Intake{Address: "127.0.0.1:1", Header: "X-A", Path: "/", LastPing: noon},
	},
	{
		method: "ChangeIntake",
		call: func(ctx context.Context, c *control.Client) (any, error) {
			return c.ChangeIntake(ctx, app.IntakeChange{Address: "on", NewSecret: true, Register: 3, URL: "http://a"})
		},
		args:   []any{app.IntakeChange{Address: "on", NewSecret: true, Register: 3, URL: "http://a"}},
		answer: app.Intake{Address: "127.0.0.1:1", Secret: "s", Registered: 4},
	},
	{
		method: "AddSilence",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return c.AddSilence(ctx, hush) },
		args:   []any{hush}, answer: hush,
	},
	{
		method: "EndSilence",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return c.EndSilence(ctx, 4) },
		args:   []any{app.SilenceID(4)}, answer: app.SilenceEnded{Silence: hush, LetGo: 2},
	},
	{
		method: "PutDestination",
		call: func(ctx context.Context, c *control.Client) (any, error) {
			return c.PutDestination(ctx, place, map[string]string{"token": "t"}, true)
		},
		args: []any{place, map[string]string{"token": "t"}, true}, answer: app.Placed{Destination: place, Ping: &app.Tested{OK: true, Status: 204}},
	},
	{
		method: "RemoveDestination",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return nil, c.RemoveDestination(ctx, 9) },
		args:   []any{app.DestinationID(9)},
	},
	{
		method: "TestDestination",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return c.TestDestination(ctx, 9) },
		args:   []any{app.DestinationID(9)}, answer: app.Tested{Status: 404, Code: "gone", Answer: "a", Next: "n"},
	},
	{
		method: "Resend",
		call: func(ctx context.Context, c *control.Client) (any, error) {
			return c.Resend(ctx, []app.DeliveryID{"A"}, true)
		},
		args: []any{[]app.DeliveryID{"A"}, true}, answer: 4,
	},
	{
		method: "PauseOutbox",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return nil, c.PauseOutbox(ctx, true) },
		args:   []any{true},
	},
	{
		method: "Quit",
		call:   func(ctx context.Context, c *control.Client) (any, error) { return nil, c.Quit(ctx) },
	},
}

var (
	line = app.Preference{
		Account: 3, Owner: app.OwnerLocal, Scope: app.ScopeProduct, Person: 4, Product: 5, Row: app.DefaultRow(), Version: 6,
		Extra: app.Extra{Muted: true},
	}
	place = app.Destination{ID: 9, Account: 3, Channel: app.ChannelSlack, Name: "sec", Address: "#sec", Config: map[string]string{"username": "b"}}
	hush  = app.Silence{ID: 4, Account: 3, Person: 2, Events: []string{"other"}, Text: "t", Channels: app.ChannelsOf(app.ChannelMail), Until: noon, Note: "n"}
	noon  = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	whole = app.Connect{
		URL: "https://d", SignIn: app.SignInPassword, Username: "ann", Password: "p", Session: "s", CookieName: "c",
		Token: "t", CAFile: "ca", ClientCert: "cc", ClientKey: "ck", Proxy: "none", Insecure: true,
	}
)

func TestEveryCallReachesTheBellUnchanged(t *testing.T) {
	t.Parallel()
	rows := make(map[string]bool)
	for _, row := range contract {
		rows[row.method] = true
		t.Run(row.method, func(t *testing.T) {
			t.Parallel()
			bell := &controltest.Bell{Answer: func(context.Context, controltest.Call) (any, error) { return row.answer, nil }}
			got, err := row.call(t.Context(), dial(t, bell))
			if err != nil {
				t.Fatalf("call: %v", err)
			}
			if !reflect.DeepEqual(got, row.answer) {
				t.Errorf("answer:\n got %+v\nwant %+v", got, row.answer)
			}
			want := []controltest.Call{{Method: row.method, Args: row.args}}
			if calls := bell.Calls(); !reflect.DeepEqual(calls, want) {
				t.Errorf("the bell was asked\n     %+v\nwant %+v", calls, want)
			}
		})
	}
	for m := range reflect.TypeFor[control.Bell]().Methods() {
		if name := m.Name; !rows[name] && name != "AttachWindow" && name != "Changes" {
			t.Errorf("no row for %s", name)
		}
	}
}

func TestEveryCallBringsTheErrorBack(t *testing.T) {
	t.Parallel()
	for _, row := range contract {
		t.Run(row.method, func(t *testing.T) {
			t.Parallel()
			refused := app.NewProblem("password_refused", "No.", "Try.", true, errors.New("inner"))
			bell := &controltest.Bell{Answer: func(context.Context, controltest.Call) (any, error) { return nil, refused }}
			_, err := row.call(t.Context(), dial(t, bell))
			p, ok := errors.AsType[*app.Problem](err)
			if !ok {
				t.Fatalf("got %T %v", err, err)
			}
			if p.Code != refused.Code || p.Message != refused.Message || p.Step != refused.Step || !p.NeedsUser {
				t.Errorf("got %+v", p)
			}
			if strings.Contains(err.Error(), "inner") {
				t.Error("the cause has left the bell")
			}
		})
	}
}

func TestSentinelsMatchOnBothSides(t *testing.T) {
	t.Parallel()
	for _, sentinel := range []error{
		app.ErrNotFound, app.ErrNotRunning, app.ErrNewerDatabase, app.ErrTooLate, app.ErrForeignHost, app.ErrInvalid,
		context.DeadlineExceeded,
	} {
		for _, err := range []error{
			sentinel,
			app.NewProblem("own_code", "M.", "S.", false, errors.Join(errors.New("read"), sentinel)),
		} {
			bell := &controltest.Bell{Answer: func(context.Context, controltest.Call) (any, error) { return nil, err }}
			_, got := dial(t, bell).Status(t.Context())
			if !errors.Is(got, sentinel) {
				t.Errorf("%v: got %v", sentinel, got)
			}
			p := app.AsProblem(got)
			if p.Code == "unexpected" || p.Message == "" {
				t.Errorf("%v: nothing for the user in %+v", sentinel, p)
			}
		}
	}
}

func TestALinkToAnotherHostComesWithItsAddress(t *testing.T) {
	t.Parallel()
	bell := &controltest.Bell{Answer: func(context.Context, controltest.Call) (any, error) {
		return "https://elsewhere.example/x", app.ErrForeignHost
	}}
	url, err := dial(t, bell).Open(t.Context(), 1, false)
	if !errors.Is(err, app.ErrForeignHost) || url != "https://elsewhere.example/x" {
		t.Errorf("got %q, %v", url, err)
	}
}

func TestTheCountIsTheBellsOwn(t *testing.T) {
	t.Parallel()
	bell := &controltest.Bell{Answer: func(context.Context, controltest.Call) (any, error) {
		return app.Status{Count: 5, Accounts: []app.AccountStatus{{Account: app.Account{ID: 2}, Count: 3}}}, nil
	}}
	c := dial(t, bell)
	for account, want := range map[app.AccountID]int{0: 5, 2: 3} {
		if n, err := c.Count(t.Context(), account); n != want || err != nil {
			t.Errorf("account %d: got %d, %v", account, n, err)
		}
	}
	if _, err := c.Count(t.Context(), 9); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("account 9: got %v", err)
	}
}

func TestWithoutABell(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := control.Dial(dir); !errors.Is(err, app.ErrNotRunning) {
		t.Errorf("dial: got %v", err)
	}
	stop := controltest.Serve(t, dir, &controltest.Bell{})
	c, err := control.Dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Resume(t.Context()); err != nil {
		t.Fatalf("with a bell: %v", err)
	}
	stop()
	if err := c.Resume(t.Context()); !errors.Is(err, app.ErrNotRunning) {
		t.Errorf("after its end: got %v", err)
	}
	controltest.Serve(t, dir, &controltest.Bell{})
	if err := c.Resume(t.Context()); err != nil {
		t.Errorf("with the next one: %v", err)
	}
}

func TestACallerWhoLeavesEndsTheCall(t *testing.T) {
	t.Parallel()
	entered, left := make(chan struct{}), make(chan struct{})
	bell := &controltest.Bell{Answer: func(ctx context.Context, _ controltest.Call) (any, error) {
		close(entered)
		<-ctx.Done()
		close(left)
		return nil, ctx.Err()
	}}
	c := dial(t, bell)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-entered
		cancel()
	}()
	if err := c.Sync(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-left
}
