// Package post sends one HTTP request for a channel: with a timeout, without
// following redirects, reading a bounded part of the answer, through the
// environment's proxy, over connections that are reused. What goes wrong comes
// back as a [dispatch.Failure] without a secret in it.
package post

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"bellhop/app/dispatch/internal/redact"
)

// What a zero field of [Options] means.
const (
	DefaultTimeout   = 10 * time.Second
	DefaultMaxAnswer = 64 << 10
)

// Options is how a client sends. Its zero value is usable.
type Options struct {
	// Timeout bounds the whole exchange, from the look-up of the name to the
	// last byte read.
	Timeout time.Duration
	// MaxAnswer is how many bytes of an answer are read.
	MaxAnswer int64
	// Public refuses addresses that are not of the public internet; see
	// [Special].
	Public bool
	// Resolver looks names up; nil = the system's.
	Resolver *net.Resolver
	// RootCAs replaces the system's authorities.
	RootCAs *x509.CertPool
	// Proxy chooses the proxy of a request; nil = HTTPS_PROXY, HTTP_PROXY and
	// NO_PROXY of the environment.
	Proxy func(*http.Request) (*url.URL, error)
	// Now is the clock that dates in Retry-After are compared with.
	Now func() time.Time
}

// Client sends requests. Many goroutines may use it.
type Client struct {
	options Options
	lines   *lines          // no proxy; its dialer guards addresses
	direct  *http.Transport // the same, for what is seldom
	proxied *http.Transport // dials the proxy, wherever it is
	targets Memory[string, *target]
}

// New returns a client, to be closed by [Client.Close].
func New(o Options) *Client {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.MaxAnswer <= 0 {
		o.MaxAnswer = DefaultMaxAnswer
	}
	if o.Proxy == nil {
		o.Proxy = http.ProxyFromEnvironment
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Client{options: o}
	dialer := &net.Dialer{Resolver: o.Resolver}
	if o.Public {
		dialer.ControlContext = refuseSpecial
	}
	c.direct = transport(o, dialer, nil)
	c.lines = &lines{dial: dialer.DialContext, tls: c.direct.TLSClientConfig, resting: make(map[place][]*line)}
	c.proxied = transport(o, &net.Dialer{Resolver: o.Resolver}, o.Proxy)
	return c
}

// transport speaks HTTP/1.1 alone: with it a connection is one exchange, and a
// receiver that stalls holds up nobody else's message.
func transport(o Options, dialer *net.Dialer, proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
		OnProxyConnectResponse: proxyAnswer,
		DisableCompression:     true, // a small answer may not unpack to a large one
		MaxResponseHeaderBytes: 64 << 10,
		// The standard library keeps two and closes the rest after each
		// exchange, which costs more than half of the speed with 64 senders.
		MaxIdleConnsPerHost: 64,
		MaxIdleConns:        256,
		IdleConnTimeout:     30 * time.Second,
	}
}

// Close closes the connections that rest. A client can be used after it.
func (c *Client) Close() {
	c.lines.close()
	c.targets.Clear()
	c.direct.CloseIdleConnections()
	c.proxied.CloseIdleConnections()
}

// Answer is what the other side said, whatever its status.
type Answer struct {
	Status int
	// Header is nil where the message was taken and nothing but a body came along.
	Header http.Header
	// Body is at most [Options.MaxAnswer] bytes; Incomplete says that there
	// was more, or that reading it failed. A failure to read is no error here:
	// who has sent a status has decided.
	Body       []byte
	Incomplete bool
	// ReadErr is why the body could not be read to its end, nil where it was
	// read or merely cut.
	ReadErr error

	at time.Time
}

