package main

import (
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"bellhop/app/dispatch/dispatchtest"
)

type edgesKey struct{}

// edges are the mail server and the Slack of one script, once they have started.
type edges struct {
	t     testing.TB
	exim  *dispatchtest.Exim
	slack *dispatchtest.Slack
}

// botToken is what the script's Slack takes.
const botToken = "xoxb-of-the-read-me-5021"

// servePost is the script command "post": a real mail server for ann, at
// $MAILHOST and $MAILPORT with its authority in $MAILCA, and a strict Slack with
// the channel #sec at $SLACK.
func servePost(ts *testscript.TestScript, _ bool, _ []string) {
	e, _ := ts.Value(edgesKey{}).(*edges)
	e.exim = dispatchtest.StartExim(e.t, dispatchtest.EximOptions{Domain: "example.com", Users: []string{"ann"}, Password: "hush-of-the-mail"})
	host, port, err := net.SplitHostPort(e.exim.Addr)
	ts.Check(err)
	e.slack = &dispatchtest.Slack{Token: botToken, Channels: map[string]dispatchtest.SlackChannel{"C1": {Name: "sec", Member: true}}}
	server := httptest.NewServer(e.slack)
	ts.Defer(server.Close)
	for key, value := range map[string]string{"MAILHOST": host, "MAILPORT": port, "MAILCA": e.exim.CAFile, "SLACK": server.URL + "/"} {
		ts.Setenv(key, value)
	}
}

// waitForPost is the script command "posted": wait until ann's mailbox and #sec
// have so many messages, the last of both with a text.
func waitForPost(ts *testscript.TestScript, _ bool, args []string) {
	e, _ := ts.Value(edgesKey{}).(*edges)
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	await(ts, func() error {
		mails, messages := e.exim.Mails("ann"), e.slack.Messages()
		if len(mails) != want || len(messages) != want {
			return fmt.Errorf("there are %d mails and %d messages in Slack, want %d each", len(mails), len(messages), want)
		}
		read, err := dispatchtest.ReadMail(strings.NewReader(mails[want-1]))
		if err != nil {
			return err
		}
		if !strings.Contains(read.Subject+read.Text, args[1]) || !strings.Contains(fmt.Sprint(messages[want-1]), args[1]) {
			return fmt.Errorf("%q is not in\n%s\n%s\n%+v", args[1], read.Subject, read.Text, messages[want-1])
		}
		return nil
	})
}

// remark is what explains a command of README.md at the end of its line.
var remark = regexp.MustCompile(` +# .*$`)

// word is a word of a command as a shell reads those of README.md.
var word = regexp.MustCompile(`"[^"]*"|[^ "]+`)

// doAsRead is the script command "readme": run the one command of README.md that
// begins with the first argument, with the other arguments after its own.
func doAsRead(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile("../../README.md")
	ts.Check(err)
	var found []string
	for line := range strings.Lines(string(text)) {
		if line = remark.ReplaceAllString(strings.TrimSpace(line), ""); strings.HasPrefix(line, args[0]) {
			found = append(found, line)
		}
	}
	if len(found) != 1 {
		ts.Fatalf("README.md has %d commands that begin with %q: %q", len(found), args[0], found)
	}
	words := word.FindAllString(found[0], -1)
	for i := range words {
		words[i] = strings.Trim(words[i], `"`)
	}
	ts.Check(ts.Exec(words[0], append(words[1:], args[1:]...)...))
}
