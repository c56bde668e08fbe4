package toast

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// collect runs Burst and returns what it tells, with the time since the start.
func collect(ctx context.Context, in <-chan Arrival) (told <-chan string, done <-chan struct{}) {
	out, end, start := make(chan string, 16), make(chan struct{}), time.Now()
	go func() {
		defer close(end)
		Burst(ctx, in, func(burst []Arrival) {
			text := fmt.Sprint(time.Since(start))
			for _, a := range burst {
				text += " " + a.Key
			}
			out <- text
		})
	}()
	return out, end
}

func TestArrivalsWithinTwoSecondsAreOneBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := make(chan Arrival)
		told, done := collect(t.Context(), in)
		time.Sleep(time.Second)
		in <- Arrival{Key: "a"}
		time.Sleep(Window - 1)
		in <- Arrival{Key: "b"} // later ones do not prolong the wait
		time.Sleep(time.Second)
		in <- Arrival{Key: "c"}
		time.Sleep(time.Minute)
		for _, want := range []string{"3s a b", "5.999999999s c"} {
			if got := <-told; got != want {
				t.Errorf("told %q, want %q", got, want)
			}
		}
		close(in)
		<-done
	})
}

func TestNothingIsForgottenAtTheEnd(t *testing.T) {
	for name, end := range map[string]func(chan Arrival, context.CancelFunc){
		"the source ends": func(in chan Arrival, _ context.CancelFunc) { close(in) },
		"the bell ends":   func(_ chan Arrival, cancel context.CancelFunc) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				in := make(chan Arrival)
				told, done := collect(ctx, in)
				in <- Arrival{Key: "a"}
				end(in, cancel)
				<-done
				select {
				case got := <-told:
					if got != "0s a" {
						t.Errorf("told %q", got)
					}
				default:
					t.Error("the last arrival was not told")
				}
			})
		})
	}
}

func TestABurstBecomesOneToast(t *testing.T) {
	one := []Arrival{{Key: "7", Title: "Scan added", Source: "Acme", Text: "12 findings"}}
	var many []Arrival
	for _, title := range []string{"a", "b\nb", "c", "d", "e"} {
		many = append(many, Arrival{Key: title, Title: title, Urgent: title == "e"})
	}
	for name, c := range map[string]struct {
		burst  []Arrival
		detail Detail
		want   Toast
	}{
		"one, full":        {one, Full, Toast{Key: "7", Title: "Scan added", Body: "Acme\n12 findings", Actions: true}},
		"one, title only":  {one, TitleOnly, Toast{Key: "7", Title: "Scan added", Body: "Acme", Actions: true}},
		"one, no text":     {one, CountOnly, Toast{Key: "7", Title: "1 new alert", Actions: true}},
		"three":            {many[:3], Full, Toast{Title: "3 new alerts", Body: "a\nb b\nc"}},
		"four":             {many[:4], Full, Toast{Title: "4 new alerts", Body: "a\nb b\nc\nand 1 more"}},
		"five, one urgent": {many, TitleOnly, Toast{Title: "5 new alerts", Body: "a\nb b\nc\nand 2 more", Urgent: true}},
		"five, no text":    {many, CountOnly, Toast{Title: "5 new alerts", Urgent: true}},
	} {
		if got := Gather(c.burst, c.detail); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
