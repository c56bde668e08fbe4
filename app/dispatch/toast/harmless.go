package toast

import (
	"strconv"
	"strings"
)

// harmlessWindows makes a line safe for what stands between us and a Windows
// toast (go-toast 1.1.2): an XML CDATA section that is not escaped, and, where
// COM fails, a PowerShell here-string that expands "$(...)", variables and
// backticks. The look-alikes cannot be told from the originals at reading
// distance, and no parser knows them. A here-string ends with a quote at the
// start of a line only, and a line break never gets this far.
func harmlessWindows(s string) string {
	return strings.NewReplacer("]]>", "]] >", "$", "＄", "`", "ˋ").Replace(s)
}

// harmlessDarwin makes a line safe for terminal-notifier, which reads its
// arguments as defaults: a value that starts like an option or a property list
// is not taken as text; a character without a width keeps it from that. osascript
// gets it in Go's quotes, whose two escapes for printable text, \" and \\, are
// AppleScript's own. It knows no other, so that a character for which Go would
// write one is left out: the joiners of emoji among them, which then stand apart.
func harmlessDarwin(s string) string {
	s = strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	if s != "" && strings.ContainsRune(`-[({<"\`, rune(s[0])) {
		return "\u034f" + s
	}
	return s
}
