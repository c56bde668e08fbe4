package ui

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bellhop/app"
	"bellhop/ui/widget"
)

// offerSnooze offers to hold everything for a while.
func (s *silences) offerSnooze() {
	if s.u.bell == nil {
		return
	}
	s.u.shell.offer([]menuItem{
		{"For 1 hour", func() { s.snoozeUntil(s.u.now().Add(time.Hour)) }},
		{"Until tomorrow 08:00", func() { s.snoozeUntil(tomorrow(s.u.now())) }},
	}, s.snooze)
}

// tomorrow is the next morning but that of today.
func tomorrow(now time.Time) time.Time {
	y, m, d := now.Date()
	return time.Date(y, m, d+1, morning, 0, 0, 0, now.Location())
}

// snoozeUntil holds everything but critical findings, in every account.
func (s *silences) snoozeUntil(end time.Time) {
	accounts := []app.AccountID{0} // this machine's
	if len(s.u.status.Accounts) > 0 {
		accounts = accounts[:0]
		for _, a := range s.u.status.Accounts {
			accounts = append(accounts, a.ID)
		}
	}
	s.u.act(func(ctx context.Context, b Bell) error {
		var wrong error
		for _, a := range accounts {
			_, err := b.AddSilence(ctx, app.Silence{Account: a, CriticalPasses: true, Until: end, Note: "Snoozed"})
			wrong = errors.Join(wrong, err)
		}
		return wrong
	}, func(err error) bool {
		if err == nil {
			s.say("Everything but critical findings is held until " + clock(end, s.u.now()) + ".")
		}
		s.toInForce()
		return false
	}, s.snooze)
}

// toInForce shows the list of those in force anew.
func (s *silences) toInForce() {
	s.states.Set(listInForce)
	if s.ended {
		s.ended, s.current, s.open = false, 0, 0
		s.start()
		return
	}
	s.refresh()
}

// askEnd asks before a silence is ended: what goes out then cannot be had back.
func (s *silences) askEnd(id app.SilenceID) {
	i := s.find(id)
	if i < 0 || s.u.bell == nil || !s.lines[i].Until.After(s.u.now()) {
		return
	}
	x := s.lines[i]
	s.u.confirm(question{
		title: "End the silence now?",
		text:  fmt.Sprintf("“%s”. What it held goes out now, but for what quiet hours or another silence hold as well.", silenceText(x.Silence)),
		yes:   "End it",
		kind:  widget.Primary,
		act: func() {
			var ended app.SilenceEnded
			s.u.act(func(ctx context.Context, b Bell) (err error) {
				ended, err = b.EndSilence(ctx, id)
				return err
			}, func(err error) bool {
				if err == nil {
					s.say("The silence has ended and lets go of " + messages(ended.LetGo) + ".")
				}
				s.refresh()
				return false
			})
		},
	})
}
