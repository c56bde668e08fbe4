package ui

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"bellhop/app"
	"bellhop/ui/widget"
)

// longestAnswer is how many bytes of what the other side said are shown.
const longestAnswer = 1_000

// stateText says how far a delivery has come, in a few words.
func stateText(d DeliveryLine, now time.Time) string {
	at := func(t time.Time) string { return clock(t.In(now.Location()), now) }
	switch d.State {
	case app.DeliverySent:
		return "Sent " + at(d.Settled)
	case app.DeliveryDead:
		return "Needs you"
	case app.DeliveryDropped:
		return "Dropped"
	case app.DeliveryHeld:
		if d.Due.Year() >= app.PauseForever.Year() || d.Due.IsZero() {
			return "Held"
		}
		return "Held until " + at(d.Due)
	case app.DeliveryWaiting:
		switch {
		case stopped(d):
			return "Waits, switched off"
		case d.Attempts > 0 && d.Due.After(now):
			return "Tries again " + at(d.Due)
		case d.Attempts > 0:
			return "Tries again now"
		case d.Due.After(now):
			return "Leaves " + at(d.Due)
		}
		return "About to leave"
	}
	return string(d.State)
}

// stopped says whether a delivery waits for somebody to act.
func stopped(d DeliveryLine) bool {
	return d.State == app.DeliveryWaiting && (d.Off || d.Stopped != nil)
}

// stateTint is the colour of how far a delivery has come; words for that always
// stand beside it.
func stateTint(d DeliveryLine) widget.Tint {
	if stopped(d) {
		return widget.TintOrange
	}
	switch d.State {
	case app.DeliverySent:
		return widget.TintGreen
	case app.DeliveryDead:
		return widget.TintRed
	case app.DeliveryHeld:
		return widget.TintViolet
	case app.DeliveryWaiting:
		return widget.TintBlue
	case app.DeliveryDropped:
	}
	return widget.TintGrey
}

// answerText is what the other side said: "404 no such hook".
func answerText(status int, code, answer string) string {
	var parts []string
	if status != 0 {
		parts = append(parts, number(status))
	}
	text := oneLine(head(answer, longestAnswer))
	switch {
	case text != "":
		parts = append(parts, strings.TrimSpace(strings.TrimPrefix(text, number(status))))
	case code != "":
		parts = append(parts, strings.ReplaceAll(oneLine(code), "_", " "))
	}
	return strings.Join(parts, " ")
}

// wayText is through what and to whom a delivery goes: "Mail to maria@…".
func wayText(d DeliveryLine) string {
	name := d.Channel.String()
	if int(d.Channel) < app.NumChannels {
		name = channelText[d.Channel].name
	}
	if d.To == "" {
		return name
	}
	return name + " to " + oneLine(head(d.To, longestLine))
}

// tries returns "1 attempt" or "3 attempts", "" for none.
func tries(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 attempt"
	}
	return number(n) + " attempts"
}

// deliveryText is the second line of a delivery. How far it has come is said
// first, where the line is never cut.
func deliveryText(d DeliveryLine, now time.Time) string {
	parts := []string{stateText(d, now), wayText(d)}
	if d.Attempts > 1 || d.State != app.DeliverySent {
		if n := tries(d.Attempts); n != "" {
			parts = append(parts, n)
		}
	}
	if a := answerText(d.Status, d.Code, d.Answer); a != "" && d.State != app.DeliverySent {
		parts = append(parts, a)
	}
	return strings.Join(parts, " · ")
}

// attemptText is one try as it is listed below a delivery.
func attemptText(a app.Attempt, d app.Delivery, now time.Time) widget.TryState {
	begun := a.Begun.In(now.Location())
	lead := fmt.Sprintf("%d · %s", a.N, begun.Format("15:04:05"))
	if daysAgo(begun, now) != 0 {
		lead = fmt.Sprintf("%d · %s", a.N, begun.Format("Jan 2, 15:04"))
	}
	if a.Took > 0 {
		lead += " · " + took(a.Took)
	}
	s := widget.TryState{Lead: lead, Text: answerText(a.Status, a.Code, a.Answer), Ink: widget.ColorText}
	switch {
	case a.Took == 0 && a.Code == "" && a.Status == 0:
		s.Text = "Being sent, or cut off before an answer came"
		if d.State != app.DeliveryWaiting {
			s.Text = "Cut off before an answer came"
		}
		s.Ink = widget.ColorMuted
	case a.Code == "":
		s.Ink = widget.ColorGreen
		s.Text = strings.TrimSpace("Taken. " + s.Text)
	default:
		s.Ink = widget.ColorRed
	}
	return s
}

