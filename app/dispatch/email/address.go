package email

import (
	"errors"
	"net/mail"
	"strings"
	"unicode/utf8"

	"bellhop/app"
)

var errAddress = errors.New("this is not one mail address")

// parseAddress reads one address with or without a name. It is stricter than
// RFC 5322: local parts that need quotes are refused, because a space or an
// angle bracket inside them ends up in an SMTP command.
func parseAddress(s string) (mail.Address, error) {
	if len(s) > 1000 || !utf8.ValidString(s) {
		return mail.Address{}, errAddress
	}
	a, err := mail.ParseAddress(s)
	if err != nil {
		return mail.Address{}, errAddress
	}
	at := strings.LastIndexByte(a.Address, '@')
	if at < 1 {
		return mail.Address{}, errAddress
	}
	local, domain := a.Address[:at], a.Address[at+1:]
	// 64 and 254: RFC 5321, 4.5.3.1.
	if len(local) > 64 || len(a.Address) > 254 || !hostLike(strings.Trim(domain, "[]")) || domain == "" {
		return mail.Address{}, errAddress
	}
	for _, r := range local {
		if r <= ' ' || r == 0x7f || strings.ContainsRune(`()<>[]:;@\,"`, r) || hidden(r) {
			return mail.Address{}, errAddress
		}
	}
	return mail.Address{Name: plain(a.Name, maxName), Address: a.Address}, nil
}

// CheckAddress says what is wrong with the address of a destination, nil where
// nothing is: it is one mail address, or "" for the person's own.
func CheckAddress(s string) error {
	if s == "" {
		return nil
	}
	if _, err := parseAddress(s); err != nil {
		return app.Invalid("The address is not one mail address.", "Give one like ann@example.com; for several people add several destinations.")
	}
	return nil
}

// ascii says whether s can be sent to a server that knows no SMTPUTF8.
func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
