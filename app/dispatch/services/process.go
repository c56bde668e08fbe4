package services

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"time"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/internal/post"
)

// Argument is the one with which this program sends a message: whoever gets it
// calls [Main] and ends.
const Argument = "send-to-a-service"

// order is what a process reads: one message.
type order struct {
	Address string        `json:"address"`
	Title   string        `json:"title"`
	Body    string        `json:"body"`
	Link    string        `json:"link"`
	Private bool          `json:"private"`
	Timeout time.Duration `json:"timeout"`
}

// report is what it writes when it ends: a receipt or a failure.
type report struct {
	Taken   bool          `json:"taken"`
	Status  int           `json:"status"`
	Answer  string        `json:"answer"`
	Code    string        `json:"code"`
	Final   bool          `json:"final"`
	Alone   bool          `json:"alone"`
	Disable bool          `json:"disable"`
	After   time.Duration `json:"after"`
	Next    string        `json:"next"`
	Err     string        `json:"err"`
}

const (
	// grace is how much longer than a message's timeout a process may take: to
	// start, and to say that the time is over.
	grace = 2 * time.Second
	// maxReport bounds what is read of a process, in bytes.
	maxReport = 64 << 10
)

// run sends a message by a process. The order goes through a pipe, where nobody
// else can read it, and the pipe stays open: its end tells the process that this
// one is gone.
func (c *Channel) run(ctx context.Context, o order) (report, error) {
	within, cancel := context.WithTimeout(ctx, o.Timeout+grace)
	defer cancel()
	self, err := itself()
	if err != nil {
		return report{}, noProcess()
	}
	cmd := exec.CommandContext(within, self, Argument) // #nosec G204 -- this program itself
	cmd.Args[0] = os.Args[0]
	cmd.WaitDelay = grace
	stdout := &bounded{most: maxReport}
	cmd.Stdout = stdout
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return report{}, noProcess()
	}
	text, err := json.Marshal(o)
	if err != nil {
		return report{}, noProcess()
	}
	if err := cmd.Start(); err != nil {
		return report{}, noProcess()
	}
	_, _ = stdin.Write(append(text, '\n')) // one that ended before says so by its report, or by none
	err = cmd.Wait()
	var r report
	if err == nil {
		err = json.Unmarshal(stdout.Bytes(), &r)
	}
	switch {
	case err == nil:
		return r, nil
	case ctx.Err() != nil:
		return report{}, cancelled(ctx)
	case within.Err() != nil:
		return report{}, &dispatch.Failure{
			Code: post.CodeTimeout, Err: within.Err(), Next: "Nothing for now; if it goes on, check whether the service is overloaded.",
		}
	}
	return report{}, noProcess()
}

// noProcess is the failure of this computer, whose causes name nothing that
// helps.
func noProcess() *dispatch.Failure {
	return &dispatch.Failure{
		Code: "no_process", Err: errors.New("the process that sends to services did not start, or did not end well"),
		Next: "Look whether this computer is out of memory or processes; the message is sent again.",
	}
}

// itself returns the file of this program. On Linux it is the one that runs,
// also after an update has put another one in its place.
func itself() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

// bounded keeps the beginning of what is written to it.
type bounded struct {
	bytes.Buffer
	most int
}

// Write takes everything and keeps some.
func (b *bounded) Write(p []byte) (int, error) {
	b.Buffer.Write(p[:min(len(p), max(b.most-b.Len(), 0))])
	return len(p), nil
}
