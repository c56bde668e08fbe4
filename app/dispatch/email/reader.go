package email

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bellhop/app"
	"bellhop/app/dispatch"
)

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
		PerLine:     r.number(KeyPerLine, defaultPerLine, maxPerLine),
		TokenURL:    r.text(KeyTokenURL, r.preset.TokenURL),
		ClientID:    r.text(KeyClientID, ""),
		Scope:       r.text(KeyScope, r.preset.Scope),
	}
	c.TLS = Encryption(r.choice(KeyTLS, string(cmp.Or(r.preset.TLS, STARTTLS)), string(STARTTLS), string(Implicit), string(Plaintext)))
	c.Auth = Auth(r.choice(KeyAuth, string(cmp.Or(r.preset.Auth, AuthAuto)), string(AuthAuto), string(AuthPlain), string(AuthLogin),
		string(AuthCRAM), string(AuthSCRAM), string(AuthXOAUTH2), string(AuthNone)))
	c.Port = r.number(KeyPort, r.defaultPort(c.TLS), 65535)
	if _, err := dispatch.ParseRate(r.text(KeyRate, "")); err != nil {
		r.bad(KeyRate, dispatch.RateForm)
	}
	r.server(c)
	r.people(&c)
	r.signIn(&c)
	return c
}

// names reports keys that do not exist and looks up the provider.
func (r *reader) names() {
	var unknown []string
	for name := range r.given {
		if !slices.Contains(names[:], name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		r.wrong = append(r.wrong, fmt.Sprintf("there is no setting %q, allowed: %s", app.Cut(name, 50), strings.Join(names[:], ", ")))
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
		if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
			r.bad(KeyTokenURL, "an https address")
		}
	}
}
