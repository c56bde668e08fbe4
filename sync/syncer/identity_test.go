package syncer_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/sync/dojoserver"
	"bellhop/sync/syncer"
)

func TestATokenIsCheckedNowAndThen(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(1)
		w.connect(app.Connect{SignIn: app.SignInToken, Token: w.server.Token(ada)})
		w.server.ForgetRequests()
		w.start()
		w.wantState(app.PhaseOK, "")
		w.wantCount(0)
		w.pass(time.Hour)
		got := w.server.Requests()
		if len(got) < 4 || len(got) > 6 || len(got) != w.requests("GET /api/v2/user_profile/") {
			t.Errorf("asked %q, want the profile four times an hour", got)
		}
		w.secrets.put(w.account.ID, syncer.SecretToken, "0000000000000000000000000000000000000000")
		if code := w.sync(); code != syncer.CodeTokenRefused {
			t.Errorf("with a wrong token: %q", code)
		}
		w.secrets.forget(w.account.ID, syncer.SecretToken)
		if code := w.sync(); code != syncer.CodeTokenRefused {
			t.Errorf("without a token: %q", code)
		}
		w.server.AddUser(dojoserver.User{ID: 12, Name: "bob"})
		w.secrets.put(w.account.ID, syncer.SecretToken, w.server.Token("bob"))
		if code := w.sync(); code != syncer.CodeForeignUser {
			t.Errorf("with another user's token: %q", code)
		}
	})
}

func TestATokenThatWasOfNoUseIsTakenUpAgain(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.connect(app.Connect{SignIn: app.SignInToken, Token: w.server.Token(ada)})
		err := w.store.SetSyncState(t.Context(), app.SyncState{
			Account: w.account.ID, Phase: app.PhaseNeedsYou, Since: w.clock.now(),
			Problem: app.NewProblem(syncer.CodeTokenHasNoAlerts, "The API token works, but DefectDojo gives no alerts to a token.", "", true, nil),
		})
		if err != nil {
			t.Fatal(err)
		}
		w.start()
		w.wantState(app.PhaseOK, "")
	})
}

func TestAPastedSessionEndsAndIsPastedAgain(t *testing.T) {
	play(t, dojoserver.Options{SessionName: "dojo_session"}, func(t *testing.T, w *world) {
		w.born(2)
		w.connect(app.Connect{SignIn: app.SignInSession, CookieName: "dojo_session", Session: w.server.SignIn(ada)})
		w.start()
		w.wantCount(2)
		w.server.ExpireSessions(ada)
		w.pass(time.Minute)
		w.wantState(app.PhaseNeedsYou, syncer.CodeSessionExpired)
		w.pass(time.Hour)
		if n := w.requests("POST /login"); n != 0 {
			t.Error("signed in without a password")
		}
		w.wantCount(2)
		w.connect(app.Connect{SignIn: app.SignInSession, CookieName: "dojo_session", Session: w.server.SignIn(ada)})
		if code := w.sync(); code != "" {
			t.Errorf("with a fresh cookie: %q", code)
		}
		w.wantState(app.PhaseOK, "")
	})
}

func TestAnotherWayToSignInIsTakenUp(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(1)
		w.connect(app.Connect{SignIn: app.SignInSession, Session: w.server.SignIn(ada)})
		w.start()
		w.server.ExpireSessions(ada)
		w.pass(time.Minute)
		w.wantState(app.PhaseNeedsYou, syncer.CodeSessionExpired)
		w.signedUp()
		if code := w.sync(); code != "" {
			t.Fatalf("after connecting with the password: %q", code)
		}
		w.pass(time.Hour)
		w.server.ExpireSessions(ada)
		w.pass(time.Minute)
		w.wantState(app.PhaseOK, "")
	})
}

func TestASessionThatTheUserRenewedIsFoundByItself(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		w.pass(time.Hour)
		w.server.ExpireSessions(ada)
		w.server.ForgetRequests()
		w.secrets.put(w.account.ID, syncer.SecretCookies, `{"name":"sessionid","id":"`+w.server.SignIn(ada)+`"}`)
		w.pass(time.Minute)
		w.wantState(app.PhaseOK, "")
		if n := w.requests(signIns); n != 0 {
			t.Errorf("signed in %d times beside a good session", n)
		}
	})
}

