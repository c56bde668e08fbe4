package syncer

import (
	"context"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// answer is a list of the server's, staged but not applied.
type answer struct {
	pull     Pull
	plan     app.Plan
	complete bool
}

// close drops the answer; what was applied stays.
func (a *answer) close() {
	if a != nil {
		_ = a.pull.Close() // staged data only: nothing is lost
	}
}

// fetch stages the newest limit alerts, or all of them with a negative limit.
func (s *Syncer) fetch(ctx context.Context, j job, limit int) (*answer, error) {
	var a *answer
	err := s.withSession(ctx, j, func() (err error) {
		if limit < 0 {
			a, err = s.fetchAll(ctx)
		} else {
			a, err = s.fetchNewest(ctx, limit)
		}
		return err
	})
	return a, err
}

// fetchAll streams the complete list into the store's staging place.
func (s *Syncer) fetchAll(ctx context.Context) (*answer, error) {
	pull, err := s.opt.Local.BeginPull(ctx, s.account.ID, true)
	if err != nil {
		return nil, notSaved("begin a pull", err)
	}
	a := &answer{pull: pull, complete: true}
	if err := s.stage(ctx, a); err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

func (s *Syncer) stage(ctx context.Context, a *answer) error {
	alerts := make([]app.Remote, 0, batch)
	flush := func() error {
		err := a.pull.Add(ctx, alerts)
		alerts = alerts[:0]
		return notSaved("stage alerts", err)
	}
	for alert, err := range s.remote.Alerts(ctx, -1) {
		if err != nil {
			return err
		}
		if err := s.ours(ctx, alert); err != nil {
			return err
		}
		if alerts = append(alerts, remoteAlert(alert)); len(alerts) == batch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return s.plan(ctx, a)
}

// fetchNewest reads up to limit alerts before it knows whether they are all.
func (s *Syncer) fetchNewest(ctx context.Context, limit int) (*answer, error) {
	alerts := make([]app.Remote, 0, limit)
	for alert, err := range s.remote.Alerts(ctx, limit) {
		if err != nil {
			return nil, err
		}
		if err := s.ours(ctx, alert); err != nil {
			return nil, err
		}
		if len(alerts) == limit {
			break // a server that does not know the limit; the rest is not wanted
		}
		alerts = append(alerts, remoteAlert(alert))
	}
	complete := len(alerts) < limit
	pull, err := s.opt.Local.BeginPull(ctx, s.account.ID, complete)
	if err != nil {
		return nil, notSaved("begin a pull", err)
	}
	a := &answer{pull: pull, complete: complete}
	if err = notSaved("stage alerts", pull.Add(ctx, alerts)); err == nil {
		err = s.plan(ctx, a)
	}
	if err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

func (s *Syncer) plan(ctx context.Context, a *answer) error {
	plan, err := a.pull.Plan(ctx)
	a.plan = plan
	return notSaved("plan a pull", err)
}

// ours makes sure that an alert belongs to the account's user. It is asked
// before the alert is staged, so that two users' data never meet.
func (s *Syncer) ours(ctx context.Context, alert dojo.Alert) error {
	switch s.account.UserID {
	case alert.UserID:
		return nil
	case 0:
		return s.belongsTo(ctx, alert.UserID, "")
	default:
		return foreignUser(s.account, alert.UserID)
	}
}
