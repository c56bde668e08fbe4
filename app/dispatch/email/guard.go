package email

import (
	"errors"
	"net"
	"sync/atomic"
)

// errTooMuch ends a connection whose server does not stop talking.
var errTooMuch = errors.New("the server's answer does not end")

// mostAnswer is how many bytes a server may send before we have said something
// again: enough for the longest chain of certificates.
const mostAnswer = 1 << 20

// guarded is a connection with a bound on what is read between two writes, as
// the SMTP reader has none on a line's length.
type guarded struct {
	net.Conn
	read atomic.Int64
}

func (g *guarded) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if g.read.Add(int64(n)) > mostAnswer {
		return n, errTooMuch
	}
	return n, err
}

func (g *guarded) Write(p []byte) (int, error) {
	g.read.Store(0)
	return g.Conn.Write(p)
}
