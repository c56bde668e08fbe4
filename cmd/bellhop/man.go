package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
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
			// Man pages are for everyone.
			if err := os.MkdirAll(args[0], 0o755); err != nil { //nolint:gosec // see above
				return fmt.Errorf("make the folder: %w", err)
			}
			return manTree(cmd.Root(), args[0])
		}),
	}
}

// manTree writes the page of a command and those of the commands below it.
// Package cobra/doc does the same, but would stay in the memory of the resting
// bell with the Markdown parser it needs: half a MB of its 20.
func manTree(cmd *cobra.Command, dir string) error {
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
	if err := os.WriteFile(filepath.Join(dir, name+".1"), []byte(manPage(cmd, name)), 0o644); err != nil { //nolint:gosec // man pages are for everyone
		return fmt.Errorf("write a man page: %w", err)
	}
	for _, c := range cmd.Commands() {
		if !c.IsAvailableCommand() || c.Name() == "help" {
			continue
		}
		if err := manTree(c, dir); err != nil {
			return err
		}
	}
	return nil
}

// manPage returns a page in the man macros of roff, see man(7).
func manPage(cmd *cobra.Command, name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" %s Bellhop\n", roffWord(strings.ToUpper(name)), roffWord("Bellhop "+versionString()))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(name), roff(cmd.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n", roff(cmd.UseLine()))
	b.WriteString(".SH DESCRIPTION\n")
	roffText(&b, cmd.Long)
	if cmd.Example != "" {
		b.WriteString(".SH EXAMPLES\n")
		roffText(&b, "    "+strings.ReplaceAll(strings.TrimSpace(cmd.Example), "\n  ", "\n    "))
	}
	roffFlags(&b, "OPTIONS", cmd.NonInheritedFlags().FlagUsages())
	roffFlags(&b, "COMMON OPTIONS", cmd.InheritedFlags().FlagUsages())
	var also []string
	if cmd.HasParent() {
		also = append(also, manName(cmd.Parent()))
	}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" {
			also = append(also, manName(c))
		}
	}
	if len(also) > 0 {
		b.WriteString(".SH SEE ALSO\n" + strings.Join(also, ",\n") + "\n")
	}
	return b.String()
}

func manName(cmd *cobra.Command) string {
	return `\fB` + roff(strings.ReplaceAll(cmd.CommandPath(), " ", "-")) + `\fP(1)`
}

// roffText writes paragraphs; lines that are indented by four keep their form.
func roffText(b *strings.Builder, text string) {
	for paragraph := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n\n") {
		if strings.HasPrefix(paragraph, "    ") {
			b.WriteString(".PP\n.RS 4\n.nf\n")
			for line := range strings.SplitSeq(paragraph, "\n") {
				b.WriteString(roff(strings.TrimPrefix(line, "    ")) + "\n")
			}
			b.WriteString(".fi\n.RE\n")
			continue
		}
		b.WriteString(".PP\n")
		for line := range strings.SplitSeq(paragraph, "\n") {
			b.WriteString(roff(line) + "\n")
		}
	}
}

// roffFlags writes the flags in the form of the help.
func roffFlags(b *strings.Builder, title, usages string) {
	if usages == "" {
		return
	}
	b.WriteString(".SH " + title + "\n.nf\n")
	for line := range strings.SplitSeq(strings.TrimRight(usages, "\n"), "\n") {
		b.WriteString(roff(strings.TrimPrefix(line, "  ")) + "\n")
	}
	b.WriteString(".fi\n")
}

// roff escapes what roff would take for its own: a backslash, a hyphen (which
// would become a dash that cannot be copied), and a control character at the
// beginning of a line.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, `-`, `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

// roffWord returns s as one argument of a macro.
func roffWord(s string) string { return `"` + strings.ReplaceAll(roff(s), `"`, `\(dq`) + `"` }
