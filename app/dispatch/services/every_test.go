package services_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"bellhop/app"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/render"
	"bellhop/app/dispatch/services"
)

// every has an address of each service, and what of it is secret.
var every = map[string]struct {
	address string
	secrets []string
}{
	"bark":       {"bark://bark-key-77120@bark.example.com", []string{"bark-key-77120"}},
	"discord":    {"discord://discord-token-4081@123456789012345678", []string{"discord-token-4081"}},
	"generic":    {"generic://generic.example.com/path-secret-9034?token=query-secret-1&@authorization=Bearer+header-secret-2", []string{"path-secret-9034", "query-secret-1", "header-secret-2"}},
	"googlechat": {"googlechat://chat.googleapis.com/v1/spaces/FOO/messages?key=google-key-551&token=google-token-552", []string{"google-key-551", "google-token-552"}},
	"gotify":     {"gotify://gotify.example.com/" + gotifyToken, []string{gotifyToken}},
	"ifttt":      {"ifttt://ifttt-key-8831/?events=alarm", []string{"ifttt-key-8831"}},
	"join":       {"join://shoutrrr:join-key-9912@join/?devices=join-device-17", []string{"join-key-9912"}},
	"lark":       {"lark://open.larksuite.com/lark-token-3301", []string{"lark-token-3301"}},
	"matrix":     {"matrix://:" + matrixToken + "@matrix.example.com/?rooms=!qporfwt:example.com", []string{matrixToken}},
	"mattermost": {"mattermost://bell@mattermost.example.com/mattermost-token-7", []string{"mattermost-token-7"}},
	"notifiarr":  {"notifiarr://notifiarr-key-66?channel=123456789012345", []string{"notifiarr-key-66"}},
	"ntfy":       {"ntfy://maria:" + topicPassword + "@ntfy.example.com/alarms-topic-9", []string{topicPassword, "alarms-topic-9"}},
	"opsgenie":   {"opsgenie://api.opsgenie.com/opsgenie-key-5150", []string{"opsgenie-key-5150"}},
	"pagerduty":  {"pagerduty://events.pagerduty.com/0123456789abcdef0123456789abcdef", []string{"0123456789abcdef0123456789abcdef"}},
	"pushbullet": {"pushbullet://o.abcdefghijklmnopqrstuvwxyz012345/device-1", []string{"o.abcdefghijklmnopqrstuvwxyz012345"}},
	"pushover":   {"pushover://shoutrrr:pushover-token-31@pushover-user-32", []string{"pushover-token-31", "pushover-user-32"}},
	"rocketchat": {"rocketchat://rocket.example.com/rocket-token-a/rocket-token-b/alarms", []string{"rocket-token-a", "rocket-token-b"}},
	"signal":     {"signal://maria:signal-password-2@signal.example.com:443/+15550000001/+15550000002", []string{"signal-password-2", "+15550000001", "+15550000002"}},
	"telegram":   {"telegram://123456789:AAabcdefghijklmnopqrstuvwxyz0123456@telegram?chats=-1001234567", []string{"AAabcdefghijklmnopqrstuvwxyz0123456"}},
	"wecom":      {"wecom://wecom-key-1704", []string{"wecom-key-1704"}},
	"zulip":      {"zulip://bell-bot%40example.com:zulip-key-404@zulip.example.com/?stream=alarms&topic=bell", []string{"zulip-key-404"}},
}

// internet is every host there is: a proxy that leads all of them to one server
// with a certificate for each.
type internet struct {
	mu     sync.Mutex
	asked  []string // "host path"
	handle http.HandlerFunc
}

func (i *internet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	i.asked = append(i.asked, r.Host+" "+r.URL.Path)
	i.mu.Unlock()
	i.handle(w, r)
}

// times returns how many requests have come since it was asked last.
func (i *internet) times() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	n := len(i.asked)
	i.asked = nil
	return n
}

// connect starts the internet for the processes that follow.
func connect(t *testing.T) *internet {
	t.Helper()
	net := &internet{}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "the test's authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, root, root, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "root.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(net)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		leaf := &x509.Certificate{
			SerialNumber: big.NewInt(2), DNSNames: []string{hello.ServerName}, NotBefore: root.NotBefore, NotAfter: root.NotAfter,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}
		raw, err := x509.CreateCertificate(rand.Reader, leaf, root, key.Public(), key)
		return &tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, err
	}}
	server.StartTLS()
	t.Cleanup(server.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tunnel(w, r, server.Listener.Addr().String())
	}))
	t.Cleanup(proxy.Close)
	t.Setenv("HTTPS_PROXY", proxy.URL)
	t.Setenv("SSL_CERT_FILE", file)
	return net
}

