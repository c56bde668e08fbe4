package dojo

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// newTransport builds the one transport of a client. It offers HTTP/1.1 alone:
// a handful of requests a minute gain nothing from HTTP/2 and its goroutines.
func newTransport(cfg Config) (*http.Transport, error) {
	tlsConfig, err := newTLS(cfg)
	if err != nil {
		return nil, err
	}
	proxy, err := newProxy(cfg.Proxy)
	if err != nil {
		return nil, err
	}
	limits := cfg.Limits.withDefaults()
	dialer := &net.Dialer{Timeout: limits.Connect}
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        tlsConfig,
		TLSHandshakeTimeout:    limits.Connect,
		OnProxyConnectResponse: proxyAnswer,
		MaxResponseHeaderBytes: 256 << 10,
		MaxIdleConns:           2,
		MaxIdleConnsPerHost:    2,
		// Long enough for the requests of one pull, too short to outlive a
		// suspend or to hold one of the server's workers between polls.
		IdleConnTimeout: 15 * time.Second,
	}, nil
}

func newTLS(cfg Config) (*tls.Config, error) {
	out := &tls.Config{
		MinVersion: tls.VersionTLS12,
		// Asked for in so many words by the user, who is warned for as long as
		// it is set.
		InsecureSkipVerify: cfg.Insecure, //nolint:gosec // the user's explicit choice
	}
	if cfg.CAFile != "" {
		pem, err := os.ReadFile(cfg.CAFile)
		if err != nil {
			return nil, fmt.Errorf("%w: read the CA file: %w", ErrTLS, err)
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%w: the CA file holds no PEM certificate", ErrTLS)
		}
		out.RootCAs = pool
	}
	if cfg.ClientCert != "" {
		key := cfg.ClientKey
		if key == "" {
			key = cfg.ClientCert
		}
		pair, err := tls.LoadX509KeyPair(cfg.ClientCert, key)
		if err != nil {
			return nil, fmt.Errorf("%w: load the client certificate: %w", ErrTLS, err)
		}
		out.Certificates = []tls.Certificate{pair}
	}
	return out, nil
}

// newProxy reads [Config.Proxy]. Credentials are refused: accounts are stored
// in clear, and the environment is the place where others keep them too.
func newProxy(setting string) (func(*http.Request) (*url.URL, error), error) {
	switch setting {
	case "":
		return http.ProxyFromEnvironment, nil
	case "none":
		return nil, nil
	}
	if !strings.Contains(setting, "://") {
		setting = "http://" + setting
	}
	u, err := url.Parse(setting)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("%w: its address cannot be read", ErrProxy)
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
	default:
		return nil, fmt.Errorf("%w: its address must begin with http, https, socks5 or socks5h", ErrProxy)
	}
	if u.User != nil {
		return nil, fmt.Errorf("%w: leave user name and password out of its address and set HTTPS_PROXY instead", ErrProxy)
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		// Part of a password with a slash or a question mark ends up here.
		return nil, fmt.Errorf("%w: its address must end with the host and the port", ErrProxy)
	}
	return http.ProxyURL(&url.URL{Scheme: u.Scheme, Host: u.Host}), nil
}

// proxyAnswer names a refusal by the proxy, which the standard library reports
// as bare text.
func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	switch answer.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusProxyAuthRequired:
		return fmt.Errorf("%w: it asks for a user name and a password", ErrProxy)
	default:
		return fmt.Errorf("%w: it answered with status %d", ErrProxy, answer.StatusCode)
	}
}
