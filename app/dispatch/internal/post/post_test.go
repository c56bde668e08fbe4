package post_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/internal/post"
	"bellhop/app/dispatch/internal/redact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plain is the smallest channel: what it sends is the secret itself.
type plain struct {
	client *post.Client
	url    string
}

func (p plain) Send(ctx context.Context, m dispatch.Message) (dispatch.Receipt, error) {
	r := redact.New(m.Secrets)
	header := http.Header{"Authorization": {"Bearer " + m.Secrets["token"]}}
	answer, err := p.client.Post(ctx, p.url+"/in?key="+m.Secrets["token"], header, []byte(m.Secrets["token"]), r)
	if err != nil {
		return dispatch.Receipt{}, err
	}
	if f := answer.Failure(r); f != nil {
		return dispatch.Receipt{}, f
	}
	return answer.Receipt(r), nil
}

func TestItKeepsTheContract(t *testing.T) {
	dispatchtest.Suite{
		Timeout: dispatchtest.Short,
		Start: func(t *testing.T, fault dispatchtest.Fault, _ *slog.Logger) dispatchtest.Peer {
			server := dispatchtest.HTTP(t, fault, http.HandlerFunc(echo))
			client := post.New(post.Options{Timeout: dispatchtest.Timeout(fault), Resolver: server.Resolver})
			t.Cleanup(client.Close)
			m := dispatchtest.Message(dispatchtest.Closed())
			m.Secrets = map[string]string{"token": `tok/"9f8e7d6c5b4a"&x`}
			return dispatchtest.Peer{Channel: plain{client, server.URL}, Message: m, Arrived: server.Arrived, Taken: server.Taken}
		},
	}.Run(t)
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, _ = w.Write(append([]byte(r.URL.String()+" "+r.Header.Get("Authorization")+" "), body...))
}

func send(t *testing.T, o post.Options, target string) (post.Answer, *dispatch.Failure) {
	t.Helper()
	client := post.New(o)
	t.Cleanup(client.Close)
	answer, err := client.Post(t.Context(), target, nil, []byte("{}"), redact.New(nil))
	if err != nil {
		return answer, dispatch.FailureOf(err)
	}
	return answer, answer.Failure(redact.New(nil))
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func TestARedirectIsAFailureAndIsNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		hits := 0
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			hits++
			http.Redirect(w, r, "/elsewhere", status)
		})
		if _, f := send(t, post.Options{}, server.URL); f == nil || f.Code != post.CodeRedirected || !f.Final || hits != 1 {
			t.Errorf("%d gave %v after %d requests", status, f, hits)
		}
	}
}

func TestStatusesSayWhetherToTryAgain(t *testing.T) {
	t.Parallel()
	type want struct{ final, disable, alone bool }
	for status, w := range map[int]want{
		400: {final: true, alone: true}, 401: {final: true}, 403: {final: true}, 404: {final: true}, 405: {final: true},
		408: {}, 410: {final: true, disable: true}, 413: {final: true, alone: true}, 422: {final: true, alone: true},
		425: {}, 429: {}, 500: {}, 502: {}, 503: {}, 504: {}, 599: {},
	} {
		server := serve(t, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status) })
		_, f := send(t, post.Options{}, server.URL)
		if f == nil || f.Status != status || (want{f.Final, f.Disable, f.Alone}) != w {
			t.Errorf("%d gave %+v, want %+v", status, f, w)
			continue
		}
		dispatchtest.Check(t, f, nil)
	}
	for _, status := range []int{200, 201, 202, 204, 299} {
		server := serve(t, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status) })
		if _, f := send(t, post.Options{}, server.URL); f != nil {
			t.Errorf("%d gave %v", status, f)
		}
	}
}

