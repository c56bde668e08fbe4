package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"bellhop/app"
)

// Settings returns every setting that the user can see, defaults filled in.
func (s *Store) Settings(ctx context.Context) (map[string]string, error) {
	out := make(map[string]string, len(app.Settings))
	for _, one := range app.Settings {
		out[one.Key] = one.Default
	}
	err := s.look(ctx, "read the settings", func(q querier) error {
		rows, err := q.query(ctx, `SELECT key, value FROM settings`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var key, value string
			if err := rows.Scan(&key, &value); err != nil {
				return err
			}
			if _, shown := out[key]; shown {
				out[key] = value
			}
		}
		return rows.Err()
	})
	return out, err
}

// findSetting is [app.FindSetting] and the two settings that are hidden there.
func findSetting(key string) (app.Setting, error) {
	switch key {
	case app.SettingPausedUntil:
		return app.Setting{Key: key, Check: checkTime}, nil
	case app.SettingToastInstance:
		return app.Setting{Key: key, Check: func(value string) (string, error) { return value, nil }}, nil
	default:
		return app.FindSetting(key)
	}
}

// checkTime allows a time in RFC 3339 and nothing.
func checkTime(value string) (string, error) {
	if value == "" {
		return "", nil
	}
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return "", app.Invalid("This is not a time.", "Give it like 2026-01-31T12:00:00Z, or nothing.")
	}
	return t.UTC().Format(time.RFC3339), nil
}

// Setting returns the value of one setting, its default where it was never set.
// The error matches [app.ErrInvalid] where there is no such setting.
func (s *Store) Setting(ctx context.Context, key string) (string, error) {
	one, err := findSetting(key)
	if err != nil {
		return "", err
	}
	value := one.Default
	err = s.look(ctx, "read the setting", func(q querier) error {
		err := q.row(ctx, `SELECT value FROM settings WHERE key = ?`, key).Scan(&value)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return value, err
}

// Set stores a setting. The error is a [app.Problem] that says what is allowed.
func (s *Store) Set(ctx context.Context, key, value string) error {
	one, err := findSetting(key)
	if err != nil {
		return err
	}
	if value, err = one.Check(value); err != nil {
		return err
	}
	return s.change(ctx, "write the setting", func(ctx context.Context, t *tx) error {
		t.hint(app.TopicSettings)
		switch key {
		case app.SettingEngineMode, app.SettingSystemTrump, app.SettingSuperuserSystem, app.SettingChannels:
			t.hint(app.TopicFacts)
		}
		_, err := t.exec(ctx, `INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)`, key, value)
		return err
	})
}
