package program

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/store"
)

// tattle repeats in its answer all that it was sent, as servers do that are
// still being built.
func tattle(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		dump, _ := httputil.DumpRequest(r, true)
		w.WriteHeader(code)
		_, _ = fmt.Fprintf(w, "%s\n%s", r.URL, dump)
	}
}

// raw asks the socket by hand and returns the whole answer.
func (w *world) raw(method, path, body string) string {
	w.t.Helper()
	if _, err := os.Stat(filepath.Join(w.dir, "bell.sock")); err != nil {
		w.t.Skip("the socket of this folder is elsewhere")
	}
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", filepath.Join(w.dir, "bell.sock"))
	}}
	r, err := http.NewRequestWithContext(w.t.Context(), method, "http://bell"+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := (&http.Client{Transport: transport, Timeout: patience}).Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return fmt.Sprint(answer.Header) + string(text)
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every place repeats what it was sent, and no secret is in the database, in the
// log, in an error or in an answer of the socket, in any form.
func TestNoSecretIsRepeatedAnywhere(t *testing.T) {
	t.Parallel()
	w, e, a, me, places := alone(t)
	w.mine(me, app.ChannelAlert, app.ChannelMail, app.ChannelSlack, app.ChannelTeams, app.ChannelWebhooks, app.ChannelServices)
	const inAddress, inPath, personal = "token-in-the-address-77120", "token-in-the-path-40817", "password-in-the-address-90342"
	const topic, topicPassword = "topic-that-is-secret-55120", "password-of-a-topic-66131"
	in := w.change(app.IntakeChange{Address: dispatchtest.FreeAddr(t), Register: a.ID})
	cookies, err := w.secrets.Get(t.Context(), a.ID, "cookies")
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[string]string{
		"password": password, "cookies": cookies, "bot": slackToken, "workflow": flowSig, "key": hookKey, "bare key": strings.TrimPrefix(hookKey, "whsec_"),
		"header": hookValue, "mail": mailPass, "mail by PLAIN": base64.StdEncoding.EncodeToString([]byte("\x00bellhop\x00" + mailPass)),
		"intake": in.Secret, "in an address": inAddress, "in a path": inPath, "in front of an address": personal, "a topic": topic, "of a topic": topicPassword,
	}
	for _, s := range secrets {
		w.private = append(w.private, s, url.QueryEscape(s), base64.StdEncoding.EncodeToString([]byte(s)))
	}
	// Addresses that are secrets as a whole or in part.
	host := strings.TrimPrefix(e.hookURL, "http://")
	private := map[string]string{"private": "on"}
	typed := w.put(app.Destination{Account: a.ID, Channel: app.ChannelWebhooks, Name: "typed", Person: me.ID, Address: "http://me:" + personal + "@" + host + "?t=" + inAddress, Config: private}, nil)
	whole := w.put(app.Destination{Account: a.ID, Channel: app.ChannelWebhooks, Name: "whole", Person: me.ID, Config: private}, map[string]string{"url": e.hookURL + "/" + inPath})
	phone := w.put(app.Destination{Account: a.ID, Channel: app.ChannelServices, Name: "phone", Person: me.ID, Config: private},
		map[string]string{"url": "ntfy://maria:" + topicPassword + "@" + host + "/" + topic + "?scheme=http"})
	for _, d := range []app.Destination{typed, whole, phone} {
		dispatchtest.NoSecret(t, "the address of "+d.Name, d.Address, secrets)
	}
	if phone.Address != "ntfy" {
		t.Errorf("the service is shown as %q", phone.Address)
	}

	for _, code := range []int{http.StatusInternalServerError, http.StatusBadRequest, http.StatusGone} {
		for _, place := range []string{"slack", "flow", "hook"} {
			e.breaks(place, tattle(code))
		}
		said := "535 5.7.8 not " + mailPass + " " + secrets["mail by PLAIN"]
		e.mail.say("AUTH", said)
		w.notify(a.ID, map[string]any{"title": "Repeat it", "product": []string{"Shop", "Till"}[code%2]})
		for _, d := range places {
			dispatchtest.NoSecret(t, "the answer to a test of "+d.Name, w.raw(http.MethodPost, fmt.Sprintf("/v1/destinations/%d/test", d.ID), ""), secrets)
		}
		for _, d := range []app.Destination{typed, whole, phone} {
			dispatchtest.NoSecret(t, "the answer to a test of "+d.Name, w.raw(http.MethodPost, fmt.Sprintf("/v1/destinations/%d/test", d.ID), ""), secrets)
		}
	}
	w.until("all was tried", func() bool {
		tried := make(map[app.DestinationID]bool)
		for _, d := range w.deliveries(app.DeliveryFilter{Limit: 500}) {
			tried[d.Destination] = tried[d.Destination] || d.Attempts > 0 && (d.Code != "" || d.State == app.DeliverySent)
		}
		return tried[typed.ID] && tried[whole.ID] && tried[phone.ID] && len(tried) >= 7
	})
	dispatchtest.NoSecret(t, "the ledger", w.ledger(), secrets)

	// Whatever is refused does not repeat what was given.
	for what, body := range map[string]string{
		"a destination": `{"destination": {"account": 1, "channel": "webhooks", "name": "x", "address": "ftp://` + inAddress + `"}, "secrets": {"nonsense": "` + hookValue + `"}}`,
		"a key":         `{"destination": {"account": 1, "channel": "webhooks", "name": "x", "address": "http://x"}, "secrets": {"key": "` + inPath + `"}}`,
		"a header":      `{"destination": {"account": 1, "channel": "webhooks", "name": "x", "address": "http://x"}, "secrets": {"header_value": "` + hookValue + `\n"}}`,
		"a workflow":    `{"destination": {"account": 1, "channel": "msteams", "name": "x"}, "secrets": {"url": "ftp://x/?sig=` + flowSig + `"}}`,
		"a service":     `{"destination": {"account": 1, "channel": "services", "name": "x"}, "secrets": {"url": "telegram://` + topicPassword + `@telegram?chats=1"}}`,
		"an option":     `{"destination": {"account": 1, "channel": "services", "name": "x"}, "secrets": {"url": "ntfy://ntfy.sh/` + topic + `?` + topicPassword + `=1"}}`,
		"a setting":     `{"destination": {"account": 1, "channel": "slack", "name": "x", "address": "#x", "config": {"token": "` + slackToken + `"}}}`,
		"an address":    `{"destination": {"account": 1, "channel": "slack", "name": "x", "address": "` + slackToken + `"}}`,
		"mail":          `{"destination": {"account": 1, "channel": "mail", "name": "x", "config": {"host": "127.0.0.1", "password": "1"}}, "secrets": {"password": "` + mailPass + `"}}`,
	} {
		answer := w.raw(http.MethodPut, "/v1/destinations", body)
		dispatchtest.NoSecret(t, "the refusal of "+what, answer, secrets)
		if !strings.Contains(answer, `"error"`) {
			t.Errorf("%s was taken: %s", what, answer)
		}
	}
	dispatchtest.NoSecret(t, "a refused sign-in", w.raw(http.MethodPost, "/v1/connect", `{"url": "`+w.url+`", "sign_in": "password", "username": "maria", "password": "`+mailPass+`"}`), secrets)
	for _, path := range []string{"/v1/status", "/v1/count", "/v1/alerts", "/v1/alerts?view=history", "/v1/settings", "/v1/intake"} {
		dispatchtest.NoSecret(t, path, w.raw(http.MethodGet, path, ""), secrets)
	}
	// The lists of destinations, deliveries and attempts, and the export of the
	// settings, are made of what the store says.
	w.read(func(s *store.Store) {
		list, err1 := s.Destinations(t.Context(), a.ID)
		rows, err2 := s.Preferences(t.Context(), a.ID, app.OwnerLocal)
		people, err3 := s.People(t.Context(), a.ID)
		dispatchtest.NoSecret(t, "the list of destinations", asJSON(t, list), secrets)
		dispatchtest.NoSecret(t, "the export", asJSON(t, app.WritePreferences(rows, people, nil)), secrets)
		if err := errors.Join(err1, err2, err3); err != nil || len(list) < 7 {
			t.Fatalf("%d destinations, %v", len(list), err)
		}
		for _, d := range w.deliveries(app.DeliveryFilter{Limit: 500}) {
			attempts, err := s.Attempts(t.Context(), d.ID)
			dispatchtest.NoSecret(t, "the list of deliveries", asJSON(t, d)+asJSON(t, attempts), secrets)
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	for _, d := range places { // what is answered where one is changed
		body := asJSON(t, map[string]any{"destination": d, "secrets": map[string]string{}})
		answer := w.raw(http.MethodPut, "/v1/destinations", body)
		dispatchtest.NoSecret(t, "the answer to a change of "+d.Name, answer, secrets)
		if strings.Contains(answer, `"error"`) {
			t.Errorf("%s cannot be changed: %s", d.Name, answer)
		}
	}
	w.stop()
	dispatchtest.NoSecret(t, "the log", w.log.String(), secrets)
	if w.log.String() == "" {
		t.Error("the log is empty, so that this proves nothing")
	}
	checks := Doctor(t.Context(), Options{DataDir: w.dir, secrets: w.secrets})
	dispatchtest.NoSecret(t, "the doctor", fmt.Sprintf("%+v", checks), secrets)
}
