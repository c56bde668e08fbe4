// Package dispatchtest holds what the tests of every channel share: the
// contract that each of them keeps, peers that misbehave, a resolver that says
// what it is told, hostile texts, and messages to send.
package dispatchtest

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"bellhop/app/dispatch"
)

// Fault is how a peer behaves.
type Fault string

// The faults. In the words of SMTP, a peer that is Broken answers 4yz and one
// that Refuses answers 5yz.
const (
	Takes        Fault = "takes the message"
	Waits        Fault = "takes the request and never answers"
	Limited      Fault = "answers 429 without Retry-After"
	LimitedFor   Fault = "answers 429 with seconds in Retry-After"
	LimitedUntil Fault = "answers 429 with a date in Retry-After"
	Broken       Fault = "answers 5xx"
	Refuses      Fault = "answers 4xx"
	Closes       Fault = "closes the connection without an answer"
	Dribbles     Fault = "begins to answer and stalls"
	Floods       Fault = "answers without end"
	Distrusted   Fault = "has a certificate that nobody knows"
	Nameless     Fault = "has a name that does not exist"
)

// RetryAfter is what a peer with [LimitedFor] and [LimitedUntil] asks for.
const RetryAfter = 90 * time.Second

// Peer is a channel whose destination is a peer, and a message for it.
type Peer struct {
	Channel dispatch.Channel
	Message dispatch.Message
	// Arrived gets a value when a request has reached a peer that [Waits].
	Arrived <-chan struct{}
	// Taken is how many messages the peer took.
	Taken func() int
}

// Short is the timeout of a channel whose peer never answers.
const Short = 400 * time.Millisecond

// Timeout returns the timeout for a channel whose peer has a fault: short where
// it will be waited for, and long where nothing but a busy machine can cause it.
func Timeout(fault Fault) time.Duration {
	if fault == Waits || fault == Dribbles {
		return Short
	}
	return time.Minute
}

// Suite is the contract for one channel.
type Suite struct {
	// Start starts a peer that ends with the test. The channel logs to log
	// where it logs at all. The message carries secrets: at least one.
	Start func(t *testing.T, fault Fault, log *slog.Logger) Peer
	// Timeout is the channel's own, as Start sets it; a second or less.
	Timeout time.Duration
	// AnswerDecides is true where a message counts as taken only once the
	// body of the answer was read.
	AnswerDecides bool
	// Skip names the faults that the channel's protocol does not know, with
	// the reason.
	Skip map[Fault]string
}

// Run tests the contract.
func (s Suite) Run(t *testing.T) {
	t.Helper()
	if s.Timeout <= 0 || s.Timeout > time.Second {
		t.Fatal("a contract's timeout is a second or less")
	}
	s.run(t, Takes, s.taken)
	s.run(t, Takes, s.takenTogether)
	s.run(t, Takes, s.notSentAfterTheEnd)
	s.run(t, Waits, s.cancelled)
	s.run(t, Waits, s.timedOut)
	s.run(t, Limited, func(t *testing.T, p Peer) { s.again(t, p, 0, 0) })
	s.run(t, LimitedFor, func(t *testing.T, p Peer) { s.again(t, p, RetryAfter, RetryAfter) })
	s.run(t, LimitedUntil, func(t *testing.T, p Peer) { s.again(t, p, RetryAfter-30*time.Second, RetryAfter) })
	s.run(t, Broken, func(t *testing.T, p Peer) { s.again(t, p, 0, 0) })
	s.run(t, Closes, func(t *testing.T, p Peer) { s.again(t, p, 0, 0) })
	s.run(t, Nameless, func(t *testing.T, p Peer) { s.again(t, p, 0, 0) })
	s.run(t, Distrusted, func(t *testing.T, p Peer) { s.again(t, p, 0, 0) })
	s.run(t, Refuses, s.final)
	s.run(t, Dribbles, s.stalled)
	s.run(t, Floods, s.flooded)
}

