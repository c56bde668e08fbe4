package dispatchtest

import (
	"encoding/base64"
	"net/url"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// NoSecret fails the test where text has one of the secrets, as it is or in a
// form in which it would still be one.
func NoSecret(tb testing.TB, where, text string, secrets map[string]string) {
	tb.Helper()
	for name, secret := range secrets {
		for _, s := range append(strings.Fields(secret), secret) {
			for _, form := range []string{s, url.QueryEscape(s), base64.StdEncoding.EncodeToString([]byte(s))} {
				if strings.Contains(text, form) {
					tb.Errorf("%s carries the secret %q: %.300s", where, name, text)
				}
			}
		}
		u, err := url.Parse(secret)
		if err != nil || u.Host == "" {
			continue
		}
		for _, values := range u.Query() {
			for _, v := range values {
				if len(v) > 8 && strings.Contains(text, v) {
					tb.Errorf("%s carries a part of the address %q: %.300s", where, name, text)
				}
			}
		}
	}
}

type lockedBuilder struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuilder) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuilder) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// runtimeName returns a function's own name, or "sent again" for a closure.
func runtimeName(f any) string {
	full := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
	name := full[strings.LastIndexByte(full, '.')+1:]
	if strings.HasPrefix(name, "func") {
		return "again"
	}
	return name
}
