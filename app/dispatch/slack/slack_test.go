package slack_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/slack"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "xoxb-1234-5678-AbCdEfGhIj"

func workspace() *dispatchtest.Slack {
	return &dispatchtest.Slack{
		Token: token,
		Channels: map[string]dispatchtest.SlackChannel{
			"C01": {Name: "security", Member: true}, "C02": {Name: "general"}, "C03": {Name: "secret", Private: true},
			"C04": {Name: "old", Member: true, Archived: true},
		},
		Users: map[string]string{"ana@example.com": "U0ANA"},
	}
}

func start(t *testing.T, good http.Handler) (*slack.Channel, dispatch.Message) {
	t.Helper()
	server := dispatchtest.HTTP(t, dispatchtest.Takes, good)
	c := slack.New(slack.Options{})
	t.Cleanup(c.Close)
	m := dispatchtest.Message(dispatchtest.Scan())
	m.Destination = app.Destination{ID: 1, Account: 3, Channel: app.ChannelSlack, Address: "#security"}
	m.Config = map[string]string{"api": server.URL + "/"}
	m.Secrets = map[string]string{"token": token}
	return c, m
}

func TestItKeepsTheContract(t *testing.T) {
	dispatchtest.Suite{
		Timeout: dispatchtest.Short, AnswerDecides: true,
		Start: func(t *testing.T, fault dispatchtest.Fault, _ *slog.Logger) dispatchtest.Peer {
			server := dispatchtest.HTTP(t, fault, workspace())
			c := slack.New(slack.Options{Timeout: dispatchtest.Timeout(fault), Resolver: server.Resolver})
			t.Cleanup(c.Close)
			m := dispatchtest.Message(dispatchtest.Scan())
			m.Destination.Address = "#security"
			m.Config = map[string]string{"api": server.URL + "/"}
			m.Secrets = map[string]string{"token": token}
			return dispatchtest.Peer{Channel: c, Message: m, Arrived: server.Arrived, Taken: server.Taken}
		},
	}.Run(t)
}

func TestASharedChannelIsTold(t *testing.T) {
	t.Parallel()
	w := workspace()
	c, m := start(t, w)
	m.Config["username"] = "DefectDojo"
	receipt, err := c.Send(t.Context(), m)
	if err != nil {
		t.Fatal(err, dispatch.FailureOf(err).Answer)
	}
	got := w.Messages()
	if len(got) != 1 || got[0].Channel != "C01" || got[0].Username != "DefectDojo" || receipt.Ref != "C01:"+got[0].TS || receipt.Answer != "ok" {
		t.Fatalf("got %+v with %+v", got, receipt)
	}
	if got[0].Shown[0] != "plain:Scan Added" || got[0].Text == "" {
		t.Errorf("shown is %q", got[0].Shown)
	}
	_, active := dispatchtest.Mrkdwn(strings.Join(got[0].Shown, "\n"))
	if len(active) == 0 || active[len(active)-1] != "https://dojo.example.com/test/6" {
		t.Errorf("links lead to %v", active)
	}
}

// users is a cache that counts.
type users struct {
	mu   sync.Mutex
	kept map[string]string
}

func (u *users) SlackUser(_ context.Context, account app.AccountID, email string) (string, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.kept[fmt.Sprint(account, email)], nil
}

func (u *users) KeepSlackUser(_ context.Context, account app.AccountID, email, id string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.kept[fmt.Sprint(account, email)] = id
	return nil
}

