package post_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/internal/post"
	"bellhop/app/dispatch/internal/redact"
)

// scripted is a server that gives its nth request the nth answer, to the letter,
// and closes the connection where the answer ends in "!".
func scripted(t *testing.T, answers ...string) (address string, connections *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	connections = new(atomic.Int32)
	var next atomic.Int32
	var talking sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); talking.Wait() })
	talking.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			talking.Go(func() {
				defer func() { _ = conn.Close() }()
				r := bufio.NewReader(conn)
				for {
					req, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, req.Body)
					n := int(next.Add(1)) - 1
					if n >= len(answers) {
						return
					}
					said, ends := strings.CutSuffix(answers[n], "!")
					_, _ = io.WriteString(conn, said)
					if ends {
						return
					}
				}
			})
		}
	})
	return "http://" + l.Addr().String(), connections
}

const (
	taken    = "HTTP/1.1 204 No Content\r\n\r\n"
	takenOne = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes"
)

func TestAnswersAreReadInEachOfTheirForms(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		said, body  string
		status      int
		connections int32 // for two requests
	}{
		"with a length":        {takenOne, "yes", 200, 1},
		"without a body":       {taken, "", 204, 1},
		"in chunks":            {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nye\r\n1\r\ns\r\n0\r\n\r\n", "yes", 200, 1},
		"to the end":           {"HTTP/1.1 200 OK\r\n\r\nyes!", "yes", 200, 2},
		"of an old server":     {"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nyes", "yes", 200, 2},
		"and then goodbye":     {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nyes!", "yes", 200, 2},
		"after going on":       {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + takenOne, "yes", 200, 1},
		"more than its length": {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyesHTTP/1.1 500 No\r\n\r\n", "yes", 200, 2},
	} {
		address, connections := scripted(t, c.said, c.said)
		client := post.New(post.Options{})
		for range 2 {
			answer, err := client.Post(t.Context(), address, nil, []byte("{}"), redact.New(nil))
			if err != nil || answer.Status != c.status || string(answer.Body) != c.body || answer.Incomplete {
				t.Errorf("an answer %s was read as %+v, %v", what, answer, err)
			}
		}
		if n := connections.Load(); n != c.connections {
			t.Errorf("an answer %s took %d connections, want %d", what, n, c.connections)
		}
		client.Close()
	}
}

func TestAnswersThatAreNoneFail(t *testing.T) {
	t.Parallel()
	for what, said := range map[string]string{
		"another language":   "220 mail.example.com ESMTP\r\n",
		"an endless header":  "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 80<<10),
		"an endless line":    strings.Repeat("x", 80<<10),
		"going on for ever":  strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 50),
		"half a header":      "HTTP/1.1 200 OK\r\nContent-Le!",
		"two lengths":        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nyes",
		"a length below all": "HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nyes",
	} {
		address, _ := scripted(t, said)
		if _, f := send(t, post.Options{Timeout: 5 * time.Second}, address); f == nil || f.Final {
			t.Errorf("%s gave %v", what, f)
		}
	}
}

// A server may close a connection that rests at any time. A request that meets
// that goes out again over another connection, and only then.
func TestAConnectionThatWasClosedMeanwhileCostsNothing(t *testing.T) {
	t.Parallel()
	address, connections := scripted(t, takenOne+"!", takenOne, "!", taken, "HTTP/1.1 200 O!", taken)
	client := post.New(post.Options{})
	defer client.Close()
	for i, want := range []int{200, 200, 204} {
		answer, err := client.Post(t.Context(), address, nil, []byte("{}"), redact.New(nil))
		if err != nil || answer.Status != want {
			t.Fatalf("request %d gave %+v, %v", i, answer, err)
		}
	}
	if n := connections.Load(); n != 3 {
		t.Errorf("there were %d connections", n)
	}
	_, err := client.Post(t.Context(), address, nil, []byte("{}"), redact.New(nil))
	if f := dispatch.FailureOf(err); f == nil || f.Code != post.CodeClosed {
		t.Errorf("half an answer gave %v", err)
	}
}

// What a server says on a connection that rests is not the answer to the next
// request. Some say there that they waited for too long.
func TestWhatNobodyAskedForIsNotAnAnswer(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	var connections atomic.Int32
	server := counting(t, func(w http.ResponseWriter, _ *http.Request) {
		if connections.Load() > 1 {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = buffered.WriteString(takenOne)
		_ = buffered.Flush()
		<-release
		_, _ = io.WriteString(conn, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
		_ = conn.Close()
		release <- struct{}{}
	}, &connections)
	client := post.New(post.Options{})
	defer client.Close()
	for i, want := range []int{200, 204} {
		answer, err := client.Post(t.Context(), server.URL, nil, []byte("{}"), redact.New(nil))
		if err != nil || answer.Status != want {
			t.Fatalf("request %d gave %+v, %v", i, answer, err)
		}
		if i == 0 {
			release <- struct{}{}
			<-release
			client.Age(time.Second)
		}
	}
}

func TestAConnectionRestsForATimeAndIsClosed(t *testing.T) {
	t.Parallel()
	address, connections := scripted(t, taken, taken, taken)
	client := post.New(post.Options{})
	defer client.Close()
	post1 := func() {
		t.Helper()
		if _, err := client.Post(t.Context(), address, nil, []byte("{}"), redact.New(nil)); err != nil {
			t.Fatal(err)
		}
	}
	post1()
	client.Age(20 * time.Second)
	if n := client.Sweep(); n != 1 {
		t.Fatalf("%d connections rest", n)
	}
	post1()
	if n := connections.Load(); n != 1 {
		t.Errorf("a connection that had rested for 20 s was not used again: %d", n)
	}
	client.Age(31 * time.Second)
	if n := client.Sweep(); n != 0 {
		t.Errorf("%d connections rest", n)
	}
	post1()
	if n := connections.Load(); n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestAHeaderCannotBeginAnother(t *testing.T) {
	t.Parallel()
	address, connections := scripted(t, taken)
	client := post.New(post.Options{})
	defer client.Close()
	for name, value := range map[string]string{
		"X-A": "1\r\nX-B: 2", "X-C": "1\n\n", "X-D": "\x00", "X E": "1", "X-F\r\nX-G": "1", "": "1", "X-H:": "1", "X-Ä": "1",
	} {
		_, err := client.Post(t.Context(), address, http.Header{name: {value}}, []byte("{}"), redact.New(nil))
		if err == nil {
			t.Errorf("%q: %q was sent", name, value)
		}
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections were opened", n)
	}
}

func TestAnExchangeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	arrived, done := make(chan struct{}), make(chan struct{})
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		arrived <- struct{}{}
		<-done
	})
	defer close(done)
	client := post.New(post.Options{})
	defer client.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, err := client.Post(ctx, server.URL, nil, []byte("{}"), redact.New(nil))
	if f := dispatch.FailureOf(err); f == nil || f.Code != post.CodeCancelled || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
