package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manCommand is for packagers, and so not in the help.
func (t *tool) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "man FOLDER",
		Short:  "Write the man pages into a folder",
		Long:   "Write a man page (section 1) for bellhop and each of its commands into a folder, which is made where it is missing.",
		Hidden: true,
		Args:   takes(1, 1),
		RunE: t.do(func(cmd *cobra.Command, args []string) error {
			// #nosec G301 -- man pages are for everyone
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("make the folder: %w", err)
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // the pages do not change with the day
			head := &doc.GenManHeader{Title: "BELLHOP", Section: "1", Source: "Bellhop " + versionString(), Manual: "Bellhop"}
			if err := doc.GenManTree(root, head, args[0]); err != nil {
				return fmt.Errorf("write the man pages: %w", err)
			}
			return nil
		}),
	}
}
