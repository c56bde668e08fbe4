//go:build linux

package chaos

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"text/tabwriter"
	"time"
)

// row is what a test found out.
type row struct {
	what  string
	runs  int
	kills int
	// events are how many were raised, messages how many arrived for them.
	events, messages int
	lost, doubled    int
	// again are the copies that Slack and Teams got because the bell died
	// between their yes and its note: they have no id to collapse on.
	again int
	seed  uint64
	took  time.Duration
}

type rows struct {
	mu   sync.Mutex
	list []row
}

var table rows

// add notes a row; rows of the same name become one.
func (r *rows) add(one row) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.list {
		if o := &r.list[i]; o.what == one.what {
			o.runs += one.runs
			o.kills += one.kills
			o.events += one.events
			o.messages += one.messages
			o.lost += one.lost
			o.doubled += one.doubled
			o.again += one.again
			o.took += one.took
			return
		}
	}
	r.list = append(r.list, one)
}

func (r *rows) print() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.list) == 0 {
		return nil
	}
	var out bytes.Buffer
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "WHAT\tRUNS\tKILLS\tEVENTS\tMESSAGES\tLOST\tDOUBLED\tAGAIN WITHOUT ID\tSEED\tTIME")
	for _, o := range r.list {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n",
			o.what, o.runs, o.kills, o.events, o.messages, o.lost, o.doubled, o.again, o.seed, o.took.Round(time.Second))
	}
	_ = w.Flush()
	_, _ = os.Stdout.Write(out.Bytes())
	name := os.Getenv("BELLHOP_CHAOS_TABLE")
	if name == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(out.Bytes()); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
