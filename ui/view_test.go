package ui

import (
	"context"
	"errors"
	"slices"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// viewing runs a view whose loads wait for gate and whose answers are the
// questions; shown receives what was shown.
func viewing(t *testing.T) (v *view[int, int], begun, gate chan int, shown chan int) {
	t.Helper()
	begun, gate, shown = make(chan int, 10), make(chan int), make(chan int, 10)
	v = newView(func(f func()) { f() },
		func(ctx context.Context, q int) (int, error) {
			begun <- q
			select {
			case <-gate:
				return q, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		},
		func(_ int, a int, err error) {
			if err != nil {
				t.Errorf("an answer that was called off is shown: %v", err)
			}
			shown <- a
		})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { v.run(ctx); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	return v, begun, gate, shown
}

func TestHintsThatComeMeanwhileAreOneReload(t *testing.T) {
	v, begun, gate, shown := viewing(t)
	v.ask(1)
	<-begun
	for q := range 5 {
		v.ask(q + 2)
	}
	gate <- 0
	gate <- 0
	if got := []int{<-shown, <-shown}; !slices.Equal(got, []int{1, 6}) {
		t.Errorf("shown is %v, want the first and the latest", got)
	}
}

func TestANewQuestionCallsTheOldOneOff(t *testing.T) {
	v, begun, gate, shown := viewing(t)
	v.ask(1)
	<-begun
	v.instead(2)
	if q := <-begun; q != 2 {
		t.Fatalf("loading %d, want 2", q)
	}
	gate <- 0
	if got := <-shown; got != 2 {
		t.Errorf("shown is %d, want 2", got)
	}
}

func TestAFailedLoadIsShownAsOne(t *testing.T) {
	fault := errors.New("no")
	shown := make(chan error, 1)
	v := newView(func(f func()) { f() },
		func(context.Context, int) (int, error) { return 0, fault },
		func(_ int, _ int, err error) { shown <- err })
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { v.run(ctx); close(done) }()
	v.ask(1)
	if err := <-shown; !errors.Is(err, fault) {
		t.Errorf("shown is %v", err)
	}
	stop()
	<-done
}

// Fyne runs what it is given on the spot once its loop has ended.
func TestAfterTheEndTwoThingsAreNeverDrawnAtOnce(t *testing.T) {
	u := &UI{}
	began, end, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		u.take(func() {
			close(began)
			<-end
		})
	}()
	<-began
	u.take(func() { t.Error("two things are drawn at once") })
	close(end)
	<-done
	ran := false
	u.take(func() { ran = true })
	if !ran {
		t.Error("nothing is drawn any more")
	}
}
