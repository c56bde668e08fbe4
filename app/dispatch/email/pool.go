package email

import (
	"context"
	"sync"
	"time"
)

// server names everything that makes two connections alike: where they lead
// and who has signed in on them.
type server struct {
	host, caFile, hello, user, clientID, tokenURL string
	port                                          int
	tls                                           Encryption
	auth                                          Auth
	secrets                                       [32]byte // a digest of them
}

// pool keeps connections for the next message: a bounded number to each
// server, each closed when it has rested for the time given.
type pool struct {
	idle time.Duration
	now  func() time.Time

	mu      sync.Mutex
	closed  bool
	servers map[server]*lines
	ending  sync.WaitGroup
}

// lines are the connections to one server.
type lines struct {
	slots chan struct{} // one for each message under way
	users int           // who holds or waits for a slot
	rest  []*resting
}

// resting is a connection that waits for a message.
type resting struct {
	*session
	since time.Time
	timer *time.Timer
}

func newPool(idle time.Duration, now func() time.Time) *pool {
	return &pool{idle: idle, now: now, servers: map[server]*lines{}}
}

// enter waits until another connection to the server may be used. The function
// it returns has to be called when it no longer is.
func (p *pool) enter(ctx context.Context, to server, most int) (leave func(), err error) {
	p.mu.Lock()
	l := p.servers[to]
	if l == nil {
		l = &lines{slots: make(chan struct{}, most)}
		p.servers[to] = l
	}
	l.users++
	p.mu.Unlock()
	out := func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		l.users--
		p.forget(to, l)
	}
	select {
	case l.slots <- struct{}{}:
		return func() { <-l.slots; out() }, nil
	case <-ctx.Done():
		out()
		return nil, ctx.Err()
	}
}

// forget drops what nobody uses; p.mu is held.
func (p *pool) forget(to server, l *lines) {
	if l.users == 0 && len(l.rest) == 0 && p.servers[to] == l {
		delete(p.servers, to)
	}
}

// take returns a resting connection, the one used last, or nil. One that is
// older than the time by the clock on the wall has slept through a suspend and
// is dead on the other side.
func (p *pool) take(to server) *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.servers[to]
	for l != nil && len(l.rest) > 0 {
		r := l.rest[len(l.rest)-1]
		l.rest = l.rest[:len(l.rest)-1]
		if !r.timer.Stop() {
			continue // its timer has fired and closes it
		}
		if p.now().Round(0).Sub(r.since) > p.idle {
			_ = r.conn.Close()
			continue
		}
		return r.session
	}
	return nil
}

// put lays a connection to rest, or ends it where it is of no more use.
func (p *pool) put(to server, s *session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.servers[to]
	if p.closed || s.broken || s.left <= 0 || l == nil || p.idle <= 0 {
		p.ending.Go(s.end)
		return
	}
	r := &resting{session: s, since: p.now().Round(0)}
	r.timer = time.AfterFunc(p.idle, func() { p.expire(to, r) })
	l.rest = append(l.rest, r)
}

// expire ends a connection that has rested long enough.
func (p *pool) expire(to server, r *resting) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		_ = r.conn.Close()
		return
	}
	if l := p.servers[to]; l != nil {
		for i := range l.rest {
			if l.rest[i] == r {
				l.rest = append(l.rest[:i], l.rest[i+1:]...)
				break
			}
		}
		p.forget(to, l)
	}
	p.ending.Go(r.end)
	p.mu.Unlock()
}

// close ends all resting connections and waits for it, a second at most; what
// is under way ends by itself when its message is through.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	for to, l := range p.servers {
		for _, r := range l.rest {
			if r.timer.Stop() {
				p.ending.Go(r.end)
			}
		}
		l.rest = nil
		p.forget(to, l)
	}
	p.mu.Unlock()
	p.ending.Wait()
}
