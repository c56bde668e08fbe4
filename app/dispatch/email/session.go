package email

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// session is one connection to a mail server, signed in. One goroutine uses it
// at a time.
type session struct {
	conn   net.Conn // below TLS; closing it ends whatever is going on
	client *smtp.Client
	broken bool
	left   int // how many mails it may still carry
}

// open connects, encrypts and signs in, all within the time given.
func open(ctx context.Context, c *Config, dialer *net.Dialer, who credentials, within time.Duration) (_ *session, err error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(c.Host, strconv.Itoa(c.Port)))
	if err != nil {
		return nil, &stepError{stepConnect, err}
	}
	s := &session{conn: conn, left: c.PerLine}
	defer s.bound(ctx, within, &err)()
	if err := s.greet(ctx, c); err != nil {
		return nil, err
	}
	if err := s.encrypt(c); err != nil {
		return nil, err
	}
	if c.Auth != AuthNone {
		auth := &chooser{credentials: who}
		if err := s.client.Auth(auth); err != nil {
			return nil, &stepError{stepAuth, err}
		}
	}
	return s, nil
}

// bound closes the connection when ctx ends or the time is over, and, by the
// function it returns, when *err is set at the end.
func (s *session) bound(ctx context.Context, within time.Duration, err *error) func() {
	_ = s.conn.SetDeadline(time.Now().Add(within))
	stop := context.AfterFunc(ctx, func() { _ = s.conn.Close() })
	return func() {
		ended := !stop()
		if ended && *err == nil {
			s.broken = true // it was closed just after its work was done
		}
		if *err != nil && (ended || fatal(*err)) {
			s.broken = true
			_ = s.conn.Close()
		}
		if *err != nil && ctx.Err() != nil {
			*err = errors.Join(ctx.Err(), *err)
		}
	}
}

// fatal says whether a connection is of no more use after err: always but
// after a server's plain no.
func fatal(err error) bool {
	s, ok := errors.AsType[*stepError](err)
	if !ok || s.step < stepSender {
		return true
	}
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return answer.Code == 421
	}
	return !unfit(err)
}

func (s *session) greet(ctx context.Context, c *Config) error {
	var wire net.Conn = &guarded{Conn: s.conn}
	if c.TLS == Implicit {
		config, err := tlsConfig(c)
		if err != nil {
			return err
		}
		sealed := tls.Client(wire, config)
		if err := sealed.HandshakeContext(ctx); err != nil {
			return &stepError{stepTLS, err}
		}
		wire = sealed
	}
	client, err := smtp.NewClient(wire, c.Host)
	if err != nil {
		return &stepError{stepHello, err}
	}
	s.client = client
	if err := client.Hello(helloName(c, s.conn)); err != nil {
		return &stepError{stepHello, err}
	}
	return nil
}

func (s *session) encrypt(c *Config) error {
	if c.TLS != STARTTLS {
		return nil
	}
	if offered, _ := s.client.Extension("STARTTLS"); !offered {
		return &stepError{stepTLS, errNoSTARTTLS}
	}
	config, err := tlsConfig(c)
	if err != nil {
		return err
	}
	if err := s.client.StartTLS(config); err != nil {
		return &stepError{stepTLS, err}
	}
	return nil
}

func tlsConfig(c *Config) (*tls.Config, error) {
	roots, err := c.authorities()
	if err != nil {
		return nil, badConfig(err)
	}
	return &tls.Config{ServerName: c.Host, RootCAs: roots, MinVersion: tls.VersionTLS12}, nil
}

// helloName is the name in EHLO: what the user said, this machine's full name,
// or its address as RFC 5321, 4.1.3 writes it.
func helloName(c *Config, conn net.Conn) string {
	if c.Hello != "" {
		return c.Hello
	}
	if name, err := os.Hostname(); err == nil && strings.Contains(name, ".") && ascii(name) && hostLike(name) {
		return name
	}
	addr, ok := conn.LocalAddr().(*net.TCPAddr)
	switch {
	case !ok:
		return "localhost"
	case addr.IP.To4() != nil:
		return "[" + addr.IP.To4().String() + "]"
	}
	return "[IPv6:" + addr.IP.String() + "]"
}

// deliver hands one message over and returns what the server said to it.
func (s *session) deliver(ctx context.Context, l *letter, within time.Duration) (answer string, err error) {
	defer s.bound(ctx, within, &err)()
	s.left--
	if err := s.fits(l); err != nil {
		return "", err
	}
	if err := s.announce(l); err != nil {
		return "", err
	}
	return s.hand(l)
}

// fits looks at what the server has said it takes.
func (s *session) fits(l *letter) error {
	if l.international() {
		if ok, _ := s.client.Extension("SMTPUTF8"); !ok {
			return &stepError{stepRecipient, errNoUTF8}
		}
	}
	if ok, size := s.client.Extension("SIZE"); ok {
		if most, err := strconv.Atoi(strings.TrimSpace(size)); err == nil && most > 0 && len(l.raw) > most {
			return &stepError{stepSender, errTooLarge}
		}
	}
	return nil
}

// reset makes the connection ready for another message after a server's no.
func (s *session) reset(failed *stepError) error {
	if !fatal(failed) {
		if err := s.client.Reset(); err != nil {
			s.broken = true
			_ = s.conn.Close()
		}
	}
	return failed
}

// end says goodbye, which takes a second at most.
func (s *session) end() {
	if !s.broken {
		_ = s.conn.SetDeadline(time.Now().Add(time.Second))
		_ = s.client.Quit()
	}
	_ = s.conn.Close()
}
