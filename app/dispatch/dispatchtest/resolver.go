package dispatchtest

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Resolver returns a resolver that asks a name server of its own on loopback.
// look says what a name (lower case, no dot at the end) leads to; nth counts
// the questions for it from 1. None found, or no look at all, is "no such
// name".
func Resolver(tb testing.TB, look func(name string, nth int) []netip.Addr) *net.Resolver {
	tb.Helper()
	var listen net.ListenConfig
	server, err := listen.ListenPacket(tb.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	n := &nameServer{look: look, asked: map[string]int{}}
	var serving sync.WaitGroup
	serving.Go(func() { n.serve(server) })
	tb.Cleanup(func() {
		_ = server.Close()
		serving.Wait()
	})
	return &net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "udp", server.LocalAddr().String())
		},
	}
}

type nameServer struct {
	look  func(string, int) []netip.Addr
	asked map[string]int // by type and name
}

func (n *nameServer) serve(conn net.PacketConn) {
	buffer := make([]byte, 4096)
	for {
		size, from, err := conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		if answer, err := n.answer(buffer[:size]); err == nil {
			_, _ = conn.WriteTo(answer, from)
		}
	}
}

func (n *nameServer) answer(question []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil {
		return nil, err
	}
	m.Response, m.Additionals = true, nil
	q := m.Questions[0]
	name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	n.asked[q.Type.String()+name]++
	var found []netip.Addr
	if n.look != nil {
		found = n.look(name, n.asked[q.Type.String()+name])
	}
	if len(found) == 0 {
		m.RCode = dnsmessage.RCodeNameError
	}
	header := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 0}
	for _, ip := range found {
		switch {
		case q.Type == dnsmessage.TypeA && ip.Is4():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: ip.As4()}})
		case q.Type == dnsmessage.TypeAAAA && ip.Is6():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
	return m.Pack()
}
