package syncer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/sync/dojoserver"
)

// places are a finding, a test and an engagement of the shop.
type places struct{ engagement, test, finding int64 }

func (w *watcher) places() places {
	e := w.engagement(dojoserver.Engagement{Name: "Nightly"})
	t := w.server.AddTest(dojoserver.Test{Engagement: e, Title: "unit"})
	return places{e, t, w.server.AddFinding(dojoserver.Finding{Title: "Hole", Test: t, Active: true, NoSLA: true})}
}

func TestATokenHearsWhoMentionsHer(t *testing.T) {
	for _, version := range []string{"2.46.0", "3.2.0"} {
		observe(t, dojoserver.Options{Version: version}, dojoserver.User{}, app.SignInToken, func(t *testing.T, w *watcher) {
			if version == "2.46.0" {
				w.server.AddMember(dojoserver.Member{User: ada, Product: 1})
			}
			w.server.AddUser(dojoserver.User{ID: 9, Name: "ben", First: "Ben", Last: "Bo"})
			at := w.places()
			w.server.AddNote("findings", at.finding, dojoserver.Note{Author: "ben", Text: "@ada of old"})
			w.look(5)
			w.want()
			w.later(time.Hour)
			w.server.AddNote("findings", at.finding, dojoserver.Note{Author: "ben", Text: "Is this real, @Ada? " + strings.Repeat("ü", 300)})
			w.later(time.Second)
			w.server.AddNote("findings", at.finding, dojoserver.Note{Author: "ben", Text: "@ana, write to ada@example.com or @adamas, not @ada.b"})
			w.server.AddNote("tests", at.test, dojoserver.Note{Author: "ben", Text: "ask\u00a0@ada."})
			w.later(time.Second)
			w.server.AddNote("engagements", at.engagement, dojoserver.Note{Author: "ben", Text: "@ada: done?", API: true})
			w.look(5)
			const title = "user_mentioned: ben jotted a note"
			events := w.want(title, title, title)
			sections := map[string]app.Call{}
			for _, e := range events {
				sections[e.Call.Section] = e.Call
				if !slices.Equal(e.Call.Recipients, []string{ada}) || e.Call.Product == nil || e.Call.Product.Name != "Shop" ||
					e.Call.Actor != "ben" || e.Call.RequestedBy != "Ben Bo (ben)" {
					t.Errorf("%+v", e.Call)
				}
			}
			finding, test, engagement := sections["Finding: Hole"], sections["Test: API Test on Shop"], sections["Engagement: Nightly"]
			if finding.URL != fmt.Sprintf("/finding/%d", at.finding) || len([]rune(finding.Note)) != 203 || !strings.HasSuffix(finding.Note, "ü...") {
				t.Errorf("%+v", finding)
			}
			if test.URL != fmt.Sprintf("/test/%d", at.test) || test.Note != "ask\u00a0@ada." {
				t.Errorf("%+v", test)
			}
			if engagement.URL != fmt.Sprintf("/engagement/%d", at.engagement) || engagement.Note != "@ada: done?" {
				t.Errorf("%+v", engagement)
			}
			w.again()
			for range 3 {
				w.look(2)
				w.later(20 * time.Minute)
			}
			w.want(title, title, title)
		})
	}
}

func TestACopiedNoteIsNoSecondMention(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
		at := w.places()
		w.look(5)
		w.later(time.Hour)
		w.server.AddNote("findings", at.finding, dojoserver.Note{Author: "ana", Text: "see @ada"})
		w.look(3)
		w.later(time.Hour)
		w.server.CopyTest(at.test, at.engagement)
		for range 3 {
			w.look(2)
			w.later(20 * time.Minute)
		}
		if n := len(eventsOf(w.recorded(), app.KindUserMentioned)); n != 1 {
			t.Errorf("one note is told %d times", n)
		}
	})
}

