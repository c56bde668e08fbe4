package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

const rootHelp = `Bellhop shows the number of your DefectDojo alerts in the tray, announces new
ones, and lets you read and remove them, also offline.

Without a command, Bellhop starts in the tray; if it runs already, its window
comes to the front.

    bellhop connect https://dojo.example.com --username ann
    bellhop                          start, or show the window
    bellhop alerts --search "sql injection"
    bellhop remove 17 18
    bellhop undo

Reading commands (status, count, alerts, accounts, settings, events, why, prefs
show, silence list, silence preview, people, access, deliveries, dry-run, decide,
export, doctor) work whether or not Bellhop runs; changing commands need it running.

With --json a command prints one JSON value, and an error goes to standard
error as {"error": {"code", "message", "step", "needs_user"}}. Keys are only
ever added.

Exit status:

    0  done
    1  it did not work, and may the next time
    2  a flag, an argument or a value cannot be used
    3  Bellhop is not running
    4  it needs you: nothing gets better until you act (sign-in refused, ...)
    5  no such alert or account, or too late to undo

Environment:

    BELLHOP_DATA_DIR  the data folder, as --data-dir
    BELLHOP_NOTIFICATIONS_SYSTEM_LEVEL_TRUMP (or DefectDojo's own name for it,
                      DD_NOTIFICATIONS_SYSTEM_LEVEL_TRUMP)  events for which the
                      system's channels are added to a named recipient's own
`

// The groups of the help.
const (
	groupRun     = "run"
	groupAlerts  = "alerts"
	groupAccount = "account"
	groupEngine  = "engine"
	groupCare    = "care"
)

func (t *tool) root() *cobra.Command {
	var view string
	var demoIfEmpty bool
	root := &cobra.Command{
		Use:   "bellhop",
		Short: "The bell of DefectDojo, in your tray",
		Long:  rootHelp,
		Args:  noCommand,
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			return t.startOrRaise(cmd.Context(), view, demoIfEmpty)
		}),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.Flags().StringVar(&view, "view", "", "open the window with this `view`: alerts, history, deliveries, silences, settings, notifications or connect")
	root.Flags().BoolVar(&demoIfEmpty, "demo-if-empty", false, "play the demo where no account is connected")
	_ = root.Flags().MarkHidden("demo-if-empty")
	flags := root.PersistentFlags()
	flags.StringVar(&t.dataDir, "data-dir", "", "keep everything in this `folder` (also $BELLHOP_DATA_DIR)")
	flags.BoolVar(&t.json, "json", false, "print JSON")
	flags.CountVarP(&t.verbose, "verbose", "v", "log more; twice for everything")
	root.AddGroup(
		&cobra.Group{ID: groupAlerts, Title: "Alerts:"},
		&cobra.Group{ID: groupRun, Title: "The bell:"},
		&cobra.Group{ID: groupAccount, Title: "Accounts and settings:"},
		&cobra.Group{ID: groupEngine, Title: "Who is told what, and where:"},
		&cobra.Group{ID: groupCare, Title: "Care:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add(groupAlerts, t.alertsCommand(), t.countCommand(), t.openCommand(), t.removeCommand(), t.clearCommand(),
		t.undoCommand(), t.retryCommand(), t.snoozeCommand(), t.exportCommand())
	add(groupRun, t.runCommand(), t.demoCommand(), t.statusCommand(), t.syncCommand(), t.pauseCommand(), t.resumeCommand(), t.quitCommand())
	add(groupAccount, t.connectCommand(), t.accountsCommand(), t.settingsCommand())
	add(groupEngine, t.notifyCommand(), t.eventsCommand(), t.whyCommand(), t.prefsCommand(), t.peopleCommand(), t.accessCommand(),
		t.channelsCommand(), t.silenceCommand(), t.deliveriesCommand(), t.resendCommand(), t.outboxCommand(), t.intakeCommand(), t.decideCommand(), t.dryRunCommand())
	add(groupCare, t.doctorCommand(), t.versionCommand())
	root.AddCommand(t.manCommand())
	t.completions(root)
	root.SetHelpCommandGroupID(groupCare)
	root.SetCompletionCommandGroupID(groupCare)
	return root
}

// noCommand refuses a word that is no command, with what may have been meant.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	step := "See `" + cmd.CommandPath() + " --help`."
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		step = "Did you mean " + strings.Join(near, " or ") + "?"
	}
	return usage(fmt.Sprintf("There is no command %q.", args[0]), step)
}

// takes checks the number of arguments; most < 0 stands for any number.
func takes(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if n := len(args); n < least || (most >= 0 && n > most) {
			return usage("This is used as `"+cmd.UseLine()+"`.", "See `"+cmd.CommandPath()+" --help`.")
		}
		return nil
	}
}

// checkView refuses a view that the window does not have.
func checkView(view string) error {
	switch view {
	case "", "alerts", "history", "deliveries", "silences", "settings", "notifications", "connect":
		return nil
	default:
		return usage(fmt.Sprintf("There is no view %q.", view), "Use alerts, history, deliveries, silences, settings, notifications or connect.")
	}
}
