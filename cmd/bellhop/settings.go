package main

import (
	"context"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/store"
)

func (t *tool) settingsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "settings",
		Short: "List, read and change settings",
		Long:  "List the settings with their values and what they mean; get prints one, set changes one.",
		Args:  noCommand,
		RunE:  t.do(func(cmd *cobra.Command, _ []string) error { return t.listSettings(cmd.Context()) }),
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "list",
			Short: "List all settings",
			Long: `List all settings. With --json: {"settings": {"theme": "system", ...}}; every
value is a string.`,
			Args: takes(0, 0),
			RunE: t.do(func(cmd *cobra.Command, _ []string) error { return t.listSettings(cmd.Context()) }),
		},
		&cobra.Command{
			Use:               "get KEY",
			Short:             "Print one setting",
			Long:              `Print one setting. With --json: {"key": "theme", "value": "system"}.`,
			Args:              takes(1, 1),
			ValidArgsFunction: completeKeys,
			RunE: t.do(func(cmd *cobra.Command, args []string) error {
				setting, err := app.FindSetting(args[0])
				if err != nil {
					return err
				}
				values, err := t.settings(cmd.Context())
				if err != nil {
					return err
				}
				return t.saySetting(setting.Key, values[setting.Key])
			}),
		},
		&cobra.Command{
			Use:               "set KEY VALUE",
			Short:             "Change one setting",
			Long:              "Change one setting. It is in force at once.",
			Args:              takes(2, 2),
			ValidArgsFunction: completeKeys,
			RunE: t.do(func(cmd *cobra.Command, args []string) error {
				setting, err := app.FindSetting(args[0])
				if err != nil {
					return err
				}
				value, err := setting.Check(args[1])
				if err != nil {
					return err
				}
				return t.withBell(cmd.Context(), func(ctx context.Context, c *control.Client) error {
					if err := c.Set(ctx, setting.Key, value); err != nil {
						return err
					}
					return t.saySetting(setting.Key, value)
				})
			}),
		},
	)
	return cmd
}

func (t *tool) saySetting(key, value string) error {
	return t.say(struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}{key, value}, value)
}

// settings reads the database, or gives the defaults where there is none.
func (t *tool) settings(ctx context.Context) (map[string]string, error) {
	values := make(map[string]string, len(app.Settings))
	for _, s := range app.Settings {
		values[s.Key] = s.Default
	}
	err := t.withStore(ctx, func(ctx context.Context, s *store.Store) error {
		if s == nil {
			return nil
		}
		stored, err := s.Settings(ctx)
		for _, known := range app.Settings {
			if v, ok := stored[known.Key]; ok {
				values[known.Key] = v
			}
		}
		return err
	})
	return values, err
}

func (t *tool) listSettings(ctx context.Context) error {
	values, err := t.settings(ctx)
	if err != nil {
		return err
	}
	if t.json {
		return writeJSON(t.out, struct {
			Settings map[string]string `json:"settings"`
		}{values})
	}
	rows := newTable(t.out, "KEY", "VALUE", "MEANING")
	for _, s := range app.Settings {
		rows.row(s.Key, values[s.Key], s.Help)
	}
	return rows.flush()
}

func completeKeys(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var keys []string
	for _, s := range app.Settings {
		keys = append(keys, s.Key+"\t"+s.Help)
	}
	return keys, cobra.ShellCompDirectiveNoFileComp
}