func TestRetryAfterIsReadInEachOfItsForms(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	for said, want := range map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		" 1.5 ":                         1500 * time.Millisecond,
		"-3":                            0,
		"NaN":                           0,
		"1e300":                         24 * time.Hour,
		"soon":                          0,
		"Wed, 25 Nov 2026 09:02:00 GMT": 2 * time.Minute,
		"Wed, 25 Nov 2026 08:00:00 GMT": 0,
		"Thu, 25 Nov 2027 09:00:00 GMT": 24 * time.Hour,
	} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", said)
			w.WriteHeader(http.StatusServiceUnavailable)
		})
		if _, f := send(t, post.Options{Now: func() time.Time { return now }}, server.URL); f == nil || f.After != want {
			t.Errorf("%q asks to wait %v, want %v", said, f, want)
		}
	}
}

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	var opened atomic.Int32
	server := counting(t, echo, &opened)
	client := post.New(post.Options{})
	defer client.Close()
	for range 20 {
		if _, err := client.Post(t.Context(), server.URL, nil, []byte("{}"), redact.New(nil)); err != nil {
			t.Fatal(err)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("20 requests opened %d connections", n)
	}
}

// counting is a server that counts its connections.
func counting(t *testing.T, handler http.HandlerFunc, opened *atomic.Int32) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server
}

func TestSpecialAddressesAreKnown(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255",
		"192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
		"239.1.1.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::127.0.0.1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "3fff::1", "100::1",
		"2002:7f00:1::1", "2001::1", "5f00::1", "fec0::1", "64:ff9b:1::1",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe",
	} {
		if !post.Special(netip.MustParseAddr(s)) {
			t.Errorf("%s passes for public", s)
		}
	}
	for _, s := range []string{
		"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "198.20.0.0",
		"223.255.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::101:101",
	} {
		if post.Special(netip.MustParseAddr(s)) {
			t.Errorf("%s does not pass for public", s)
		}
	}
	if !post.Special(netip.Addr{}) {
		t.Error("no address at all passes for public")
	}
}

// The test's server is on loopback, where a guarded client must never arrive,
// whatever way the address is written.
func TestAGuardedClientDoesNotReachThisMachine(t *testing.T) {
	t.Parallel()
	hits := 0
	server := serve(t, func(http.ResponseWriter, *http.Request) { hits++ })
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	resolver := dispatchtest.Resolver(t, func(name string, _ int) []netip.Addr {
		switch name {
		case "private.example":
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}
		case "mapped.example":
			return []netip.Addr{netip.MustParseAddr("::ffff:127.0.0.1")}
		case "nat64.example":
			return []netip.Addr{netip.MustParseAddr("64:ff9b::7f00:1")}
		}
		return nil
	})
	for host, final := range map[string]bool{
		"127.0.0.1": true, "[::1]": true, "[::ffff:127.0.0.1]": true, "[64:ff9b::7f00:1]": true, "localhost": true, "a.localhost": true,
		"LOCALHOST.": true, "private.example": false, "mapped.example": false, "nat64.example": false,
		"0.0.0.0": true, "169.254.169.254": true,
		// Forms that inet_aton knows and Go does not: they are names, and none that exists.
		"2130706433": false, "0x7f.1": false, "127.1": false,
	} {
		_, f := send(t, post.Options{Public: true, Resolver: resolver, Timeout: time.Second}, "http://"+host+port+"/")
		if f == nil || f.Final != final || f.Code != post.CodePrivate && f.Code != post.CodeName {
			t.Errorf("%s gave %+v", host, f)
		}
	}
	if hits != 0 {
		t.Errorf("%d requests arrived", hits)
	}
	if _, f := send(t, post.Options{Resolver: resolver}, "http://private.example"+port+"/"); f != nil || hits != 1 {
		t.Errorf("a client without guard gave %v and %d requests", f, hits)
	}
}

