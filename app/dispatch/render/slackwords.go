package render

import (
	"fmt"
	"strings"

	"bellhop/app"
)

// slackWords are DefectDojo's words for Slack, with the white space that its
// templates leave.
func (in *Input) slackWords() string {
	c, to := in.Call, in.url()
	switch c.Kind {
	case app.KindProductTypeAdded:
		if c.ProductType != nil || in.Letter {
			return "\n\n" + in.description() + "." + suffix(" It can be viewed here: ", to) + "\n\n"
		}
	case app.KindProductAdded:
		if c.Product != nil || in.Letter {
			return "\n\n" + in.description() + "." + suffix(" It can be viewed here: ", to) + "\n\n"
		}
	case app.KindEngagementAdded, app.KindEngagementClosed:
		if c.Engagement != nil && c.Product != nil || in.Letter {
			return "\n\n" + in.engagementSentence() + suffix(" It can be viewed here: ", to) + "\n\n"
		}
	case app.KindTestAdded:
		if c.Engagement != nil && c.Product != nil || in.Letter {
			return "\n\nNew test added for engagement " + name(c.Engagement) + " in product " + name(in.above()) + "." +
				in.labelled(" Title: ", name(c.Test)) + in.labelled(" Type: ", short(c.TestType)) +
				suffix(" You can find details here: ", to) + "\n\n"
		}
	case app.KindScanAdded, app.KindScanAddedEmpty:
		// 3.x lost the text of the empty scan and says what it says of others.
		lost := in.Letter && c.Kind == app.KindScanAddedEmpty && !in.before(3, 0, 0)
		test := testName(c)
		if test == "" && in.Letter {
			test = "None"
		}
		if test != "" && !lost {
			s := "\n\n" + in.standard() + "\n"
			if to != "" {
				s += "\n    \n  " + test + " results have been uploaded. They can be viewed here: " + to + "\n"
			}
			return s + "\n\n"
		}
	case app.KindReviewRequested:
		if c.Finding != nil || in.Letter {
			return in.reviewText("\n\n\n") + "\n"
		}
	case app.KindUserMentioned:
		if c.Note != "" || in.Letter {
			if in.Letter {
				to = c.URL
			}
			return fmt.Sprintf("User %s jotted a note on %s: %s", in.letterAuthor(), short(c.Section), plain(c.Note)) +
				suffix(" Full details of the note can be reviewed at ", to) + "\n\n"
		}
	case app.KindSLABreach:
		if c.Finding != nil && c.Product != nil || in.Letter {
			var f app.FindingRef
			if c.Finding != nil {
				f = *c.Finding
			}
			return "\n\n" + in.slaSentence() + in.labelled(" Title: ", short(f.Title)) + in.labelled(" Severity: ", short(f.Severity)) + suffix(" You can find details here: ", to) + "\n\n"
		}
	case app.KindUpcomingEngagement:
		if c.Engagement != nil && !c.Start.IsZero() || in.Letter {
			return in.upcomingSentence() + "\n\n"
		}
	case app.KindRiskAcceptanceExpiration:
		return "\n\n" + in.standard() + "\n\n\n    " + in.riskHeading() +
			"\n\n" + suffix("\nRisk Acceptance can be viewed here: ", to) + "\n\n"
	default: // the words below
	}
	s := "\n\n" + in.standard() + "\n"
	if to != "" {
		s += "\nMore information on this event can be found here: " + to + "\n"
	}
	return s + "\n\n"
}

// labelled is a label and its value; without a value nothing, or the label for
// the letter's sake.
func (in *Input) labelled(label, value string) string {
	if in.Letter {
		return label + value
	}
	return suffix(label, value)
}

// suffix is a label and its value, nothing without a value.
func suffix(label, value string) string {
	if value == "" {
		return ""
	}
	return label + value
}

// expired says whether a risk acceptance is over: by its end, or, where the
// call does not know it, by DefectDojo's title.
func (in *Input) expired() bool {
	if end := in.Call.End; !end.IsZero() && !in.At.IsZero() {
		return !end.After(in.At)
	}
	return strings.Contains(in.Call.Title, " has expired")
}

func (in *Input) riskHeading() string {
	if in.expired() {
		return "Risk Acceptance Expired"
	}
	return "Risk Acceptance Will Expire Soon"
}
