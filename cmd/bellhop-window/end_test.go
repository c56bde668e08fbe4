package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheProgramEndsAlthoughTheToolkitHangs(t *testing.T) {
	for name, end := range map[string]func(e *ending, cancel func()){
		"after its window was closed": func(e *ending, _ func()) { e.After(func() {})() },
		"after a signal":              func(_ *ending, cancel func()) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				began, exited := time.Now(), time.Duration(0)
				e := watchEnd(ctx, func() { exited = time.Since(began) })
				time.Sleep(time.Hour)
				synctest.Wait()
				if exited != 0 {
					t.Error("it ended with its window open")
				}
				end(e, cancel)
				time.Sleep(time.Minute)
				synctest.Wait()
				if exited != time.Hour+endPatience {
					t.Errorf("it ended after %v", exited)
				}
				e.Ran()
			})
		})
	}
}

func TestAToolkitThatEndsInTimeIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := watchEnd(t.Context(), func() { t.Error("it ended the program") })
		closed := 0
		after := e.After(func() { closed++ })
		after()
		after() // a window may be closed by the user and by the bell at once
		if closed != 2 {
			t.Errorf("what had to come first came %d times", closed)
		}
		time.Sleep(endPatience - time.Millisecond)
		e.Ran()
		time.Sleep(time.Minute)
	})
}
