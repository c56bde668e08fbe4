package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// advised finds the commands that texts tell the user to run.
var advised = regexp.MustCompile("`bellhop ([a-z][^`\n]*)`")

// Every command that a text of the program or README.md tells somebody to run
// exists, with its flags.
func TestWhatIsAdvisedCanBeRun(t *testing.T) {
	t.Parallel()
	top := filepath.Join("..", "..")
	found := 0
	check := func(path, text string) {
		for _, m := range advised.FindAllStringSubmatch(text, -1) {
			found++
			root := (&tool{}).root()
			words := strings.Fields(m[1])
			cmd, rest, err := root.Find(words)
			if err != nil || cmd == root {
				t.Errorf("%s: %q is no command", path, m[0])
				continue
			}
			if len(rest) > 0 && cmd.HasSubCommands() && regexp.MustCompile("^[a-z]+$").MatchString(rest[0]) {
				t.Errorf("%s: %q: %s has no command %s", path, m[0], cmd.CommandPath(), rest[0])
			}
			cmd.InitDefaultHelpFlag()
			for _, word := range rest {
				name, long := strings.CutPrefix(word, "--")
				name, _, _ = strings.Cut(strings.TrimRight(name, ".,;"), "=")
				if long && name != "" && cmd.Flag(name) == nil {
					t.Errorf("%s: %q: %s has no flag --%s", path, m[0], cmd.CommandPath(), name)
				}
			}
		}
	}
	err := filepath.WalkDir(top, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && slices.Contains([]string{".git", "testdata", ".ci"}, e.Name()) {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, "_test.go") || filepath.Ext(path) != ".go" && e.Name() != "README.md" {
			return nil
		}
		text, err := os.ReadFile(path)
		check(path, string(text))
		return err
	})
	if err != nil || found < 50 {
		t.Fatalf("%d commands are advised, %v", found, err)
	}
}
