package program

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/store"
	"bellhop/sync/dojoserver"
)

// tell posts a body without a product to the intake, as a server does for its
// own endpoints.
func (w *world) tell(in app.Intake, secret string, kind app.Kind, title, path string) {
	w.t.Helper()
	body := fmt.Sprintf(`{"description": "Event %s has occurred.", "title": %q, "user": null, "url_ui": %q}`, kind, title, w.url+path)
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, in.URL, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header = http.Header{
		"Content-Type": {"application/json"}, "X-Defectdojo-Event": {string(kind)}, "X-Defectdojo-Instance": {w.url},
		"User-Agent": {"DefectDojo-3.2.0"}, in.Header: {secret},
	}
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		w.t.Fatalf("the intake answers %d", answer.StatusCode)
	}
}

// told returns the events that webhooks told, by their title.
func (w *world) told() map[string]app.Event {
	w.t.Helper()
	out := map[string]app.Event{}
	w.read(func(s *store.Store) {
		for e, err := range s.EachEvent(w.t.Context(), app.EventFilter{}) {
			if err != nil {
				w.t.Fatal(err)
			}
			if e.Origin == app.OriginWebhook {
				out[e.Call.Title] = e
			}
		}
	})
	return out
}

// A system webhook that names no product is told to whoever may see what it is
// about, and to nobody of what she may not see.
func TestTheProductOfAWebhookIsFoundByItsLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	product, test := w.shop()
	hole := w.dojo.AddFinding(dojoserver.Finding{Title: "Hole", Severity: "Critical", Test: test, Active: true, Tags: []string{"pci"}})
	hidden := w.dojo.AddProduct(dojoserver.Product{Name: "Till", Type: 99})
	now := w.clock.now()
	secret := w.dojo.AddFinding(dojoserver.Finding{Title: "Secret", Test: w.dojo.AddTest(dojoserver.Test{
		Engagement: w.dojo.AddEngagement(dojoserver.Engagement{Name: "Inside", Product: hidden, TargetStart: now, TargetEnd: now}),
	})})
	a := w.connect()
	if _, err := w.client.SyncPeople(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	in := w.change(app.IntakeChange{Address: dispatchtest.FreeAddr(t)})
	w.tell(in, in.Secret, app.KindFindingClosed, "Closing of Secret", fmt.Sprintf("/finding/%d", secret))
	w.tell(in, in.Secret, app.KindFindingClosed, "Closing of Hole", fmt.Sprintf("/finding/%d", hole))
	w.tell(in, in.Secret, app.KindTestDeleted, "Deletion of unit", "/engagement/1")
	w.tell(in, in.Secret, app.KindJiraUpdate, "Error pushing to JIRA", fmt.Sprintf("/test/%d", test))
	w.tell(in, in.Secret, app.KindEngagementDeleted, "Deletion of Nightly", fmt.Sprintf("/asset/%d", product))
	w.tell(in, in.Secret, app.KindFindingDeleted, "Deletion of Hole", "/finding")
	w.until("all is recorded", func() bool { return len(w.told()) == 6 })
	events := w.told()
	for _, title := range []string{"Closing of Hole", "Deletion of unit", "Error pushing to JIRA", "Deletion of Nightly"} {
		c := events[title].Call
		if c.Product == nil || c.Product.ID != product || c.Product.Name != "Shop" {
			t.Errorf("%s: %+v", title, c.Product)
		}
	}
	closed := events["Closing of Hole"].Call
	if closed.Finding == nil || closed.Finding.Severity != "Critical" || closed.Engagement == nil || closed.Engagement.Name != "Nightly" || closed.ProductType == nil || len(closed.Tags) != 1 {
		t.Errorf("%+v", closed)
	}
	for _, title := range []string{"Closing of Secret", "Deletion of Hole"} {
		if c := events[title].Call; c.Product != nil || c.Finding != nil {
			t.Errorf("%s: %+v", title, c)
		}
	}
	me := w.person(a.ID, maria)
	w.until("all is decided", w.decided)
	for title, e := range events {
		heard := w.why(e.ID, me.ID)[app.ChannelToast] != ""
		if want := e.Call.Product != nil; heard != want {
			t.Errorf("%s: she hears of it: %v, want %v", title, heard, want)
		}
	}
}

// A server that does not answer keeps neither the caller nor the event: it is
// recorded as it came, also by the next run.
func TestAWebhookDoesNotWaitForItsProduct(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, test := w.shop()
	a := w.connect()
	if _, err := w.client.SyncPeople(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	in := w.change(app.IntakeChange{Address: dispatchtest.FreeAddr(t)})
	asked := make(chan struct{}, 8)
	w.dojo.Break(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/api/v2/tests/") {
			asked <- struct{}{}
			<-r.Context().Done()
			return true
		}
		return false
	})
	w.tell(in, in.Secret, app.KindJiraUpdate, "Pushing to JIRA", fmt.Sprintf("/test/%d", test))
	<-asked
	w.tell(in, in.Secret, app.KindJiraUpdate, "Pushing to JIRA", fmt.Sprintf("/test/%d", test)) // the same call again
	if n := len(w.told()); n != 0 {
		t.Errorf("%d events are recorded", n)
	}
	w.dojo.Break(nil)
	w.restart()
	w.until("it is recorded", func() bool { return len(w.told()) == 1 })
	if c := w.told()["Pushing to JIRA"].Call; c.Product == nil || c.Product.Name != "Shop" {
		t.Errorf("%+v", c)
	}
	w.dojo.Break(func(rw http.ResponseWriter, _ *http.Request) bool { rw.WriteHeader(http.StatusBadGateway); return true })
	w.tell(in, in.Secret, app.KindJiraUpdate, "Another push", fmt.Sprintf("/test/%d", test))
	w.until("it is recorded too", func() bool { return len(w.told()) == 2 })
	if c := w.told()["Another push"].Call; c.Product != nil {
		t.Errorf("%+v", c)
	}
}
