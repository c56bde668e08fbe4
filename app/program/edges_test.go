package program

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"bellhop/app"
	"bellhop/app/dispatch/dispatchtest"
)

// edges are the places to which a bell delivers: real servers on this machine,
// each as strict as the real one.
type edges struct {
	slack *dispatchtest.Slack
	flow  *dispatchtest.Workflow
	hook  *dispatchtest.Receiver
	mail  *mailServer

	slackURL, flowURL, hookURL string

	mu    sync.Mutex
	fault map[string]http.HandlerFunc // by slack, flow, hook: in the place of the real answer
}

const (
	slackToken = "xoxb-stories-of-bellhop-7391"
	flowSig    = "sig-of-the-workflow-50284"
	hookValue  = "value-of-the-own-header-61907"
	mailPass   = "password-of-the-mailbox-18356"
)

// hookKey signs what the receiver gets.
var hookKey = "whsec_" + strings.Repeat("c3Rvcmllcy1vZi1i", 2)

// newEdges starts the places; the secrets of all of them are watched for.
func newEdges(w *world) *edges {
	w.t.Helper()
	e := &edges{
		slack: &dispatchtest.Slack{
			Token:    slackToken,
			Channels: map[string]dispatchtest.SlackChannel{"C1": {Name: "security", Member: true}, "C2": {Name: "shop", Member: true}},
			Users:    map[string]string{"maria@example.com": "U1MARIA", "ben@example.com": "U2BEN"},
		},
		flow: &dispatchtest.Workflow{Sig: flowSig}, hook: &dispatchtest.Receiver{Keys: []string{hookKey}},
		mail: startMail(w.t), fault: make(map[string]http.HandlerFunc),
	}
	serve := func(name string, h http.Handler) string {
		server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			e.mu.Lock()
			fault := e.fault[name]
			e.mu.Unlock()
			if fault != nil {
				fault(rw, r)
				return
			}
			h.ServeHTTP(rw, r)
		}))
		w.t.Cleanup(server.Close)
		return server.URL
	}
	e.slackURL, e.flowURL, e.hookURL = serve("slack", e.slack)+"/", serve("flow", e.flow)+"/flow?sig="+flowSig, serve("hook", e.hook)+"/in"
	w.private = append(w.private, slackToken, flowSig, hookValue, hookKey, mailPass)
	return e
}

// breaks answers for a place in another way; nil mends it.
func (e *edges) breaks(name string, h http.HandlerFunc) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fault[name] = h
}

// answers ends every request with a status.
func answers(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(code)
	}
}

// put adds a destination of the account, or changes it, without a ping.
func (w *world) put(d app.Destination, secrets map[string]string) app.Destination {
	w.t.Helper()
	kept, err := w.client.PutDestination(w.t.Context(), d, secrets, true)
	if err != nil {
		w.t.Fatalf("%s %s: %v: %s", d.Channel, d.Name, err, app.AsProblem(err).Step)
	}
	return kept.Destination
}

// places adds one destination of each channel for one person, or shared ones.
func (w *world) places(e *edges, account app.AccountID, person app.PersonID) map[app.Channel]app.Destination {
	w.t.Helper()
	host, port, _ := net.SplitHostPort(e.mail.addr)
	encryption, auth, ca := "none", "plain", ""
	if e.mail.real != nil {
		encryption, auth, ca = "starttls", "auto", e.mail.real.CAFile
	}
	slackTo, mailTo := "#security", "team@example.org"
	if person != 0 {
		slackTo, mailTo = "", ""
	}
	list := make(map[app.Channel]app.Destination)
	for _, one := range []struct {
		d       app.Destination
		secrets map[string]string
	}{
		{app.Destination{Channel: app.ChannelMail, Name: "post", Address: mailTo, Config: map[string]string{
			"host": host, "port": port, "tls": encryption, "ca_file": ca, "auth": auth, "username": "bellhop", "from": "Bellhop <bellhop@example.com>",
		}}, map[string]string{"password": mailPass}},
		{app.Destination{Channel: app.ChannelSlack, Name: "chat", Address: slackTo, Config: map[string]string{"api": e.slackURL}}, map[string]string{"token": slackToken}},
		{app.Destination{Channel: app.ChannelTeams, Name: "team", Config: map[string]string{"hosts": "127.0.0.1"}}, map[string]string{"url": e.flowURL}},
		{
			app.Destination{Channel: app.ChannelWebhooks, Name: "siem", Address: e.hookURL, Config: map[string]string{"private": "on", "header_name": "X-Own"}},
			map[string]string{"key": hookKey, "header_value": hookValue},
		},
	} {
		one.d.Account, one.d.Person = account, person
		list[one.d.Channel] = w.put(one.d, one.secrets)
	}
	return list
}

// mailServer takes mails by SMTP after a sign-in; what it says to a verb can be
// changed.
type mailServer struct {
	addr string
	// real is the server in the place of this one; nil for none.
	real *dispatchtest.Exim

	mu    sync.Mutex
	says  map[string]string // by verb: this in the place of the usual answer; "hang" for none
	mails []letter
}

