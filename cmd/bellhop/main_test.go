package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/app/control/controltest"
)

// TestMain lets the scripts run this test's own binary as bellhop.
func TestMain(m *testing.M) {
	testscript.Main(leakFree{m}, map[string]func(){"bellhop": main, "crash": crash})
}

// crash keeps its own crash in the folder that it is given.
func crash() {
	if err := keepCrashes(os.Args[1]); err != nil {
		os.Exit(0)
	}
	panic("a wheel came off")
}

// leakFree fails a run that leaves goroutines behind.
type leakFree struct{ m *testing.M }

// Run implements [testscript.TestingM].
func (l leakFree) Run() int {
	status := l.m.Run()
	if status != 0 {
		return status
	}
	if err := goleak.Find(); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// TestScripts runs the real command in the stories of testdata/script. Beside
// testscript's own commands these have:
//
//	seed               fill a database, see seed_test.go
//	bell               serve a canned bell on the data folder
//	status N CMD...    run a command that ends with this exit status
//	dojo [super]       serve a DefectDojo with five alerts for ann, who may be a superuser; its address is in $DOJO
//	post               serve a real mail server and a strict Slack, see readme_test.go
//	posted N TEXT      wait until both have so many messages, the last with the text
//	readme LINE ARG... run the command of README.md that begins so, with more arguments
//	hook               serve a receiver of webhooks; its address is in $HOOK
//	hooked N           wait until it has this many events
//	eventually CMD...  run a command again until its output matches the last argument
//	left N             wait until the server has this many alerts for ann
//	decided            wait until every event is decided
//	ready              wait until a bell listens
//	appears GLOB       wait until there is such a file
//	gone GLOB          there is no such file
//	clean REGEXP DIR   no file in the folder matches
//	asked REGEXP       the canned bell was asked this (or ! asked)
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			data := filepath.Join(env.WorkDir, "data")
			env.Setenv("BELLHOP_DATA_DIR", data)
			env.Setenv("TZ", "UTC")
			env.Setenv("ESC", "\x1b")
			env.Setenv("CSI", "\u009b")
			env.Values[bellKey{}] = &cannedBell{}
			env.Values[dojoKey{}] = &dojo{}
			env.Values[hookKey{}] = &hook{}
			env.Values[edgesKey{}] = &edges{t: t}
			return os.Mkdir(data, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"seed": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Check(seed(context.Background(), ts.Getenv("BELLHOP_DATA_DIR")))
			},
			"bell": func(ts *testscript.TestScript, _ bool, _ []string) {
				bell, _ := ts.Value(bellKey{}).(*cannedBell)
				ts.Check(bell.serve(ts))
			},
			"status": func(ts *testscript.TestScript, _ bool, args []string) {
				got := 0
				err := ts.Exec(args[1], args[2:]...)
				if exit, ok := errors.AsType[*exec.ExitError](err); ok {
					got = exit.ExitCode()
				} else {
					ts.Check(err)
				}
				if fmt.Sprint(got) != args[0] {
					ts.Fatalf("exit status %d, want %s", got, args[0])
				}
			},
			"dojo":    serveDojo,
			"left":    waitForDojo,
			"decided": waitForDecisions,
			"ready":   waitForBell,
			"hook":    serveHook,
			"hooked":  waitForHook,
			"post":    servePost,
			"posted":  waitForPost,
			"readme":  doAsRead,
			"eventually": func(ts *testscript.TestScript, _ bool, args []string) {
				last := len(args) - 1
				want := regexp.MustCompile("(?m)" + args[last])
				await(ts, func() error {
					if err := ts.Exec(args[0], args[1:last]...); err != nil {
						return err
					}
					if got := ts.ReadFile("stdout"); !want.MatchString(got) {
						return fmt.Errorf("%v says %s", args[:last], got)
					}
					return nil
				})
			},
			"appears": func(ts *testscript.TestScript, _ bool, args []string) {
				await(ts, func() error { return matches(ts.MkAbs(args[0]), true) })
			},
			"gone": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(matches(ts.MkAbs(args[0]), false))
			},
			"clean": checkClean,
			"asked": func(ts *testscript.TestScript, neg bool, args []string) {
				bell, _ := ts.Value(bellKey{}).(*cannedBell)
				calls := bell.calls()
				if regexp.MustCompile(args[0]).MatchString(calls) == neg {
					ts.Fatalf("the bell was asked:\n%s", calls)
				}
			},
		},
	})
}

