package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/program"
	"bellhop/store"
)

// words lists what may follow on a command line, where args stand already: each
// a word, with what it means behind a tab.
type words func(cmd *cobra.Command, args []string) []string

// completions teaches shells what can follow a flag, or a command, wherever in the
// tree it occurs. What names something that is stored is read from the database,
// whether or not a bell runs; where that cannot be read, nothing is offered.
func (t *tool) completions(root *cobra.Command) {
	flags := map[string]words{
		"channel":     fixed(channelWords()...),
		"channels":    fixed(channelWords()...),
		"severity":    fixed("Critical", "High", "Medium", "Low", "Info"),
		"state":       fixed("waiting", "held", "sent", "dead\tneeds you", "dropped"),
		"scope":       fixed("personal", "product", "system", "template"),
		"account":     t.known(knownAccounts),
		"user":        t.known(knownPeople),
		"product":     t.known(knownProducts),
		"destination": t.known(knownDestinations),
		"secret":      t.keyWords(true, false),
		"set":         t.keyWords(false, true),
		"unset":       t.keyWords(true, true),
	}
	arguments := map[string]words{
		"bellhop channels add":       first(fixed(channelWords()[2:]...)),
		"bellhop channels keys":      first(fixed(channelWords()[2:]...)),
		"bellhop channels edit":      first(t.known(knownDestinations)),
		"bellhop channels remove":    first(t.known(knownDestinations)),
		"bellhop channels test":      first(t.known(knownDestinations)),
		"bellhop deliveries":         first(t.known(knownDeliveries(false))),
		"bellhop resend":             t.known(knownDeliveries(true)),
		"bellhop why":                first(t.known(knownEvents)),
		"bellhop silence end":        first(t.known(knownSilences)),
		"bellhop prefs set":          eventThenChannels,
		"bellhop prefs unset":        first(eventThenChannels),
		"bellhop prefs quiet remove": first(fixed("all")),
		"bellhop accounts remove":    first(t.known(knownAccounts)),
		"bellhop access":             first(t.known(knownPeople)),
	}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		for name, list := range flags {
			if f := cmd.Flags().Lookup(name); f != nil && f.Value.Type() != "bool" {
				_ = cmd.RegisterFlagCompletionFunc(name, completed(list)) // fails where it has one of its own
			}
		}
		if list, ok := arguments[cmd.CommandPath()]; ok {
			cmd.ValidArgsFunction = completed(list)
		}
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(root)
}

// completed is a list of words as cobra asks for it.
func completed(list words) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		directive := cobra.ShellCompDirectiveNoFileComp
		var out []string
		for _, word := range list(cmd, args) {
			word, meaning, _ := strings.Cut(word, "\t")
			if word = plain(word); !strings.HasPrefix(word, typed) { // names come from servers
				continue
			}
			if strings.HasSuffix(word, "=") {
				directive |= cobra.ShellCompDirectiveNoSpace
			}
			out = append(out, cobra.CompletionWithDesc(word, plain(meaning)))
		}
		return out, directive
	}
}

func fixed(list ...string) words { return func(*cobra.Command, []string) []string { return list } }

// first offers words for the first argument alone.
func first(list words) words {
	return func(cmd *cobra.Command, args []string) []string {
		if len(args) > 0 {
			return nil
		}
		return list(cmd, args)
	}
}

func channelWords() []string { return strings.Split(app.ChannelNames(), ", ") }

// known offers what the database knows of the account that the flags name.
func (t *tool) known(list func(context.Context, *store.Store, app.AccountID) []string) words {
	return func(cmd *cobra.Command, _ []string) (out []string) {
		account := int64(0)
		if f := cmd.Flags().Lookup("account"); f != nil {
			account, _ = strconv.ParseInt(f.Value.String(), 10, 64)
		}
		_ = t.stored(cmd.Context(), func(ctx context.Context, s *store.Store) error { // nothing can be told here
			a, err := engineAccount(ctx, s, account)
			if err == nil {
				out = list(ctx, s, a.ID)
			}
			return err
		})
		return out
	}
}

func knownAccounts(ctx context.Context, s *store.Store, _ app.AccountID) (out []string) {
	list, _ := s.Accounts(ctx)
	for _, a := range list {
		out = append(out, fmt.Sprintf("%d\t%s", a.ID, a.URL))
	}
	return out
}

func knownDestinations(ctx context.Context, s *store.Store, account app.AccountID) (out []string) {
	list, _ := s.Destinations(ctx, account)
	for _, d := range list {
		out = append(out, d.Name+"\t"+d.Channel.String()+" "+program.Way(d))
	}
	return out
}

func knownPeople(ctx context.Context, s *store.Store, account app.AccountID) (out []string) {
	list, _ := s.People(ctx, account)
	for _, p := range list {
		out = append(out, p.Username+"\t"+p.FirstName+" "+p.LastName)
	}
	return out
}

func knownProducts(ctx context.Context, s *store.Store, account app.AccountID) (out []string) {
	list, _ := s.Products(ctx, account)
	for _, p := range list {
		out = append(out, p.Name)
	}
	return out
}

// knownDeliveries offers the newest deliveries, or those that need the user.
func knownDeliveries(needsYou bool) func(context.Context, *store.Store, app.AccountID) []string {
	return func(ctx context.Context, s *store.Store, _ app.AccountID) (out []string) {
		list, _, _ := s.Deliveries(ctx, app.DeliveryFilter{NeedsYou: needsYou})
		for _, d := range list {
			out = append(out, fmt.Sprintf("%s\tevent %d, %s, %s", d.ID, d.Event, d.Channel, d.State))
		}
		return out
	}
}

func knownEvents(ctx context.Context, s *store.Store, account app.AccountID) (out []string) {
	list, _ := s.Events(ctx, app.EventFilter{Account: account})
	for _, e := range list {
		out = append(out, fmt.Sprintf("%d\t%s", e.ID, e.Call.Title))
	}
	return out
}

func knownSilences(ctx context.Context, s *store.Store, account app.AccountID) (out []string) {
	list, _ := s.Silences(ctx, account)
	for _, x := range list {
		out = append(out, fmt.Sprintf("%d\tuntil %s %s", x.ID, x.Until.Local().Format("2006-01-02 15:04"), x.Note))
	}
	return out
}

// eventThenChannels offers the settings of events, and then channels.
func eventThenChannels(_ *cobra.Command, args []string) []string {
	switch len(args) {
	case 0:
		return append(strings.Split(app.ColumnNames(), ", "), "all")
	case 1:
		return append(channelWords(), "off")
	default:
		return nil
	}
}

// keyWords offers what the channel of a destination can be told: its secrets, its
// settings (as key=, where secrets are not wanted), or both.
func (t *tool) keyWords(secrets, settings bool) words {
	return func(cmd *cobra.Command, args []string) (out []string) {
		if len(args) == 0 {
			return nil
		}
		var c app.Channel
		if c.UnmarshalText([]byte(args[0])) != nil || cmd.Name() != "add" {
			t.known(func(ctx context.Context, s *store.Store, account app.AccountID) []string {
				d, _ := destinationNamed(ctx, s, int64(account), args[0])
				c = d.Channel
				return nil
			})(cmd, nil)
		}
		for _, k := range program.ChannelKeys(c) {
			switch {
			case k.Secret && secrets:
				out = append(out, k.Name+"\t"+k.Meaning)
			case !k.Secret && settings && secrets:
				out = append(out, k.Name+"\t"+k.Meaning)
			case !k.Secret && settings:
				out = append(out, k.Name+"=\t"+k.Meaning)
			}
		}
		return out
	}
}
