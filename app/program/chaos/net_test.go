//go:build linux

package chaos

import (
	"net"
	"sync"
)

// door is a listener that knows which of its connections are still open.
type door struct {
	net.Listener

	mu       sync.Mutex
	open     int
	accepted map[string]bool // by the other side's address
}

func newDoor() (*door, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &door{Listener: l, accepted: make(map[string]bool)}, nil
}

func (d *door) address() string { return d.Addr().String() }

// Accept waits for a connection.
func (d *door) Accept() (net.Conn, error) {
	c, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open++
	d.accepted[c.RemoteAddr().String()] = true
	return &guest{Conn: c, door: d}, nil
}

type guest struct {
	net.Conn
	door *door
	once sync.Once
}

// Close closes the connection.
func (g *guest) Close() error {
	g.once.Do(func() {
		g.door.mu.Lock()
		defer g.door.mu.Unlock()
		g.door.open--
	})
	return g.Conn.Close()
}

// quiet waits until everything that a dead bell has sent was looked at:
// connections are taken in their order, so once one of ours was, there is none
// before it.
func (w *world) quiet(d *door) {
	w.t.Helper()
	probe, err := net.Dial("tcp", d.address())
	if err != nil {
		w.t.Fatal(err)
	}
	us := probe.LocalAddr().String()
	w.until("the probe is let in", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.accepted[us]
	})
	_ = probe.Close()
	w.until("the dead bell's connections end", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.open == 0
	})
}
