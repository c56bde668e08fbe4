package app

import (
	"strings"
	"unicode"
)

// Quoted returns a name as a shell takes it for one word: in single quotes where it
// has anything but letters, digits and "-_.@" in it, or nothing.
func Quoted(name string) string {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.@", r)
	}) {
		return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
	}
	return name
}
