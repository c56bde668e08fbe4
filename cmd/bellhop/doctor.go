package main

import (
	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/program"
)

func (t *tool) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check what Bellhop depends on",
		Long: `Check what Bellhop depends on: tray, notifications, keyring, proxy, each server's
address, certificate, clock and version, the database and the disk. Each line is
ok or says what to do. The exit status is 1 where something is not ok.

With --json: {"checks": [{"name", "ok", "detail", "step"}]}.`,
		Args: takes(0, 0),
		RunE: t.do(func(cmd *cobra.Command, _ []string) error {
			o, err := t.options(t.logger())
			if err != nil {
				return err
			}
			checks := program.Doctor(cmd.Context(), o)
			if err := t.printChecks(checks); err != nil {
				return err
			}
			for _, c := range checks {
				if !c.OK {
					return &silentError{exitFailure}
				}
			}
			return nil
		}),
	}
}

func (t *tool) printChecks(checks []app.Check) error {
	if t.json {
		if checks == nil {
			checks = []app.Check{}
		}
		return writeJSON(t.out, struct {
			Checks []app.Check `json:"checks"`
		}{checks})
	}
	rows := newTable(t.out, "", "CHECK", "FOUND")
	for _, c := range checks {
		mark := "ok"
		if !c.OK {
			mark = "!!"
		}
		rows.row(mark, c.Name, c.Detail)
		if !c.OK && c.Step != "" {
			rows.row("", "", "-> "+c.Step)
		}
	}
	return rows.flush()
}
