package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"bellhop/app"
)

// Destinations returns the places to which the account's channels deliver (0 =
// this machine's), by id.
func (s *Store) Destinations(ctx context.Context, account app.AccountID) ([]app.Destination, error) {
	var out []app.Destination
	err := s.look(ctx, "list the destinations", func(q querier) error {
		id, err := orLocal(ctx, q, account)
		if err != nil {
			return err
		}
		out, err = destinations(q.query(ctx, `SELECT `+destinationColumns+` FROM destinations WHERE account = ? ORDER BY id`, id))
		return err
	})
	return out, err
}

const destinationColumns = `id, account, channel, name, ifnull(person, 0), product, address, off, config, state, first_error, last_error, warned, note`

// stateActive is the state of a destination that works, which is stored for none.
const stateActive = "active"

func destinations(rows *sql.Rows, err error) ([]app.Destination, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []app.Destination
	for rows.Next() {
		var d app.Destination
		var channel, config string
		var first, last, warned int64
		if err := rows.Scan(&d.ID, &d.Account, &channel, &d.Name, &d.Person, &d.Product, &d.Address, &d.Off,
			&config, &d.State, &first, &last, &warned, &d.Note); err != nil {
			return nil, err
		}
		if config != noConfig {
			if err := json.Unmarshal([]byte(config), &d.Config); err != nil {
				return nil, errors.Join(errDamaged, fmt.Errorf("what is set of destination %d: %w", d.ID, err))
			}
		}
		if d.State == stateActive {
			d.State = ""
		}
		d.FirstError, d.LastError, d.Warned = fromMillis(first), fromMillis(last), fromMillis(warned)
		if err := d.Channel.UnmarshalText([]byte(channel)); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// noConfig is how it is stored that nothing is set of a destination.
const noConfig = `{}`

func configText(config map[string]string) (string, error) {
	if len(config) == 0 {
		return noConfig, nil
	}
	text, err := json.Marshal(config)
	return string(text), err
}

// AddDestination stores a place and returns it with its id, under which its
// secret is kept elsewhere.
func (s *Store) AddDestination(ctx context.Context, d app.Destination) (app.Destination, error) {
	var out app.Destination
	err := s.change(ctx, "add the destination", func(ctx context.Context, t *tx) error {
		out = d
		if err := t.checkDestination(ctx, &out); err != nil {
			return err
		}
		config, err := configText(out.Config)
		if err != nil {
			return err
		}
		id, err := t.insert(ctx, `INSERT INTO destinations (account, channel, name, person, product, address, off, config) VALUES (?, ?, ?, nullif(?, 0), ?, ?, ?, ?)`,
			out.Account, out.Channel.String(), out.Name, out.Person, out.Product, out.Address, out.Off, config)
		if err != nil {
			return err
		}
		out.ID = app.DestinationID(id)
		t.hint(app.TopicFacts)
		return t.putDestinationState(ctx, out.ID, &out)
	})
	if err != nil {
		return app.Destination{}, err
	}
	return out, nil
}

// UpdateDestination replaces what is stored of the place with d.ID, its state
// among it; its account and its channel stay. The error matches [app.ErrNotFound] where there is none.
func (s *Store) UpdateDestination(ctx context.Context, d app.Destination) error {
	return s.change(ctx, "change the destination", func(ctx context.Context, t *tx) error {
		stored, err := destinations(t.query(ctx, `SELECT `+destinationColumns+` FROM destinations WHERE id = ?`, d.ID))
		if err != nil {
			return err
		}
		if len(stored) == 0 {
			return app.ErrNotFound
		}
		d := d
		d.Account, d.Channel = stored[0].Account, stored[0].Channel
		if err := t.checkDestination(ctx, &d); err != nil {
			return err
		}
		config, err := configText(d.Config)
		if err != nil {
			return err
		}
		t.hint(app.TopicFacts)
		if _, err = t.exec(ctx, `UPDATE destinations SET name = ?, person = nullif(?, 0), product = ?, address = ?, off = ?, config = ? WHERE id = ?`,
			d.Name, d.Person, d.Product, d.Address, d.Off, config, d.ID); err != nil {
			return err
		}
		return t.putDestinationState(ctx, d.ID, &d)
	})
}

// UpdateDestinationState replaces the state of the place with d.ID, and nothing
// else: State, FirstError, LastError, Warned and Note. One that is gone meanwhile
// is passed over.
func (s *Store) UpdateDestinationState(ctx context.Context, d app.Destination) error {
	return s.change(ctx, "note the destination's state", func(ctx context.Context, t *tx) error {
		t.hint(app.TopicFacts)
		return t.putDestinationState(ctx, d.ID, &d)
	})
}

func (t *tx) putDestinationState(ctx context.Context, id app.DestinationID, d *app.Destination) error {
	if d.State == stateActive {
		d.State = ""
	}
	_, err := t.exec(ctx, `UPDATE destinations SET state = ifnull(nullif(?, ''), 'active'), first_error = ?, last_error = ?, warned = ?, note = ? WHERE id = ?`,
		d.State, millis(d.FirstError), millis(d.LastError), millis(d.Warned), d.Note, id)
	return err
}

// RemoveDestination forgets a place and gives up what waits for it; its secret is
// the caller's to delete. The error matches [app.ErrNotFound] where there is none.
func (s *Store) RemoveDestination(ctx context.Context, id app.DestinationID) error {
	err := s.change(ctx, "remove the destination", func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, `DELETE FROM destinations WHERE id = ?`, id)
		if err == nil && n == 0 {
			return app.ErrNotFound
		}
		t.hint(app.TopicFacts)
		return err
	})
	if err != nil {
		return err
	}
	return s.dropDestination(ctx, id)
}

// checkDestination refuses what no place can be, and fills in this machine's
// account.
func (t *tx) checkDestination(ctx context.Context, d *app.Destination) (err error) {
	d.Name = strings.TrimSpace(d.Name)
	switch d.Channel {
	case app.ChannelMail, app.ChannelSlack, app.ChannelTeams, app.ChannelWebhooks, app.ChannelServices:
	case app.ChannelAlert, app.ChannelToast:
		return app.Invalid("The channel "+d.Channel.String()+" has no destinations.", "Choose mail, slack, msteams, webhooks or services.")
	default:
		return app.Invalid("There is no such channel.", "Choose mail, slack, msteams, webhooks or services.")
	}
	switch {
	case d.Name == "":
		return app.Invalid("The destination has no name.", "Give it one by which you know it again.")
	case d.Person != 0 && d.Product != 0:
		return app.Invalid("A destination of one person is not for one product.", "Leave the person or the product out.")
	}
	if d.Account, err = t.known(ctx, d.Account); err != nil || d.Person == 0 {
		return err
	}
	var there bool
	if err := t.row(ctx, `SELECT EXISTS (SELECT 1 FROM people WHERE id = ? AND account = ?)`, d.Person, d.Account).Scan(&there); err != nil {
		return err
	}
	if !there {
		return app.Invalid("There is no such person in this account.", "Name somebody the account knows, or nobody for a shared destination.")
	}
	return nil
}
