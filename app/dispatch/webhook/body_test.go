package webhook_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/webhook"
)

func findings(n int, severity string) []app.FindingRef {
	list := make([]app.FindingRef, n)
	for i := range list {
		list[i] = app.FindingRef{ID: int64(i + 1), Title: fmt.Sprintf("Finding %d", i+1), Severity: severity}
	}
	return list
}

func decode(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal(raw, &body); err != nil {
		t.Fatalf("%v in %.200s", err, raw)
	}
	return body
}

func TestABodyIsCutByItsListsWithACount(t *testing.T) {
	t.Parallel()
	m := dispatchtest.Message(dispatchtest.Scan())
	call := &m.Events[0].Call
	call.FindingCount = nil
	call.FindingsNew = append(findings(5000, "Low"), app.FindingRef{ID: 9999, Title: "The worst", Severity: "Critical"})
	call.FindingsUntouched = findings(100_000, "High")
	call.More = app.FindingCounts{New: 7, Untouched: 3}
	raw, err := webhook.Encode(&m)
	if err != nil || len(raw) > webhook.MaxBody || len(raw) < webhook.MaxBody-400 {
		t.Fatalf("%d bytes, %v", len(raw), err)
	}
	body := decode(t, raw)
	lists := body["findings"].(map[string]any)
	shown := lists["new"].([]any)
	if first := shown[0].(map[string]any); first["title"] != "The worst" {
		t.Errorf("the first finding shown is %v", first)
	}
	if len(lists["untouched"].([]any)) != 0 {
		t.Error("untouched findings took the place of new ones")
	}
	want := map[string]any{"new": float64(5001 + 7 - len(shown)), "reactivated": 0.0, "mitigated": 0.0, "untouched": 100_003.0}
	if !reflect.DeepEqual(body["findings_omitted"], want) || body["finding_count"] != 5001.0 {
		t.Errorf("%d are shown, %v left out of %v", len(shown), body["findings_omitted"], body["finding_count"])
	}
	if len(call.FindingsNew) != 5001 || call.FindingsNew[0].ID != 1 || call.FindingCount != nil {
		t.Error("the caller's event was changed")
	}
	m.Config = map[string]string{"unbounded": "on"}
	raw, err = webhook.Encode(&m)
	if err != nil {
		t.Fatal(err)
	}
	lists = decode(t, raw)["findings"].(map[string]any)
	if len(lists["new"].([]any)) != 5001 || len(lists["untouched"].([]any)) != 100_000 {
		t.Error("the unbounded body is not complete")
	}
}

func TestABodyNamesSomeOfManyReviewers(t *testing.T) {
	t.Parallel()
	call := dispatchtest.Breach()
	call.Kind = app.KindReviewRequested
	for i := range 3000 {
		call.Reviewers = append(call.Reviewers, fmt.Sprintf("%s-%d", strings.Repeat("n", 140), i))
	}
	m := dispatchtest.Message(call)
	raw, err := webhook.Encode(&m)
	if err != nil || len(raw) > webhook.MaxBody {
		t.Fatalf("%d bytes, %v", len(raw), err)
	}
	body := decode(t, raw)
	if len(body["reviewers"].([]any)) != 50 || body["reviewers_omitted"] != 2950.0 {
		t.Errorf("%d are named, %v left out", len(body["reviewers"].([]any)), body["reviewers_omitted"])
	}
	if len(m.Events[0].Call.Reviewers) != 3000 {
		t.Error("the caller's event was changed")
	}
}

func TestABodyOfLongTextsIsCut(t *testing.T) {
	t.Parallel()
	for name, text := range dispatchtest.Hostile {
		m := dispatchtest.Message(dispatchtest.HostileCall(app.KindScanAdded, text))
		raw, err := webhook.Encode(&m)
		if err != nil || len(raw) > webhook.MaxBody {
			t.Errorf("%s: %d bytes, %v", name, len(raw), err)
		}
		body := decode(t, raw)
		for _, key := range []string{"url_ui", "url_api"} {
			if to, _ := body[key].(string); to != "" && to != "https://dojo.example.com/test/6" && to != "https://dojo.example.com/api/v2/tests/6/" {
				t.Errorf("%s: %s was cut to %q", name, key, to)
			}
		}
		if len(text) < 1000 && body["title"] != strings.ToValidUTF8(text, "\uFFFD") {
			t.Errorf("%s: the title is %q", name, body["title"])
		}
	}
}

