package post

import (
	"encoding/base64"
	"net"
	"net/http"
	"strings"
	"sync"
	"unicode/utf8"
)

// target is an address, read once for all the messages that go there.
type target struct {
	probe *http.Request // to it, without a body: what the proxy is chosen by
	place place
	path  string // with the query, as the request line has it
	host  string // as the header Host has it
	user  string // the header Authorization that user and password stand for
	odd   bool   // its host has to be put into another form first
}

// requests are the buffers in which requests are put together.
var requests = sync.Pool{New: func() any { return new(make([]byte, 0, 4<<10)) }}

// readTarget reads an address; any error says that it is none of http or https.
func readTarget(address string) (*target, error) {
	req, err := http.NewRequest(http.MethodPost, address, nil) //nolint:noctx // it is never sent
	if err != nil {
		return nil, err
	}
	u := req.URL
	if u.Host == "" || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errBadAddress
	}
	t := &target{probe: req, path: u.RequestURI(), host: req.Host}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	t.place.address = net.JoinHostPort(u.Hostname(), port)
	if u.Scheme == "https" {
		t.place.name = u.Hostname()
	}
	t.odd = strings.ContainsFunc(u.Host, func(r rune) bool { return r <= ' ' || r >= utf8.RuneSelf || r == '%' })
	if u.User != nil {
		password, _ := u.User.Password()
		t.user = "Basic " + base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password))
	}
	return t, nil
}