func TestAPersonIsFoundOnceByHerAddress(t *testing.T) {
	t.Parallel()
	w := workspace()
	c, m := start(t, w)
	c.Users = &users{kept: map[string]string{}}
	m.Destination.Address = ""
	m.To = app.Person{ID: 7, Username: "ana", Slack: "Ana@Example.com", Email: "other@example.com"}
	for range 3 {
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if calls := fmt.Sprint(w.Calls()); calls != "[users.lookupByEmail chat.postMessage chat.postMessage chat.postMessage]" {
		t.Errorf("called %v", calls)
	}
	if got := w.Messages(); got[0].Channel != "D0ANA" {
		t.Errorf("it went to %s", got[0].Channel)
	}
}

// Who leaves and comes back has a new id.
func TestAnIDThatIsGoneIsLookedUpOnceMore(t *testing.T) {
	t.Parallel()
	w := workspace()
	c, m := start(t, w)
	kept := &users{kept: map[string]string{"3 ana@example.com": "U0OLD", "3ana@example.com": "U0OLD"}}
	c.Users = kept
	m.Destination.Address = "ana@example.com"
	if _, err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if id, _ := kept.SlackUser(t.Context(), 3, "ana@example.com"); id != "U0ANA" || len(w.Messages()) != 1 {
		t.Errorf("kept is %q, calls were %v", id, w.Calls())
	}
}

func TestSomebodyWithoutAnAddressIsNotTold(t *testing.T) {
	t.Parallel()
	c, m := start(t, workspace())
	m.Destination.Address, m.To = "", app.Person{ID: 7, Username: "ana"}
	_, err := c.Send(t.Context(), m)
	if f := dispatch.FailureOf(err); err == nil || f.Code != "no_address" || !f.Final || f.Next == "" {
		t.Errorf("got %v", err)
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*dispatchtest.Slack, *dispatch.Message)
		code   string
		hint   string
	}{
		"another token":     {func(w *dispatchtest.Slack, _ *dispatch.Message) { w.Token = "xoxb-other" }, "invalid_auth", "xoxb"},
		"no such channel":   {func(_ *dispatchtest.Slack, m *dispatch.Message) { m.Destination.Address = "#nowhere" }, "channel_not_found", "/invite"},
		"a private channel": {func(_ *dispatchtest.Slack, m *dispatch.Message) { m.Destination.Address = "C03" }, "channel_not_found", "/invite"},
		"not in the channel": {func(w *dispatchtest.Slack, m *dispatch.Message) {
			m.Destination.Address = "#general"
			w.Scopes = []string{"chat:write"}
		}, "not_in_channel", "/invite"},
		"an archived channel": {func(_ *dispatchtest.Slack, m *dispatch.Message) { m.Destination.Address = "#old" }, "is_archived", "archive"},
		"nobody of that name": {func(_ *dispatchtest.Slack, m *dispatch.Message) { m.Destination.Address = "bob@example.com" }, "users_not_found", "e-mail"},
		"no right to look up": {func(w *dispatchtest.Slack, m *dispatch.Message) {
			m.Destination.Address = "ana@example.com"
			w.Scopes = []string{"chat:write"}
		}, "missing_scope", "manifest"},
		"no right to write": {func(w *dispatchtest.Slack, _ *dispatch.Message) { w.Scopes = []string{} }, "missing_scope", "manifest"},
	} {
		w := workspace()
		channel, m := start(t, w)
		c.change(w, &m)
		_, err := channel.Send(t.Context(), m)
		f := dispatch.FailureOf(err)
		if err == nil || f.Code != c.code || !f.Final || f.Alone || f.Disable || !strings.Contains(f.Next, c.hint) || len(w.Messages()) != 0 {
			t.Errorf("%s: got %+v", name, f)
			continue
		}
		dispatchtest.Check(t, f, m.Secrets)
	}
}

// Every error that Slack documents and that says something about a delivery.
func TestEveryNamedErrorIsJudged(t *testing.T) {
	t.Parallel()
	type want struct{ final, alone bool }
	for name, w := range map[string]want{
		"rate_limited": {}, "ratelimited": {}, "internal_error": {}, "fatal_error": {}, "service_unavailable": {}, "request_timeout": {},
		"not_in_channel": {final: true}, "invalid_auth": {final: true}, "channel_not_found": {final: true}, "account_inactive": {final: true},
		"is_archived": {final: true}, "missing_scope": {final: true}, "token_revoked": {final: true}, "token_expired": {final: true},
		"not_authed": {final: true}, "restricted_action": {final: true}, "messages_tab_disabled": {final: true},
		"msg_too_long": {true, true}, "msg_blocks_too_long": {true, true}, "invalid_blocks": {true, true}, "no_text": {true, true},
		"something_new": {}, // it may be about the token, the channel or Slack itself
	} {
		c, m := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "30")
			_, _ = fmt.Fprintf(w, `{"ok":false,"error":%q,"token":%q}`, name, token)
		}))
		_, err := c.Send(t.Context(), m)
		f := dispatch.FailureOf(err)
		if err == nil || (want{f.Final, f.Alone}) != w || f.Status != http.StatusOK || !strings.Contains(f.Answer, name) {
			t.Errorf("%s gave %+v", name, f)
			continue
		}
		if f.Code != name && f.Code != "rate_limited" {
			t.Errorf("%s has the code %s", name, f.Code)
		}
		if !f.Final && f.After != 30*time.Second {
			t.Errorf("%s is tried again after %v", name, f.After)
		}
		dispatchtest.Check(t, f, m.Secrets)
	}
}

