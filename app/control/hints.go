package control

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"bellhop/app"
)

// Hint is one event of the stream: either what changed or which view to show.
type Hint struct {
	Topics app.Hints
	// Raise is the view to show, "" where nobody asked.
	Raise string
}

// hints streams until the caller leaves or the bell ends. The subscription is
// made before the first byte is sent: who has the answer's header and reads
// the state after it misses nothing.
func (s *Server) hints(w http.ResponseWriter, r *http.Request) {
	var raise <-chan string // nil, which never delivers, where no window attached itself
	if r.URL.Query().Get("window") == "1" {
		ch, release, err := s.bell.AttachWindow(r.Context())
		if err != nil {
			s.fail(w, r, err, "")
			return
		}
		defer release()
		raise = ch
	}
	changed, unsubscribe := s.bell.Changes().Subscribe()
	defer unsubscribe()

	out := &stream{w: w, c: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	if out.send(": hello\n\n") != nil {
		return
	}
	beat := time.NewTicker(s.beat)
	defer beat.Stop()
	for {
		var err error
		select {
		case <-r.Context().Done():
			return
		case <-s.end:
			return
		case topics := <-changed:
			err = out.event("hint", sorted(topics))
		case view, ok := <-raise:
			if !ok {
				return
			}
			err = out.event("raise", view)
		case <-beat.C:
			err = out.send(": beat\n\n")
		}
		if err != nil {
			return
		}
	}
}

func sorted(topics app.Hints) []app.Topic {
	list := make([]app.Topic, 0, len(topics))
	for t, on := range topics {
		if on {
			list = append(list, t)
		}
	}
	slices.Sort(list)
	return list
}

// stream writes server-sent events.
type stream struct {
	w io.Writer
	c *http.ResponseController
}

func (o *stream) event(name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode an event: %w", err)
	}
	return o.send("event: " + name + "\ndata: " + string(data) + "\n\n")
}

// send gives a caller who does not read ten seconds; then it is let go and may
// come back.
func (o *stream) send(s string) error {
	if err := o.c.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return fmt.Errorf("set the time limit: %w", err)
	}
	if _, err := io.WriteString(o.w, s); err != nil {
		return fmt.Errorf("send an event: %w", err)
	}
	if err := o.c.Flush(); err != nil {
		return fmt.Errorf("send an event: %w", err)
	}
	return nil
}

// Hints subscribes to the bell's hints; window also makes the caller the one
// window, which fails with the code "window_open" where there is one. The
// channel closes when ctx ends or the bell goes; coming back is the caller's
// business. A caller has to read the channel or to end ctx.
func (c *Client) Hints(ctx context.Context, window bool) (<-chan Hint, error) {
	path := "/v1/hints"
	if window {
		path += "?window=1"
	}
	resp, err := c.send(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	ch := make(chan Hint)
	c.streams.Go(func() {
		defer close(ch)
		defer func() { _ = resp.Body.Close() }()
		_ = readHints(resp.Body, func(h Hint) bool {
			select {
			case ch <- h:
				return true
			case <-ctx.Done():
				return false
			}
		})
	})
	return ch, nil
}

// readHints calls yield for each event until it returns false or the stream
// ends. Events it does not know are skipped: a newer bell may send them.
func readHints(r io.Reader, yield func(Hint) bool) error {
	lines := bufio.NewScanner(r) // refuses a line of more than 64 KiB
	var name, data string
	for lines.Scan() {
		line := lines.Text()
		if value, ok := strings.CutPrefix(line, "event: "); ok {
			name = value
			continue
		}
		if value, ok := strings.CutPrefix(line, "data: "); ok {
			data = value
			continue
		}
		if line != "" || name == "" {
			continue
		}
		h, err := parseHint(name, data)
		if err != nil {
			return err
		}
		if (h.Topics != nil || h.Raise != "") && !yield(h) {
			return nil
		}
		name, data = "", ""
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the hints: %w", err)
	}
	return nil
}

func parseHint(name, data string) (Hint, error) {
	var h Hint
	switch name {
	case "hint":
		var topics []app.Topic
		if err := json.Unmarshal([]byte(data), &topics); err != nil {
			return h, fmt.Errorf("decode a hint: %w", err)
		}
		h.Topics = make(app.Hints, len(topics))
		for _, t := range topics {
			h.Topics[t] = true
		}
	case "raise":
		if err := json.Unmarshal([]byte(data), &h.Raise); err != nil {
			return h, fmt.Errorf("decode a raise: %w", err)
		}
	}
	return h, nil
}
