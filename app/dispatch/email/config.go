// Package email delivers messages by SMTP: encrypted unless the user said
// otherwise, signed in by whatever the server offers, over connections that
// are kept for the next message.
package email

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"bellhop/app"
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
	KeyTokenURL    = "token_url"
	KeyClientID    = "client_id"
	KeyScope       = "scope"
)

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
		{KeyTokenURL, "where XOAUTH2 tokens are renewed", "", "an https address"},
		{KeyClientID, "the application's id for XOAUTH2", "", "any text"},
		{KeyScope, "the scope asked for when a token is renewed", "", "any text"},
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

// Parse reads a configuration, fills in what the provider and the defaults
// give, and returns an [app.Problem] that names everything that is wrong.
func Parse(config map[string]string) (Config, error) {
	r := reader{given: config}
	c := r.config()
	if len(r.wrong) > 0 {
		return Config{}, app.Invalid("The mail channel cannot be used like this: "+strings.Join(r.wrong, "; ")+".",
			"Correct what is named with `bellhop channels edit`.")
	}
	return c, nil
}

// reader collects what is wrong while it reads.
type reader struct {
	given  map[string]string
	preset Preset
	wrong  []string
}

func (r *reader) bad(key, allowed string) {
	r.wrong = append(r.wrong, fmt.Sprintf("%s is %q, allowed: %s", key, app.Cut(r.given[key], 100), allowed))
}

func (r *reader) missing(key, allowed string) {
	r.wrong = append(r.wrong, fmt.Sprintf("%s is missing, allowed: %s", key, allowed))
}

func (r *reader) text(key, otherwise string) string {
	if v := strings.TrimSpace(r.given[key]); v != "" {
		return v
	}
	return otherwise
}

func (r *reader) number(key string, otherwise, most int) int {
	v := r.text(key, "")
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > most {
		r.bad(key, fmt.Sprintf("1 to %d", most))
		return otherwise
	}
	return n
}

// choice returns one of the allowed values; the first is the default.
func (r *reader) choice(key string, otherwise string, allowed ...string) string {
	v := strings.ToLower(r.text(key, otherwise))
	if !slices.Contains(allowed, v) {
		r.bad(key, strings.Join(allowed, ", "))
		return otherwise
	}
	return v
}

func (r *reader) config() Config {
	r.names()
	c := Config{
		Provider:    strings.ToLower(r.text(KeyProvider, "")),
		Host:        strings.ToLower(r.text(KeyHost, r.preset.Host)),
		CAFile:      r.text(KeyCAFile, ""),
		Username:    r.text(KeyUsername, ""),
		Hello:       r.text(KeyHello, ""),
		Connections: r.number(KeyConnections, defaultConnections, maxConnections),
		TokenURL:    r.text(KeyTokenURL, r.preset.TokenURL),
		ClientID:    r.text(KeyClientID, ""),
		Scope:       r.text(KeyScope, r.preset.Scope),
	}
	c.TLS = Encryption(r.choice(KeyTLS, string(cmp.Or(r.preset.TLS, STARTTLS)), string(STARTTLS), string(Implicit), string(Plaintext)))
	c.Auth = Auth(r.choice(KeyAuth, string(cmp.Or(r.preset.Auth, AuthAuto)), string(AuthAuto), string(AuthPlain), string(AuthLogin),
		string(AuthCRAM), string(AuthSCRAM), string(AuthXOAUTH2), string(AuthNone)))
	c.Port = r.number(KeyPort, r.defaultPort(c.TLS), 65535)
	r.server(c)
	r.people(&c)
	r.signIn(&c)
	return c
}

// names reports keys that do not exist and looks up the provider.
func (r *reader) names() {
	var known []string
	for _, k := range Keys() {
		known = append(known, k.Name)
	}
	var unknown []string
	for name := range r.given {
		if !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		r.wrong = append(r.wrong, fmt.Sprintf("there is no setting %q, allowed: %s", app.Cut(name, 50), strings.Join(known, ", ")))
	}
	name := r.text(KeyProvider, "")
	if name == "" {
		return
	}
	p, ok := PresetNamed(name)
	if !ok {
		r.bad(KeyProvider, strings.Join(providerNames(), ", "))
	}
	r.preset = p
}

func (r *reader) defaultPort(tls Encryption) int {
	if r.preset.Port != 0 && tls == r.preset.TLS {
		return r.preset.Port
	}
	switch tls {
	case Implicit:
		return 465 // RFC 8314
	case Plaintext:
		return 25
	default:
		return 587 // RFC 6409
	}
}

func (r *reader) server(c Config) {
	switch {
	case c.Host == "":
		r.missing(KeyHost, "a host name or an address, or a "+KeyProvider)
	case !hostLike(c.Host):
		r.bad(KeyHost, "a host name or an address, without a port")
	}
	if c.Hello != "" && !hostLike(c.Hello) {
		r.bad(KeyHello, "a host name")
	}
	allowed := r.choice(KeyUnencrypted, "no", "no", "yes") == "yes"
	if c.TLS == Plaintext && !allowed && c.Host != "" && !loopback(c.Host) {
		r.bad(KeyTLS, "starttls, implicit; none to another machine only with "+KeyUnencrypted+"=yes")
	}
}

func (r *reader) people(c *Config) {
	const form = "an address, with or without a name"
	switch from := r.text(KeyFrom, ""); {
	case from != "":
		address, err := parseAddress(from)
		if err != nil {
			r.bad(KeyFrom, form)
		} else {
			c.From = address
		}
	default:
		address, err := parseAddress(c.Username)
		if err != nil {
			r.missing(KeyFrom, form)
		} else {
			c.From = address
		}
	}
	c.ReplyTo = r.address(KeyReplyTo, form)
	if strings.EqualFold(r.text(KeyUnsubscribe, ""), "off") {
		return
	}
	c.Unsubscribe = r.address(KeyUnsubscribe, "an address, off")
	if c.Unsubscribe == "" {
		c.Unsubscribe = cmp.Or(c.ReplyTo, c.From.Address)
	}
}

func (r *reader) address(key, allowed string) string {
	v := strings.TrimPrefix(r.text(key, ""), "mailto:")
	if v == "" {
		return ""
	}
	address, err := parseAddress(v)
	if err != nil {
		r.bad(key, allowed)
	}
	return address.Address
}

func (r *reader) signIn(c *Config) {
	if c.Username == "" {
		c.Username = c.From.Address
	}
	if strings.ContainsAny(c.Username, "\x00\r\n") {
		r.bad(KeyUsername, "one line of text")
	}
	if c.TokenURL != "" {
		u, err := url.Parse(c.TokenURL)
		if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname()))) {
			r.bad(KeyTokenURL, "an https address")
		}
	}
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
