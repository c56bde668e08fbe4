package email

import (
	"bytes"
	"errors"
	"net/textproto"
	"strings"
)

var errLine = errors.New("an address has a line break in it")

// command is a line that we say and the answer that we hope for: its first digits.
type command struct {
	step step
	text string
	want int
}

// announce says from whom and to whom a message is. Where the server offers it (RFC
// 2920, as nearly all do), all of it is said at once: that saves two of four times
// to wait for an answer.
func (s *session) announce(l *letter) error {
	if strings.ContainsAny(l.from+l.to, "\r\n") {
		return &stepError{stepSender, errLine}
	}
	from := "MAIL FROM:<" + l.from + ">"
	if ok, _ := s.client.Extension("8BITMIME"); ok {
		from += " BODY=8BITMIME"
	}
	if l.international() {
		from += " SMTPUTF8" // offered: see fits
	}
	commands := [...]command{{stepSender, from, 250}, {stepRecipient, "RCPT TO:<" + l.to + ">", 25}, {stepData, "DATA", 354}}
	if together, _ := s.client.Extension("PIPELINING"); together {
		return s.announceTogether(commands[:])
	}
	for _, c := range commands {
		if err := s.say(c.text); err != nil {
			return &stepError{c.step, err}
		}
		if _, _, err := s.client.Text.ReadResponse(c.want); err != nil {
			return s.reset(&stepError{c.step, err})
		}
	}
	return nil
}

func (s *session) announceTogether(commands []command) error {
	lines := make([]string, len(commands))
	for i, c := range commands {
		lines[i] = c.text
	}
	if err := s.say(lines...); err != nil {
		return &stepError{commands[0].step, err}
	}
	var failed *stepError
	somebody := false // the server knows whom the message is for
	for _, c := range commands {
		_, _, err := s.client.Text.ReadResponse(c.want)
		if err != nil && failed == nil {
			failed = &stepError{c.step, err}
		}
		somebody = somebody || err == nil && c.step == stepRecipient
		if _, answered := errors.AsType[*textproto.Error](err); err != nil && !answered {
			return failed
		}
		if err == nil && failed != nil && c.step == stepData {
			// It waits for a message to nobody (RFC 2920, 3.1): that gets an end,
			// unless there is somebody whom it would go to.
			if somebody {
				s.broken = true
				_ = s.conn.Close()
				return failed
			}
			if err := s.say("."); err != nil {
				return failed
			}
			_, _, _ = s.client.Text.ReadResponse(0) // whatever it says to that
		}
	}
	if failed == nil {
		return nil
	}
	return s.reset(failed)
}

// say sends lines at once.
func (s *session) say(lines ...string) error {
	w := s.client.Text.W
	for _, line := range lines {
		_, _ = w.WriteString(line) // an error stays until Flush
		_, _ = w.WriteString("\r\n")
	}
	return w.Flush()
}

// hand sends the message itself, and returns what the server said to it.
func (s *session) hand(l *letter) (answer string, err error) {
	if _, err := s.client.Text.W.Write(stuffed(l.raw)); err != nil {
		return "", &stepError{stepData, err}
	}
	if err := s.client.Text.W.Flush(); err != nil {
		return "", &stepError{stepTaken, err}
	}
	_, answer, err = s.client.Text.ReadResponse(250)
	if err != nil {
		return "", &stepError{stepTaken, err}
	}
	return answer, nil
}

// stuffed is a message with its end, as it goes over the wire: a line that begins
// with a dot gets another one (RFC 5321, 4.5.2). All its lines end in CRLF.
func stuffed(raw []byte) []byte {
	if bytes.HasPrefix(raw, []byte(".")) || bytes.Contains(raw, []byte("\n.")) {
		raw = bytes.ReplaceAll(append([]byte("\r\n"), raw...), []byte("\n."), []byte("\n.."))[2:]
	}
	return append(raw[:len(raw):cap(raw)], ".\r\n"...)
}
