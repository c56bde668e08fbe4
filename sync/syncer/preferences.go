package syncer

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// PreferenceServer is where a server's own notification settings are read and,
// on request, written; [*dojo.Client] is one.
type PreferenceServer interface {
	User(ctx context.Context) (dojo.User, error)
	NotificationRows(ctx context.Context, want dojo.RowFilter) iter.Seq2[dojo.NotificationRow, error]
	OwnSettings(ctx context.Context) (dojo.OwnSettings, error)
	PatchNotificationRow(ctx context.Context, id int64, columns map[string][]string) (dojo.NotificationRow, error)
	AddNotificationRow(ctx context.Context, row dojo.NotificationRow) (dojo.NotificationRow, error)
}

var _ PreferenceServer = (*dojo.Client)(nil)

// serverChannels are the channels that a server knows; toasts and services are ours.
var serverChannels = app.AllChannels &^ app.ChannelsOf(app.ChannelToast, app.ChannelServices)

// FetchPreferences reads the server's own notification settings, of everybody
// for a superuser; people are those of the account, by whose RemoteID rows find
// their person. Everybody else gets her own row, from the page on which she
// chooses it: a channel that is switched off for the whole server has no box
// there and reads as off, and rows for one product are not on it. That page
// needs a session; with a token the error is [dojo.ErrTokenHasNoAlerts].
//
// The rows are [app.OwnerServer]'s; they hold no toast.
func FetchPreferences(ctx context.Context, from PreferenceServer, account app.AccountID, people []app.Person) ([]app.Preference, error) {
	me, err := from.User(ctx)
	if err != nil {
		return nil, err
	}
	if me.Superuser {
		rows, err := serverRows(ctx, from)
		if err != nil {
			return nil, err
		}
		return preferencesOf(rows, account, people), nil
	}
	boxes, err := from.OwnSettings(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(people, func(p app.Person) bool { return p.RemoteID == me.ID })
	if i < 0 {
		return nil, nil
	}
	return []app.Preference{{Account: account, Owner: app.OwnerServer, Scope: app.ScopePersonal, Person: people[i].ID, Row: boxesRow(boxes)}}, nil
}

func serverRows(ctx context.Context, from PreferenceServer) ([]dojo.NotificationRow, error) {
	rows, err := collect(ctx, func(ctx context.Context) iter.Seq2[dojo.NotificationRow, error] {
		return from.NotificationRows(ctx, dojo.RowFilter{})
	})
	slices.SortFunc(rows, func(a, b dojo.NotificationRow) int { return cmp.Compare(a.ID, b.ID) })
	return rows, err
}

// preferencesOf turns rows, in the order of their ids, into preferences. A
// second row of the same person and product is added to the first, as the
// server adds them; a second system row, which the server drops on sight, and
// rows of people who are not known are left out.
func preferencesOf(rows []dojo.NotificationRow, account app.AccountID, people []app.Person) []app.Preference {
	byRemote := make(map[int64]app.PersonID, len(people))
	for _, p := range people {
		byRemote[p.RemoteID] = p.ID
	}
	type place struct {
		scope   app.Scope
		person  app.PersonID
		product int64
	}
	at := make(map[place]int, len(rows))
	var out []app.Preference
	for _, row := range rows {
		p := app.Preference{Account: account, Owner: app.OwnerServer, Scope: scopeOf(row), Row: rowOf(row.Channels)}
		if row.User != 0 {
			if p.Person = byRemote[row.User]; p.Person == 0 {
				continue
			}
			p.Product = row.Product
		}
		key := place{p.Scope, p.Person, p.Product}
		if i, twice := at[key]; twice {
			if p.Person != 0 {
				out[i].Row = out[i].Row.Union(p.Row)
			}
			continue
		}
		at[key] = len(out)
		out = append(out, p)
	}
	return out
}

func scopeOf(row dojo.NotificationRow) app.Scope {
	switch {
	case row.Template:
		return app.ScopeTemplate
	case row.User == 0:
		return app.ScopeSystem
	case row.Product != 0:
		return app.ScopeProduct
	default:
		return app.ScopePersonal
	}
}

// rowOf reads the channels of a row. Columns and channels that Bellhop does not
// know have no meaning here and are left out.
func rowOf(columns map[string][]string) app.Row {
	var row app.Row
	for name, list := range columns {
		c, ok := app.ColumnNamed(name)
		if !ok {
			continue
		}
		for _, word := range list {
			if channel, ok := app.ChannelNamed(word); ok {
				row[c] |= app.ChannelsOf(channel) & serverChannels
			}
		}
	}
	return row
}

func boxesRow(boxes dojo.OwnSettings) app.Row {
	columns := make(map[string][]string, len(boxes))
	for column, channels := range boxes {
		for channel, on := range channels {
			if on {
				columns[column] = append(columns[column], channel)
			}
		}
	}
	return rowOf(columns)
}

// wordsOf writes the channels of a column as the API takes them.
func wordsOf(set app.Channels) []string {
	words := []string{}
	for c := range (set & serverChannels).All() {
		words = append(words, c.String())
	}
	return words
}

// PreferenceChange is what writing one row of settings to the server would do,
// to be shown before it is done.
type PreferenceChange struct {
	Want app.Preference `json:"want"`
	// RowID is the server's row, 0 where one has to be made.
	RowID  int64   `json:"row_id,omitempty"`
	Before app.Row `json:"before"` // what the server has; toasts are not among it
	After  app.Row `json:"after"`
	// Columns are the settings that differ.
	Columns []string `json:"columns"`
	// Refused are settings that the API cannot take and that stay as they are:
	// scan_added_empty takes one channel at most.
	Refused []string `json:"refused,omitempty"`

	user, product int64
}

// PlanPreferences says what writing preferences to the server would change, and
// writes nothing. It needs a superuser's sign-in. A preference that would
// change nothing is left out.
func PlanPreferences(ctx context.Context, at PreferenceServer, people []app.Person, want []app.Preference) ([]PreferenceChange, error) {
	rows, err := serverRows(ctx, at)
	if err != nil {
		return nil, err
	}
	remote := make(map[app.PersonID]int64, len(people))
	for _, p := range people {
		remote[p.ID] = p.RemoteID
	}
	var changes []PreferenceChange
	for _, w := range want {
		user := remote[w.Person]
		if personal := w.Scope == app.ScopePersonal || w.Scope == app.ScopeProduct; personal && user == 0 {
			return nil, app.Invalid("One of the rows belongs to a person whom the server does not know.", "Choose people of this account's server.")
		}
		c := planRow(rows, w, user)
		if len(c.Columns) > 0 || len(c.Refused) > 0 {
			changes = append(changes, c)
		}
	}
	return changes, nil
}

func planRow(rows []dojo.NotificationRow, w app.Preference, user int64) PreferenceChange {
	c := PreferenceChange{Want: w, user: user, product: w.Product, Before: withoutRow(w.Scope), After: w.Row}
	i := slices.IndexFunc(rows, func(r dojo.NotificationRow) bool {
		return scopeOf(r) == w.Scope && r.User == user && (w.Scope != app.ScopeProduct || r.Product == w.Product)
	})
	if i >= 0 {
		c.RowID, c.Before = rows[i].ID, rowOf(rows[i].Channels)
		// What the form for a product does not have was never chosen here.
		if w.Scope == app.ScopeProduct && w.Row.Kept() == (app.Row{}) {
			c.After = c.After.Union(c.Before.Kept())
		}
	}
	for column := range c.After {
		c.After[column] &= serverChannels
		name := app.Column(column).String()
		switch {
		case c.After[column] == c.Before[column]:
		case app.Column(column) == app.ColumnScanAddedEmpty && len(wordsOf(c.After[column])) > 1:
			c.After[column] = c.Before[column]
			c.Refused = append(c.Refused, name)
		default:
			c.Columns = append(c.Columns, name)
		}
	}
	return c
}

// withoutRow is what the server decides by where it has no row: its defaults
// for everybody and for new people, nothing for a person.
func withoutRow(scope app.Scope) app.Row {
	if scope == app.ScopePersonal || scope == app.ScopeProduct {
		return app.Row{}
	}
	row := app.DefaultRow()
	for c := range row {
		row[c] &= serverChannels
	}
	return row
}

// WritePreference carries out a change that was planned and shown, and returns
// the row as the server has it then. Where the server's row is no longer what
// was shown, nothing is written and the error is a [*app.Problem].
func WritePreference(ctx context.Context, at PreferenceServer, c PreferenceChange) (app.Row, error) {
	rows, err := serverRows(ctx, at)
	if err != nil {
		return app.Row{}, err
	}
	if now := planRow(rows, c.Want, c.user); now.RowID != c.RowID || now.Before != c.Before {
		return now.Before, app.NewProblem(CodeChangedMeanwhile,
			"The settings on the server changed since they were shown; nothing was written.",
			"Look at the difference again and confirm it.", true, nil)
	}
	columns := make(map[string][]string, app.NumColumns)
	if c.RowID != 0 {
		for _, name := range c.Columns {
			column, _ := app.ColumnNamed(name)
			columns[name] = wordsOf(c.After[column])
		}
		got, err := at.PatchNotificationRow(ctx, c.RowID, columns)
		if err != nil {
			return app.Row{}, fmt.Errorf("write the settings: %w", err)
		}
		return rowOf(got.Channels), nil
	}
	for column := range c.After {
		columns[app.Column(column).String()] = wordsOf(c.After[column])
	}
	got, err := at.AddNotificationRow(ctx, dojo.NotificationRow{
		User: c.user, Product: c.product, Template: c.Want.Scope == app.ScopeTemplate, Channels: columns,
	})
	if err != nil {
		return app.Row{}, fmt.Errorf("write the settings: %w", err)
	}
	return rowOf(got.Channels), nil
}

// CodeChangedMeanwhile is the code of the problem that what was confirmed is no
// longer what is there.
const CodeChangedMeanwhile = "changed_meanwhile"
