// Peers measures what others do with the work that Bellhop's outbox does, beside a receiver that all of them send
// to. It prints messages a second.
//
//	peers receive                            a receiver over HTTP and SMTP; prints both addresses, ends with its input
//	peers WHO ADDRESS MESSAGES WORKERS       WHO sends so many messages to one of them
//	peers alertmanager BINARY ADDRESS ALERTS Alertmanager sends an alert for each group
package main

import (
	"context"
	_ "embed" // the mail
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A sender sends one message with a number.
type sender func(ctx context.Context, n int) error

// senders are made for an address and a number of workers.
var senders = map[string]func(address string, workers int) (sender, func(), error){
	"floor": rawHTTP, "shoutrrr": shoutrrrHTTP, "notify": notifyHTTP,
	"mail-floor": rawMail, "mail-shoutrrr": shoutrrrMail, "mail-notify": notifyMail,
}

func main() {
	ctx, end := signal.NotifyContext(context.Background(), os.Interrupt)
	defer end()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case slices.Equal(args, []string{"receive"}):
		return receive(ctx)
	case len(args) == 4 && args[0] == "alertmanager":
		n, err := strconv.Atoi(args[3])
		if err != nil {
			return err
		}
		return alertmanager(ctx, args[1], args[2], n)
	case len(args) == 4 && senders[args[0]] != nil:
		n, err1 := strconv.Atoi(args[2])
		workers, err2 := strconv.Atoi(args[3])
		if err1 != nil || err2 != nil || workers < 1 {
			return fmt.Errorf("%q messages by %q workers", args[2], args[3])
		}
		return measure(ctx, args[0], args[1], n, workers)
	default:
		return fmt.Errorf("say one of: receive, alertmanager BINARY ADDRESS ALERTS, WHO ADDRESS MESSAGES WORKERS (not %q)", strings.Join(args, " "))
	}
}

// measure lets workers send n messages together.
func measure(ctx context.Context, who, address string, n, workers int) error {
	send, end, err := senders[who](address, workers)
	if err != nil {
		return err
	}
	defer end()
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var all sync.WaitGroup
	began := time.Now()
	for range workers {
		all.Go(func() {
			for i := next.Add(1); i <= int64(n) && failed.Load() == nil; i = next.Add(1) {
				if err := send(ctx, int(i)); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	fmt.Printf("%.0f\n", float64(n)/time.Since(began).Seconds())
	return nil
}

// title and text are of the size of a usual event.
func title(n int) string {
	return "ZAP: High finding in payments gateway: SQL injection (test " + strconv.Itoa(n) + ")"
}

const text = "The scan by ZAP of payments gateway has found SQL injection at src/login.py:42."

// What a mail about it says: as long as Bellhop's, which has a part of 370 bytes of
// text and one of 3,100 bytes of HTML.
const mailText = "Hello Ana Lima (ana),\r\n\r\nA finding in payments gateway\r\n\r\n" + text + "\r\n\r\n" +
	"More information on this event can be found here:\r\nhttps://dojo.example.org/finding/1\r\n\r\nKind regards,\r\nSecurity\r\n\r\n" +
	"You can manage your notification settings here:\r\nhttps://dojo.example.org/notifications\r\n"

//go:embed mail.html
var mailHTML string