// A name that leads to a public address when it is looked at and to loopback
// when it is used must not get through: what counts is the address dialled.
func TestASecondLookUpCannotLeadInside(t *testing.T) {
	t.Parallel()
	hits := 0
	server := serve(t, func(http.ResponseWriter, *http.Request) { hits++ })
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	resolver := dispatchtest.Resolver(t, func(_ string, nth int) []netip.Addr {
		if nth == 1 {
			return []netip.Addr{netip.MustParseAddr("192.88.99.7"), netip.MustParseAddr("127.0.0.1")}
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	})
	for range 3 {
		if _, f := send(t, post.Options{Public: true, Resolver: resolver, Timeout: time.Second}, "http://rebind.example"+port); f == nil || f.Code != post.CodePrivate || f.Final {
			t.Errorf("got %v", f)
		}
	}
	if hits != 0 {
		t.Errorf("%d requests arrived", hits)
	}
}

func TestAProxyIsUsedAndMayBePrivate(t *testing.T) {
	t.Parallel()
	var asked string
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		w.WriteHeader(http.StatusNoContent)
	})
	through := func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) }
	resolver := dispatchtest.Resolver(t, func(name string, _ int) []netip.Addr {
		if name == "inside.example" {
			return []netip.Addr{netip.MustParseAddr("10.0.0.1")}
		}
		return nil
	})
	o := post.Options{Public: true, Proxy: through, Resolver: resolver}
	if _, f := send(t, o, "http://outside.example/x"); f != nil || asked != "http://outside.example/x" {
		t.Errorf("the proxy was asked for %q: %v", asked, f)
	}
	asked = ""
	for _, target := range []string{"http://10.0.0.1/x", "http://inside.example/x"} {
		if _, f := send(t, o, target); f == nil || f.Code != post.CodePrivate || asked != "" {
			t.Errorf("%s gave %v, the proxy was asked for %q", target, f, asked)
		}
	}
}

func TestWhatAProxyRefusesIsNamed(t *testing.T) {
	t.Parallel()
	proxy := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) })
	gone := serve(t, echo)
	gone.Close()
	for _, address := range []string{proxy.URL, gone.URL} {
		through := func(*http.Request) (*url.URL, error) {
			return url.Parse(strings.Replace(address, "http://", "http://ana:s3cret-of-proxy@", 1))
		}
		_, f := send(t, post.Options{Proxy: through}, "https://outside.example/x")
		if f == nil || f.Code != post.CodeProxy || f.Final {
			t.Errorf("got %v", f)
			continue
		}
		dispatchtest.Check(t, f, map[string]string{"proxy": "s3cret-of-proxy"})
	}
}

func TestUserAndPasswordOfAnAddressAreSent(t *testing.T) {
	t.Parallel()
	var user, password string
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { user, password, _ = r.BasicAuth() })
	if _, f := send(t, post.Options{}, strings.Replace(server.URL, "http://", "http://ana:pa%20ss@", 1)); f != nil || user != "ana" || password != "pa ss" {
		t.Errorf("got %q %q, %v", user, password, f)
	}
}

func TestAddressesThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"", "example.com", "ftp://example.com", "http://", "file:///etc/passwd", "http://a b/", "http://x\n/", "//x/y"} {
		if _, f := send(t, post.Options{}, target); f == nil || f.Code != post.CodeBadAddress || !f.Final {
			t.Errorf("%q gave %v", target, f)
		}
	}
}

func TestARefusedConnectionPasses(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	_, f := send(t, post.Options{}, "http://"+address)
	if f == nil || f.Code != post.CodeRefused || f.Final {
		t.Fatalf("got %v", f)
	}
	dispatchtest.Check(t, f, nil)
	if errors.Unwrap(f) == nil {
		t.Error("no cause")
	}
}

func TestTLSToAPlainPortIsNamed(t *testing.T) {
	t.Parallel()
	server := serve(t, echo)
	if _, f := send(t, post.Options{}, strings.Replace(server.URL, "http:", "https:", 1)); f == nil || f.Code != post.CodeTLS || f.Final {
		t.Errorf("got %v", f)
	}
}