// took returns how long something took: "240 ms", "3.1 s".
func took(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", max(1, d.Milliseconds()))
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// unfolded returns the lines below a delivery.
func unfolded(d DeliveryLine, list []app.Attempt, read bool, now time.Time) []widget.TryState {
	var out []widget.TryState
	for _, a := range list {
		out = append(out, attemptText(a, d.Delivery, now))
	}
	quiet := func(text string) { out = append(out, widget.TryState{Text: text, Dim: true}) }
	switch {
	case !read:
		quiet("Reading…")
	case len(list) == 0:
		quiet("Not tried yet")
	}
	if d.Answer != "" && len(list) == 0 {
		quiet(oneLine(head(d.Answer, longestAnswer)))
	}
	if text := togetherText(d, now); text != "" {
		quiet(text)
	}
	if d.Stopped != nil {
		out = append(out, widget.TryState{Text: "Stopped: " + oneLine(d.Stopped.Reason) + ".", Ink: widget.ColorOrange})
	}
	if next := nextText(d); next != "" {
		out = append(out, widget.TryState{Text: "What to do: " + next, Ink: widget.ColorOrange})
	}
	if d.Digest != "" && d.Digest != d.ID {
		quiet("It went out in one message with others: " + oneLine(string(d.Digest)))
	}
	quiet(fmt.Sprintf("Message %s, decided %s", oneLine(string(d.ID)), full(d.Created.In(now.Location()))))
	out[len(out)-1].Last = true
	return out
}

// togetherText says of a delivery that only waits for its digest what it waits for, ""
// of any other. One that was never tried leaves later because others of its group were
// told a moment ago, or because no more may be sent just then; either way it is
// gathered with what comes meanwhile. The group's name is the kind of event, then the
// product, between unit separators.
func togetherText(d DeliveryLine, now time.Time) string {
	group := strings.Split(d.Group, "\x1f")
	if d.State != app.DeliveryWaiting || stopped(d) || d.Attempts > 0 || !d.Due.After(now) ||
		d.Code != "" || d.Digest != "" || !d.Resent.IsZero() || len(group) < 2 {
		return ""
	}
	switch d.Channel {
	case app.ChannelMail, app.ChannelSlack, app.ChannelTeams, app.ChannelServices:
	case app.ChannelAlert, app.ChannelToast, app.ChannelWebhooks:
		return "" // never merged
	}
	others := "others like it"
	if product := oneLine(head(group[1], longestLine)); product != "" {
		others = "others of " + product
	}
	return "Waits to be told together with " + others + ", at " + clock(d.Due.In(now.Location()), now)
}

// nextText is what somebody has to do for a delivery to arrive, "" for nothing.
func nextText(d DeliveryLine) string {
	next := oneLine(d.Next)
	switch {
	case canTest(d):
		return cmp.Or(next, "Mend the endpoint, then test it; what waits is sent then.")
	case d.Stopped != nil: // first of all: until then nothing leaves
		return strings.TrimSpace(oneLine(d.Stopped.Next) + " " + next)
	}
	return next
}

// canTest says whether a delivery hangs on an endpoint that is off after failures, so
// that a test comes before anything else. (Other channels are switched off by nothing
// but HTTP 410, after which they need another address, and saving that lets them go on;
// of what somebody has switched off a test says nothing.)
func canTest(d DeliveryLine) bool {
	return d.Fails && d.Channel == app.ChannelWebhooks && d.Destination != 0 && (d.State == app.DeliveryWaiting || d.State == app.DeliveryDead)
}

// actText is what is offered for a delivery, "" for nothing.
func actText(d DeliveryLine, now time.Time) string {
	if canTest(d) {
		return "Test it"
	}
	if d.Stopped != nil {
		return "" // it would stay where it is
	}
	return againText(d.Delivery, now)
}

// againText is what can be done about a delivery, "" for nothing.
func againText(d app.Delivery, now time.Time) string {
	switch d.State {
	case app.DeliveryDead, app.DeliverySent:
		return "Send again"
	case app.DeliveryHeld:
		return "Send now"
	case app.DeliveryWaiting:
		if d.Due.After(now) {
			return "Send now"
		}
	case app.DeliveryDropped:
	}
	return ""
}
