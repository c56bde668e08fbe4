package services

import (
	"io"

	"bellhop/app/dispatch/internal/post"
	"bellhop/app/dispatch/render"
)

// Network is what the process of a test reaches services through.
type Network = post.Options

// Work is the life of a process with a network of the test's.
func Work(in io.Reader, out io.Writer, n Network) int { return work(in, out, n) }

// Words puts a note into the form of a service.
func Words(scheme string, n render.NoteText) (title, text string, most int) {
	k := kinds[scheme]
	title, text = k.words(n, k.titled)
	return title, text, k.most
}

// Markup says whether a service makes links and mentions of texts.
func Markup(scheme string) bool { return kinds[scheme].markup }
