package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"bellhop/app"
	"bellhop/app/dispatch/vector"
)

// stdinName stands for standard input among file names.
const stdinName = "-"

func (t *tool) decideCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "decide FILE...",
		Short: "Say who would be told of a call, where, and why",
		Long: `Read worlds and calls, and say what would be sent in them, with the reasons.

A world has people, what they may see, their settings and the shared places; a
call is one event of DefectDojo. A file has an object with the list "vectors", a
list of vectors, or one vector; - is standard input. Nothing is sent, and
neither a database nor a running bell is needed.

    {"name": "mention",
     "world": {"access_model": "3.x", "gates": {"mail": true}, "system": {},
               "products": [{"name": "Shop", "type": "Retail"}],
               "users": [{"username": "ann", "access": {"products": ["Shop"]},
                          "personal": {"user_mentioned": ["alert", "mail"]}}]},
     "call": {"event": "user_mentioned", "product": "Shop",
              "recipients": ["ann"], "title": "ben jotted a note"}}

With --json the answer is {"vectors": [{"name": ..., "sent": [...]}]}. Each
message has "channel", "to" (null for a shared place), its texts, and "why".`,
		Args: takes(1, -1),
		RunE: t.do(func(_ *cobra.Command, args []string) error {
			var all []vector.Vector
			for _, name := range args {
				f, err := t.vectors(name)
				if err != nil {
					return err
				}
				all = append(all, f.Vectors...)
			}
			return buffered(t.out, func(w io.Writer) error {
				if t.json {
					return decideJSON(w, all)
				}
				return decidePlain(w, all)
			})
		}),
	}
}

// vectors reads one file. What cannot be used is told with the file's name.
func (t *tool) vectors(name string) (vector.File, error) {
	in, shown := t.in, name
	if name == stdinName {
		shown = "standard input"
	} else {
		file, err := os.Open(name)
		if err != nil {
			return vector.File{}, unreadable(name, err)
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	f, err := vector.Read(in)
	if p, ok := errors.AsType[*app.Problem](err); ok {
		return f, app.NewProblem("bad_vector", shown+": "+p.Message, p.Step, true, app.ErrInvalid)
	}
	if err != nil {
		return f, unreadable(shown, err)
	}
	return f, nil
}

func unreadable(name string, err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathError.Err
	}
	return usage(fmt.Sprintf("%s cannot be read: %v.", name, err), "Name a file that you may read, or - for standard input.")
}

func decideJSON(w io.Writer, all []vector.Vector) error {
	type decided struct {
		Name string        `json:"name"`
		Sent []vector.Sent `json:"sent"`
	}
	list := make([]decided, len(all))
	for i := range all {
		list[i] = decided{all[i].Name, all[i].Run()}
	}
	return writeJSON(w, struct {
		Vectors []decided `json:"vectors"`
	}{list})
}

// mostRefused bounds how many people are listed who are told nothing.
const mostRefused = 20

func decidePlain(w io.Writer, all []vector.Vector) error {
	p := &page{w: w}
	for i := range all {
		v := &all[i]
		if i > 0 {
			p.line("")
		}
		name := v.Name
		if name == "" {
			name = fmt.Sprintf("vector %d", i+1)
		}
		if v.Note != "" {
			name += ": " + v.Note
		}
		p.line(name)
		if v.Untitled {
			p.line("  nobody is told: a call without a title is no event")
			continue
		}
		sent := v.Run()
		for _, s := range sent {
			p.line("  " + s.Channel + " to " + receiver(s))
			for _, why := range s.Why {
				p.line("      " + why)
			}
		}
		if len(sent) == 0 {
			p.line("  nothing is sent")
		}
		refused := v.Refused()
		for _, r := range refused[:min(len(refused), mostRefused)] {
			p.line("  nothing to " + r.Person)
			p.line("      " + r.Why)
		}
		if more := len(refused) - mostRefused; more > 0 {
			p.line(fmt.Sprintf("  nothing to %d more", more))
		}
	}
	return p.err
}

// receiver names who or what a message goes to.
func receiver(s vector.Sent) string {
	if s.To == nil {
		return "the shared place"
	}
	return *s.To
}

// page prints lines and keeps the first error.
type page struct {
	w   io.Writer
	err error
}

// line prints one line, harmless for a terminal.
func (p *page) line(text string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, strings.TrimRight(plain(text), " ")+"\n")
	}
}
