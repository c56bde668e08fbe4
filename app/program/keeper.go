package program

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"bellhop/app"
)

// keeperStore is what the keeper asks of the store.
type keeperStore interface {
	Setting(ctx context.Context, key string) (string, error)
	Prune(ctx context.Context, before time.Time) (int, error)
	Backup(ctx context.Context) error
}

const (
	// keeperFirst lets the start of a session (and a short session) alone.
	keeperFirst = 10 * time.Minute
	// keeperEvery is how often history is cut and a good copy is made. The
	// timer stops while the machine sleeps, so that it means hours awake.
	keeperEvery = 24 * time.Hour
)

// keep cuts the history and makes a good copy of the database, once a day. A
// failure is logged and tried again the next day: neither is worth stopping
// the bell for.
func keep(ctx context.Context, s keeperStore, now func() time.Time, log *slog.Logger) error {
	timer := time.NewTimer(keeperFirst)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		if err := keepOnce(ctx, s, now(), log); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "the daily upkeep failed", "error", err)
		}
		timer.Reset(keeperEvery)
	}
}

func keepOnce(ctx context.Context, s keeperStore, now time.Time, log *slog.Logger) error {
	value, err := s.Setting(ctx, app.SettingHistoryDays)
	if err != nil {
		return err
	}
	days, err := strconv.Atoi(value)
	if err != nil {
		return err
	}
	pruned, err := s.Prune(ctx, now.AddDate(0, 0, -days))
	if err != nil {
		return err
	}
	if pruned > 0 {
		log.InfoContext(ctx, "old history was dropped", "alerts", pruned, "days", days)
	}
	return s.Backup(ctx)
}
