package control_test

import (
	"context"
	"errors"
	"maps"
	"testing"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/app/control/controltest"
)

func TestHintsArrive(t *testing.T) {
	t.Parallel()
	bell := &controltest.Bell{}
	c := dial(t, bell)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	hints, err := c.Hints(ctx, false)
	if err != nil {
		t.Fatal(err)
	}
	// The subscription stands once Hints has returned: nothing published from
	// here on may be lost.
	bell.Changes().Publish(app.TopicState, app.TopicAlerts)
	if h := <-hints; !maps.Equal(h.Topics, app.Hints{app.TopicState: true, app.TopicAlerts: true}) || h.Raise != "" {
		t.Errorf("got %+v", h)
	}
	cancel()
	for range hints { // it closes, since the caller has left
	}
}

func TestHintsMergeForASlowReader(t *testing.T) {
	t.Parallel()
	bell := &controltest.Bell{}
	c := dial(t, bell)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	hints, err := c.Hints(ctx, false)
	if err != nil {
		t.Fatal(err)
	}
	for range 100_000 {
		bell.Changes().Publish(app.TopicAlerts)
	}
	bell.Changes().Publish(app.TopicSettings)
	n := 0
	for h := range hints {
		if n++; h.Topics[app.TopicSettings] {
			break
		}
	}
	if n == 100_001 {
		t.Error("no two hints were merged")
	}
}

func TestHintsEndWithTheBell(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stop := controltest.Serve(t, dir, &controltest.Bell{})
	c, err := control.Dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	hints, err := c.Hints(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	stop()
	for range hints {
	}
}

func TestTheWindowIsRaisedAndLetGo(t *testing.T) {
	t.Parallel()
	bell := &controltest.Bell{Raise: make(chan string)}
	dir := t.TempDir()
	stop := controltest.Serve(t, dir, bell)
	c, err := control.Dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(t.Context())
	hints, err := c.Hints(ctx, true)
	if err != nil {
		t.Fatal(err)
	}
	bell.Raise <- "history"
	if h := <-hints; h.Raise != "history" || h.Topics != nil {
		t.Errorf("got %+v", h)
	}
	cancel()
	for range hints {
	}
	stop() // waits for the handler
	calls := bell.Calls()
	if len(calls) != 2 || calls[0].Method != "AttachWindow" || calls[1].Method != "release" {
		t.Errorf("the bell was asked %+v", calls)
	}
}

func TestASecondWindowIsRefused(t *testing.T) {
	t.Parallel()
	bell := &controltest.Bell{Answer: func(context.Context, controltest.Call) (any, error) {
		return nil, app.NewProblem("window_open", "The window is open already.", "", false, app.ErrInvalid)
	}}
	_, err := dial(t, bell).Hints(t.Context(), true)
	p, ok := errors.AsType[*app.Problem](err)
	if !ok || p.Code != "window_open" || !errors.Is(err, app.ErrInvalid) {
		t.Errorf("got %T %v", err, err)
	}
}

var _ control.Bell = (*controltest.Bell)(nil)
