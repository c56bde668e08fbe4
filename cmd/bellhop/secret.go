package main

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"
)

// maxSecret bounds what is read as a secret, in bytes.
const maxSecret = 64 << 10

// secret reads a secret: all of standard input where it was said to be there,
// else what a person types without an echo. A secret is never an argument,
// which every user of the machine could read.
func (t *tool) secret(fromStdin bool, name, flag string) (string, error) {
	if !fromStdin {
		fd, ok := terminal(t.in)
		if !ok || !t.canAsk() {
			return "", usage("The "+name+" is missing and nobody can be asked for it.", "Send it to standard input and say "+flag+".")
		}
		if err := t.ask(upperFirst(name) + ": "); err != nil {
			return "", err
		}
		typed, err := term.ReadPassword(fd)
		if err != nil {
			return "", fmt.Errorf("read the %s: %w", name, err)
		}
		if err := t.ask("\n"); err != nil { // the line end that was not echoed
			return "", err
		}
		return notEmpty(string(typed), name)
	}
	data, err := io.ReadAll(io.LimitReader(t.in, maxSecret+1))
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", name, err)
	}
	if len(data) > maxSecret {
		return "", usage("What was sent as the "+name+" is too long.", "Send the "+name+" and nothing else.")
	}
	return notEmpty(oneLine(string(data)), name)
}

// oneLine cuts one line end off: `echo` and editors add it, and it is never part
// of a secret. Blanks can be.
func oneLine(s string) string {
	return strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r")
}

func notEmpty(s, name string) (string, error) {
	if s == "" {
		return "", usage("The "+name+" is empty.", "Send or type it.")
	}
	if strings.ContainsAny(s, "\r\n\x00") {
		return "", usage("The "+name+" has more than one line.", "Send the "+name+" and nothing else.")
	}
	return s, nil
}
