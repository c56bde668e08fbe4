//go:build e2e && linux

package e2e

import (
	"bytes"
	"image"
	"slices"
	"strings"
	"testing"

	"bellhop/app"
)

func TestPasswordsAreInTheKeyringAndNowhereElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	secrets := w.secrets()
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 1)
	w.noneInClear(secrets())
	w.missing("secrets.key")
	out, status := w.run("", w.program("bellhop"), "doctor")
	if status != 0 || !strings.Contains(out, "secrets are kept in the keyring") {
		t.Errorf("the doctor ended with status %d and said:\n%s", status, out)
	}
}

func TestWithoutAKeyringSecretsAreInAFileAndTheUserIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, theKeyring)
	secrets := w.secrets()
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 1)
	w.noneInClear(secrets())
	if mode := w.mode("secrets.key"); mode != 0o600 {
		t.Errorf("the key has the mode %o", mode)
	}
	w.until("the status tells", func() bool {
		return slices.ContainsFunc(w.status().Notices, func(p app.Problem) bool { return strings.Contains(p.Message, "keyring") })
	})
	if out, status := w.run("", w.program("bellhop"), "doctor"); status == 0 || !strings.Contains(out, "keyring") {
		t.Errorf("the doctor ended with status %d and said:\n%s", status, out)
	}

	// The file serves the next bell: first the session, then the password.
	w.bell.strike()
	w.dojo.ForgetRequests()
	bell = w.ring()
	w.sync()
	if n := w.requests("POST /login"); n != 0 {
		t.Errorf("the restart cost %d sign-ins", n)
	}
	w.dojo.ExpireSessions(user)
	w.born("Born after the session", "/finding/2")
	w.sync()
	w.untilCount(bell, 2)
}

func TestAnExpiredSessionCostsOneSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 1)
	w.dojo.ForgetRequests()
	w.dojo.ExpireSessions(user)
	w.born("Born after the session", "/finding/2")
	w.sync()
	w.untilCount(bell, 2)
	w.sync()
	if n := w.requests("POST /login"); n != 1 {
		t.Errorf("the bell signed in %d times: %v", n, w.dojo.Requests())
	}
	if n := w.requests("GET /logout"); n != 0 {
		t.Error("the bell has signed the user out")
	}
}

func TestAChangedPasswordIsTriedOnceAndThenAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.connect()
	bell := w.ring()
	w.untilCount(bell, 1)
	fine := w.crisp(bell)
	w.dojo.ForgetRequests()
	w.dojo.SetPassword(user, "a new one")
	if _, said, status := w.runBoth("", w.program("bellhop"), "sync"); status != 4 || said == "" {
		t.Errorf("the sync ended with status %d and said %q", status, said)
	}
	w.until("the face says that the bell needs you", func() bool {
		return strings.Contains(bell.tooltip(), "needs you") && !bytes.Equal(fine, w.crisp(bell))
	})
	w.bell.strike() // not even a restart tries it again
	bell = w.ring()
	w.until("the tooltip still says so", func() bool { return strings.Contains(bell.tooltip(), "needs you") })
	bell.click("See all alerts")
	win := w.window()
	w.shoot("needs-you")
	if n := w.requests("POST /login"); n != 1 {
		t.Errorf("the bell tried the password %d times: %v", n, w.dojo.Requests())
	}

	win.click(785, 87) // Sign in again
	win.untilBlank(image.Rect(220, 60, 780, 100))
	win.still()
	w.shoot("sign-in-again")
	win.write("a new one")
	win.press("Return")
	w.until("the bell is in step again", func() bool { return !strings.Contains(bell.tooltip(), "needs you") })
	w.born("Born meanwhile", "/finding/2")
	w.sync()
	w.untilCount(bell, 2)
	if n := w.requests("POST /login"); n != 2 {
		t.Errorf("signing in again took %d requests", n-1)
	}
}
