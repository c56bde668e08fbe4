package program

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/app/dispatch/toast"
	"bellhop/store"
	"bellhop/sync/dojo"
	"bellhop/sync/syncer"
)

const (
	// doctorTime bounds each check that leaves this machine or asks a daemon.
	doctorTime = 15 * time.Second
	// lowDisk is when a full disk is near: a copy of a large database and its
	// log must still fit.
	lowDisk = 200 << 20
	// skewLimit is how far two clocks may differ before ages look wrong.
	skewLimit = 2 * time.Minute
	// certificateSoon is when to speak of a certificate that ends.
	certificateSoon = 14 * 24 * time.Hour
)

// Doctor checks what Bellhop needs, in the order in which things go wrong. It
// works with and without a running bell and changes nothing, but that a new
// data folder gets the id under which the keyring knows it.
func Doctor(ctx context.Context, o Options) []app.Check {
	o = o.withDefaults()
	checks := []app.Check{checkFolder(o.DataDir), checkBell(ctx, o.DataDir)}
	checks = append(checks, checkDesktop(ctx)...)
	checks = append(checks, checkToasts(ctx, o.Log), checkWindow(), checkSecrets(ctx, o), checkProxy())
	s, err := store.Open(ctx, store.Options{Dir: o.DataDir, ReadOnly: true, Log: o.Log})
	if err != nil {
		if errors.Is(err, app.ErrNotFound) {
			return append(checks, app.Check{Name: "database", OK: true, Detail: "none yet: it is made with the first start"})
		}
		return append(checks, failed("database", err))
	}
	defer s.Close()
	checks = append(checks, checkDamage(o.DataDir)...)
	found, err := s.Check(ctx)
	if err != nil {
		return append(checks, failed("database", err))
	}
	checks = append(checks, found...)
	accounts, err := s.Accounts(ctx)
	if err != nil {
		return append(checks, failed("accounts", err))
	}
	outbox, err := outboxStatus(ctx, s, accounts)
	if err != nil {
		return append(checks, failed("deliveries", err))
	}
	checks = append(checks, OutboxLines(outbox, time.Now())...)
	if accounts = app.Servers(accounts); len(accounts) == 0 {
		checks = append(checks, app.Check{Name: "accounts", Detail: "no server is connected", Step: "Run `bellhop connect URL`, or open Bellhop's window."})
	}
	for _, a := range accounts {
		state, err := s.SyncState(ctx, a.ID)
		if err != nil {
			return append(checks, failed("accounts", err))
		}
		checks = append(checks, checkAccount(ctx, a, state)...)
	}
	return checks
}

// failed returns the line of a check that could not be made.
func failed(name string, err error) app.Check {
	p := app.AsProblem(err)
	return app.Check{Name: name, Detail: p.Message, Step: p.Step}
}

func checkFolder(dir string) app.Check {
	const name = "data_folder"
	probe, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return app.Check{Name: name, Detail: fmt.Sprintf("%s cannot be written to: %v", dir, err), Step: "Choose another one with --data-dir, or give yourself the right to write there."}
	}
	_ = probe.Close()
	_ = os.Remove(probe.Name())
	free, ok := freeSpace(dir)
	switch {
	case !ok:
		return app.Check{Name: name, OK: true, Detail: dir}
	case free < lowDisk:
		return app.Check{Name: name, Detail: fmt.Sprintf("%s: only %d MB are free", dir, free>>20), Step: "Make room on this disk; nothing is lost until then, but nothing new can be kept."}
	default:
		return app.Check{Name: name, OK: true, Detail: fmt.Sprintf("%s, %d MB free", dir, free>>20)}
	}
}

// checkDamage tells of damaged databases that were set aside, until the user
// deletes them.
func checkDamage(dir string) []app.Check {
	aside, _ := filepath.Glob(filepath.Join(dir, "bellhop.db.corrupt-*Z")) // the pattern is good
	var checks []app.Check
	for _, file := range aside {
		checks = append(checks, app.Check{
			Name: "database_damage", Detail: "a damaged database was set aside as " + file,
			Step: "Check the disk; delete the file once nobody needs it. Alerts come back from the server.",
		})
	}
	return checks
}

func checkBell(ctx context.Context, dir string) app.Check {
	const name = "bell"
	client, err := control.Dial(dir)
	if err == nil {
		var s app.Status
		if s, err = client.Status(ctx); err == nil {
			return app.Check{Name: name, OK: true, Detail: fmt.Sprintf("running since %s (process %d, version %s)", s.Started.Local().Format(time.DateTime), s.PID, s.Version)}
		}
	}
	if errors.Is(err, app.ErrNotRunning) {
		return app.Check{Name: name, OK: true, Detail: "not running: start it with `bellhop`"}
	}
	return failed(name, err)
}

