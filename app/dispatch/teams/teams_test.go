package teams_test

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/teams"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const sig = "Zm9vYmFyLXNlY3JldA_x"

func start(t *testing.T, good http.Handler) (*teams.Channel, dispatch.Message) {
	t.Helper()
	server := dispatchtest.HTTP(t, dispatchtest.Takes, good)
	c := teams.New(teams.Options{})
	t.Cleanup(c.Close)
	m := dispatchtest.Message(dispatchtest.Scan())
	m.Config = map[string]string{"hosts": "127.0.0.1"}
	m.Secrets = map[string]string{"url": server.URL + "/workflows/1/triggers/manual/paths/invoke?sig=" + sig}
	return c, m
}

func TestItKeepsTheContract(t *testing.T) {
	dispatchtest.Suite{
		Timeout: dispatchtest.Short, AnswerDecides: true,
		Start: func(t *testing.T, fault dispatchtest.Fault, _ *slog.Logger) dispatchtest.Peer {
			server := dispatchtest.HTTP(t, fault, &dispatchtest.Workflow{Sig: sig})
			c := teams.New(teams.Options{Timeout: dispatchtest.Timeout(fault), Resolver: server.Resolver})
			t.Cleanup(c.Close)
			m := dispatchtest.Message(dispatchtest.Scan())
			m.Config = map[string]string{"hosts": "127.0.0.1, nowhere.example"}
			m.Secrets = map[string]string{"url": server.URL + "/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke?api-version=1&sig=" + sig}
			return dispatchtest.Peer{Channel: c, Message: m, Arrived: server.Arrived, Taken: server.Taken}
		},
	}.Run(t)
}

func TestACardArrives(t *testing.T) {
	t.Parallel()
	w := &dispatchtest.Workflow{Sig: sig}
	c, m := start(t, w)
	receipt, err := c.Send(t.Context(), m)
	if err != nil || receipt.Status != http.StatusAccepted || receipt.Ref != "" {
		t.Fatalf("got %+v, %v", receipt, err)
	}
	card := w.Cards()[0]
	if !strings.Contains(strings.Join(card.Texts, "\n"), "Scan Added") || len(card.Links) != 1 || card.Links[0] != "https://dojo.example.com/test/6" {
		t.Errorf("got %v with links to %v", card.Texts, card.Links)
	}
}

// What a workflow, or a service before it, says to a card it does not take.
func TestEveryAnswerIsUnderstood(t *testing.T) {
	t.Parallel()
	for said, c := range map[string]struct {
		status int
		code   string
		final  bool
		alone  bool
	}{
		"":                       {http.StatusTooManyRequests, "rate_limited", false, false},
		"precondition":           {http.StatusPreconditionFailed, "server_error", false, false},
		"bad gateway":            {http.StatusBadGateway, "server_error", false, false},
		"gateway timeout":        {http.StatusGatewayTimeout, "server_error", false, false},
		"Internal Error":         {http.StatusInternalServerError, "server_error", false, false},
		`{"error":{"code":"X"}}`: {http.StatusBadRequest, "rejected", true, true},
		`{"error":{"code":"DirectApiAuthorizationRequired"}}`:                                                           {http.StatusUnauthorized, "forbidden", true, false},
		`{"error":{"code":"WorkflowNotFound"}}`:                                                                         {http.StatusNotFound, "not_found", true, false},
		`{"error":{"code":"WorkflowTriggerIsNotEnabled"}}`:                                                              {http.StatusBadRequest, "workflow_off", true, false},
		"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x": {http.StatusOK, "rate_limited", false, false},
		"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 412 with ContextId x": {http.StatusOK, "server_error", false, false},
		"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 403 with ContextId x": {http.StatusOK, "forbidden", true, false},
	} {
		channel, m := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, said)
		}))
		_, err := channel.Send(t.Context(), m)
		f := dispatch.FailureOf(err)
		if err == nil || f.Code != c.code || f.Final != c.final || f.Alone != c.alone || f.Disable {
			t.Errorf("%d %q gave %+v", c.status, said, f)
			continue
		}
		dispatchtest.Check(t, f, m.Secrets)
	}
	for _, said := range []string{"", "1", "ok"} {
		channel, m := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, said) }))
		if _, err := channel.Send(t.Context(), m); err != nil {
			t.Errorf("200 %q gave %v", said, err)
		}
	}
}

func TestOnlyURLsOfWorkflowsAreTaken(t *testing.T) {
	t.Parallel()
	for url, code := range map[string]string{
		"https://prod-01.westeurope.logic.azure.com:443/workflows/1/triggers/manual/paths/invoke?sig=x":                                            "",
		"https://default0.1.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/1/triggers/manual/paths/invoke?sig=x": "",
		"https://gateway.example.com/x":                                  "",
		"http://gateway.example.com/x":                                   "",
		" https://prod-01.westeurope.logic.azure.com/workflows/1?sig=x ": "",
		"https://prod-01.westeurope.logic.azure.com/workflows/1":         "bad_address",
		"http://prod-01.westeurope.logic.azure.com/workflows/1?sig=x":    "bad_address",
		"https://contoso.webhook.office.com/webhookb2/1":                 "retired_connector",
		"https://outlook.office.com/webhook/1":                           "retired_connector",
		"https://outlook.office365.com/webhook/1":                        "retired_connector",
		"https://logic.azure.com.evil.example/x?sig=x":                   "unknown_host",
		"https://evillogic.azure.com/x?sig=x":                            "unknown_host",
		"https://evil.example/logic.azure.com?sig=x":                     "unknown_host",
		"https://x.logic.azure.com@evil.example/?sig=x":                  "unknown_host",
		"":                 "bad_address",
		"not a url at all": "bad_address",
	} {
		secrets := map[string]string{"url": url}
		p := teams.Check(map[string]string{"hosts": "gateway.example.com"}, secrets)
		if code == "" {
			if p != nil {
				t.Errorf("%s is refused: %v", url, p)
			}
			continue
		}
		if p == nil || p.Code != code || p.Step == "" {
			t.Errorf("%s gave %v, want %s", url, p, code)
			continue
		}
		c := teams.New(teams.Options{})
		m := dispatchtest.Message(dispatchtest.Closed())
		m.Secrets = secrets
		_, err := c.Send(t.Context(), m)
		f := dispatch.FailureOf(err)
		if f.Code != code || !f.Final || f.Disable != (code == "retired_connector") {
			t.Errorf("%s is sent to: %+v", url, f)
		}
	}
	if got := teams.Host("https://prod-01.westeurope.logic.azure.com:443/workflows/1?sig=x"); got != "prod-01.westeurope.logic.azure.com" {
		t.Errorf("shown as %q", got)
	}
}

// A digest has the most severe first, counts by severity, and says how many it
// leaves out.
func TestADigestIsOneCard(t *testing.T) {
	t.Parallel()
	w := &dispatchtest.Workflow{}
	c, m := start(t, w)
	var calls []app.Call
	for i := range 300 {
		call := dispatchtest.Breach()
		if i > 0 {
			call.Finding = &app.FindingRef{ID: int64(i), Title: strings.Repeat("Long [title] ", 30), Severity: "Low"}
		}
		calls = append(calls, call)
	}
	digest := dispatchtest.Digest(calls...)
	m.Events = digest.Events
	if _, err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	card := w.Cards()[0]
	all := strings.Join(card.Texts, "\n")
	for _, want := range []string{"300 notifications", "299", "and 2", "more", "https://dojo.example.com/finding/23"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in %.600s", want, all)
		}
	}
	if card.Size > teams.MaxBody {
		t.Errorf("%d bytes", card.Size)
	}
}
