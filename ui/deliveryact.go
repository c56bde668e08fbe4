package ui

import (
	"context"
	"fmt"

	"bellhop/app"
	"bellhop/ui/widget"
)

// sendAgain lets a delivery leave again, at once; where it arrived already, it
// asks first.
func (d *deliveries) sendAgain(id app.DeliveryID) {
	if x := d.delivery(id); x != nil {
		d.u.sendAgain(*x)
	}
}

// sendAgain lets a delivery leave again.
func (u *UI) sendAgain(d DeliveryLine) {
	if againText(d.Delivery, u.now()) == "" {
		return
	}
	send := func() {
		u.act(func(ctx context.Context, b Bell) error {
			_, err := b.Resend(ctx, []app.DeliveryID{d.ID}, false)
			return err
		}, func(error) bool {
			u.deliveries.refresh()
			u.ledger.refresh()
			return false
		})
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

// askAll asks before everything that needs somebody is sent again.
func (d *deliveries) askAll() {
	n := 0
	for _, states := range d.counts {
		n += states[app.DeliveryDead]
	}
	if n == 0 {
		return
	}
	what := number(n) + " deliveries"
	if n == 1 {
		what = "1 delivery"
	}
	d.u.confirm(question{
		title: "Send all failed again?",
		text:  what + " could not be delivered. Each is tried anew from the beginning, within the limits of its channel.",
		yes:   "Send " + what + " again", kind: widget.Primary,
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
func (u *UI) showSums(counts map[app.Channel]map[app.DeliveryState]int) {
	n := 0
	for _, states := range counts {
		n += states[app.DeliveryDead]
	}
	if u.dead != n {
		u.dead = n
		u.side.show()
	}
}
