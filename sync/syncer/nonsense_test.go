package syncer_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
	"bellhop/sync/dojoserver"
	"bellhop/sync/syncer"
)

const page = "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Hello</body></html>"

// TestNonsenseIsNeverAnEmptyList gives the answers that a list can be confused
// with. Each leaves the list as it was, names its reason, and is forgotten when
// the server speaks sense again.
func TestNonsenseIsNeverAnEmptyList(t *testing.T) {
	json := func(body string) dojoserver.Hook {
		return dojoserver.Answer(http.StatusOK, "application/json", body)
	}
	alert := `{"model":"dojo.alerts","pk":900,"fields":{"title":"t","description":null,"url":null,"source":"s","icon":"i","user_id":7,"created":"2026-01-01T00:00:00Z"}}`
	redirect := func(to string) dojoserver.Hook {
		return func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, to, http.StatusFound)
			return true
		}
	}
	for _, c := range []struct {
		name string
		hook dojoserver.Hook
		code string
	}{
		{"a page with status 200", dojoserver.Answer(http.StatusOK, "text/html", page), syncer.CodeNotJSON},
		{"a page that says it is JSON", json(page), syncer.CodeMalformed},
		{"an empty body", json(""), syncer.CodeMalformed},
		{"null", json("null"), syncer.CodeMalformed},
		{"an object", json(`{"results": []}`), syncer.CodeMalformed},
		{"an array that breaks off", json("[" + alert), syncer.CodeMalformed},
		{"an alert that breaks off", json("[" + alert + `,{"model":"dojo.alerts","pk":9`), syncer.CodeMalformed},
		{"a body that breaks off", dojoserver.Cut("application/json", "["+alert), syncer.CodeMalformed},
		{"an empty array and more", json("[] []"), syncer.CodeMalformed},
		{"a redirect to a page", redirect("/welcome"), syncer.CodeRedirected},
		{"a redirect to a guest network", redirect("http://portal.example.com/"), syncer.CodeRedirected},
		{"a permission page of today (400)", dojoserver.Answer(http.StatusBadRequest, "text/html", "<html><h1>403 Forbidden</h1></html>"), syncer.CodeForbidden},
		{"a permission page of old (403)", dojoserver.Answer(http.StatusForbidden, "text/html", "<html></html>"), syncer.CodeForbidden},
		{"a host that is not allowed", dojoserver.Answer(http.StatusBadRequest, "text/html", "<html><h1>Bad Request</h1></html>"), syncer.CodeHostRefused},
		{"a page that is not there", dojoserver.Answer(http.StatusNotFound, "text/html", page), syncer.CodeNotDefectDojo},
		{"an error of the server's", dojoserver.Answer(http.StatusInternalServerError, "text/html", page), syncer.CodeServerError},
		{"a gateway without a server", dojoserver.Down(0), syncer.CodeServerError},
		{"no answer", dojoserver.Drop(), syncer.CodeUnreachable},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
				w.born(4)
				w.signedUp()
				w.start()
				w.server.Break(dojoserver.Only(http.MethodGet, "/alerts/json", c.hook))
				w.next()
				w.wantState(app.PhaseOffline, c.code)
				w.wantCount(4)
				w.pass(time.Hour)
				w.wantCount(4)
				if len(w.view(app.ViewHistory)) > 0 {
					t.Error("alerts went into the history")
				}
				w.server.Break(nil)
				w.born(1)
				w.pass(16 * time.Minute)
				w.wantState(app.PhaseOK, "")
				w.wantCount(5)
			})
		})
	}
}

func TestABodyWithoutEndIsCutOff(t *testing.T) {
	alert := `{"model":"dojo.alerts","pk":900,"fields":{"title":"t","description":null,"url":null,"source":"s","icon":"i","user_id":7,"created":"2026-01-01T00:00:00Z"}},`
	for _, c := range []struct {
		name         string
		begin, chunk string
	}{
		{"one alert after the other", "[", alert},
		{"one title", `[{"model":"dojo.alerts","pk":1,"fields":{"title":"`, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
		{"nothing but space", "[", "                                                        "},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
				w.born(4)
				w.signedUp()
				w.dial = func(config dojo.Config) (syncer.Remote, error) {
					config.Limits.ListBytes = 4 << 20 // the real limit takes a while to reach
					return dojo.New(config)
				}
				w.start()
				w.server.Break(dojoserver.Only(http.MethodGet, "/alerts/json", dojoserver.Endless("application/json", c.begin, c.chunk)))
				if code := w.sync(); code != syncer.CodeTooLarge {
					t.Errorf("got %q", code)
				}
				w.wantCount(4)
			})
		})
	}
}

// TestAConfirmationGoesOverANewConnection: a load balancer that works by
// connection would lead the old one to the same wrong backend again.
func TestAConfirmationGoesOverANewConnection(t *testing.T) {
	server, url := serve(t, dojoserver.Options{})
	for n := range 40 {
		server.AddAlert(ada, dojoserver.Alert{Title: fmt.Sprintf("alert %d", n)})
	}
	d := newDesk(t, url)
	s, stop := d.run(t)
	defer stop()
	if err := s.SyncNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	var wrong atomic.Value // the connection that leads to the empty backend
	server.Break(dojoserver.Only(http.MethodGet, "/alerts/json", func(w http.ResponseWriter, r *http.Request) bool {
		wrong.CompareAndSwap(nil, r.RemoteAddr)
		return wrong.Load() == r.RemoteAddr && dojoserver.Answer(http.StatusOK, "application/json", "[]")(w, r)
	}))
	if err := s.SyncNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := d.store.Count(t.Context(), d.account.ID); err != nil || n != 40 {
		t.Errorf("the bell shows %d, %v", n, err)
	}
}

func TestALoadBalancerWithOneEmptyBackend(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(200)
		w.signedUp()
		w.start()
		// Every other request meets a backend whose database is empty.
		var n atomic.Int32
		w.server.Break(dojoserver.Only(http.MethodGet, "/alerts/json", func(rw http.ResponseWriter, r *http.Request) bool {
			if n.Add(1)%2 == 0 {
				return false
			}
			return dojoserver.Answer(http.StatusOK, "application/json", "[]")(rw, r)
		}))
		for range 30 {
			w.pass(time.Minute)
			w.wantCount(200)
		}
		if n := w.events(); n != 0 {
			t.Errorf("%d alerts came back as new", n)
		}
	})
}
