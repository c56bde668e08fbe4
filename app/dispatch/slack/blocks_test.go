package slack_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/slack"
)

func TestMessagesAreAsTheyWere(t *testing.T) {
	t.Parallel()
	for name, m := range dispatchtest.Samples() {
		form := slack.Compose(t.Context(), &m)
		if _, err := dispatchtest.ReadSlack(form); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var pretty bytes.Buffer
		pretty.WriteString(form.Get("text") + "\n\n")
		if err := json.Indent(&pretty, []byte(form.Get("blocks")+"\n"), "", "  "); err != nil {
			t.Fatal(err)
		}
		dispatchtest.Golden(t, "testdata/"+name+".txt", pretty.String())
	}
}

func check(t *testing.T, what string, m *dispatch.Message) {
	t.Helper()
	form := slack.Compose(t.Context(), m)
	shown, err := dispatchtest.ReadSlack(form)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	for _, s := range append(shown, form.Get("text")) {
		if plain, ok := strings.CutPrefix(s, "plain:"); ok {
			if strings.ContainsAny(plain, "\r\n") {
				t.Errorf("%s: a heading of several lines: %q", what, plain)
			}
			continue
		}
		_, active := dispatchtest.Mrkdwn(s)
		for _, a := range active {
			if !strings.HasPrefix(a, "https://dojo.example.com/") {
				t.Errorf("%s: %q is active in %.300q", what, a, s)
			}
		}
		if strings.ContainsAny(s, "\x00\x1b\x7f\u202e\u2066") {
			t.Errorf("%s: control characters in %.200q", what, s)
		}
	}
}

// Whatever others write stays text: nobody is mentioned, and no link leads
// anywhere but to the server.
func TestHostileTextsStayTexts(t *testing.T) {
	t.Parallel()
	for name, s := range dispatchtest.Hostile {
		list := dispatchtest.HostileCalls(s)
		for _, call := range list {
			m := dispatchtest.Message(call)
			m.Team = s
			check(t, name+", "+string(call.Kind), &m)
		}
		m := dispatchtest.Digest(list...)
		check(t, name+", digest", &m)
	}
}

// What a reader sees is what was said, after Slack has read it.
func TestHostileTextsAreReadAsTheyWereSaid(t *testing.T) {
	t.Parallel()
	w := workspace()
	c, m := start(t, w)
	for name, said := range dispatchtest.Hostile {
		m.Events = []app.Event{dispatchtest.Event(1, app.Call{Kind: app.KindOther, Title: said, Description: said})}
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		messages := w.Messages()
		got := messages[len(messages)-1]
		for where, text := range map[string]string{"the message": strings.Join(got.Shown, "\n"), "the fallback": got.Text} {
			seen, active := dispatchtest.Mrkdwn(text)
			for _, to := range active {
				if !strings.HasPrefix(to, "https://dojo.example.com") {
					t.Errorf("%s: %s is active", name, to)
				}
			}
			dispatchtest.Shows(t, name+", "+where, seen, said)
		}
	}
}

// What is not escaped on the way arrives as it was said.
func TestATextArrivesAsItWasSaid(t *testing.T) {
	t.Parallel()
	w := workspace()
	c, m := start(t, w)
	const said = `a <b> & "c" &amp; <!channel> *d* |e|`
	m.Events = []app.Event{dispatchtest.Event(1, app.Call{Kind: app.KindOther, Title: said})}
	if _, err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if seen, active := dispatchtest.Mrkdwn(w.Messages()[0].Shown[1]); seen != said || len(active) != 0 {
		t.Errorf("seen is %q, active %v", seen, active)
	}
}

func TestADigestCountsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	var list []app.Call
	for range 500 {
		call := dispatchtest.Breach()
		call.Finding = &app.FindingRef{ID: 1, Title: strings.Repeat("&", 900), Severity: "Low"}
		list = append(list, call)
	}
	list[0] = dispatchtest.Breach()
	m := dispatchtest.Digest(list...)
	shown, err := dispatchtest.ReadSlack(slack.Compose(t.Context(), &m))
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(shown, "\n")
	for _, want := range []string{"plain:500 notifications", "High: *1*", "Low: *499*", "more_", "SQL Injection"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in %.500s", want, all)
		}
	}
}

func FuzzMessagesKeepSlacksLimits(f *testing.F) {
	for _, s := range dispatchtest.Hostile {
		if len(s) < 10_000 {
			f.Add(s, s, "https://dojo.example.com", uint8(0))
		}
	}
	f.Add("t", strings.Repeat("<", 9000), "http://x/"+strings.Repeat("p", 3000), uint8(40))
	f.Fuzz(func(t *testing.T, title, description, site string, n uint8) {
		list := make([]app.Call, int(n)%64+1)
		for i := range list {
			list[i] = dispatchtest.Scan()
			list[i].Kind = app.Kinds[(i+int(n))%len(app.Kinds)]
			list[i].Title, list[i].Description, list[i].Note = title, description, description
			list[i].Product = &app.Ref{ID: 1, Name: title}
		}
		m := dispatchtest.Digest(list...)
		m.Site, m.Team = site, title
		if _, err := dispatchtest.ReadSlack(slack.Compose(t.Context(), &m)); err != nil {
			t.Error(err)
		}
	})
}
