package email

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/internal/post"
	"bellhop/app/dispatch/internal/redact"
)

// What a zero field of [Options] means.
const (
	// DefaultIdle is shorter than the shortest rest that common servers allow
	// (Gmail and Exchange Online some minutes, Postfix five).
	DefaultIdle = 30 * time.Second
	// DefaultConnect bounds connecting, greeting, encrypting and signing in.
	// Some servers make new callers wait for half a minute on purpose.
	DefaultConnect = time.Minute
	// DefaultDeliver bounds one message. RFC 5321, 4.5.3.2 allows a server ten
	// minutes after the end of the data; two are what filters need in practice.
	DefaultDeliver = 2 * time.Minute
)

// Options is what a channel needs from the program. Its zero value is usable.
type Options struct {
	// Save keeps a refresh token that has replaced another one, wherever among
	// the secrets of d's account that was: one of was is what is kept there. It
	// is called by the goroutine that sends, before the mail leaves.
	Save func(ctx context.Context, d app.Destination, was []string, name, value string) error
	// Idle is how long a connection rests before it is closed; negative = each
	// message has its own.
	Idle time.Duration
	// Connect and Deliver bound the two halves of an attempt.
	Connect, Deliver time.Duration
	// Resolver looks the mail server's name up; nil = the system's.
	Resolver *net.Resolver
	// Tokens is how token servers are reached.
	Tokens post.Options
	Now    func() time.Time
	Log    *slog.Logger
}

// Channel sends mails. Many goroutines may use it.
type Channel struct {
	o      Options
	pool   *pool
	tokens *tokens
}

