package services_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"unicode"

	"go.uber.org/goleak"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/services"
)

// TestMain lets this test's own binary be the process that sends.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == services.Argument {
		nobody := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.New("no name server in this test")
		}}
		os.Exit(services.Work(os.Stdin, os.Stdout, services.Network{Resolver: nobody}))
	}
	// Or each process would rest for a second at its end where races are looked for.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0")
	goleak.VerifyTestMain(m)
}

const (
	topicPassword = "topic-password-5512"
	gotifyToken   = "AnTok-en.551299"
	matrixToken   = "syt_bWFyaWE_UvGjYlhKvT_1nXpQr"
)

// at is the address of a fake as a service's address has it, and what says that
// it has no TLS.
func at(url, option string) (host, query string) {
	if plain, ok := strings.CutPrefix(url, "http://"); ok {
		return plain, "?" + option
	}
	return strings.TrimPrefix(url, "https://"), ""
}

func ntfyAt(url string) string {
	host, query := at(url, "scheme=http")
	return "ntfy://maria:" + topicPassword + "@" + host + "/alarms" + query
}

func gotifyAt(url string) string {
	host, query := at(url, "disabletls=yes")
	return "gotify://" + host + "/" + gotifyToken + query
}

func message(address string, calls ...app.Call) dispatch.Message {
	m := dispatchtest.Digest(calls...)
	m.Destination = app.Destination{ID: 1, Channel: app.ChannelServices, Address: services.Name(address)}
	m.Config, m.Version = map[string]string{"private": "on"}, "2.46.0"
	m.Secrets = map[string]string{"url": address}
	return m
}

func TestItKeepsTheContract(t *testing.T) {
	for name, service := range map[string]struct {
		address func(string) string
		secret  string
		fake    http.Handler
	}{
		"ntfy":   {ntfyAt, topicPassword, &ntfy{user: "maria", password: topicPassword}},
		"gotify": {gotifyAt, gotifyToken, &gotify{token: gotifyToken}},
	} {
		t.Run(name, func(t *testing.T) {
			dispatchtest.Suite{
				Timeout: dispatchtest.Short,
				Start: func(t *testing.T, fault dispatchtest.Fault, _ *slog.Logger) dispatchtest.Peer {
					server := dispatchtest.HTTP(t, fault, service.fake)
					m := message(service.address(server.URL), dispatchtest.Scan())
					m.Secrets["token"] = service.secret // what of the address must not be seen
					return dispatchtest.Peer{
						Channel: services.New(services.Options{Timeout: dispatchtest.Timeout(fault)}), Message: m,
						Arrived: server.Arrived, Taken: server.Taken,
					}
				},
			}.Run(t)
		})
	}
}

func send(t *testing.T, m dispatch.Message) *dispatch.Failure {
	t.Helper()
	_, err := services.New(services.Options{}).Send(t.Context(), m)
	if err == nil {
		return nil
	}
	f := dispatch.FailureOf(err)
	dispatchtest.Check(t, f, m.Secrets)
	return f
}

func TestAMessageReadsAsItShould(t *testing.T) {
	t.Parallel()
	n, g := &ntfy{user: "maria", password: topicPassword}, &gotify{token: gotifyToken}
	server, other := dispatchtest.HTTP(t, dispatchtest.Takes, n), dispatchtest.HTTP(t, dispatchtest.Takes, g)
	if f := send(t, message(ntfyAt(server.URL), dispatchtest.Scan())); f != nil {
		t.Fatalf("%v %s", f, f.Answer)
	}
	const link = "https://dojo.example.com/test/6"
	want := got{
		title: `Created/Updated 3 findings for Shelf: 'a' & "b": Q4 <round>: Generic Findings Import`,
		text: `3 findings have been updated for scan Generic Findings Import.
Shelf: 'a' & "b" / Q4 <round> / Generic Findings Import
3 new
- New: Old Library (Critical)
- New: SQL Injection: [Cart] "Q" 'P' & <x> (High)
- New: Weak TLS (Low)
` + link,
		link: link,
	}
	if got := n.last(); got != want {
		t.Errorf("ntfy shows\n%s\n%s\n%s", got.title, got.text, got.link)
	}
	if f := send(t, message(gotifyAt(other.URL), dispatchtest.Breach(), dispatchtest.Scan(), dispatchtest.Closed())); f != nil {
		t.Fatalf("%v %s", f, f.Answer)
	}
	want = got{title: "3 notifications", text: `- High: Finding 23 - SLA breached by 3 day(s)! Overdue notice
- Critical: Created/Updated 3 findings for Shelf: 'a' & "b": Q4 <round>: Generic Findings Import
- Engagement Closed
https://dojo.example.com/alerts`}
	if got := g.last(); got != want {
		t.Errorf("gotify shows\n%s\n%s", got.title, got.text)
	}
}

