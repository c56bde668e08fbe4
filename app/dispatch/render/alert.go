package render

import (
	"fmt"
	"strconv"
	"strings"

	"bellhop/app"
)

// defaultIcon is DefectDojo's for events that bring none.
const defaultIcon = "info-circle"

// Alert returns the row that stands for the event in a list of alerts.
func Alert(in Input) AlertText {
	in = in.ready()
	c := in.Call
	icon := c.Icon
	if icon == "" {
		icon = defaultIcon
	}
	return AlertText{
		Title:       app.Cut(strings.ToValidUTF8(c.Title, "\uFFFD"), app.MaxTitle),
		Description: app.Cut(in.description(), app.MaxDescription),
		URL:         app.Cut(in.mended(strings.ToValidUTF8(c.URL, "\uFFFD")), MaxURL),
		Source:      strings.ToValidUTF8(c.Kind.Source(), ""),
		Icon:        app.Cut(oneLine(icon), app.MaxIcon),
	}
}

// description is the alert's text. The events below have one of their own where
// the call names their objects; all others say what the call says.
func (in *Input) description() string {
	c := in.Call
	switch c.Kind {
	case app.KindProductTypeAdded:
		if c.ProductType != nil || in.Letter {
			return fmt.Sprintf("The new product type %s has been added", quote(in.added(c.ProductType)))
		}
	case app.KindProductAdded:
		if c.Product != nil || in.Letter {
			return fmt.Sprintf("The new product %s has been added", quote(in.added(c.Product)))
		}
	case app.KindEngagementAdded, app.KindEngagementClosed:
		if c.Engagement != nil && c.Product != nil || in.Letter {
			return in.engagementSentence()
		}
	case app.KindTestAdded:
		if c.Product != nil && c.TestType != "" || in.Letter {
			return fmt.Sprintf("New test added for engagement %s: %s.", name(in.above()), short(c.TestType))
		}
	case app.KindReviewRequested:
		if c.Finding != nil || in.Letter {
			return in.reviewText("\n\n")
		}
	case app.KindUserMentioned:
		if c.Note != "" || in.Letter {
			return fmt.Sprintf("User %s jotted a note on %s:\n\n    %s", in.letterAuthor(), short(c.Section), plain(c.Note))
		}
	case app.KindSLABreach:
		if c.Finding != nil && c.Product != nil || in.Letter {
			return in.slaSentence()
		}
	case app.KindUpcomingEngagement:
		if c.Engagement != nil && !c.Start.IsZero() || in.Letter {
			return in.upcomingSentence()
		}
	default: // the call's own words
	}
	return in.standard()
}

// added is the name of something new. DefectDojo prints the title, which is the
// name where it calls itself.
func (in *Input) added(r *app.Ref) string {
	if in.Letter {
		return in.Call.Title
	}
	return name(r)
}

// quote puts plain quotes around a text and escapes nothing in it.
func quote(s string) string { return `"` + s + `"` }

func (in *Input) engagementSentence() string {
	did := "created"
	if in.Call.Kind == app.KindEngagementClosed {
		did = "closed"
	}
	return fmt.Sprintf("The engagement %s has been %s in the product %s.", quote(name(in.Call.Engagement)), did, quote(name(in.above())))
}

// above is the product. DefectDojo's texts reach it through the engagement, and
// have none where the call brings no engagement.
func (in *Input) above() *app.Ref {
	if in.Letter && in.Call.Engagement == nil {
		return nil
	}
	return in.Call.Product
}

func (in *Input) upcomingSentence() string {
	who, day := in.Call.Engagement, ""
	if in.Letter {
		who = in.above()
	}
	if !in.Call.Start.IsZero() {
		day = date(in.Call.Start)
	}
	return fmt.Sprintf("The engagement %s is starting on %s.", quote(name(who)), day)
}

func (in *Input) slaSentence() string {
	c := in.Call
	finding, product := "", ""
	if c.Finding != nil {
		finding, product = itoa(c.Finding.ID), name(c.Product)
	}
	s := fmt.Sprintf("SLA breach alert for finding %s in product %s.", finding, product)
	if c.SLAAge == nil && !in.Letter {
		return s
	}
	days := ""
	if c.SLAAge != nil {
		days = strconv.Itoa(*c.SLAAge)
	}
	return s + " Relative days count to SLA due date: " + days + "."
}

// reviewText is the text by which a review is asked for; gap stands between the
// note and the link, where alert and Slack differ.
func (in *Input) reviewText(gap string) string {
	c := in.Call
	finding := "None"
	if c.Finding != nil {
		finding = short(c.Finding.Title)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n\nUser %s has requested that the following users review the finding %s for accuracy:\n\n",
		in.letterAuthor(), quote(finding))
	for _, r := range in.reviewers() {
		b.WriteString("\n    - " + r + "    \n")
	}
	b.WriteString("\n\n" + plain(c.Note) + gap)
	if to := in.url(); to != "" {
		b.WriteString("Full details of the finding can be reviewed at " + to)
	}
	b.WriteString("\n\n")
	return b.String()
}

// letterAuthor is the author as texts have it; where nobody is known, it is
// "Somebody", or for the letter's sake what the server prints there.
func (in *Input) letterAuthor() string {
	who := in.author()
	switch {
	case in.Letter && in.Call.RequestedBy != "":
		return short(in.Call.RequestedBy)
	case in.Letter && in.before(3, 0, 0) && in.Call.Kind == app.KindUserMentioned && in.To.Username != "":
		return fullName(&in.To) // 2.x names the reader
	case in.Letter:
		return "None"
	case who == "":
		return "Somebody"
	}
	return who
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
