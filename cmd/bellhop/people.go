package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/app/dispatch"
	"bellhop/store"
)

func (t *tool) peopleCommand() *cobra.Command {
	var account int64
	var search string
	cmd := &cobra.Command{
		Use:   "people",
		Short: "List the people who can be told something",
		Long: `List the people of an account as the engine knows them. "bellhop people sync"
learns them, and what they may see, from the server: everybody's with a
superuser's sign-in, else your own.
With --json: {"people": [{"id", "username", "active", "superuser", ...}]}.`,
		Args: noCommand,
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			return t.stored(cmd.Context(), func(ctx context.Context, s *store.Store) error {
				a, err := engineAccount(ctx, s, account)
				if err != nil {
					return err
				}
				people, err := s.People(ctx, a.ID)
				if err != nil {
					return err
				}
				people = slices.DeleteFunc(people, func(p app.Person) bool {
					return !strings.Contains(strings.ToLower(p.Username+" "+p.FirstName+" "+p.LastName+" "+p.Email), strings.ToLower(search))
				})
				return t.sayPeople(people)
			})
		}),
	}
	cmd.Flags().Int64Var(&account, "account", 0, "of this account (`id`)")
	cmd.Flags().StringVar(&search, "search", "", "only whose name or address has this `text`")
	sync := &cobra.Command{
		Use:   "sync",
		Short: "Learn people, access and settings from the server",
		Args:  takes(0, 0),
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			return t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error {
				n, err := c.SyncPeople(ctx, app.AccountID(account))
				if err != nil {
					return err
				}
				who := fmt.Sprintf("%d people, %d grants", n.People, n.Grants)
				if !n.Complete {
					who = "only what you may see yourself (no superuser signed in)"
				}
				return t.say(n, fmt.Sprintf("Learned %s, %d products, %d product types, %d lines of the server's settings (access as in DefectDojo %s).",
					who, n.Products, n.ProductTypes, n.Settings, n.Model))
			})
		}),
	}
	sync.Flags().Int64Var(&account, "account", 0, "of this account (`id`)")
	cmd.AddCommand(sync)
	return cmd
}

func (t *tool) sayPeople(people []app.Person) error {
	if t.json {
		if people == nil {
			people = []app.Person{}
		}
		return writeJSON(t.out, struct {
			People []app.Person `json:"people"`
		}{people})
	}
	rows := newTable(t.out, "ID", "USER", "NAME", "E-MAIL", "IS")
	for _, p := range people {
		rows.row(fmt.Sprint(p.ID), p.Username, strings.TrimSpace(p.FirstName+" "+p.LastName), p.Email, strings.Join(standing(p), ", "))
	}
	return rows.flush()
}

// standing says what somebody is, in words.
func standing(p app.Person) []string {
	var is []string
	for _, one := range []struct {
		so   bool
		word string
	}{{p.Me, "you"}, {p.Superuser, "superuser"}, {p.Staff, "staff"}, {!p.Active, "not active"}} {
		if one.so {
			is = append(is, one.word)
		}
	}
	return is
}

// accessAnswer is what bellhop access prints as JSON.
type accessAnswer struct {
	User     string          `json:"user"`
	Products []accessProduct `json:"products"`
}

type accessProduct struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Access bool   `json:"access"`
	Why    string `json:"why"`
}

func (t *tool) accessCommand() *cobra.Command {
	var account int64
	cmd := &cobra.Command{
		Use:   "access USER [PRODUCT]",
		Short: "Say what the engine believes somebody may see",
		Long: `Say which products somebody may see, and by which fact. Nobody is told of a
product that she may not see.
With --json: {"user", "products": [{"id", "name", "access", "why"}]}.`,
		Args: takes(1, 2),
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			return t.stored(cmd.Context(), func(ctx context.Context, s *store.Store) error {
				a, err := engineAccount(ctx, s, account)
				if err != nil {
					return err
				}
				w, facts, err := t.world(ctx, s, a.ID)
				if err != nil {
					return err
				}
				person, err := personNamed(facts.People, args[0])
				if err != nil {
					return err
				}
				products := facts.Products
				if len(args) == 2 {
					one, err := productNamed(products, args[1])
					if err != nil {
						return err
					}
					products = []app.Product{one}
				}
				answer := accessAnswer{User: person.Username, Products: []accessProduct{}}
				for _, p := range products {
					ok, why := w.Access(person.ID, p.ID, p.TypeID)
					event := app.Event{Call: app.Call{Product: &app.Ref{ID: p.ID, Name: p.Name}}}
					words := dispatch.Words(w, &event, app.Decision{Person: person.ID, Yes: ok, Why: why})
					answer.Products = append(answer.Products, accessProduct{p.ID, p.Name, ok, strings.Join(words, " ")})
				}
				return t.sayAccess(answer)
			})
		}),
	}
	cmd.Flags().Int64Var(&account, "account", 0, "of this account (`id`)")
	return cmd
}

func (t *tool) sayAccess(a accessAnswer) error {
	if t.json {
		return writeJSON(t.out, a)
	}
	if len(a.Products) == 0 {
		return t.say(nil, "No products are known. Learn them with `bellhop people sync`.")
	}
	rows := newTable(t.out, "PRODUCT", "MAY SEE", "BECAUSE")
	for _, p := range a.Products {
		word := "no"
		if p.Access {
			word = "yes"
		}
		rows.row(p.Name, word, p.Why)
	}
	return rows.flush()
}