// tunnel leads a proxy's client to a server, whatever it asked for.
func tunnel(w http.ResponseWriter, r *http.Request, server string) {
	if r.Method != http.MethodConnect {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	var d net.Dialer
	to, err := d.DialContext(r.Context(), "tcp", server)
	if err != nil {
		return
	}
	defer func() { _ = to.Close() }()
	from, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = from.Close() }()
	_, _ = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
	var both sync.WaitGroup
	both.Go(func() {
		_, _ = io.Copy(to, from)
		_ = to.Close()
	})
	both.Go(func() {
		_, _ = io.Copy(from, to)
		_ = from.Close()
	})
	both.Wait()
}

// yes answers as each service does when it takes a message.
func yes(w http.ResponseWriter, r *http.Request) {
	body := `{"ok":true,"result":{"message_id":1},"room_id":"!qporfwt:example.com","event_id":"$1","id":25,"errcode":0}`
	if strings.HasPrefix(r.Host, "bark.") {
		body = `{"code":200,"message":"success"}`
	}
	if strings.HasPrefix(r.URL.Path, "/_matrix/") {
		body = `{"room_id":"!qporfwt:example.com","event_id":"$1"}`
	}
	_, _ = io.WriteString(w, body)
}

// Every service there is sends through our transport: it is seen to be taken,
// refused and lost, without a secret in what is told of it. That is more than
// shoutrrr tells: its Telegram takes a lost connection for success, and its Zulip
// crashes.
func TestEveryServiceIsSeenThrough(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("its authorities are not those of a file")
	}
	internet := connect(t)
	for _, name := range services.Names() {
		service, ok := every[name]
		if !ok {
			t.Fatalf("nothing is known of %s", name)
		}
		m := message(service.address, dispatchtest.Scan())
		delete(m.Config, "private") // it is not needed for what is on the internet
		for i, s := range service.secrets {
			m.Secrets[fmt.Sprint("part ", i)] = s
		}
		want := 1
		if name == "matrix" {
			want = 2
		}
		internet.handle = yes
		if f := send(t, m); f != nil {
			t.Errorf("%s: not taken: %v %s", name, f, f.Answer)
		}
		if n := internet.times(); n != want {
			t.Errorf("%s: %d requests, want %d", name, n, want)
		}
		internet.handle = func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, "You sent to %s %v %s", r.URL, r.Header, body)
		}
		if f := send(t, m); f == nil || f.Code != "forbidden" || !f.Final || f.Status != http.StatusUnauthorized || !strings.HasPrefix(f.Answer, "You sent to") {
			t.Errorf("%s: refused: %#v", name, f)
		}
		internet.handle = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
		if f := send(t, m); f == nil || f.Code != "connection_closed" || f.Final {
			t.Errorf("%s: lost: %#v", name, f)
		}
		internet.handle = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://elsewhere.example.com/")
			w.WriteHeader(http.StatusFound)
		}
		internet.times()
		if f := send(t, m); f == nil || f.Code != "redirected" || !f.Final || internet.times() != 1 {
			t.Errorf("%s: redirected: %#v", name, f)
		}
	}
}

func TestAnAddressShowsItsServiceAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, service := range every {
		secrets := map[string]string{"url": service.address}
		if p := services.Check(nil, secrets); p != nil {
			t.Errorf("%s is refused: %s", name, p.Message)
		}
		shown := services.Name(service.address)
		if shown == "" || strings.ContainsAny(shown, "/:@?") {
			t.Errorf("%s is shown as %q", name, shown)
		}
		for _, part := range service.secrets {
			if strings.Contains(shown, part) {
				t.Errorf("%s shows %q", name, shown)
			}
		}
	}
}

