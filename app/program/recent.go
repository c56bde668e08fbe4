package program

import (
	"context"
	"maps"
	"strings"
	"sync"
	"time"

	"bellhop/app"
)

// recent is a secretKeeper that remembers for some seconds what was read of
// destinations: a storm of messages asks the keyring, which takes milliseconds
// and speaks to one at a time, once and not for each of them. What is set or
// dropped through it counts at once.
type recent struct {
	secretKeeper

	mu     sync.Mutex
	known  map[secretName]string
	read   map[string]map[string]string // what texts among those say
	writes uint64                       // how often something was set or dropped
	forget *time.Timer

	changing sync.Mutex // see [changing]
}

// changing makes the caller the only one who changes a destination and its secrets,
// which are read, changed and written as a whole, until done is called. Nothing that
// is called meanwhile may ask for it again, nor wait for a message to be sent: that may
// renew a secret.
func changing(v secretKeeper) (done func()) {
	r, ok := v.(*recent)
	if !ok {
		return func() {} // a keeper of one's own
	}
	r.changing.Lock()
	return r.changing.Unlock
}

type secretName struct {
	account app.AccountID
	name    string
}

// rememberFor is how long a secret stays in memory after it was read.
const rememberFor = 10 * time.Second

// Get returns a secret, as the keeper below had it at most some seconds ago.
func (r *recent) Get(ctx context.Context, account app.AccountID, name string) (string, error) {
	if !strings.HasPrefix(name, destinationSecret) {
		return r.secretKeeper.Get(ctx, account, name)
	}
	key := secretName{account, name}
	r.mu.Lock()
	value, ok := r.known[key]
	writes := r.writes
	r.mu.Unlock()
	if ok {
		return value, nil
	}
	value, err := r.secretKeeper.Get(ctx, account, name)
	if err != nil {
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.writes != writes {
		return value, nil // it may be another one by now
	}
	if r.known == nil {
		r.known = make(map[secretName]string)
	}
	r.known[key] = value
	if r.forget == nil {
		r.forget = time.AfterFunc(rememberFor, r.clear)
	}
	return value, nil
}

// secrets returns what a text says that was got here: what fresh makes of it, once
// for a storm of messages.
func (r *recent) secrets(text string, fresh func() (map[string]string, error)) (map[string]string, error) {
	r.mu.Lock()
	said, ok := r.read[text]
	r.mu.Unlock()
	if ok {
		return maps.Clone(said), nil
	}
	said, err := fresh()
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forget != nil { // else the text is not remembered either
		if r.read == nil {
			r.read = make(map[string]map[string]string)
		}
		r.read[text] = maps.Clone(said)
	}
	return said, nil
}

// Set keeps a secret.
func (r *recent) Set(ctx context.Context, account app.AccountID, name, value string) error {
	defer r.clear() // also what was read while it was being set
	return r.secretKeeper.Set(ctx, account, name, value)
}

// Delete forgets all secrets of an account.
func (r *recent) Delete(ctx context.Context, account app.AccountID) error {
	defer r.clear()
	return r.secretKeeper.Delete(ctx, account)
}

// Drop forgets one secret.
func (r *recent) Drop(ctx context.Context, account app.AccountID, name string) error {
	defer r.clear()
	return r.secretKeeper.Drop(ctx, account, name)
}

// clear forgets everything that was read, and what is being read.
func (r *recent) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.known)
	clear(r.read)
	r.writes++
	if r.forget != nil {
		r.forget.Stop()
		r.forget = nil
	}
}
