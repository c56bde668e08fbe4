package post

import (
	"sync"
	"time"
)

// Memory keeps for some seconds what was made of an address, a key or the like, so
// that a storm of messages makes it once: what is made may hold a secret, and does
// not stay. Its zero value is usable; many goroutines may use it.
type Memory[K comparable, V any] struct {
	mu     sync.Mutex
	known  map[K]V
	forget *time.Timer
}

const (
	// rememberFor is how long something is kept at most.
	rememberFor = 10 * time.Second
	// rememberMost is how much.
	rememberMost = 64
)

// Get returns what is kept for a key, else what fresh makes, which is kept where it
// is no error. What it returns is shared, and not to be changed.
func (m *Memory[K, V]) Get(key K, fresh func() (V, error)) (V, error) {
	m.mu.Lock()
	v, ok := m.known[key]
	m.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := fresh()
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = make(map[K]V)
	}
	if len(m.known) >= rememberMost {
		clear(m.known)
	}
	m.known[key] = v
	if m.forget == nil {
		m.forget = time.AfterFunc(rememberFor, m.Clear)
	}
	return v, nil
}

// Clear forgets everything.
func (m *Memory[K, V]) Clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.known)
	if m.forget != nil {
		m.forget.Stop()
		m.forget = nil
	}
}
