package email

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// idHost is the right side of our ids: a name below the sender's own domain,
// so that nobody else makes the same ones. A domain that is not ASCII cannot
// stand in an id; RFC 2606 reserves .invalid.
func idHost(from string) string {
	domain := from[strings.LastIndexByte(from, '@')+1:]
	if ascii(domain) && token(domain, 255) == domain && domain != "" {
		return "bellhop." + domain
	}
	return "bellhop.invalid"
}

// thread returns the id under which mail programs file the message with the
// others about the same engagement, else the same product; "" where the events
// have neither in common. No message has this id: programs join what refers to
// the same one, whether they have it or not.
func thread(m *dispatch.Message, host string) string {
	if len(m.Events) == 0 {
		return ""
	}
	product, engagement := refKey(m.Events[0].Call.Product), refKey(m.Events[0].Call.Engagement)
	account := m.Events[0].Account
	for i := range m.Events {
		c := &m.Events[i].Call
		if m.Events[i].Account != account || refKey(c.Product) != product {
			return ""
		}
		if refKey(c.Engagement) != engagement {
			engagement = ""
		}
	}
	if product == "" && engagement == "" {
		return ""
	}
	// The account's number is of one database, the site tells two of them
	// apart that write to the same mailbox.
	sum := sha256.Sum256([]byte(m.Site + "\x00" + strconv.FormatInt(int64(account), 10) + "\x00" + product + "\x00" + engagement))
	return "thread-" + hex.EncodeToString(sum[:12]) + "@" + host
}

// refKey names an object across events: by the server's id where it is known.
func refKey(r *app.Ref) string {
	switch {
	case r == nil:
		return ""
	case r.ID != 0:
		return "id " + strconv.FormatInt(r.ID, 10)
	case strings.TrimSpace(r.Name) == "":
		return ""
	}
	return "name " + strings.TrimSpace(r.Name)
}