func (s Suite) run(t *testing.T, fault Fault, scenario func(*testing.T, Peer)) {
	t.Helper()
	name, _, _ := strings.Cut(runtimeName(scenario), "-")
	t.Run(string(fault)+"/"+name, func(t *testing.T) {
		if why, ok := s.Skip[fault]; ok {
			t.Skip(why)
		}
		var logged lockedBuilder
		p := s.Start(t, fault, slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
		if len(p.Message.Secrets) == 0 {
			t.Fatal("the message carries no secret that could leak")
		}
		scenario(t, p)
		NoSecret(t, "the log", logged.String(), p.Message.Secrets)
	})
}

// send sends and checks what holds for every answer.
func (s Suite) send(ctx context.Context, t *testing.T, p Peer) *dispatch.Failure {
	t.Helper()
	receipt, err := p.Channel.Send(ctx, p.Message)
	NoSecret(t, "the receipt", receipt.Answer+"\n"+receipt.Ref, p.Message.Secrets)
	if n := utf8.RuneCountInString(receipt.Answer); n > 1000 {
		t.Errorf("the receipt keeps %d characters of the answer", n)
	}
	if err == nil {
		return nil
	}
	f, ok := errors.AsType[*dispatch.Failure](err)
	if !ok {
		t.Fatalf("the error is a %T and no failure: %v", err, err)
	}
	Check(t, f, p.Message.Secrets)
	return f
}

// Check tests what holds for every failure: it has a code, says what to do,
// keeps little of the answer and none of the secrets.
func Check(t *testing.T, f *dispatch.Failure, secrets map[string]string) {
	t.Helper()
	if f.Code == "" || strings.ContainsAny(f.Code, " \t\nABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		t.Errorf("the code %q is not one for scripts", f.Code)
	}
	if f.Next == "" {
		t.Errorf("%s does not say what to do next", f.Code)
	}
	if n := utf8.RuneCountInString(f.Answer); n > 1000 {
		t.Errorf("the failure keeps %d characters of the answer", n)
	}
	if strings.ContainsAny(f.Answer, "\r\n\x1b\x00") {
		t.Errorf("the answer has control characters: %q", f.Answer)
	}
	NoSecret(t, "the failure", strings.Join([]string{f.Error(), f.Answer, f.Code, f.Next}, "\n"), secrets)
	for err := f.Err; err != nil; err = errors.Unwrap(err) {
		NoSecret(t, "the cause", err.Error(), secrets)
	}
}

func (s Suite) taken(t *testing.T, p Peer) {
	for range 3 {
		if f := s.send(t.Context(), t, p); f != nil {
			t.Fatalf("not taken: %v (%s)", f, f.Answer)
		}
	}
	if got := p.Taken(); got != 3 {
		t.Errorf("%d messages arrived, 3 were sent", got)
	}
}

func (s Suite) takenTogether(t *testing.T, p Peer) {
	const senders, each = 8, 5
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for range each {
				if f := s.send(t.Context(), t, p); f != nil {
					t.Errorf("not taken: %v (%s)", f, f.Answer)
				}
			}
		})
	}
	all.Wait()
	if got := p.Taken(); got != senders*each {
		t.Errorf("%d messages arrived, %d were sent", got, senders*each)
	}
}

func (s Suite) notSentAfterTheEnd(t *testing.T, p Peer) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := s.send(ctx, t, p)
	if f == nil || !errors.Is(f, context.Canceled) || f.Final {
		t.Errorf("a context that had ended gave %v", f)
	}
	if p.Taken() != 0 {
		t.Error("the message was sent all the same")
	}
}

func (s Suite) cancelled(t *testing.T, p Peer) {
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		select {
		case <-p.Arrived:
		case <-t.Context().Done():
		}
		cancel()
	}()
	begun := time.Now()
	f := s.send(ctx, t, p)
	if took := time.Since(begun); took > s.Timeout+2*time.Second {
		t.Errorf("it took %v to come back", took)
	}
	if f == nil || f.Final {
		t.Fatalf("got %v, want a failure that passes", f)
	}
	if !errors.Is(f, context.Canceled) {
		t.Errorf("%v does not match context.Canceled", f)
	}
}

func (s Suite) timedOut(t *testing.T, p Peer) {
	begun := time.Now()
	f := s.send(t.Context(), t, p)
	if took := time.Since(begun); took > s.Timeout+2*time.Second {
		t.Errorf("it took %v to give up, the timeout is %v", took, s.Timeout)
	}
	if f == nil || f.Final || f.Code != "timeout" || !errors.Is(f, context.DeadlineExceeded) {
		t.Errorf("got %#v, want a timeout that passes", f)
	}
}

// again expects a failure after which the message is sent again, not before
// least; most bounds what the peer asked for.
func (s Suite) again(t *testing.T, p Peer, least, most time.Duration) {
	f := s.send(t.Context(), t, p)
	switch {
	case f == nil:
		t.Fatal("the message counts as taken")
	case f.Final || f.Disable:
		t.Errorf("%v is final", f)
	case f.After < least || f.After > most:
		t.Errorf("%v is tried again after %v, want %v to %v", f, f.After, least, most)
	}
}

func (s Suite) final(t *testing.T, p Peer) {
	if f := s.send(t.Context(), t, p); f == nil || !f.Final {
		t.Errorf("got %v, want a failure that is final", f)
	}
}

func (s Suite) stalled(t *testing.T, p Peer) {
	begun := time.Now()
	f := s.send(t.Context(), t, p)
	if took := time.Since(begun); took > s.Timeout+2*time.Second {
		t.Errorf("it took %v to give up, the timeout is %v", took, s.Timeout)
	}
	if s.AnswerDecides && (f == nil || f.Final) {
		t.Errorf("got %v, want a failure that passes", f)
	}
	if !s.AnswerDecides && f != nil {
		t.Errorf("got %v, but the peer had taken the message", f)
	}
}

func (s Suite) flooded(t *testing.T, p Peer) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f := s.send(t.Context(), t, p)
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 32<<20 {
		t.Errorf("an endless answer cost %d MB", got>>20)
	}
	if s.AnswerDecides && f == nil {
		t.Error("an answer without end counts as success")
	}
	if !s.AnswerDecides && f != nil {
		t.Errorf("got %v, but the peer had taken the message", f)
	}
}
