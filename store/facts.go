package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"bellhop/app"
)

// Facts returns everything that decisions about an account's events (0 = this
// machine's) are made from: its people and what they may see, Bellhop's own
// settings (never the server's), its destinations, the silences that have not
// ended, and the engine's settings.
// All of it is of one moment. The error matches [app.ErrNotFound] where there
// is no such account.
//
// In a large team that is a row for each person and grant: some tens of
// megabytes for 100,000. Read it when [app.TopicFacts] or [app.TopicSettings]
// says that it changed, not for each event.
func (s *Store) Facts(ctx context.Context, account app.AccountID) (app.Facts, error) {
	return s.facts(ctx, account, false)
}

// FactsForMe is [Store.Facts] about the person who signed in alone: her own
// row, grants, settings and destinations besides what is shared. It is what
// [app.ModeMe] needs, whatever the size of the team.
func (s *Store) FactsForMe(ctx context.Context, account app.AccountID) (app.Facts, error) {
	return s.facts(ctx, account, true)
}

func (s *Store) facts(ctx context.Context, account app.AccountID, meOnly bool) (app.Facts, error) {
	settings, err := s.Settings(ctx)
	if err != nil {
		return app.Facts{}, err
	}
	out, err := factsOf(settings)
	if err != nil {
		return app.Facts{}, fmt.Errorf("read the engine's settings: %w", err)
	}
	err = s.look(ctx, "read what decisions are made from", func(q querier) error {
		id, err := orLocal(ctx, q, account)
		if err != nil {
			return err
		}
		var sessionless bool
		if err := q.row(ctx, `SELECT `+serverless+` FROM accounts WHERE id = ? AND leaving = 0`, id).Scan(&sessionless); err != nil {
			return orNotFound(err)
		}
		out.ServerAlerts = !sessionless
		return readFacts(ctx, q, id, meOnly, s.now(), &out)
	})
	if err != nil {
		return app.Facts{}, err
	}
	return out, nil
}

// factsOf returns facts with what the settings say.
func factsOf(settings map[string]string) (app.Facts, error) {
	out := app.Facts{
		Mode:            app.Mode(settings[app.SettingEngineMode]),
		SuperuserSystem: settings[app.SettingSuperuserSystem] == "on",
	}
	for _, one := range app.SettingList(settings[app.SettingSystemTrump]) {
		out.Trump = append(out.Trump, app.Kind(one))
	}
	for _, one := range app.SettingList(settings[app.SettingChannels]) {
		var c app.Channel
		if err := c.UnmarshalText([]byte(one)); err != nil {
			return app.Facts{}, err
		}
		out.Gates |= app.ChannelsOf(c)
	}
	return out, nil
}

func readFacts(ctx context.Context, q querier, account app.AccountID, meOnly bool, now time.Time, out *app.Facts) error {
	known, _, err := readDirectory(ctx, q, account)
	if err != nil {
		return err
	}
	if out.Model = known.Model; out.Model == "" {
		out.Model = app.AccessRoles
	}
	// Of her alone by the indexes, whatever the number of the others.
	who, whose, args := ``, ``, []any{account}
	if meOnly {
		var me app.PersonID
		if err := q.row(ctx, `SELECT coalesce(min(id), 0) FROM people WHERE account = ? AND me = 1`, account).Scan(&me); err != nil {
			return err
		}
		who, whose, args = ` AND p.id = ?2`, ` AND ifnull(person, 0) IN (0, ?2)`, append(args, me)
	}
	if out.People, err = people(q.query(ctx, `SELECT `+personColumns+` FROM people AS p WHERE account = ?1`+who+` ORDER BY id`, args...)); err != nil {
		return fmt.Errorf("people: %w", err)
	}
	if out.Grants, err = grants(q.query(ctx, grantQuery+` WHERE p.account = ?1`+who+` ORDER BY p.id`, args...)); err != nil {
		return fmt.Errorf("grants: %w", err)
	}
	if out.Products, err = products(ctx, q, account); err != nil {
		return fmt.Errorf("products: %w", err)
	}
	if out.ProductTypes, err = productTypes(ctx, q, account); err != nil {
		return fmt.Errorf("product types: %w", err)
	}
	rows, err := preferences(q.query(ctx, `SELECT `+preferenceColumns+` FROM preferences WHERE account = ?1 AND owner = 'local'
		AND scope IN ('system', 'personal', 'product')`+whose+` ORDER BY person, product`, args...))
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	for i := range rows {
		if rows[i].Scope == app.ScopeSystem {
			out.System = &rows[i]
			rows = append(rows[:i:i], rows[i+1:]...)
			break
		}
	}
	out.Preferences = rows
	if out.Destinations, err = destinations(q.query(ctx, `SELECT `+destinationColumns+` FROM destinations WHERE account = ?1`+whose+` ORDER BY id`, args...)); err != nil {
		return fmt.Errorf("destinations: %w", err)
	}
	silenced := slices.Concat(args, []any{millis(now)})
	if out.Silences, err = silences(q.query(ctx, `SELECT `+silenceColumns+` FROM silences WHERE account = ?1`+whose+
		` AND until > ?`+strconv.Itoa(len(silenced))+` ORDER BY id`, silenced...)); err != nil {
		return fmt.Errorf("silences: %w", err)
	}
	return nil
}
