package dojo

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"time"
)

// Probe is what can be told about a server without signing in.
type Probe struct {
	// DefectDojo is true where the sign-in page is DefectDojo's.
	DefectDojo bool
	// SSO is true where users are led to single sign-on. With DefectDojo true
	// as well, the password form still exists.
	SSO bool
	// TLSUntil is the end of the certificate's validity and TLSIssuer who
	// signed it; both are also set where the certificate is not trusted.
	TLSUntil  time.Time
	TLSIssuer string
	// Skew is the server's clock minus ours.
	Skew time.Duration
}

// Probe opens the sign-in page, and once more without asking for the password
// form to see where users are led. It sends no credentials. What was found
// before an error is returned with it.
func (c *Client) Probe(ctx context.Context) (Probe, error) {
	const op = "probe the server"
	var p Probe
	a, err := c.do(ctx, call{op: op, method: http.MethodGet, path: "/login", query: loginQuery, accept: "text/html"})
	if err != nil {
		if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
			p.certificate(bad.UnverifiedCertificates)
		}
		return p, err
	}
	defer func() { _ = a.Body.Close() }()
	p.Skew = c.Skew()
	if a.TLS != nil {
		p.certificate(a.TLS.PeerCertificates)
	}
	if _, err := c.isLogin(a); err != nil {
		p.SSO = errors.Is(err, ErrSSO)
		return p, err
	}
	p.DefectDojo = true
	plain, err := c.do(ctx, call{op: op, method: http.MethodGet, path: "/login", accept: "text/html"})
	if err != nil {
		return p, err
	}
	defer func() { _ = plain.Body.Close() }()
	if plain.StatusCode/100 == 3 {
		p.SSO = errors.Is(c.judgeRedirect(plain), ErrSSO)
	}
	return p, nil
}

func (p *Probe) certificate(chain []*x509.Certificate) {
	if len(chain) == 0 {
		return
	}
	p.TLSUntil = chain[0].NotAfter
	p.TLSIssuer = chain[0].Issuer.CommonName
	if p.TLSIssuer == "" && len(chain[0].Issuer.Organization) > 0 {
		p.TLSIssuer = chain[0].Issuer.Organization[0]
	}
}