// New returns the channel, to be ended by [Channel.Close].
func New(o Options) *Channel {
	if o.Idle == 0 {
		o.Idle = DefaultIdle
	}
	if o.Connect <= 0 {
		o.Connect = DefaultConnect
	}
	if o.Deliver <= 0 {
		o.Deliver = DefaultDeliver
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Save == nil {
		o.Save = func(context.Context, app.Destination, []string, string, string) error {
			return errors.New("nothing keeps secrets here")
		}
	}
	return &Channel{
		o: o, pool: newPool(o.Idle, o.Now),
		tokens: &tokens{client: post.New(o.Tokens), now: o.Now, grants: map[grant]*kept{}},
	}
}

// Close ends the connections that rest, within a second. A message that is
// under way is not cut short; its connection ends with it.
func (c *Channel) Close() {
	c.pool.close()
	c.tokens.client.Close()
}

// Send delivers a message to one address. The error is a [dispatch.Failure].
func (c *Channel) Send(ctx context.Context, m dispatch.Message) (dispatch.Receipt, error) {
	config, err := Parse(m.Config)
	if err != nil {
		return dispatch.Receipt{}, badConfig(err)
	}
	to, err := receiver(&m)
	if err != nil {
		return dispatch.Receipt{}, &dispatch.Failure{
			Code: CodeNoAddress, Final: true, Alone: true, Err: err,
			Next: noAddress(&m),
		}
	}
	if m.At.IsZero() {
		m.At = c.o.Now()
	}
	letter, err := compose(&m, &config, to)
	if err != nil {
		return dispatch.Receipt{}, &dispatch.Failure{Code: "failed", Final: true, Alone: true, Err: err, Next: "This is a defect of Bellhop; please report it."}
	}
	a := &attempt{Channel: c, m: &m, config: &config, letter: letter}
	answer, err := a.run(ctx)
	hush := a.redactor()
	if err != nil {
		f := failure(ctx, err, to.Address, hush)
		if f.Code == CodeAuthRefused && a.token != "" {
			f.Next = "The mail server does not take the provider's token: check " + KeyUsername + " and " + KeyScope +
				", and have SMTP AUTH switched on for the mailbox."
		} else if f.Code == CodeAuthRefused {
			if p, known := PresetNamed(config.Provider); known && !strings.Contains(f.Next, "apppasswords") {
				f.Next = "Check username and password. " + p.Hint
			}
			f.Next += " Give another with `bellhop channels edit NAME --secret password`."
		}
		return dispatch.Receipt{}, f
	}
	return dispatch.Receipt{Status: 250, Answer: hush.Answer([]byte(answer), false)}, nil
}

// attempt is one call of Send.
type attempt struct {
	*Channel
	m      *dispatch.Message
	config *Config
	letter *letter
	token  string // the access token in use
}

// run delivers over a resting connection, or over a new one. A resting one may
// have been closed by the server in the meantime; as long as the message has
// not been handed over whole, that costs a new connection and no attempt.
func (a *attempt) run(ctx context.Context) (string, error) {
	to := a.server()
	leave, err := a.pool.enter(ctx, to, a.config.Connections)
	if err != nil {
		return "", err
	}
	defer leave()
	if s := a.pool.take(to); s != nil {
		answer, err := s.deliver(ctx, a.letter, a.o.Deliver)
		a.pool.put(to, s)
		if err == nil || !severed(err) || ctx.Err() != nil {
			return answer, err
		}
	}
	s, err := a.connect(ctx)
	if err != nil {
		return "", err
	}
	answer, err := s.deliver(ctx, a.letter, a.o.Deliver)
	a.pool.put(to, s)
	return answer, err
}

// connect opens a connection. A token that was in hand may have been withdrawn
// before its time, so a refusal is answered once with a new one.
func (a *attempt) connect(ctx context.Context) (*session, error) {
	who, err := a.credentials(ctx, "")
	if err != nil {
		return nil, err
	}
	s, err := a.open(ctx, who)
	if err == nil || who.token == "" || !refused(err) || ctx.Err() != nil {
		return s, err
	}
	again, second := a.credentials(ctx, who.token)
	if second != nil {
		return nil, second
	}
	if again.token == "" {
		return nil, err
	}
	return a.open(ctx, again)
}

func (a *attempt) open(ctx context.Context, who credentials) (*session, error) {
	return open(ctx, a.config, &net.Dialer{Resolver: a.o.Resolver}, who, a.o.Connect)
}

// credentials returns what to sign in with.
func (a *attempt) credentials(ctx context.Context, refused string) (credentials, error) {
	c := a.config
	who := credentials{
		user: c.Username, password: a.m.Secrets[SecretPassword], way: c.Auth,
		openOK: c.TLS == Plaintext, // Parse allows that on loopback and where the user said so
	}
	renews := a.m.Secrets[SecretRefreshToken] != "" || a.m.Secrets[SecretAccessToken] != ""
	switch {
	case c.Auth == AuthNone:
		return who, nil
	case c.Auth == AuthXOAUTH2, c.Auth == AuthAuto && renews:
		token, err := a.tokens.access(ctx, c, a.m.Secrets, refused, func(ctx context.Context, was, refresh string) error {
			return a.o.Save(ctx, a.m.Destination, []string{was, a.m.Secrets[SecretRefreshToken]}, SecretRefreshToken, refresh)
		})
		if u, ok := errors.AsType[*unsaved](err); ok {
			a.o.Log.WarnContext(ctx, "a new refresh token could not be kept", "error", u)
			err = nil
		}
		who.token, a.token = token, token
		return who, err
	case who.password == "":
		return who, missing("Give the password with `bellhop channels edit NAME --secret password`; if the server wants none, `bellhop channels edit NAME --set auth=none`.")
	}
	return who, nil
}

// server names the connections that this message may use.
func (a *attempt) server() server {
	c := a.config
	return server{
		host: c.Host, port: c.Port, tls: c.TLS, caFile: c.CAFile, hello: c.Hello, auth: c.Auth, user: c.Username,
		clientID: c.ClientID, tokenURL: c.TokenURL, secrets: fingerprint(a.m.Secrets),
	}
}

// fingerprint tells whether two messages come with the same secrets. A renewed
// refresh token is another secret; its connection is simply not found.
func fingerprint(secrets map[string]string) (sum [32]byte) {
	names := make([]string, 0, len(secrets))
	for name := range secrets {
		names = append(names, name)
	}
	slices.Sort(names)
	h := sha256.New()
	for _, name := range names {
		field(h, name)
		field(h, secrets[name])
	}
	h.Sum(sum[:0])
	return sum
}

func field(h hash.Hash, s string) {
	n := len(s)
	h.Write([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
	h.Write([]byte(s))
}

// redactor knows the secrets, and the forms in which they cross the wire when
// somebody signs in: a server may quote a command that it does not understand.
func (a *attempt) redactor() *redact.Redactor {
	known := map[string]string{"token": a.token}
	for name, value := range a.m.Secrets {
		known["secret "+name] = value
	}
	user := a.config.Username
	if p := a.m.Secrets[SecretPassword]; p != "" {
		known["plain"] = base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + p))
	}
	for name, token := range map[string]string{"bearer": a.token, "ready": a.m.Secrets[SecretAccessToken]} {
		if token != "" {
			known[name] = base64.StdEncoding.EncodeToString([]byte("user=" + user + "\x01auth=Bearer " + token + "\x01\x01"))
		}
	}
	return redact.New(known)
}

// noAddress says what to do where nobody's address is known.
func noAddress(m *dispatch.Message) string {
	if m.Destination.ID == 0 || m.Destination.Address == "" {
		return "No mail address of this person is known. Set it in DefectDojo, then run `bellhop people sync`; or give an address of her own: `bellhop channels add mail --user USER --address ann@example.com`."
	}
	return "Give it one mail address: `bellhop channels edit NAME --address ann@example.com`; for several people add several destinations."
}

func badConfig(err error) *dispatch.Failure {
	return &dispatch.Failure{Code: CodeBadConfig, Final: true, Err: err, Next: "Correct what is named with `bellhop channels edit NAME --set ...`; `bellhop channels keys mail` lists what is allowed."}
}