// Post sends body to target and reads the answer. The error is a
// *dispatch.Failure: there was no answer. A status that is not 2xx is no error
// here; see [Answer.Failure].
func (c *Client) Post(ctx context.Context, target string, header http.Header, body []byte, r *redact.Redactor) (Answer, error) {
	fields := make([]Field, 0, len(header))
	for name, values := range header {
		for _, value := range values {
			fields = append(fields, Field{name, value})
		}
	}
	slices.SortStableFunc(fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return c.PostFields(ctx, target, fields, body, r)
}

// Field is a field of a request's header.
type Field struct{ Name, Value string }

// PostFields is [Client.Post] with a header whose fields are sent in their order and
// as they are spelled.
func (c *Client) PostFields(ctx context.Context, address string, header []Field, body []byte, r *redact.Redactor) (Answer, error) {
	to, err := c.targets.Get(address, func() (*target, error) { return readTarget(address) })
	if err != nil {
		return Answer{}, badAddress()
	}
	answer, err := c.post(ctx, to, header, body)
	if err != nil {
		return Answer{}, Lost(ctx, err, r)
	}
	if answer.ReadErr != nil && ctx.Err() != nil {
		return Answer{}, Lost(ctx, answer.ReadErr, r)
	}
	return answer, nil
}

// post sends a body: over a line of our own where nothing stands between, else
// by the standard library.
func (c *Client) post(ctx context.Context, to *target, header []Field, body []byte) (Answer, error) {
	via, err := c.choose(ctx, to.probe)
	if err != nil {
		return Answer{}, err
	}
	if via != c.direct || to.odd {
		req := to.probe.Clone(ctx)
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		for _, f := range header {
			req.Header[f.Name] = append(req.Header[f.Name], f.Value)
		}
		return c.Exchange(req)
	}
	if to.user != "" && !has(header, "Authorization") {
		header = append(slices.Clip(header), Field{"Authorization", to.user})
	}
	buffer := requests.Get().(*[]byte) //nolint:forcetypeassert // it has nothing else
	defer requests.Put(buffer)
	request, err := appendRequest((*buffer)[:0], to.path, to.host, header, body)
	if err != nil {
		return Answer{}, err
	}
	if cap(request) <= maxHeader {
		*buffer = request
	}
	answer, err := c.lines.exchange(ctx, to.place, request, c.options.Timeout, c.options.MaxAnswer)
	answer.at = c.options.Now()
	return answer, err
}

func has(header []Field, name string) bool {
	return slices.ContainsFunc(header, func(f Field) bool { return strings.EqualFold(f.Name, name) })
}

// Exchange sends a request within the client's timeout and reads the answer.
// The error is raw: it may name addresses, and it goes through [Lost].
func (c *Client) Exchange(req *http.Request) (Answer, error) {
	within, cancel := context.WithTimeout(req.Context(), c.options.Timeout)
	defer cancel()
	req = req.WithContext(within)
	if req.URL.Host == "" || req.URL.Scheme != "https" && req.URL.Scheme != "http" {
		return Answer{}, errBadAddress
	}
	if user := req.URL.User; user != nil && req.Header.Get("Authorization") == "" {
		password, _ := user.Password()
		req.SetBasicAuth(user.Username(), password)
	}
	via, err := c.choose(within, req)
	if err != nil {
		return Answer{}, err
	}
	// The transport and not an [http.Client]: there is no redirect to follow,
	// no cookie to keep, and its errors do not carry the address.
	resp, err := via.RoundTrip(req)
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{Status: resp.StatusCode, Header: resp.Header, at: c.options.Now()}
	answer.Body, err = io.ReadAll(io.LimitReader(resp.Body, c.options.MaxAnswer+1))
	if int64(len(answer.Body)) > c.options.MaxAnswer {
		answer.Body, answer.Incomplete = answer.Body[:c.options.MaxAnswer], true
	}
	if err != nil {
		answer.Incomplete, answer.ReadErr = true, err
	}
	_ = resp.Body.Close() // the rest, if any, is dropped with the connection
	return answer, nil
}

// choose returns the transport for a request. Where a proxy is set it is the
// proxy that looks the name up; the guard can then judge only what is looked up
// here, and lets a name pass that is not known here at all.
func (c *Client) choose(ctx context.Context, req *http.Request) (*http.Transport, error) {
	proxy, err := c.options.Proxy(req)
	if err != nil {
		return nil, errors.New("the proxy's address in the environment cannot be read")
	}
	if c.options.Public {
		if err := refuseLiteral(req.URL.Hostname()); err != nil {
			return nil, err
		}
	}
	if proxy == nil {
		return c.direct, nil
	}
	if c.options.Public {
		resolver := c.options.Resolver
		if resolver == nil {
			resolver = net.DefaultResolver
		}
		found, _ := resolver.LookupNetIP(ctx, "ip", req.URL.Hostname())
		for _, ip := range found {
			if Special(ip) {
				return nil, &privateError{ip: ip.Unmap()}
			}
		}
	}
	return c.proxied, nil
}
