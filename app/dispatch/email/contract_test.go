package email_test

import (
	"log/slog"
	"testing"
	"time"

	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/email"
)

func TestTheContractOfChannels(t *testing.T) {
	const timeout = 700 * time.Millisecond
	dispatchtest.Suite{
		Timeout: timeout, AnswerDecides: true,
		Skip: map[dispatchtest.Fault]string{
			dispatchtest.LimitedUntil: "SMTP has no field for a date; servers say it in words, if at all",
		},
		Start: func(t *testing.T, fault dispatchtest.Fault, log *slog.Logger) dispatchtest.Peer {
			var s script
			say := func(what string) { s.says = map[string][]string{"END": {"*" + what}} }
			switch fault {
			case dispatchtest.Takes, dispatchtest.Distrusted, dispatchtest.Nameless:
			case dispatchtest.Waits:
				say("stall")
			case dispatchtest.Limited:
				say("451 4.7.28 Rate limit exceeded")
			case dispatchtest.LimitedFor:
				say("450 4.7.1 Greylisted, try again in 90 seconds, " + password)
			case dispatchtest.Broken:
				say("451 4.3.0 Local problem with " + password)
			case dispatchtest.Refuses:
				say("554 5.7.1 This looks like spam\x1b: " + password)
			case dispatchtest.Closes:
				say("drop")
			case dispatchtest.Dribbles:
				say("dribble")
			case dispatchtest.Floods:
				say("flood")
			default:
				t.Fatalf("no such fault: %s", fault)
			}
			server := startFake(t, s)
			more := map[string]string{email.KeyCAFile: server.ca}
			if fault == dispatchtest.Distrusted {
				delete(more, email.KeyCAFile)
			}
			if fault == dispatchtest.Nameless {
				more[email.KeyHost] = "mail.example.org"
			}
			return dispatchtest.Peer{
				Channel: channel(t, email.Options{Connect: timeout, Deliver: timeout, Resolver: dispatchtest.Resolver(t, nil), Log: log}),
				Message: message(config(server.addr, more)),
				Arrived: server.arrived,
				Taken:   func() int { return len(server.taken()) },
			}
		},
	}.Run(t)
}
