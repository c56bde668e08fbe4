//go:build e2e && linux

package e2e

import (
	"bufio"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// xdotool acts as a hand on the mouse or the keyboard.
func (d *desktop) xdotool(args ...string) string {
	d.t.Helper()
	out, status := d.run("", "xdotool", args...)
	if status != 0 {
		d.t.Fatalf("xdotool %s ended with status %d", strings.Join(args, " "), status)
	}
	return out
}

// click presses a button of the mouse at a place of the screen.
func (d *desktop) click(x, y, button int) {
	d.t.Helper()
	d.xdotool("mousemove", strconv.Itoa(x), strconv.Itoa(y), "click", strconv.Itoa(button))
}

// untilIconDrawn waits until the panel's first place shows a bell. A panel that
// is not whole yet has a dark line at its left edge.
func (d *desktop) untilIconDrawn() {
	d.t.Helper()
	place := image.Rect(4, 2, 30, 28)
	d.until("the panel has drawn the icon", func() bool {
		img := d.look(place)
		return pixels(img, func(c color.RGBA) bool { return c.R < 150 }) > 20 &&
			pixels(img, func(c color.RGBA) bool { return c.R > 200 }) > 200
	})
}

// everyThreeSeconds acts, and acts again, until ok says so: a panel may draw an
// icon a moment before it takes clicks on it, and a user clicks again.
func (d *desktop) everyThreeSeconds(act func(), ok func() bool) func() bool {
	var last time.Time
	return func() bool {
		if ok() {
			return true
		}
		if time.Since(last) > 3*time.Second {
			last = time.Now()
			act()
		}
		return false
	}
}

// box is where a window is.
type box struct{ x, y, w, h int }

// boxOf returns the place of the first visible window that the search finds.
func (d *desktop) boxOf(search ...string) (box, bool) {
	d.t.Helper()
	out, _, status := d.runBoth("", "xdotool", append(append([]string{"search", "--onlyvisible"}, search...), "getwindowgeometry", "--shell")...)
	if status != 0 {
		return box{}, false
	}
	values := map[string]int{}
	for l := range strings.Lines(out) {
		k, v, _ := strings.Cut(strings.TrimSpace(l), "=")
		values[k], _ = strconv.Atoi(v)
	}
	return box{values["X"], values["Y"], values["WIDTH"], values["HEIGHT"]}, true
}

// browser puts a browser into the session that reports the pages it is asked
// for.
func (d *desktop) browser() <-chan string {
	d.t.Helper()
	pipe := filepath.Join(d.home, "opened")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		d.t.Fatal(err)
	}
	d.script("xdg-open", fmt.Sprintf("printf '%%s\\n' \"$1\" >'%s'\n", pipe))
	both, err := os.OpenFile(pipe, os.O_RDWR, 0) // a writer of our own keeps the pipe from ending
	if err != nil {
		d.t.Fatal(err)
	}
	pages := make(chan string, 16)
	go func() {
		lines := bufio.NewScanner(both)
		for lines.Scan() {
			pages <- lines.Text()
		}
	}()
	d.t.Cleanup(func() { _ = both.Close() })
	return pages
}