func TestWhatIsNoAnswerOfSlackIsNoSuccess(t *testing.T) {
	t.Parallel()
	for _, said := range []string{"", "ok", "<html>Log in to the hotel</html>", "{}", `{"ok":false}`, `{"ok":true`, `[]`, `{"ok":"yes"}`} {
		c, m := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, said) }))
		_, err := c.Send(t.Context(), m)
		f := dispatch.FailureOf(err)
		if err == nil || f.Code != "odd_answer" || f.Final {
			t.Errorf("%q gave %v", said, err)
			continue
		}
		dispatchtest.Check(t, f, m.Secrets)
	}
}

func TestTheBudgetOfAChannelIsObeyed(t *testing.T) {
	t.Parallel()
	w := workspace()
	w.Budget = true
	c, m := start(t, w)
	if _, err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	_, err := c.Send(t.Context(), m)
	if f := dispatch.FailureOf(err); err == nil || f.Code != "rate_limited" || f.After != time.Second || f.Final {
		t.Errorf("got %v", err)
	}
}

func TestAMessageIsReplacedAndIfItIsGoneSentAnew(t *testing.T) {
	t.Parallel()
	w := workspace()
	c, m := start(t, w)
	first, err := c.Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	m.Edit, m.Events = first.Ref, dispatchtest.Digest(dispatchtest.Breach(), dispatchtest.Closed()).Events
	second, err := c.Send(t.Context(), m)
	if got := w.Messages(); err != nil || second.Ref != first.Ref || len(got) != 1 || got[0].Edits != 1 || got[0].Shown[0] != "plain:2 notifications" {
		t.Fatalf("replaced: %+v, %v: %+v", second, err, got)
	}
	w.Delete(strings.TrimPrefix(first.Ref, "C01:"))
	third, err := c.Send(t.Context(), m)
	if err != nil || third.Ref == first.Ref || len(w.Messages()) != 1 {
		t.Errorf("sent anew: %+v, %v", third, err)
	}
	w.Token = "xoxb-other"
	m.Edit = third.Ref
	if _, err := c.Send(t.Context(), m); dispatch.FailureOf(err).Code != "invalid_auth" {
		t.Errorf("a refusal of another kind gave %v", err)
	}
}

func TestWhatIsSetWrongIsSaidBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "abc", "https://hooks.slack.com/services/T/B/x", "xoxb-1 2", "xoxb-1\n"} {
		if p := slack.Check(nil, map[string]string{"token": bad}); p == nil || p.Code != "bad_token" || p.Step == "" {
			t.Errorf("the token %q gave %v", bad, p)
		}
	}
	if p := slack.Check(map[string]string{"api": "slack.com"}, map[string]string{"token": token}); p == nil || p.Code != "bad_address" {
		t.Errorf("a bad API gave %v", p)
	}
	if p := slack.Check(nil, map[string]string{"token": token}); p != nil {
		t.Errorf("good settings gave %v", p)
	}
	for _, scope := range []string{"chat:write", "chat:write.public", "chat:write.customize", "users:read", "users:read.email"} {
		if !strings.Contains(slack.Manifest(), "- "+scope+"\n") {
			t.Errorf("the manifest does not ask for %s", scope)
		}
	}
}