// What arrives is what was said: no text can add a header, a member or a
// second body.
func TestHostileTextsArriveAsTexts(t *testing.T) {
	t.Parallel()
	r := &dispatchtest.Receiver{Keys: []string{webhook.NewKey()}}
	c, m := start(t, r)
	m.Secrets = map[string]string{"key": r.Keys[0]}
	plain := dispatchtest.Message(dispatchtest.HostileCall(app.KindScanAdded, "x"))
	raw, err := webhook.Encode(&plain)
	if err != nil {
		t.Fatal(err)
	}
	known := decode(t, raw)
	for name, text := range dispatchtest.Hostile {
		m.Events = []app.Event{dispatchtest.Event(1, dispatchtest.HostileCall(app.KindScanAdded, text))}
		send(t, c, m)
		got := last(t, r)
		for _, member := range []string{"title", "description"} {
			arrived, _ := got.Body[member].(string)
			said := strings.ToValidUTF8(text, "\uFFFD")
			if said == "" && member == "description" {
				said = "Event scan_added has occurred." // DefectDojo's own
			}
			begins, _, cut := strings.Cut(arrived, "…")
			if arrived != said && (!cut || len(said) < 1000 || len(begins) < 100 || !strings.HasPrefix(said, begins)) {
				t.Errorf("%s: the %s is %.100q", name, member, arrived)
			}
		}
		for key := range got.Body {
			if _, ok := known[key]; !ok && key != "findings_omitted" {
				t.Errorf("%s: the body has got a member %q", name, key)
			}
		}
		if got.Header.Get("X-Evil") != "" || got.Header.Get("Bcc") != "" {
			t.Errorf("%s: headers are %v", name, got.Header)
		}
		m.Events[0].Call.Kind = app.Kind(text)
		if len(text) < 1000 {
			send(t, c, m)
			if h := last(t, r).Header; h.Get("X-Evil") != "" || h.Get("Bcc") != "" {
				t.Errorf("%s as a kind: headers are %v", name, h)
			}
		}
	}
}

func FuzzBodiesAreBoundedJSON(f *testing.F) {
	f.Add("title", "description", 3, 10)
	f.Add("\xed\xa0\x80", strings.Repeat("<&>\u2028", 4000), 1000, 0)
	f.Add("", "", 0, 100_000)
	f.Fuzz(func(t *testing.T, title, description string, fresh, untouched int) {
		call := dispatchtest.Scan()
		call.Title, call.Description = title, description
		call.FindingsNew = findings(min(max(fresh, 0), 2000), title)
		call.FindingsUntouched = findings(min(max(untouched, 0), 2000), description)
		m := dispatchtest.Message(call)
		raw, err := webhook.Encode(&m)
		if err != nil || len(raw) > webhook.MaxBody || !json.Valid(raw) {
			t.Fatalf("%d bytes, %v", len(raw), err)
		}
		body := decode(t, raw)
		shown := len(body["findings"].(map[string]any)["new"].([]any))
		if omitted, ok := body["findings_omitted"].(map[string]any); ok {
			shown += int(omitted["new"].(float64))
		}
		if shown != len(call.FindingsNew) {
			t.Errorf("%d of %d new findings are accounted for", shown, len(call.FindingsNew))
		}
	})
}

func BenchmarkPosts(b *testing.B) {
	for _, workers := range []int{1, 8} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			server := dispatchtest.Quick(b)
			c := webhook.New(webhook.Options{})
			defer c.Close()
			m := dispatchtest.Message(dispatchtest.Scan())
			m.Destination.Address = server
			m.Config, m.Secrets = map[string]string{"private": "on"}, map[string]string{"key": webhook.NewKey()}
			share(b, workers, func() error {
				_, err := c.Send(b.Context(), m)
				return err
			})
		})
	}
}

// BenchmarkFloor is the same bodies to the same server by the standard library
// alone: nothing is worded, encoded or signed.
func BenchmarkFloor(b *testing.B) {
	for _, workers := range []int{1, 8} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			server := dispatchtest.Quick(b)
			m := dispatchtest.Message(dispatchtest.Scan())
			body, err := webhook.Encode(&m)
			if err != nil {
				b.Fatal(err)
			}
			transport := &http.Transport{MaxIdleConnsPerHost: 64}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport}
			share(b, workers, func() error {
				resp, err := client.Post(server, "application/json", bytes.NewReader(body))
				if err != nil {
					return err
				}
				_, err = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				return err
			})
		})
	}
}

// share lets workers do b.N pieces of work together.
func share(b *testing.B, workers int, work func() error) {
	b.Helper()
	left := make(chan struct{}, b.N)
	for range b.N {
		left <- struct{}{}
	}
	close(left)
	b.ResetTimer()
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for range left {
				if err := work(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}

var _ dispatch.Channel = (*webhook.Channel)(nil)
