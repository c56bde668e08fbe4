package teams

import (
	"net/url"
	"strings"

	"bellhop/app"
)

const codeRetired = "retired_connector"

// hosts are the ends of the names under which workflows are reached.
var hosts = []string{".logic.azure.com", ".environment.api.powerplatform.com"}

// retired are the ends of the names of the connectors that were switched off.
var retired = []string{"webhook.office.com", "outlook.office.com", "outlook.office365.com"}

const stepReplace = "In Teams, open the channel's menu (…), choose Workflows, then \"Send webhook alerts to a channel\", and give Bellhop the URL that is shown at the end, with --secret url, on standard input."

// Check says what is wrong with how a workflow is set, nil where nothing is. It
// touches no network; see the package comment for the names.
func Check(config, secrets map[string]string) *app.Problem {
	u, err := url.Parse(strings.TrimSpace(secrets["url"]))
	if err != nil || u.Hostname() == "" {
		return problem("bad_address", "The workflow has no usable URL.", stepReplace)
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	for own := range strings.SplitSeq(config["hosts"], ",") {
		own = strings.ToLower(strings.TrimSpace(own))
		if own != "" && host == own && (u.Scheme == "https" || u.Scheme == "http") {
			return nil
		}
	}
	for _, end := range retired {
		if host == end || strings.HasSuffix(host, "."+end) {
			return problem(codeRetired, "This is the URL of an Office connector. Microsoft has switched connectors off.", stepReplace)
		}
	}
	if u.Scheme != "https" {
		return problem("bad_address", "A workflow's URL begins with https://.", "Copy it from the workflow again.")
	}
	for _, end := range hosts {
		if strings.HasSuffix(host, end) {
			if u.Query().Get("sig") == "" {
				return problem("bad_address", "The workflow's URL is not complete: its signature is missing.", "Copy it again, up to its end, with sig= in it.")
			}
			return nil
		}
	}
	return problem("unknown_host", "This is not the URL of a workflow of Microsoft Teams.",
		"Copy the URL from the workflow; for a gateway of your own, name its host in the channel's setting hosts.")
}

func problem(code, message, step string) *app.Problem {
	return app.NewProblem(code, message, step, true, app.ErrInvalid)
}

// Host returns what may be shown of a workflow's URL.
func Host(secret string) string {
	u, err := url.Parse(strings.TrimSpace(secret))
	if err != nil {
		return ""
	}
	return u.Hostname()
}
