package post

import (
	"bufio"
	"bytes"
	"time"
)

// Plain reads what a server said by the short way.
func Plain(said []byte, most int64) (Answer, bool) {
	c := &line{r: bufio.NewReader(bytes.NewReader(said))}
	_, _ = c.r.Peek(1)
	return c.plain(most)
}

// Age makes the connections that rest look as if they had rested for so long.
func (c *Client) Age(d time.Duration) {
	c.lines.mu.Lock()
	defer c.lines.mu.Unlock()
	for _, list := range c.lines.resting {
		for _, l := range list {
			l.since = l.since.Add(-d)
		}
	}
}

// Sweep ends what has rested long enough, and returns how many still rest.
func (c *Client) Sweep() int {
	c.lines.expire()
	c.lines.mu.Lock()
	defer c.lines.mu.Unlock()
	return c.lines.count
}
