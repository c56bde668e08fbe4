package slack

import (
	"context"
	"strings"
	"unicode"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// receiver returns the channel or the person to post to; kept says that the id
// came out of [Users], fresh asks not to look there. The error is a
// *dispatch.Failure.
func (c *Channel) receiver(ctx context.Context, m *dispatch.Message, s session, fresh bool) (id string, kept bool, err error) {
	to := strings.TrimSpace(m.Destination.Address)
	if to == "" {
		to = strings.TrimSpace(or(m.To.Slack, m.To.Email))
	}
	name, isMail := mailAddress(to)
	switch {
	case to == "":
		return "", false, &dispatch.Failure{
			Code: "no_address", Final: true,
			Next: "Slack's id or mail address of this person is not known. Give it: `bellhop channels edit NAME --address ann@example.com`, or add a destination of hers with --user.",
		}
	case !isMail:
		return strings.TrimPrefix(to, "@"), false, nil
	}
	account := m.Destination.Account
	if c.Users != nil && !fresh {
		// A store that cannot be read costs one look-up more, not the message.
		if id, err := c.Users.SlackUser(ctx, account, name); err == nil && id != "" {
			return id, true, nil
		}
	}
	user, err := s.api.GetUserByEmailContext(ctx, name)
	if f := s.failure(ctx, err); f != nil {
		if c.Users != nil && f.Code == "users_not_found" {
			_ = c.Users.KeepSlackUser(ctx, account, name, "")
		}
		return "", false, f
	}
	if c.Users != nil {
		_ = c.Users.KeepSlackUser(ctx, account, name, user.ID)
	}
	return user.ID, false, nil
}

// CheckAddress says what is wrong with the address of a destination, nil where
// nothing is. Whether it exists is only known to Slack.
func CheckAddress(to string) *app.Problem {
	if strings.HasPrefix(to, "xox") {
		return problem("This is a token and no address in Slack, and addresses can be read by others.",
			"Give the token with --secret token on standard input, and a channel such as #security as the address.")
	}
	if strings.ContainsFunc(to, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`,;/"`, r)
	}) {
		return problem("The address is not one place in Slack.",
			"Give a channel such as #security, the id of a channel or a person, or the e-mail address by which Slack knows a person; for several add several destinations.")
	}
	return nil
}

func problem(message, step string) *app.Problem {
	return app.NewProblem("bad_address", message, step, true, app.ErrInvalid)
}

// mailAddress says whether to is an e-mail address, and returns it as Slack is
// asked for it.
func mailAddress(to string) (string, bool) {
	local, domain, ok := strings.Cut(to, "@")
	return strings.ToLower(to), ok && local != "" && strings.Contains(domain, ".")
}