// Matrix takes two requests, of which the first may be refused.
func TestMatrixJoinsAndWrites(t *testing.T) {
	t.Parallel()
	m := &matrix{token: matrixToken, room: "!qporfwt:example.com"}
	server := dispatchtest.HTTP(t, dispatchtest.Takes, m)
	host := strings.TrimPrefix(server.URL, "http://")
	address := "matrix://:" + matrixToken + "@" + host + "/?disableTLS=yes&rooms=" + "!qporfwt:example.com"
	if f := send(t, message(address, dispatchtest.Closed())); f != nil {
		t.Fatalf("%v %s", f, f.Answer)
	}
	if got := m.last().text; !strings.HasPrefix(got, "Engagement Closed\n\n") || !strings.HasSuffix(got, "\nhttps://dojo.example.com/engagement/9/finding/all") {
		t.Errorf("the room shows %q", got)
	}
	for bad, want := range map[string]string{
		strings.Replace(address, "qporfwt", "elsewhere", 1):   "forbidden",
		strings.Replace(address, matrixToken, "syt_wrong", 1): "forbidden",
	} {
		if f := send(t, message(bad, dispatchtest.Closed())); f == nil || f.Code != want || !f.Final || !strings.Contains(f.Answer, "M_") {
			t.Errorf("got %#v, want %s", f, want)
		}
	}
}

// A private address is refused before anything is sent, unless it is allowed.
func TestPrivateAddressesAreForThoseWhoAllowThem(t *testing.T) {
	t.Parallel()
	n := &ntfy{user: "maria", password: topicPassword}
	server := dispatchtest.HTTP(t, dispatchtest.Takes, n)
	for _, address := range []string{ntfyAt(server.URL), gotifyAt(server.URL), "generic" + strings.TrimPrefix(server.URL, "http") + "/x?disabletls=yes"} {
		m := message(address, dispatchtest.Scan())
		delete(m.Config, "private")
		if f := send(t, m); f == nil || f.Code != "private_address" || server.Taken() != 0 {
			t.Errorf("%s: %#v", services.Name(address), f)
		}
	}
}

// What a service says about waiting in its answer's body counts like the header.
func TestAnAnswerMaySayInItsBodyWhenToTryAgain(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"ok":false,"parameters":{"retry_after":35}}`:         "35s",
		`{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2500}`: "2.5s",
		`{"retry_after":1e30}`:                                 "24h0m0s",
		`{"retry_after":-5}`:                                   "0s",
		`[]`:                                                   "0s",
	} {
		server := dispatchtest.HTTP(t, dispatchtest.Takes, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = w.Write([]byte(body))
		}))
		if f := send(t, message(ntfyAt(server.URL), dispatchtest.Scan())); f == nil || f.Code != "rate_limited" || f.After.String() != want {
			t.Errorf("%s: %#v", body, f)
		}
	}
}

// A page that answers with success and is no ntfy (a hotel's) has not taken it.
func TestAPageThatIsNoServiceHasNotTakenTheMessage(t *testing.T) {
	t.Parallel()
	server := dispatchtest.HTTP(t, dispatchtest.Takes, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<html>Welcome. Please accept our terms."))
	}))
	if f := send(t, message(ntfyAt(server.URL), dispatchtest.Scan())); f == nil || f.Final || f.Code != "rejected" || !strings.Contains(f.Answer, "our terms") {
		t.Errorf("got %#v", f)
	}
}

// Whatever others write arrives as a text of a bounded size, on a fake that
// refuses what is none.
func TestHostileTextsArriveAsTexts(t *testing.T) {
	t.Parallel()
	n, g := &ntfy{user: "maria", password: topicPassword}, &gotify{token: gotifyToken}
	server, other := dispatchtest.HTTP(t, dispatchtest.Takes, n), dispatchtest.HTTP(t, dispatchtest.Takes, g)
	for name, s := range dispatchtest.Hostile {
		c := dispatchtest.Scan()
		c.Title, c.Description, c.FindingsNew = s, s, []app.FindingRef{{ID: 1, Title: s, Severity: s}}
		c.Product, c.Engagement, c.TestType = &app.Ref{ID: 4, Name: s}, &app.Ref{ID: 9, Name: s}, s
		for _, address := range []string{ntfyAt(server.URL), gotifyAt(other.URL)} {
			if f := send(t, message(address, c)); f != nil {
				t.Errorf("%s, %s: %v %s", name, services.Name(address), f, f.Answer)
			}
		}
		for _, shown := range []got{n.last(), g.last()} {
			for _, text := range []string{shown.title, shown.text} {
				if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) || strings.ContainsAny(text, "\u202e\u2066\ufeff") {
					t.Errorf("%s shows %.200q", name, text)
				}
			}
			if strings.Contains(shown.title, "\n") || len(shown.text) > 4096 {
				t.Errorf("%s shows %d bytes below %.100q", name, len(shown.text), shown.title)
			}
		}
	}
}
