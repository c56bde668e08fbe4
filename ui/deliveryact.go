package ui

import (
	"context"
	"fmt"

	"bellhop/app"
	"bellhop/ui/widget"
)

// actOn does what is offered for a delivery.
func (d *deliveries) actOn(id app.DeliveryID) {
	if x := d.delivery(id); x != nil {
		d.u.actOn(*x)
	}
}

// actOn lets a delivery leave again, at once, or tests the endpoint that keeps it;
// where it arrived already, it asks first.
func (u *UI) actOn(d DeliveryLine) {
	if canTest(d) {
		u.test(d)
	} else {
		u.sendAgain(d)
	}
}

// test sends a test to the endpoint of a delivery. Where it is taken, the page
// shows what leaves then.
func (u *UI) test(d DeliveryLine) {
	u.act(func(ctx context.Context, b Bell) error {
		tested, err := b.TestDestination(ctx, d.Destination)
		if err == nil && !tested.OK {
			err = app.NewProblem(codeNotTaken, fmt.Sprintf("%s has not taken a test: %s.", wayText(d), answerText(tested.Status, tested.Code, tested.Answer)), tested.Next, true, nil)
		}
		return err
	}, u.readSent)
}

// codeNotTaken is the code of what is said about a test that failed.
const codeNotTaken = "not_taken"

// readSent reads anew what was sent, after something was done about it.
func (u *UI) readSent(err error) (shown bool) {
	if err == nil && u.failure != nil && u.failure.Code == codeNotTaken {
		u.failure = nil // it has been mended
		u.showFailure()
	}
	u.deliveries.refresh()
	u.ledger.refresh()
	return false
}

// sendAgain lets a delivery leave again.
func (u *UI) sendAgain(d DeliveryLine) {
	if actText(d, u.now()) == "" {
		return
	}
	send := func() {
		u.act(func(ctx context.Context, b Bell) error {
			_, err := b.Resend(ctx, []app.DeliveryID{d.ID}, false)
			return err
		}, u.readSent)
	}
	if d.State != app.DeliverySent || u.bell == nil {
		send()
		return
	}
	u.confirm(question{
		title: "Send it once more?",
		text:  fmt.Sprintf("%s: it was taken there at %s, and will arrive a second time.", wayText(d), clock(d.Settled.In(u.now().Location()), u.now())),
		yes:   "Send again", kind: widget.Primary, act: send,
	})
}

// askAll asks before everything that failed is sent again.
func (d *deliveries) askAll() {
	n := d.counts.of("", app.DeliveryDead)
	if n == 0 {
		return
	}
	d.u.confirm(question{
		title: "Send all failed again?",
		text:  allAgainText(n),
		yes:   "Send again", kind: widget.Primary,
		act: func() {
			d.u.act(func(ctx context.Context, b Bell) error {
				_, err := b.Resend(ctx, nil, true)
				return err
			}, func(error) bool {
				d.refresh()
				return false
			}, d.again)
		},
	})
}

// allAgainText says of how many that failed what becomes of them. How many of them go
// to a destination that is switched off is counted nowhere.
func allAgainText(n int) string {
	what := number(n) + " deliveries"
	if n == 1 {
		what = "1 delivery"
	}
	return what + " could not be delivered. Each is tried anew from the beginning, within the limits of its channel; " +
		"what goes to a destination that is switched off stays until that is on again."
}

// togglePause holds everything back, or lets it go.
func (d *deliveries) togglePause() { d.u.setHold(!d.u.held) }

// setHold pauses sending or resumes it.
func (u *UI) setHold(on bool) {
	u.act(func(ctx context.Context, b Bell) error { return b.PauseOutbox(ctx, on) }, func(err error) bool {
		if err == nil {
			u.showHold(on)
		}
		u.settings.values.ask(struct{}{})
		return false
	})
}

// showHold says wherever it matters whether sending is paused.
func (u *UI) showHold(on bool) {
	if u.held == on {
		return
	}
	u.held = on
	u.shell.showBanners()
	if u.deliveries.made {
		u.deliveries.lay()
	}
}

// holdBanner is the notice that stands while sending is paused.
func (u *UI) holdBanner() widget.BannerState {
	if !u.held {
		return widget.BannerState{}
	}
	b := widget.BannerState{
		Icon: "pause", Tint: widget.TintOrange,
		Text: "Sending is paused: mail, Slack, Teams and webhooks wait. Desktop notifications go on.",
	}
	if u.bell != nil {
		b.Button, b.Act = "Resume", func() { u.setHold(false) }
	}
	return b
}

// showSums shows in the side bar how many deliveries need somebody.
func (u *UI) showSums(counts DeliveryCounts) {
	if n := counts.need(""); u.need != n {
		u.need = n
		u.side.show()
	}
}
