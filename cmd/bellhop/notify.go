package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/app/intake"
	"bellhop/app/program"
)

const notifyHelp = `Raise an event on this machine. It is decided like one of DefectDojo's, and
reaches the list, toasts and other channels as the settings say.

    bellhop notify scan_added --title "Nightly scan is done" --product Shop
    bellhop notify other --title "Backup failed" --key backup-2026-11-25

EVENT is one of DefectDojo's (see ` + "`bellhop prefs show`" + `); any other name follows
the setting "other". With --key the same event can be raised again without a
second message. An object is a name or an id of the server.

Without EVENT and with --batch, events are read from standard input, one JSON
object a line: all of them are recorded or, where a line is wrong, none.

    {"event": "other", "title": "Backup failed", "severity": "High", "key": "b1"}

Fields: event, title, description, url, product_type, product, engagement, test,
finding, severity, recipients, alert_only, no_users, tags, key, at, actor.

With --json: {"events": [17], "known": [false], "warnings": []}.
`

// notifyFlags are the flags of bellhop notify.
type notifyFlags struct {
	account                                                    int64
	batch, alertOnly, noUsers                                  bool
	title, description, url, severity, key, actor              string
	productType, product, engagement, test, finding, recipient string
	tags                                                       []string
}

func (t *tool) notifyCommand() *cobra.Command {
	var f notifyFlags
	cmd := &cobra.Command{
		Use:   "notify [EVENT]",
		Short: "Raise an event on this machine",
		Long:  notifyHelp,
		Args:  takes(0, 1),
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			notices, err := f.notices(cmd, args, t)
			if err != nil {
				return err
			}
			return t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error {
				out, err := c.Notify(ctx, app.AccountID(f.account), notices)
				if err != nil {
					return err
				}
				for _, w := range out.Warnings {
					if !t.json {
						_, _ = fmt.Fprintln(t.err, "bellhop: "+plain(w))
					}
				}
				return t.say(out, noticedLines(out)...)
			})
		}),
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.batch, "batch", false, "read events from standard input, one JSON object a line")
	flags.StringVar(&f.title, "title", "", "what happened, in one `line`")
	flags.StringVar(&f.description, "description", "", "the `text` below the title")
	flags.StringVar(&f.url, "url", "", "where a click leads: an `address`, or a path on the server")
	flags.StringVar(&f.productType, "product-type", "", "the product type it is about")
	flags.StringVar(&f.product, "product", "", "the product it is about")
	flags.StringVar(&f.engagement, "engagement", "", "the engagement it is about")
	flags.StringVar(&f.test, "test", "", "the test it is about")
	flags.StringVar(&f.finding, "finding", "", "the finding it is about")
	flags.StringVar(&f.severity, "severity", "", "Info, Low, Medium, High or Critical")
	flags.StringVar(&f.recipient, "recipients", "", "user `names`, separated by commas: these people and nobody else")
	flags.BoolVar(&f.alertOnly, "alert-only", false, "only the list (and a toast), no other channel")
	flags.BoolVar(&f.noUsers, "no-users", false, "only the shared destinations, no person")
	flags.StringSliceVar(&f.tags, "tag", nil, "a `tag`; may be given several times")
	flags.StringVar(&f.key, "key", "", "`name` of this event, so that raising it again changes nothing")
	flags.StringVar(&f.actor, "actor", "", "user `name` of who did it")
	flags.Int64Var(&f.account, "account", 0, "raise it for this account (`id`)")
	cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names := make([]string, len(app.Kinds))
		for i, k := range app.Kinds {
			names[i] = string(k)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	return cmd
}

// notices returns the events as the bell takes them, checked here, so that a
// mistake is told also where no bell runs.
func (f *notifyFlags) notices(cmd *cobra.Command, args []string, t *tool) ([]json.RawMessage, error) {
	if f.batch {
		if len(args) > 0 || f.title != "" {
			return nil, usage("--batch reads events from standard input and takes no other event.", "Leave EVENT and --title out.")
		}
		return readBatch(t.in, t.now())
	}
	if len(args) > 0 && strings.TrimSpace(args[0]) == "" {
		return nil, program.NamelessEvent()
	}
	if strings.TrimSpace(f.title) == "" {
		return nil, usage("The event has no title.", "Say in a few words what happened: --title TEXT.")
	}
	fields := map[string]any{"title": f.title}
	put := func(name, value string) {
		if value != "" {
			fields[name] = value
		}
	}
	if len(args) > 0 {
		put("event", args[0])
	}
	put("description", f.description)
	put("url", f.url)
	put("severity", f.severity)
	put("key", f.key)
	put("actor", f.actor)
	for name, value := range map[string]string{
		"product_type": f.productType, "product": f.product, "engagement": f.engagement, "test": f.test, "finding": f.finding,
	} {
		if o := intake.ObjectFlag(value); o.ID != 0 {
			fields[name] = o.ID
		} else {
			put(name, o.Name)
		}
	}
	if cmd.Flags().Changed("recipients") {
		names := []string{}
		for name := range strings.SplitSeq(f.recipient, ",") {
			if name = strings.TrimSpace(name); name != "" {
				names = append(names, name)
			}
		}
		fields["recipients"] = names
	}
	if f.alertOnly {
		fields["alert_only"] = true
	}
	if f.noUsers {
		fields["no_users"] = true
	}
	if len(f.tags) > 0 {
		fields["tags"] = f.tags
	}
	data, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("write the event: %w", err)
	}
	if _, err := intake.ParseNotify(data, t.now()); err != nil {
		return nil, err
	}
	return []json.RawMessage{data}, nil
}

// readBatch reads events, one a line, and refuses all of them for one mistake.
func readBatch(in io.Reader, now time.Time) ([]json.RawMessage, error) {
	var lines bytes.Buffer
	notices, err := intake.ReadNotify(io.TeeReader(in, &lines), now)
	if err != nil {
		return nil, err
	}
	if len(notices) == 0 {
		return nil, usage("There is no event on standard input.", "Write one JSON object a line.")
	}
	var raw []json.RawMessage
	for line := range bytes.Lines(lines.Bytes()) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			raw = append(raw, line)
		}
	}
	return raw, nil
}

func noticedLines(out app.Noticed) []string {
	if len(out.Events) == 1 {
		word := "raised"
		if out.Known[0] {
			word = "is known already"
		}
		return []string{fmt.Sprintf("Event %d %s. See `bellhop why %d`.", out.Events[0], word, out.Events[0])}
	}
	known := 0
	for _, k := range out.Known {
		if k {
			known++
		}
	}
	return []string{fmt.Sprintf("%d events raised, %d known already.", len(out.Events)-known, known)}
}
