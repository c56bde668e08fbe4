// Package email delivers messages by SMTP: encrypted unless the user said
// otherwise, signed in by whatever the server offers, over connections that
// are kept for the next message.
package email

import (
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/mail"
	"os"
	"strconv"
	"strings"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// The keys of the channel's configuration; [Keys] says what each of them
// takes.
const (
	KeyProvider    = "provider"
	KeyHost        = "host"
	KeyPort        = "port"
	KeyTLS         = "tls"
	KeyUnencrypted = "unencrypted_ok"
	KeyCAFile      = "ca_file"
	KeyAuth        = "auth"
	KeyUsername    = "username"
	KeyFrom        = "from"
	KeyReplyTo     = "reply_to"
	KeyUnsubscribe = "list_unsubscribe"
	KeyHello       = "hello"
	KeyConnections = "connections"
	KeyPerLine     = "mails_per_connection"
	KeyTokenURL    = "token_url"
	KeyClientID    = "client_id"
	KeyScope       = "scope"
	KeyRate        = "rate" // see [dispatch.ParseRate]; the outbox keeps it
)

var names = [...]string{
	KeyProvider, KeyHost, KeyPort, KeyTLS, KeyUnencrypted, KeyCAFile, KeyAuth, KeyUsername, KeyFrom, KeyReplyTo, KeyUnsubscribe,
	KeyHello, KeyConnections, KeyPerLine, KeyTokenURL, KeyClientID, KeyScope, KeyRate,
}

// The names of the channel's secrets.
const (
	SecretPassword     = "password"
	SecretRefreshToken = "refresh_token"
	SecretClientSecret = "client_secret"
	// SecretAccessToken is a ready token for XOAUTH2, for those who have
	// something else that renews it.
	SecretAccessToken = "access_token"
)

// Key is one setting of the channel as help texts and forms show it.
type Key struct {
	Name    string
	Meaning string
	Default string // "" = none, or what the provider sets
	Allowed string
}

// Keys lists the settings in the order in which they are asked for.
func Keys() []Key {
	return []Key{
		{KeyProvider, "whose mail server it is; sets host, port, tls and auth", "", strings.Join(providerNames(), ", ")},
		{KeyHost, "the mail server", "", "a host name or an address"},
		{KeyPort, "its port", "587, with implicit TLS 465, without TLS 25", "1 to 65535"},
		{KeyTLS, "how the connection is encrypted", string(STARTTLS), "starttls (nothing is sent without it), implicit, none"},
		{KeyUnencrypted, "allows tls=none to another machine: password and mails can then be read on the way", "no", "yes, no"},
		{KeyCAFile, "certificates of an authority of your own, in PEM form", "", "a readable file"},
		{KeyAuth, "how to sign in; auto takes the best that the server offers", string(AuthAuto), "auto, plain, login, cram-md5, scram-sha-256, xoauth2, none"},
		{KeyUsername, "the name to sign in with", "the address in from", "any text"},
		{KeyFrom, "the sender", "the username where it is an address", "an address, with or without a name: Bellhop <bellhop@example.com>"},
		{KeyReplyTo, "where answers go", "", "an address"},
		{KeyUnsubscribe, "the address to which a reader writes who wants no more mails", "reply_to, else from", "an address, off"},
		{KeyHello, "the name by which this machine greets the server", "its full name, else its address", "a host name"},
		{KeyConnections, "how many connections to the server are open at most", strconv.Itoa(defaultConnections), fmt.Sprintf("1 to %d", maxConnections)},
		{KeyPerLine, "after how many mails a connection is replaced", strconv.Itoa(defaultPerLine), fmt.Sprintf("1 to %d", maxPerLine)},
		{KeyTokenURL, "where XOAUTH2 tokens are renewed", "", "an https address"},
		{KeyClientID, "the application's id for XOAUTH2", "", "any text"},
		{KeyScope, "the scope asked for when a token is renewed", "", "any text"},
		{KeyRate, "how many mails may leave for each destination that goes through it; a storm becomes fewer before that", "as many as the server takes", dispatch.RateForm},
	}
}

// Encryption is how a connection is encrypted.
type Encryption string

// The kinds of encryption.
const (
	STARTTLS  Encryption = "starttls" // required: without the offer nothing is sent
	Implicit  Encryption = "implicit" // TLS from the first byte
	Plaintext Encryption = "none"
)

// Auth is a way to sign in.
type Auth string

// The ways to sign in.
const (
	AuthAuto    Auth = "auto"
	AuthPlain   Auth = "plain"
	AuthLogin   Auth = "login"
	AuthCRAM    Auth = "cram-md5"
	AuthSCRAM   Auth = "scram-sha-256"
	AuthXOAUTH2 Auth = "xoauth2"
	AuthNone    Auth = "none"
)

// Exchange Online takes three connections of one mailbox at a time, Gmail ten;
// two leave room for the user's own mail program.
const (
	defaultConnections = 2
	maxConnections     = 10
)

// Exim delivers ten mails of one connection at once and leaves the others to
// its next queue run, on Debian half an hour later
// (smtp_accept_queue_per_connection).
const (
	defaultPerLine = 10
	maxPerLine     = 1000
)

// Config is the channel's configuration, complete and checked.
type Config struct {
	Provider    string
	Host        string
	Port        int
	TLS         Encryption
	CAFile      string
	Auth        Auth
	Username    string
	From        mail.Address
	ReplyTo     string
	Unsubscribe string // "" = no such header
	Hello       string
	Connections int
	PerLine     int // mails over one connection
	TokenURL    string
	ClientID    string
	Scope       string
}

// Check says what is wrong with a configuration: an [app.Problem] that names
// each bad value and what is allowed, or nil. It reads ca_file and asks no
// network.
func Check(config map[string]string) error {
	c, err := Parse(config)
	if err != nil {
		return err
	}
	if _, err := c.authorities(); err != nil {
		return app.Invalid("The mail channel cannot be used like this: "+err.Error()+".",
			"Name a readable file with certificates in PEM form, or leave "+KeyCAFile+" out.")
	}
	return nil
}

// CheckPart is Check for what adds to another destination's configuration.
func CheckPart(config map[string]string) error {
	whole := map[string]string{KeyHost: "localhost", KeyFrom: "a@example.com"}
	maps.Copy(whole, config)
	return Check(whole)
}

// Parse reads a configuration, fills in what the provider and the defaults
// give, and returns an [app.Problem] that names everything that is wrong.
func Parse(config map[string]string) (Config, error) {
	r := reader{given: config}
	c := r.config()
	if len(r.wrong) > 0 {
		return Config{}, app.Invalid("The mail channel cannot be used like this: "+strings.Join(r.wrong, "; ")+".",
			"Correct what is named; `bellhop channels keys mail` lists what is allowed.")
	}
	return c, nil
}

// authorities returns the certificates to trust: nil for the system's alone.
func (c Config) authorities() (*x509.CertPool, error) {
	if c.CAFile == "" {
		return nil, nil //nolint:nilnil // crypto/tls takes a nil pool for the system's
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", KeyCAFile, err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read %s: %w", KeyCAFile, errors.New("there is no certificate in it"))
	}
	return pool, nil
}

// loopback says whether a host is this machine by its name alone.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// hostLike says whether s can be a host name or an address: no space, no
// control character, nothing that would end a command or an URL.
func hostLike(s string) bool {
	if net.ParseIP(s) != nil {
		return true
	}
	for _, r := range s {
		if r <= ' ' || r == 0x7f || strings.ContainsRune(`:/\@<>[]()"',;?#%`, r) {
			return false
		}
	}
	return len(s) <= 253 && !strings.HasPrefix(s, ".") && !strings.HasPrefix(s, "-")
}
