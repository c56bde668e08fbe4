//go:build e2e && linux

package e2e

import (
	"image"
	"image/color"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// window is Bellhop's window on the screen.
type window struct {
	w  *world
	id string
	image.Rectangle
}

// window waits for Bellhop's window to be open, to have the keyboard, and to
// have drawn what it has to show.
func (w *world) window() window {
	w.t.Helper()
	win := window{w: w}
	w.until("Bellhop's window is open and has the keyboard", func() bool {
		out, _, _ := w.runBoth("", "xdotool", "search", "--onlyvisible", "--name", "^Bellhop")
		win.id, _, _ = strings.Cut(strings.TrimSpace(out), "\n") // anew: the one before may be closing
		if win.id == "" {
			return false
		}
		w.runBoth("", "xdotool", "windowactivate", win.id)
		out, _, _ = w.runBoth("", "xdotool", "getactivewindow")
		return strings.TrimSpace(out) == win.id
	})
	win.Rectangle = w.placeOf(win.id).Intersect(w.screen().Bounds())
	w.until("the window is drawn", func() bool {
		drawn := pixels(w.look(win.Rectangle), func(c color.RGBA) bool { return c != color.RGBA{A: 255} })
		return drawn > win.Dx()*win.Dy()/2
	})
	win.still()
	return win
}

// placeOf returns where a window's content is. (What xdotool tells of a window
// in a frame counts the frame twice.)
func (d *desktop) placeOf(id string) image.Rectangle {
	d.t.Helper()
	out, status := d.run("", "xwininfo", "-id", id)
	if status != 0 {
		d.t.Fatalf("the window %s has gone", id)
	}
	number := func(name string) int {
		_, rest, _ := strings.Cut(out, name)
		n, err := strconv.Atoi(strings.Fields(rest + " .")[0])
		if err != nil {
			d.t.Fatalf("xwininfo tells no %q: %s", name, out)
		}
		return n
	}
	x, y := number("Absolute upper-left X:"), number("Absolute upper-left Y:")
	return image.Rect(x, y, x+number("Width:"), y+number("Height:"))
}

// still waits until the window has stopped changing. A caret blinks twice a
// second: on a busy machine the looks take so long that a number of them alone
// would never all be the same.
func (win window) still() *image.RGBA {
	win.w.t.Helper()
	last, equal, since := win.w.look(win.Rectangle), 0, time.Now()
	win.w.until("the window rests", func() bool {
		now := win.w.look(win.Rectangle)
		if !same(last, now) {
			last, equal, since = now, 0, time.Now()
			return false
		}
		equal++
		return equal >= 3 && time.Since(since) > 150*time.Millisecond
	})
	return last
}

// changed waits until the window shows something else than before, and rests.
func (win window) changed(before *image.RGBA) {
	win.w.t.Helper()
	win.w.until("the window changes", func() bool { return !same(before, win.w.look(win.Rectangle)) })
	win.still()
}

// untilBlank waits until a part of the window shows nothing.
func (win window) untilBlank(part image.Rectangle) {
	win.w.t.Helper()
	win.w.until("a part of the window shows nothing", func() bool { return win.blank(part) })
}

// untilDrawn waits until a part of the window shows something.
func (win window) untilDrawn(part image.Rectangle) {
	win.w.t.Helper()
	win.w.until("a part of the window shows something", func() bool { return !win.blank(part) })
}

// blank says whether a part of the window is of one colour.
func (win window) blank(part image.Rectangle) bool {
	win.w.t.Helper()
	part = part.Add(win.Min)
	ground := win.w.look(part)
	first := ground.RGBAAt(part.Min.X, part.Min.Y)
	return pixels(ground, func(c color.RGBA) bool { return c != first }) == 0
}

// click presses the mouse at a place of the window; negative coordinates count
// from the right and from the bottom.
func (win window) click(x, y int) {
	win.w.t.Helper()
	if x < 0 {
		x += win.Dx()
	}
	if y < 0 {
		y += win.Dy()
	}
	win.w.click(win.Min.X+x, win.Min.Y+y, 1)
}

// press presses keys, one after another: "j", "ctrl+a", "Delete".
func (win window) press(keys ...string) {
	win.w.t.Helper()
	win.w.xdotool(append([]string{"key", "--delay", "30"}, keys...)...)
}

// write types text.
func (win window) write(text string) {
	win.w.t.Helper()
	win.w.xdotool("type", "--delay", strconv.Itoa(20), text)
}

// windowProcesses lists the processes of the window program in this session.
func (w *world) windowProcesses() []int { return w.processes("bellhop-window") }

// killWindow kills the window program alone.
func (w *world) killWindow() {
	w.t.Helper()
	for _, pid := range w.windowProcesses() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	w.untilClosed()
}

// untilClosed waits until the window is gone, from the screen and as a process.
func (w *world) untilClosed() {
	w.t.Helper()
	w.until("the window is gone", func() bool { return len(w.windowProcesses()) == 0 && !w.onScreen() })
}

// onScreen says whether the window can be seen.
func (w *world) onScreen() bool {
	w.t.Helper()
	_, _, status := w.runBoth("", "xdotool", "search", "--onlyvisible", "--name", "^Bellhop")
	return status == 0
}
