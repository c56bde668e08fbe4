// Package slack delivers to Slack as a bot: to shared channels, and to people by
// direct message, who are found by their e-mail address.
//
// What is set for it:
//
//	Destination.Address  "#channel", the id of a channel or of a person, or an
//	                     e-mail address; "" = the person's address ([app.Person])
//	Secrets["token"]     the bot's token (xoxb-…)
//	Config["username"]   the name under which the bot writes; "" = its own
//	Config["api"]        another address of Slack's API: GovSlack's, a test's
//
// Slack has no id by which it would recognise a message that it got twice, so
// that a crash between its yes and our note of it doubles the message.
package slack

import (
	"context"
	_ "embed" // the manifest
	"net/http"
	"strings"

	api "github.com/slack-go/slack"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/internal/post"
	"bellhop/app/dispatch/internal/redact"
)

// Options is how the channel sends; its zero value is usable.
type Options = post.Options

// maxAnswer bounds an answer: Slack repeats the message in it.
const maxAnswer = 1 << 20

// Users keeps the ids of people, which Slack allows to look up some fifty times
// a minute.
type Users interface {
	// SlackUser returns the id kept for an address, "" where there is none.
	SlackUser(ctx context.Context, account app.AccountID, email string) (string, error)
	// KeepSlackUser keeps an id; "" forgets it.
	KeepSlackUser(ctx context.Context, account app.AccountID, email, id string) error
}

// Channel posts to Slack. Many goroutines may use it.
type Channel struct {
	// People finds a person of an account by user name, for the texts that name
	// several; nil = nobody is found. It is set before the first Send.
	People func(ctx context.Context, account app.AccountID, username string) (app.Person, bool)
	// Users keeps what was looked up; nil = it is looked up each time.
	Users Users

	client *post.Client
}

// New returns the channel, to be closed by [Channel.Close].
func New(o Options) *Channel {
	if o.MaxAnswer == 0 {
		o.MaxAnswer = maxAnswer
	}
	return &Channel{client: post.New(o)}
}

// Close closes the connections that rest.
func (c *Channel) Close() { c.client.Close() }

//go:embed manifest.yaml
var manifest string

// Manifest returns the bot as Slack's page "Create an app from a manifest"
// takes it.
func Manifest() string { return manifest }

// Check says what is wrong with how the channel is set, nil where nothing is.
// It touches no network; see the package comment for the names.
func Check(config, secrets map[string]string) *app.Problem {
	token := secrets["token"]
	if !strings.HasPrefix(token, "xox") || strings.ContainsAny(token, " \t\r\n") {
		return app.NewProblem("bad_token", "There is no usable token for Slack.", stepInstall+" Give it with --secret token, on standard input.", true, app.ErrInvalid)
	}
	if a := config["api"]; a != "" && (!strings.HasPrefix(a, "https://") && !strings.HasPrefix(a, "http://") || !strings.HasSuffix(a, "/")) {
		return app.NewProblem("bad_address", "The address of Slack's API cannot be used.",
			"Leave it empty for Slack itself; another one begins with https:// and ends with a slash.", true, app.ErrInvalid)
	}
	return nil
}

// Send posts a message, or replaces the one that m.Edit names. Where that one is
// gone, a new one is posted.
func (c *Channel) Send(ctx context.Context, m dispatch.Message) (dispatch.Receipt, error) {
	if p := Check(m.Config, m.Secrets); p != nil {
		return dispatch.Receipt{}, &dispatch.Failure{Code: p.Code, Final: true, Next: p.Step, Err: p}
	}
	text, blocks := c.compose(ctx, &m)
	s := session{x: &exchange{client: c.client}, r: redact.New(m.Secrets)}
	s.api = api.New(m.Secrets["token"], api.OptionHTTPClient(s.x), api.OptionAPIURL(or(m.Config["api"], api.APIURL)))
	options := []api.MsgOption{
		api.MsgOptionText(text, false), // escaped already
		api.MsgOptionBlocks(blocks...),
		api.MsgOptionDisableLinkUnfurl(),
		api.MsgOptionDisableMediaUnfurl(),
	}
	if channel, ts, ok := strings.Cut(m.Edit, ":"); ok {
		at, stamp, _, err := s.api.UpdateMessageContext(ctx, channel, ts, options...)
		f := s.failure(ctx, err)
		if f == nil {
			return receipt(at, stamp), nil
		}
		if !gone[f.Code] {
			return dispatch.Receipt{}, f
		}
	}
	if name := m.Config["username"]; name != "" {
		options = append(options, api.MsgOptionUsername(app.Cut(name, 80)))
	}
	return c.post(ctx, &m, s, options)
}

// post sends a new message. An id that was kept and is not known any more is
// looked up once more.
func (c *Channel) post(ctx context.Context, m *dispatch.Message, s session, options []api.MsgOption) (dispatch.Receipt, error) {
	for try := range 2 {
		to, kept, err := c.receiver(ctx, m, s, try > 0)
		if err != nil {
			return dispatch.Receipt{}, err
		}
		at, stamp, err := s.api.PostMessageContext(ctx, to, options...)
		f := s.failure(ctx, err)
		if f == nil {
			return receipt(at, stamp), nil
		}
		if !kept || f.Code != "channel_not_found" && f.Code != "user_not_found" {
			return dispatch.Receipt{}, f
		}
	}
	return dispatch.Receipt{}, &dispatch.Failure{Code: "channel_not_found", Final: true, Next: refusals["channel_not_found"].next}
}

func receipt(channel, ts string) dispatch.Receipt {
	return dispatch.Receipt{Status: http.StatusOK, Answer: "ok", Ref: channel + ":" + ts}
}

func or(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}
