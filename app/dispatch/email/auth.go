package email

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

// errAuth and its kin are why signing in was not tried.
var (
	errNoAuthOffered = errors.New("the server offers no way to sign in")
	errAuthMissing   = errors.New("the server does not offer this way to sign in")
	errWouldLeak     = errors.New("the password would cross the network unencrypted")
	errCostly        = errors.New("the server asks for more rounds of hashing than is sensible")
)

// mostRounds bounds what a server may make us compute before it has shown that
// it knows the password. RFC 7677 asks for at least 4,096 rounds; servers use
// up to some hundred thousand.
const mostRounds = 2_000_000

// credentials are what a connection signs in with.
type credentials struct {
	user, password, token string
	way                   Auth
	openOK                bool // an unencrypted connection may carry the password
}

// chooser signs in by the way the user named, or by the best that the server
// offers. It is used for one connection.
type chooser struct {
	credentials
	smtp.Auth
	chosen string
}

// Start looks at the server's offer, which is known only now.
func (a *chooser) Start(server *smtp.ServerInfo) (string, []byte, error) {
	offered := make([]string, 0, len(server.Auth))
	for _, mechanism := range server.Auth {
		offered = append(offered, strings.ToUpper(mechanism))
	}
	if len(offered) == 0 {
		return "", nil, errNoAuthOffered
	}
	sealed := server.TLS || a.openOK
	for _, way := range a.ways() {
		name := strings.ToUpper(string(way))
		if !slices.Contains(offered, name) {
			continue
		}
		switch way {
		case AuthSCRAM:
			a.Auth = smtp.ScramSHA256Auth(a.user, a.password)
		case AuthCRAM:
			a.Auth = smtp.CRAMMD5Auth(a.user, a.password)
		case AuthPlain:
			a.Auth = smtp.PlainAuth("", a.user, a.password, server.Name, true)
		case AuthLogin:
			a.Auth = smtp.LoginAuth(a.user, a.password, server.Name, true)
		case AuthXOAUTH2:
			a.Auth = smtp.XOAuth2Auth(a.user, a.token)
		default:
			continue
		}
		if !sealed && way != AuthSCRAM && way != AuthCRAM {
			a.Auth = nil
			continue
		}
		a.chosen = name
		return a.Auth.Start(server)
	}
	if !sealed {
		return "", nil, errWouldLeak
	}
	return "", nil, fmt.Errorf("%w; it offers %s", errAuthMissing, plain(strings.Join(offered, ", "), 200))
}

// ways lists what may be used, the best first. CRAM-MD5 comes last: on an
// encrypted connection it protects nothing that PLAIN does not, and it makes
// servers keep passwords in the clear.
func (a *chooser) ways() []Auth {
	switch {
	case a.way != AuthAuto:
		return []Auth{a.way}
	case a.token != "":
		return []Auth{AuthXOAUTH2}
	default:
		return []Auth{AuthSCRAM, AuthPlain, AuthLogin, AuthCRAM}
	}
}

// Next answers a challenge.
func (a *chooser) Next(challenge []byte, more bool) ([]byte, error) {
	if a.Auth == nil {
		return nil, errAuthMissing
	}
	if more && strings.HasPrefix(a.chosen, "SCRAM") {
		if _, rounds, ok := bytes.Cut(challenge, []byte(",i=")); ok {
			rounds, _, _ = bytes.Cut(rounds, []byte(","))
			if n, err := strconv.Atoi(string(rounds)); err != nil || n < 1 || n > mostRounds {
				return nil, errCostly
			}
		}
	}
	return a.Auth.Next(challenge, more)
}