// letter is a mail as it was read again.
type letter struct {
	To      string // of the envelope
	ID      string
	Subject string
	Text    string
}

func startMail(t *testing.T) *mailServer {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mailServer{addr: l.Addr().String(), says: make(map[string]string)}
	ctx, end := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
				defer stop()
				defer func() { _ = conn.Close() }()
				m.talk(ctx, conn)
			})
		}
	})
	t.Cleanup(func() { end(); _ = l.Close(); serving.Wait() })
	return m
}

// say changes what is said to a verb; "" is the usual answer.
func (m *mailServer) say(verb, answer string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.says[verb] = answer
}

// letters returns the mails that one address got.
func (m *mailServer) letters(to string) (list []letter) {
	if m.real != nil {
		user, _, _ := strings.Cut(to, "@")
		for _, raw := range m.real.Mails(user) {
			list = append(list, readLetter(to, raw))
		}
		return list
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.mails {
		if l.To == to {
			list = append(list, l)
		}
	}
	return list
}

// talk is one conversation.
func (m *mailServer) talk(ctx context.Context, conn net.Conn) {
	r := bufio.NewReader(conn)
	answer := func(verb, usual string) bool {
		m.mu.Lock()
		said := m.says[verb]
		m.mu.Unlock()
		switch said {
		case "hang":
			<-ctx.Done()
			return false
		case "":
			said = usual
		}
		_, err := io.WriteString(conn, said+"\r\n")
		return err == nil && said == usual
	}
	answer("CONNECT", "220 mail.example.org ESMTP")
	to := ""
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
		verb, _, _ = strings.Cut(verb, ":")
		switch verb {
		case "EHLO":
			answer(verb, "250-mail.example.org\r\n250-8BITMIME\r\n250 AUTH PLAIN")
		case "AUTH":
			answer(verb, "235 welcome")
		case "RCPT":
			_, to, _ = strings.Cut(line, "<")
			to, _, _ = strings.Cut(to, ">")
			answer(verb, "250 fine")
		case "DATA":
			if !answer(verb, "354 go on") {
				continue
			}
			var text strings.Builder
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				text.WriteString(strings.TrimPrefix(line, "."))
			}
			if answer("END", "250 taken") {
				m.take(to, text.String())
			}
		case "QUIT":
			answer(verb, "221 bye")
			return
		default:
			answer(verb, "250 fine")
		}
	}
}

func (m *mailServer) take(to, raw string) {
	got := readLetter(to, raw)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails = append(m.mails, got)
}

// readLetter reads a mail with another library than the one that wrote it.
func readLetter(to, raw string) letter {
	got, err := dispatchtest.ReadMail(strings.NewReader(raw))
	if err != nil {
		return letter{To: to, Text: "this mail cannot be read: " + err.Error()}
	}
	return letter{To: to, ID: got.Get("Message-Id"), Subject: got.Subject, Text: got.Text + got.HTML}
}

// arrivals counts what came to each place.
type arrivals struct{ Mail, Slack, Teams, Hook int }

func (e *edges) arrived(mailTo string) arrivals {
	return arrivals{len(e.mail.letters(mailTo)), len(e.slack.Messages()), len(e.flow.Cards()), len(e.hook.Hooks())}
}

// wantArrived waits until so much has come, and fails where more has.
func (w *world) wantArrived(e *edges, mailTo string, want arrivals) {
	w.t.Helper()
	var got arrivals
	deadline := time.Now().Add(patience)
	for got = e.arrived(mailTo); got != want && time.Now().Before(deadline); got = e.arrived(mailTo) {
		w.pause()
	}
	if got != want {
		w.t.Fatalf("arrived %+v, want %+v\n%s", got, want, w.ledger())
	}
}

// pause is the rest between two looks.
func (w *world) pause() {
	timer := time.NewTimer(5 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.t.Context().Done():
	}
}

// ledger is what the bell has noted of its deliveries, for a test that fails.
func (w *world) ledger() string {
	var b strings.Builder
	list := w.deliveries(app.DeliveryFilter{Limit: 200})
	if open := w.deliveries(app.DeliveryFilter{State: app.DeliveryWaiting, Limit: 50}); len(open) > 0 {
		list = open
	}
	for _, d := range list {
		fmt.Fprintf(&b, "  %s event %d person %d %s to %d: %s %d %s %q due %s\n", d.ID, d.Event, d.Person, d.Channel, d.Destination, d.State, d.Status, d.Code, d.Answer, d.Due)
	}
	return b.String()
}

// verified says whether a request is signed with the receiver's key.
func verified(h dispatchtest.Hook) error {
	wh, err := standardwebhooks.NewWebhook(hookKey)
	if err != nil {
		return err
	}
	return wh.Verify(h.Raw, h.Header)
}
