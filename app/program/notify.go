package program

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/user"
	"slices"
	"strconv"
	"strings"

	"bellhop/app"
	"bellhop/app/intake"
)

// Notify records local events, all or none.
func (b *bell) Notify(ctx context.Context, account app.AccountID, notices []json.RawMessage) (app.Noticed, error) {
	switch n := len(notices); {
	case n == 0:
		return app.Noticed{}, app.Invalid("There is no event to raise.", "Give at least one with a title.")
	case n > intake.MaxBatch:
		return app.Noticed{}, app.Invalid(fmt.Sprintf("%d events are too many for one call.", n), fmt.Sprintf("Give at most %d at once.", intake.MaxBatch))
	}
	account, err := b.homeOf(ctx, account)
	if err != nil {
		return app.Noticed{}, err
	}
	out := app.Noticed{Events: []int64{}, Known: []bool{}, Warnings: []string{}}
	events := make([]app.Event, len(notices))
	for i, raw := range notices {
		notice, err := intake.ParseNotify(raw, b.o.now())
		if err != nil {
			if p := app.AsProblem(err); len(notices) > 1 {
				return app.Noticed{}, app.Invalid(fmt.Sprintf("Event %d: %s", i+1, p.Message), p.Step+" Nothing was recorded.")
			}
			return app.Noticed{}, err
		}
		if eventName(raw) == "" {
			return app.Noticed{}, NamelessEvent()
		}
		events[i] = notice.Event
		events[i].Account = account
		out.Warnings = append(out.Warnings, notice.Warnings...)
	}
	unknown, err := b.unknown(ctx, account, events)
	if err != nil {
		return app.Noticed{}, err
	}
	out.Warnings = append(out.Warnings, unknown...)
	before, err := b.store.Events(ctx, app.EventFilter{Limit: 1})
	if err != nil {
		return app.Noticed{}, err
	}
	last := int64(0)
	if len(before) > 0 {
		last = before[0].ID
	}
	recorded, err := b.store.RecordEvents(ctx, events, nil)
	if err != nil {
		return app.Noticed{}, err
	}
	for _, e := range recorded {
		out.Events = append(out.Events, e.ID)
		out.Known = append(out.Known, e.ID <= last)
		last = max(last, e.ID)
	}
	return out, nil
}

// eventName is the name of a local event that was read before. An event that says
// nothing of it is "other"; an empty name is rather a variable that was not set.
func eventName(raw json.RawMessage) string {
	said := struct {
		Event *string `json:"event"`
	}{}
	if err := json.Unmarshal(raw, &said); err != nil || said.Event == nil {
		return string(app.KindOther)
	}
	return strings.TrimSpace(*said.Event)
}

// NamelessEvent is why an event is refused whose name is given and empty.
func NamelessEvent() *app.Problem {
	names := make([]string, len(app.Kinds))
	for i, k := range app.Kinds {
		names[i] = string(k)
	}
	return app.Invalid("The event's name is empty.", "Leave it out for other, or give one: "+strings.Join(names, ", ")+".")
}

// unknown warns of people and products that events name and nobody here knows:
// what is for nobody reaches nobody.
func (b *bell) unknown(ctx context.Context, account app.AccountID, events []app.Event) ([]string, error) {
	var warnings []string
	people, products := make(map[string]bool), make(map[app.Ref]bool)
	for i := range events {
		c := &events[i].Call
		for _, name := range c.Recipients {
			if people[name] {
				continue
			}
			people[name] = true
			switch _, err := b.store.Person(ctx, account, name); {
			case errors.Is(err, app.ErrNotFound):
				warnings = append(warnings, fmt.Sprintf("Nobody is called %q here; see `bellhop people`.", app.Cut(name, 80)))
			case err != nil:
				return nil, err
			}
		}
		if c.Product != nil {
			products[*c.Product] = true
		}
	}
	if len(products) == 0 {
		return warnings, nil
	}
	list, err := b.store.Products(ctx, account)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		for _, known := range []app.Ref{{ID: p.ID}, {Name: p.Name}, {ID: p.ID, Name: p.Name}} {
			delete(products, known)
		}
	}
	so := "so that only those who see everything are told"
	if b.settingIs(ctx, app.SettingEngineMode, string(app.ModeMe)) {
		so = "so that nothing counts which is set for a product"
	}
	for _, p := range slices.SortedFunc(maps.Keys(products), func(a, b app.Ref) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) }) {
		name := strconv.Quote(app.Cut(p.Name, 80))
		if p.Name == "" {
			name = strconv.FormatInt(p.ID, 10)
		}
		warnings = append(warnings, fmt.Sprintf("No product %s is known, %s; learn the products with `bellhop people sync`.", name, so))
	}
	return warnings, nil
}

// homeOf is the account that local events belong to: the one that is named, the
// only one with a server, or else this machine's.
func (b *bell) homeOf(ctx context.Context, account app.AccountID) (app.AccountID, error) {
	if account != 0 {
		a, err := b.store.Account(ctx, account)
		if errors.Is(err, app.ErrNotFound) {
			return 0, app.NewProblem("not_found", fmt.Sprintf("There is no account %d.", account), "List them with `bellhop accounts`.", false, err)
		}
		return a.ID, err
	}
	accounts, err := b.store.Accounts(ctx)
	if err != nil {
		return 0, err
	}
	if id := HomeAccount(accounts); id != 0 {
		return id, nil
	}
	local, err := b.store.Local(ctx)
	return local.ID, err
}

// HomeAccount is the only account with a server, 0 where there are several or
// none: then this machine's own account is meant.
func HomeAccount(accounts []app.Account) app.AccountID {
	var home app.AccountID
	for _, a := range accounts {
		if a.Local() {
			continue
		}
		if home != 0 {
			return 0
		}
		home = a.ID
	}
	return home
}

// whoami is who changes settings here, for the record of changes.
func whoami() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "somebody on this machine"
}
