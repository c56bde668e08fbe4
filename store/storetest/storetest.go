// Package storetest opens real stores for tests, and fills them.
package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
)

// New opens a store in a folder of its own, which is gone after the test.
func New(tb testing.TB) *store.Store {
	tb.Helper()
	return Open(tb, store.Options{Dir: tb.TempDir()})
}

// Open opens a store and closes it after the test.
func Open(tb testing.TB, o store.Options) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), o)
	if err != nil {
		tb.Fatalf("open the store: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("close the store: %v", err)
		}
	})
	return s
}

// Account adds an account for the user "ada" on the server with the host.
func Account(tb testing.TB, s *store.Store, host string) app.Account {
	tb.Helper()
	a, err := s.AddAccount(tb.Context(), app.Account{
		URL: "https://" + host, Username: "ada", SignIn: app.SignInPassword, CookieName: "sessionid",
	})
	if err != nil {
		tb.Fatalf("add the account: %v", err)
	}
	return a
}

// Epoch is when the first alert of [Alert] was born.
var Epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// Alert returns the alert with the primary key as a server would send it: a
// title of about 80 and a description of about 250 characters, made of words
// that recur as they do in real ones. Alerts are born a second apart.
func Alert(key int64) app.Remote {
	k := int(key)
	tool, severity := tools[k%len(tools)], severities[k/3%len(severities)]
	product, finding := products[k/7%len(products)], findings[k/5%len(findings)]
	return app.Remote{
		ID: key, UserID: 7,
		Title: fmt.Sprintf("%s: %s finding in %s: %s (test %d)", tool, severity, product, finding, key),
		Description: fmt.Sprintf("The scan by %s of %s has found %s at %s:%d. It was rated %s by CVE-%d-%05d, and the service level agreement "+
			"asks for it to be mitigated within %d days. Reported for engagement %d by %s; please review the finding and say what is to be done.",
			tool, product, finding, files[k/11%len(files)], k%900, severity, 2016+k%10, k%40000, 7+k%90, k/50, people[k/13%len(people)]),
		URL:     fmt.Sprintf("/finding/%d", key),
		Source:  sources[k%len(sources)],
		Icon:    "bullseye",
		Created: Epoch.Add(time.Duration(key) * time.Second),
	}
}

var (
	tools      = []string{"ZAP", "Burp", "Nessus", "Trivy", "Semgrep", "Bandit", "Checkmarx", "Snyk", "Nuclei", "Grype", "SonarQube"}
	severities = []string{"Critical", "High", "Medium", "Low", "Info"}
	products   = []string{"payments gateway", "customer portal", "mobile backend", "billing service", "identity provider", "data warehouse", "build farm", "support desk", "warehouse scanner"}
	findings   = []string{"SQL injection", "cross-site scripting", "path traversal", "outdated library", "weak cipher", "missing header", "hardcoded credential", "open redirect", "server-side request forgery", "insecure deserialization", "race condition", "information disclosure"}
	files      = []string{"src/login.py", "web/search.jsp", "api/export.go", "lib/session.rb", "cmd/import.rs", "ui/upload.ts"}
	people     = []string{"ada", "grace", "linus", "margaret", "dennis", "barbara"}
	sources    = []string{"Finding Added", "Test Added", "Engagement Added", "SLA breach", "Review requested", "Upcoming engagement", "User mentioned"}
)

// Fill has the account receive the alerts with the keys from first, n of them,
// as first pulls do: some ten thousand a second.
func Fill(tb testing.TB, s *store.Store, account app.AccountID, first int64, n int) {
	tb.Helper()
	const chunk = 2000
	for done := 0; done < n; done += chunk {
		alerts := make([]app.Remote, min(chunk, n-done))
		for i := range alerts {
			alerts[i] = Alert(first + int64(done+i))
		}
		if err := fill(tb, s, account, alerts); err != nil {
			tb.Fatalf("fill the store: %v", err)
		}
	}
}

func fill(tb testing.TB, s *store.Store, account app.AccountID, alerts []app.Remote) error {
	tb.Helper()
	p, err := s.BeginPull(tb.Context(), account, false)
	if err != nil {
		return err
	}
	err = p.Add(tb.Context(), alerts)
	if err == nil {
		_, err = p.Apply(tb.Context(), app.Apply{First: true})
	}
	return errors.Join(err, p.Close())
}
