package email

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/render"
)

// letter is a message ready to be sent.
type letter struct {
	from, to string // addresses alone
	raw      []byte
}

// international says whether an address needs SMTPUTF8 (RFC 6531).
func (l *letter) international() bool { return !ascii(l.from) || !ascii(l.to) }

// compose puts a message together. The same delivery gives the same message in
// every attempt but for the boundary between its parts.
func compose(m *dispatch.Message, c *Config, to mail.Address) (*letter, error) {
	text, err := wording(m)
	if err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP))
	host := idHost(c.From.Address)
	msg.FromMailAddress(&c.From)
	msg.ToMailAddress(&to)
	if c.ReplyTo != "" {
		msg.ReplyToMailAddress(&mail.Address{Address: c.ReplyTo})
	}
	msg.SetGenHeader(gomail.HeaderSubject, encoded(plain(text.Subject, maxSubject)))
	msg.SetMessageIDWithValue(token(m.ID, 64) + "@" + host)
	msg.SetDateWithValue(m.At)
	if id := thread(m, host); id != "" {
		msg.SetGenHeader(gomail.HeaderReferences, "<"+id+">")
		msg.SetGenHeader(gomail.HeaderInReplyTo, "<"+id+">")
	}
	if c.Unsubscribe != "" && ascii(c.Unsubscribe) {
		msg.SetListUnsubscribe("mailto:" + url.PathEscape(c.Unsubscribe) + "?subject=unsubscribe")
	}
	// RFC 3834 and its Exchange counterpart: no answer from a holiday note.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	if kind := event(m.Events); kind != "" {
		msg.SetGenHeader("X-Bellhop-Event", kind)
	}
	if site := plain(m.Site, 500); site != "" {
		msg.SetGenHeader("X-Bellhop-Instance", encoded(site))
	}
	var raw bytes.Buffer
	raw.Grow(2*len(text.Text) + 2*len(text.HTML) + 2048)
	if _, err := msg.WriteTo(&raw); err != nil {
		return nil, fmt.Errorf("write the mail: %w", err)
	}
	parts := []part{{"text/plain", body(text.Text)}}
	if text.HTML != "" {
		parts = append(parts, part{"text/html", body(text.HTML)})
	}
	return &letter{from: c.From.Address, to: to.Address, raw: appendParts(raw.Bytes(), rand.Text(), parts)}, nil
}

// event is the value of X-Bellhop-Event, for the filters of mail programs: the
// kind of all the events, or "digest".
func event(events []app.Event) string {
	if len(events) == 0 {
		return ""
	}
	for i := range events {
		if events[i].Kind != events[0].Kind {
			return "digest"
		}
	}
	return token(string(events[0].Kind), 100)
}

// receiver returns whom a message goes to. A destination is one address;
// without one it is the person's own.
func receiver(m *dispatch.Message) (mail.Address, error) {
	given := m.Destination.Address
	if given == "" {
		given = m.To.Email
	}
	to, err := parseAddress(given)
	if err != nil {
		return mail.Address{}, err
	}
	if to.Name == "" && m.To.ID != 0 {
		to.Name = plain(m.To.FirstName+" "+m.To.LastName, maxName)
	}
	return to, nil
}

// wording returns the texts of a message.
func wording(m *dispatch.Message) (render.MailText, error) {
	switch len(m.Events) {
	case 0:
		return render.MailText{}, errors.New("there is no event to tell")
	case 1:
		return render.Mail(input(m, 0)), nil
	}
	return gathered(m)
}

func input(m *dispatch.Message, i int) render.Input {
	e := &m.Events[i]
	return render.Input{Call: &e.Call, At: e.At, Team: m.Team, Site: strings.TrimRight(m.Site, "/"), To: m.To, Held: m.Held}
}