type bellKey struct{}

// cannedBell has five alerts of two accounts and fails for certain ids.
type cannedBell struct {
	bell controltest.Bell
	stop context.CancelFunc
}

func (b *cannedBell) serve(ts *testscript.TestScript) error {
	ctx, stop := context.WithCancel(context.Background())
	l, err := control.Listen(ctx, ts.Getenv("BELLHOP_DATA_DIR"))
	if err != nil {
		stop()
		return err
	}
	b.stop = stop
	b.bell.Answer = b.answer
	var wg sync.WaitGroup
	wg.Go(func() { err = control.NewServer(&b.bell, slog.New(slog.DiscardHandler)).Serve(ctx, l) })
	ts.Defer(func() {
		stop()
		wg.Wait()
		ts.Check(err)
	})
	return nil
}

func (b *cannedBell) calls() string {
	var s strings.Builder
	for _, c := range b.bell.Calls() {
		fmt.Fprintf(&s, "%s%+v\n", c.Method, c.Args)
	}
	return s.String()
}

func (b *cannedBell) answer(_ context.Context, c controltest.Call) (any, error) {
	switch c.Method {
	case "Status":
		return cannedStatus(), nil
	case "Alerts":
		f, _ := c.Args[0].(app.Filter)
		if f.Account == 2 {
			return app.Page{}, nil
		}
		return app.Page{Alerts: []app.Alert{{ID: 17}}, Next: 17}, nil
	case "Remove", "Retry":
		ids, _ := c.Args[0].([]app.AlertID)
		switch ids[0] {
		case 404:
			return nil, app.ErrNotFound
		case 500:
			return nil, errors.New("a wheel came off")
		}
		return app.Removed{Intents: []app.IntentID{4}, Count: len(ids), UndoUntil: time.Now().Add(5 * time.Second)}, nil
	case "Clear":
		return app.Removed{Intents: []app.IntentID{5, 6}, Count: 5, UndoUntil: time.Now().Add(5 * time.Second)}, nil
	case "Undo":
		if intents, _ := c.Args[0].([]app.IntentID); len(intents) > 0 && intents[0] == 9 {
			return nil, app.ErrTooLate
		}
		return 2, nil
	case "Sync":
		if c.Args[0] == app.AccountID(2) {
			return nil, app.NewProblem("session_expired", "The session has ended.", "Sign in again.", true, nil)
		}
	case "Open":
		if c.Args[0] == app.AlertID(2) && c.Args[1] == false {
			return "https://elsewhere.example/\x1b]0;owned\x07", app.ErrForeignHost
		}
		return "https://dojo.example.com/finding/1", nil
	case "Connect": //nolint:usestdlibvars // not HTTP's
		in, _ := c.Args[0].(app.Connect)
		if in.Password == "wrong" {
			return nil, app.NewProblem("password_refused", "The server refused the user name or password.", "Check both.", true, nil)
		}
		return app.Account{ID: 3, URL: in.URL, Username: in.Username, SignIn: in.SignIn, Insecure: in.Insecure}, nil
	case "Quit":
		b.stop()
	}
	return nil, nil //nolint:nilnil // the zero answer
}

func cannedStatus() app.Status {
	started := time.Now().Add(-90 * time.Minute)
	return app.Status{
		Version: "9.9", Running: true, PID: 4711, Started: started, Count: 5, New: 2, Pending: 1, DataDir: "/canned",
		Accounts: []app.AccountStatus{
			{
				Account:   app.Account{ID: 1, URL: "https://dojo.example.com", Username: "ann", SignIn: app.SignInPassword},
				SyncState: app.SyncState{Account: 1, Phase: app.PhaseOK, LastSync: started}, Count: 5,
			},
			{
				Account: app.Account{ID: 2, URL: "https://other.example.com", Username: "ann\x1b[2J", SignIn: app.SignInSession},
				SyncState: app.SyncState{
					Account: 2, Phase: app.PhaseNeedsYou,
					Problem: app.NewProblem("session_expired", "The session has ended.", "Sign in again.", true, nil),
				},
			},
		},
		PausedUntil: app.PauseForever,
		Notices:     []app.Problem{*app.NewProblem("database_restored", "The database was damaged.", "Look at it.", false, nil)},
	}
}