func TestWhatMentionsHerElsewhereIsNotHerBusiness(t *testing.T) {
	observe(t, dojoserver.Options{}, dojoserver.User{}, app.SignInToken, func(t *testing.T, w *watcher) {
		hidden := w.server.AddProduct(dojoserver.Product{Name: "Till", Type: 2})
		e := w.engagement(dojoserver.Engagement{Name: "Secret", Product: hidden})
		w.look(5)
		w.later(time.Hour)
		w.server.AddNote("engagements", e, dojoserver.Note{Author: "ana", Text: "@ada must not know"})
		w.look(5)
		w.want()
		// Three days later she is let in: old talk is no news.
		w.later(72 * time.Hour)
		w.look(3)
		w.server.AddProduct(dojoserver.Product{ID: hidden, Name: "Till", Type: 2, Authorized: []string{ada}})
		w.later(time.Hour)
		w.look(5)
		if n := len(eventsOf(w.recorded(), app.KindUserMentioned)); n != 0 {
			t.Errorf("%d mentions of before she was let in", n)
		}
	})
}

func TestMentionsWaitForAMachineThatSlept(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
		at := w.places()
		w.look(5)
		w.end()
		w.later(time.Hour)
		w.server.AddNote("findings", at.finding, dojoserver.Note{Author: "ana", Text: "@ada"})
		w.server.AddNote("tests", at.test, dojoserver.Note{Author: "ana", Text: "hi @ada", At: w.clock.last().Add(time.Second)})
		w.later(20 * 24 * time.Hour)
		w.begin()
		w.look(5)
		w.want("user_mentioned: ana jotted a note", "user_mentioned: ana jotted a note")
	})
}

func TestNothingNewAboutNotesCostsARequestARound(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
		at := w.places()
		for i := range 200 { // a large import, read once
			w.server.AddFinding(dojoserver.Finding{Title: fmt.Sprint("Hole ", i), Test: at.test, Active: true, NoSLA: true, Reviewed: w.clock.last()})
		}
		w.look(6)
		w.later(30 * time.Minute)
		w.server.AddNote("findings", at.finding, dojoserver.Note{Author: "ana", Text: "@ada"})
		f := w.server.Finding(at.finding)
		f.StatusUpdate = w.clock.last() // so that the list by state has news of its own behind it
		w.server.AddFinding(f)
		w.look(3)
		w.want("user_mentioned: ana jotted a note")
		w.later(30 * time.Minute)
		w.look(1)
		w.server.ForgetRequests()
		w.look(4)
		if n := w.requests("GET /api/v2/findings/"); n > 4*3 {
			t.Errorf("%d requests for findings in four rounds without news", n)
		}
	})
}

func TestASessionHasItsMentionsAsAlerts(t *testing.T) {
	observe(t, dojoserver.Options{}, superuser, app.SignInSession, func(t *testing.T, w *watcher) {
		at := w.places()
		w.look(5)
		w.later(time.Hour)
		w.server.AddNote("engagements", at.engagement, dojoserver.Note{Author: "ana", Text: "@ada"})
		w.look(5)
		w.want()
	})
}

func TestAReviewIsAskedOfHerAgain(t *testing.T) {
	observe(t, dojoserver.Options{Version: "2.46.0"}, superuser, app.SignInToken, func(t *testing.T, w *watcher) {
		at := w.places()
		w.look(5)
		w.later(time.Hour)
		request := func(text string, reviewers ...string) {
			w.server.AddNote("findings", at.finding, dojoserver.Note{Author: "ana", Text: "Review Request: " + text, Private: true})
			f := w.server.Finding(at.finding)
			f.UnderReview, f.Reviewers, f.ReviewBy = true, reviewers, "ana"
			w.server.AddFinding(f)
		}
		request("look, @ada", "ana")
		w.look(2)
		w.want() // hers, and a mention in a request is none
		w.later(time.Hour)
		request("and you", "ana", ada)
		w.look(2)
		const title = "review_requested: Finding review requested"
		events := w.want(title)
		if c := events[0].Call; !slices.Equal(c.Recipients, []string{ada}) || c.Note != "Review Request: and you" || c.RequestedBy != "ana" || c.Actor != "ana" {
			t.Errorf("%+v", c)
		}
		w.later(time.Hour)
		w.look(2)
		w.server.AddNote("findings", at.finding, dojoserver.Note{Author: "ana", Text: "no hurry"})
		w.look(2)
		w.want(title)
		w.later(time.Hour)
		request("once more", "ana", ada)
		w.look(2)
		w.want(title, title)
	})
}