func checkToasts(ctx context.Context, log *slog.Logger) app.Check {
	const name = "toasts"
	ctx, cancel := context.WithTimeout(ctx, doctorTime)
	defer cancel()
	t, err := toast.New(ctx, toast.Options{AppName: "Bellhop", Log: log})
	if err != nil {
		return failed(name, err)
	}
	defer t.Close()
	c := t.Capabilities() //nolint:contextcheck // the toaster lives by ctx
	if !c.Present {
		return app.Check{Name: name, Detail: "no notification service answers", Step: "Start your desktop's notification service (for example dunst or xfce4-notifyd); the tray and the window work without."}
	}
	detail := c.Server
	if !c.Actions {
		detail += ", without buttons: a click cannot open the alert"
	}
	return app.Check{Name: name, OK: true, Detail: detail}
}

func checkWindow() app.Check {
	path, err := windowProgram()
	if err != nil {
		return failed("window", err)
	}
	return app.Check{Name: "window", OK: true, Detail: path}
}

func checkSecrets(ctx context.Context, o Options) app.Check {
	const name = "keyring"
	ctx, cancel := context.WithTimeout(ctx, doctorTime)
	defer cancel()
	s, err := store.OpenSecrets(ctx, o.DataDir, o.Log)
	if err != nil {
		return failed(name, err)
	}
	if p := s.Notice(); p != nil {
		return app.Check{Name: name, Detail: p.Message, Step: p.Step}
	}
	return app.Check{Name: name, OK: true, Detail: "secrets are kept in the " + s.Where()}
}

func checkProxy() app.Check {
	var set []string
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"} {
		if os.Getenv(name) != "" {
			set = append(set, name) // the name alone: the value can hold a password
		}
	}
	if len(set) == 0 {
		return app.Check{Name: "proxy", OK: true, Detail: "no proxy is set in the environment"}
	}
	return app.Check{Name: "proxy", OK: true, Detail: "set in the environment: " + strings.Join(set, ", ")}
}

// checkAccount looks at an account's server without signing in: a sign-in that
// is refused too often can lock the account.
func checkAccount(ctx context.Context, a app.Account, state app.SyncState) []app.Check {
	name := "server " + a.Host()
	ctx, cancel := context.WithTimeout(ctx, doctorTime)
	defer cancel()
	client, err := dojo.New(dojo.Config{
		BaseURL: a.URL, CookieName: a.CookieName, CAFile: a.CAFile, ClientCert: a.ClientCert, ClientKey: a.ClientKey,
		Proxy: a.Proxy, Insecure: a.Insecure,
	})
	if err != nil {
		return []app.Check{failed(name, syncer.Problem(err))}
	}
	defer client.Close()
	probe, err := client.Probe(ctx)
	if err != nil {
		return []app.Check{failed(name, syncer.Problem(err))}
	}
	checks := []app.Check{serverCheck(name, a, state)}
	if !probe.DefectDojo && !probe.SSO {
		checks = append(checks, app.Check{Name: name, Detail: "the answer does not look like DefectDojo's login page", Step: "Check the address, and whether a proxy answers in its place."})
	}
	if !probe.TLSUntil.IsZero() {
		checks = append(checks, certificateCheck(name, a, probe, time.Now()))
	}
	clock := app.Check{Name: name + " clock", OK: true, Detail: fmt.Sprintf("differs by %s", probe.Skew.Round(time.Second).Abs())}
	if probe.Skew.Abs() > skewLimit {
		clock.OK, clock.Step = false, "Set the clock of this computer or of the server: ages of alerts look wrong until then."
	}
	return append(checks, clock)
}

func serverCheck(name string, a app.Account, state app.SyncState) app.Check {
	version := a.Server
	if version == "" {
		version = "of an unknown version"
	}
	if state.Problem != nil {
		return app.Check{Name: name, Detail: "DefectDojo " + version + ": " + state.Problem.Message, Step: state.Problem.Step}
	}
	return app.Check{Name: name, OK: true, Detail: "DefectDojo " + version + ", last synced " + clock(state.LastSync, time.Now())}
}

func certificateCheck(name string, a app.Account, probe dojo.Probe, now time.Time) app.Check {
	c := app.Check{Name: name + " certificate", OK: true, Detail: fmt.Sprintf("signed by %s, valid until %s", probe.TLSIssuer, probe.TLSUntil.Format(time.DateOnly))}
	switch {
	case a.Insecure:
		c.OK, c.Detail, c.Step = false, "is not checked", "Connect the account again with the right CA file instead of --insecure."
	case probe.TLSUntil.Sub(now) < certificateSoon:
		c.OK, c.Step = false, "Ask the server's administrator to renew it."
	}
	return c
}
