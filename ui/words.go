package ui

import (
	"strconv"
	"strings"
)

// number returns n with thousands set apart: "1,000,000".
func number(n int) string {
	s := strconv.Itoa(n)
	if len(s) <= 3 {
		return s
	}
	var b strings.Builder
	lead := len(s) % 3
	b.WriteString(s[:lead])
	for i := lead; i < len(s); i += 3 {
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(s[i : i+3])
	}
	return b.String()
}

// alerts returns "1 alert" or "42 alerts".
func alerts(n int) string {
	if n == 1 {
		return "1 alert"
	}
	return number(n) + " alerts"
}

// newAlerts returns "1 new alert" or "3 new alerts".
func newAlerts(n int) string {
	if n == 1 {
		return "1 new alert"
	}
	return number(n) + " new alerts"
}

// removals returns "1 removal waits" or "3 removals wait".
func removals(n int) string {
	if n == 1 {
		return "1 removal waits"
	}
	return number(n) + " removals wait"
}

// sentence begins s with a capital letter.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