func TestALockedKeyringIsNoRefusal(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(1)
		w.signedUp()
		w.secrets.fail(errors.New("the keyring is locked"))
		w.start()
		w.wantState(app.PhaseOffline, syncer.CodeSecrets)
		w.secrets.fail(nil)
		w.pass(time.Minute)
		w.wantState(app.PhaseOK, "")
		w.wantCount(1)
	})
}

func TestAKeyringThatGoesAwayLeavesTheSessionInHand(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		w.wantState(app.PhaseOK, "")
		w.secrets.fail(errors.New("the session bus has gone"))
		w.born(1)
		if err := w.syncer.SyncNow(t.Context()); err != nil { // a person asks, so the secrets are looked at
			t.Errorf("a good session was not used: %v", err)
		}
		w.wantState(app.PhaseOK, "")
		w.wantCount(1)
	})
}

func TestAMissingPasswordNeedsYou(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.secrets.forget(w.account.ID, syncer.SecretCookies)
		w.secrets.forget(w.account.ID, syncer.SecretPassword)
		w.start()
		w.wantState(app.PhaseNeedsYou, syncer.CodePasswordMissing)
	})
}

func TestAnUnreadableSessionIsAsGoodAsNone(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.secrets.put(w.account.ID, syncer.SecretCookies, "{not json")
		w.start()
		w.wantState(app.PhaseOK, "")
	})
}

func TestAForeignUserStops(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(2)
		w.signedUp()
		w.start()
		w.wantCount(2)
		w.server.AddUser(dojoserver.User{ID: 12, Name: "bob"})
		w.server.AddAlert("bob", dojoserver.Alert{Title: "For Bob's eyes only"})
		w.stop()
		w.secrets.put(w.account.ID, syncer.SecretCookies, `{"name":"sessionid","id":"`+w.server.SignIn("bob")+`"}`)
		w.start()
		w.wantState(app.PhaseNeedsYou, syncer.CodeForeignUser)
		for _, id := range []string{"user 7", "user 12"} {
			if m := w.state().Problem.Message; !strings.Contains(m, id) {
				t.Errorf("%q does not name %s", m, id)
			}
		}
		for _, a := range w.view(app.ViewEverything) {
			if strings.Contains(a.Title, "Bob") {
				t.Error("the other user's alert was stored")
			}
		}
		w.wantCount(2)
		if w.events() != 0 {
			t.Error("the other user's alert made an event")
		}
	})
}

func TestAForeignUserInTheMiddleOfAListStoresNothing(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.signedUp()
		w.start()
		w.server.Break(dojoserver.Only(http.MethodGet, "/alerts/json", dojoserver.Answer(http.StatusOK, "application/json",
			`[{"model":"dojo.alerts","pk":1,"fields":{"title":"ours","description":null,"url":null,"source":"s","icon":"i","user_id":7,"created":"2026-01-01T00:00:00Z"}},
			  {"model":"dojo.alerts","pk":2,"fields":{"title":"theirs","description":null,"url":null,"source":"s","icon":"i","user_id":12,"created":"2026-01-01T00:00:00Z"}}]`)))
		if code := w.sync(); code != syncer.CodeForeignUser {
			t.Errorf("got %q", code)
		}
		w.wantCount(0)
	})
}

func TestTheUsersIDIsLearnt(t *testing.T) {
	for _, c := range []struct {
		name  string
		hook  dojoserver.Hook
		first int64 // learnt from a list without alerts
		later int64
	}{
		{"from the profile", nil, 7, 7},
		{"from the first alert where the API is closed", dojoserver.Only("", "/user_profile/", dojoserver.Answer(http.StatusNotFound, "text/html", "<html></html>")), 0, 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
				w.signedUp()
				w.account.UserID = 0
				if err := w.store.UpdateAccount(w.t.Context(), w.account); err != nil {
					t.Fatal(err)
				}
				w.server.Break(c.hook)
				w.start()
				w.wantState(app.PhaseOK, "")
				w.wantUserID(c.first)
				w.born(1)
				w.pass(time.Minute)
				w.wantUserID(c.later)
			})
		})
	}
}

func (w *world) wantUserID(want int64) {
	w.t.Helper()
	a, err := w.store.Account(w.t.Context(), w.account.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	if a.UserID != want || a.Username != ada {
		w.t.Errorf("the account is of user %d (%s), want %d", a.UserID, a.Username, want)
	}
}