// Whatever is wrong with an address, what is said of it has none of it.
func TestWhatCannotBeAnAddressIsRefusedWithoutTellingIt(t *testing.T) {
	t.Parallel()
	const s = "s3cr3t-77120"
	for address, want := range map[string]string{
		"":                                  "no usable address",
		s:                                   "no usable address",
		"https://" + s + ".example.com":     `no service "https"`,
		"slack://hook:" + s + "@webhook":    "not reached through this channel",
		"teams://" + s:                      "not reached through this channel",
		"smtp://u:" + s + "@mail.x/?to=a@b": "not reached through this channel",
		"logger://" + s:                     "not reached through this channel",
		"script://" + s:                     "not reached through this channel",
		"ntfy://" + s + ".example.com":      "address of ntfy cannot be used",
		"ntfy://x.example.com/" + s + "?nonsense=" + s:                                             "address of ntfy cannot be used",
		"ntfy://x.example.com/" + s + "?disableTLSVerification=yes":                                "check of certificates",
		"gotify://x.example.com/" + gotifyToken + "?insecureskipverify=yes":                        "check of certificates",
		"telegram://" + s + "@telegram?chats=1":                                                    "address of Telegram cannot be used",
		"telegram://123456789:AAabcdefghijklmnopqrstuvwxyz0123456@telegram?chats=1," + s:           "leads to 2 places",
		"telegram://123456789:AAabcdefghijklmnopqrstuvwxyz0123456@telegram?chats=1&parsemode=HTML": "take them for markup",
		"matrix://:" + s + "@x.example.com/":                                                       "leads to 0 places",
		"matrix://:" + s + "@x.example.com/?rooms=!a:x,!b:x":                                       "leads to 2 places",
		"matrix://:" + s + "@x.example.com/?rooms=":                                                "Matrix",
		"matrix://maria:" + s + "@x.example.com/?rooms=!a:x":                                       "needs an access token",
		"ifttt://" + s + "/?events=a,b":                                                            "leads to 2 places",
		"discord://" + s + "@123456789012345678?json=yes":                                          "no JSON of Discord's",
		"generic://x.example.com/" + s + "?template=mine":                                          "no such template",
		"ntfy+https://x.example.com/" + s:                                                          "address of ntfy cannot be used",
		"ntfy://\x7f" + s:                                                                          "no usable address",
	} {
		p := services.Check(nil, map[string]string{"url": address})
		if p == nil || !strings.Contains(p.Message, want) {
			t.Errorf("%q: got %v, want %q", address, p, want)
			continue
		}
		if p.Step == "" || strings.Contains(p.Message+p.Step+p.Error(), s) {
			t.Errorf("%q: says %q %q", address, p.Message, p.Step)
		}
	}
}

func FuzzAddressesAreTakenOrRefused(f *testing.F) {
	for _, service := range every {
		f.Add(service.address)
	}
	f.Add("matrix://:t@h/?rooms=")
	f.Add("bark://?")
	f.Add("generic+ftp://x")
	f.Fuzz(func(t *testing.T, address string) {
		p := services.Check(nil, map[string]string{"url": address})
		u, err := url.Parse(strings.TrimSpace(address))
		if p == nil && (err != nil || services.Name(address) == "") {
			t.Errorf("%q is taken and has no name", address)
		}
		if p == nil || err != nil {
			return
		}
		if password, _ := u.User.Password(); len(password) > 30 && strings.Contains(p.Message+p.Step, password) {
			t.Errorf("%q: says %q %q", address, p.Message, p.Step)
		}
	})
}

// What others write is a text for each service: bounded, and without the
// beginnings of what those with markup make links and mentions of.
func TestNoServiceMakesMarkupOfWhatOthersWrite(t *testing.T) {
	t.Parallel()
	calls := regexp.MustCompile(`[<@\]][^\x{200b}…]`)
	for name, s := range dispatchtest.Hostile {
		c := dispatchtest.Scan()
		c.Title, c.Description, c.FindingsNew = s, s, []app.FindingRef{{ID: 1, Title: s, Severity: s}}
		c.Product, c.Engagement, c.TestType = &app.Ref{ID: 4, Name: s}, &app.Ref{ID: 9, Name: s}, s
		for _, link := range []string{"", "/test/6", "/" + strings.Repeat("x", 1500)} {
			c.URL = link
			note := render.Note(render.Input{Call: &c, Site: "https://dojo.example.com"})
			for _, service := range services.Names() {
				title, text, most := services.Words(service, note)
				if len(text) > most || strings.TrimSpace(text) == "" || !utf8.ValidString(text) || strings.Contains(title, "\n") {
					t.Errorf("%s, %s: %d bytes of %d below %q", service, name, len(text), most, title)
				}
				if found := calls.FindString(title + "\n" + text); services.Markup(service) && found != "" {
					t.Errorf("%s, %s: %q in %.300q", service, name, found, text)
				}
				if link == "/test/6" && !strings.HasSuffix(text, "\nhttps://dojo.example.com/test/6") {
					t.Errorf("%s, %s: no link in %.300q", service, name, text)
				}
			}
		}
	}
}
