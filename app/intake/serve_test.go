package intake

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/app"
)

// serving runs a listener on a real port; the function ends it and returns what
// Serve returned.
func serving(t *testing.T, l *Listener, limit limits) (address string, end func() error) {
	t.Helper()
	nl, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- l.serve(ctx, nl, limit) }()
	ended := false
	end = func() error {
		ended = true
		cancel()
		return <-served
	}
	t.Cleanup(func() {
		if !ended {
			_ = end()
		}
	})
	return nl.Addr().String(), end
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

// raw begins a call that claims a length and sends a piece of a body.
func raw(t *testing.T, address string, length int, body string) net.Conn {
	t.Helper()
	c := dial(t, address)
	if _, err := fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nX-Bell-Secret: %s\r\n%s: other\r\nContent-Length: %d\r\n\r\n%s",
		secret, HeaderEvent, length, body); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestASlowCallerIsHungUpOn(t *testing.T) {
	t.Parallel()
	d, l := open(t, "", "https://dojo.example.com")
	header, body := usual, usual
	header.header, body.whole = 50*time.Millisecond, 50*time.Millisecond
	address, _ := serving(t, l, header)
	slow := dial(t, address)
	if _, err := io.WriteString(slow, "POST / HTTP/1.1\r\nX-Slow: "); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, slow); err != nil {
		t.Errorf("a caller who never ends her header: %v", err)
	}
	address, _ = serving(t, l, body)
	answer, err := io.ReadAll(raw(t, address, 5000, `{"title":"x"`))
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 400") {
		t.Errorf("a caller who never ends her body: %v, %.80s", err, answer)
	}
	if len(d.events) != 0 {
		t.Error("half a body was recorded")
	}
}

func TestABodyThatLiesAboutItsSize(t *testing.T) {
	t.Parallel()
	d, l := open(t, "", "https://dojo.example.com")
	address, _ := serving(t, l, usual)
	const whole = `{"title":"x"}`
	for why, c := range map[string]struct {
		length int
		body   string
		status string
	}{
		"claims less":                  {5, whole, "400"},
		"claims more":                  {500, whole, "400"},
		"claims eight million and one": {MaxBody + 1, whole, "413"},
		"claims more than there is":    {1 << 60, whole, "413"},
	} {
		conn := raw(t, address, c.length, c.body)
		if tcp, ok := conn.(*net.TCPConn); !ok || tcp.CloseWrite() != nil {
			t.Fatal("the connection cannot be half closed")
		}
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil || !strings.Contains(line, " "+c.status+" ") {
			t.Errorf("%s: %q, %v, want %s", why, line, err, c.status)
		}
	}
	if len(d.events) != 0 {
		t.Errorf("recorded: %+v", d.events)
	}
}

func TestOnlySoManyBodiesAreHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, l := open(t, "", "https://dojo.example.com")
		hold := make(chan struct{})
		l.o.Record = func(context.Context, app.Event) error {
			<-hold
			return nil
		}
		begin := func() *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			go l.ServeHTTP(w, request(t, "http://bell/", simple, nil))
			return w
		}
		for range parallel {
			begin()
		}
		synctest.Wait()
		late := begin()
		time.Sleep(patience + time.Second) // the bubble's clock
		synctest.Wait()
		if late.Code != http.StatusServiceUnavailable || late.Header().Get("Retry-After") == "" {
			t.Errorf("the call too many was answered %d", late.Code)
		}
		patient := begin()
		synctest.Wait()
		close(hold)
		synctest.Wait()
		if patient.Code != http.StatusNoContent || l.Status().Recorded != parallel+1 {
			t.Errorf("the call that waited was answered %d; %+v", patient.Code, l.Status())
		}
	})
}

func TestACallThatIsBeingStoredOutlivesTheEnd(t *testing.T) {
	t.Parallel()
	_, l := open(t, "", "https://dojo.example.com")
	entered, hold := make(chan struct{}), make(chan struct{})
	l.o.Record = func(ctx context.Context, _ app.Event) error {
		close(entered)
		select {
		case <-hold:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	address, end := serving(t, l, usual)
	status := make(chan int, 1)
	go func() {
		resp, err := http.DefaultClient.Do(request(t, "http://"+address+"/", simple, func(r *http.Request) { r.Close = true }))
		if err != nil {
			status <- 0
			return
		}
		defer func() { _ = resp.Body.Close() }()
		status <- resp.StatusCode
	}()
	<-entered
	ended := make(chan error, 1)
	go func() { ended <- end() }()
	// The door is shut before the call has ended.
	for {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			break
		}
		_ = conn.Close()
	}
	close(hold)
	if got := <-status; got != http.StatusNoContent {
		t.Errorf("the call was answered %d", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestACallWhoseSenderHasLeftIsStored(t *testing.T) {
	t.Parallel()
	_, l := open(t, "", "https://dojo.example.com")
	entered, left, stored := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	l.o.Record = func(ctx context.Context, _ app.Event) error {
		close(entered)
		<-left
		stored <- ctx.Err()
		return ctx.Err()
	}
	ctx, leave := context.WithCancel(t.Context())
	call := request(t, "http://bell/", simple, nil).WithContext(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.ServeHTTP(httptest.NewRecorder(), call)
	}()
	<-entered
	leave()
	close(left)
	if err := <-stored; err != nil {
		t.Errorf("the store is told to stop: %v", err)
	}
	<-done
}

func TestOnlySoManyConnectionsAreOpen(t *testing.T) {
	t.Parallel()
	nl, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &bounded{Listener: nl, free: make(chan struct{}, 1), closed: make(chan struct{})}
	dial(t, nl.Addr().String())
	dial(t, nl.Addr().String())
	first, err := b.Accept()
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan error, 2)
	next := func() {
		c, err := b.Accept()
		if err == nil {
			defer func() { _ = c.Close() }()
		}
		accepted <- err
	}
	if len(b.free) != cap(b.free) {
		t.Error("the first connection takes no place")
	}
	_ = first.Close()
	_ = first.Close() // gives the place back once
	if len(b.free) != 0 {
		t.Error("the place was not given back")
	}
	next()
	if err := <-accepted; err != nil {
		t.Errorf("after the first was closed: %v", err)
	}
	b.free <- struct{}{} // the only place is taken
	go next()
	_ = b.Close()
	if err := <-accepted; !errors.Is(err, net.ErrClosed) {
		t.Errorf("an Accept that waits for a place ends with %v", err)
	}
}

func TestAPortThatIsTakenIsExplained(t *testing.T) {
	t.Parallel()
	nl, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = nl.Close() }()
	_, err = Listen(t.Context(), nl.Addr().String())
	p, ok := errors.AsType[*app.Problem](err)
	if !ok || p.Code != "intake_address" || !p.NeedsUser || p.Step == "" {
		t.Errorf("%v", err)
	}
	if _, ok := errors.AsType[*os.SyscallError](err); !ok {
		t.Errorf("the cause is lost: %v", err)
	}
}
