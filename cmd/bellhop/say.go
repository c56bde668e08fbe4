package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// say prints v with --json, and the lines without.
func (t *tool) say(v any, lines ...string) error {
	if t.json {
		return writeJSON(t.out, v)
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(t.out, plain(line)); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	}
	return nil
}

// confirm asks a question on the terminal and takes yes for yes and anything
// else for no. Without a terminal it refuses and names the flag that answers.
func (t *tool) confirm(question string) (bool, error) {
	if !t.canAsk() {
		return false, usage(question, "Say --yes to go on; nobody can be asked here.")
	}
	if err := t.ask(plain(question) + " [y/N] "); err != nil {
		return false, err
	}
	line, err := bufio.NewReader(t.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("read the answer: %w", err)
	}
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes", nil
}
