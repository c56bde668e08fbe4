package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/program"
	"bellhop/store"
)

// noDatabase is why a command that reads what the engine knows has nothing to
// say.
func noDatabase() error {
	return app.NewProblem("no_database", "Bellhop has not been started yet, so there is nothing to look at.",
		"Start it with `bellhop` or `bellhop run --headless`.", false, app.ErrNotFound)
}

// engineAccount returns the account that a command about people and settings
// means: the one that is named, the only one with a server, or this machine's.
func engineAccount(ctx context.Context, s *store.Store, id int64) (app.Account, error) {
	if s == nil {
		return app.Account{}, noDatabase()
	}
	accounts, err := s.Accounts(ctx)
	if err != nil {
		return app.Account{}, err
	}
	want := app.AccountID(id)
	if want == 0 {
		want = program.HomeAccount(accounts)
	}
	i := slices.IndexFunc(accounts, func(a app.Account) bool {
		return a.ID == want || want == 0 && a.Local()
	})
	if i < 0 && want == 0 {
		return app.Account{}, app.NewProblem("no_account", "There is no account yet.",
			"Connect a server with `bellhop connect URL`, or raise an event with `bellhop notify`.", true, nil)
	}
	if i < 0 {
		return app.Account{}, app.NewProblem("not_found", fmt.Sprintf("There is no account %d.", id), "List them with `bellhop accounts`.", false, app.ErrNotFound)
	}
	return accounts[i], nil
}

// world reads what decisions about an account's events are made from now.
func (t *tool) world(ctx context.Context, s *store.Store, account app.AccountID) (*dispatch.World, app.Facts, error) {
	facts, err := s.Facts(ctx, account)
	if err != nil {
		return nil, app.Facts{}, err
	}
	trump, err := trumpFromEnvironment()
	if err != nil {
		return nil, app.Facts{}, err
	}
	if trump != nil {
		facts.Trump = trump
	}
	return dispatch.New(facts), facts, nil
}

// personNamed finds somebody by user name, by number, or the signed-in person
// for "" and "me".
func personNamed(people []app.Person, name string) (app.Person, error) {
	number, _ := strconv.ParseInt(name, 10, 64)
	best := -1
	for i, p := range people {
		switch {
		case (name == "" || name == "me") && p.Me, p.Username == name && (best < 0 || p.Active):
			best = i
		case number != 0 && p.ID == app.PersonID(number) && best < 0:
			best = i
		}
	}
	if best >= 0 {
		return people[best], nil
	}
	return app.Person{}, app.NewProblem("not_found", fmt.Sprintf("Nobody is called %q here.", name),
		"List the people with `bellhop people`; learn them from the server with `bellhop people sync`.", false, app.ErrNotFound)
}

// productNamed finds a product by name or the server's number.
func productNamed(products []app.Product, name string) (app.Product, error) {
	number, _ := strconv.ParseInt(name, 10, 64)
	for _, p := range products {
		if p.Name == name || number != 0 && p.ID == number {
			return p, nil
		}
	}
	return app.Product{}, app.NewProblem("not_found", fmt.Sprintf("No product %q is known.", name),
		"Learn the products from the server with `bellhop people sync`.", false, app.ErrNotFound)
}

// stored runs f with the database, which has to be there.
func (t *tool) stored(ctx context.Context, f func(context.Context, *store.Store) error) error {
	return t.withStore(ctx, func(ctx context.Context, s *store.Store) error {
		if s == nil {
			return noDatabase()
		}
		return f(ctx, s)
	})
}

// notFoundAs words a missing row.
func notFoundAs(err error, message, step string) error {
	if errors.Is(err, app.ErrNotFound) {
		return app.NewProblem("not_found", message, step, false, app.ErrNotFound)
	}
	return err
}
