//go:build e2e && linux

package e2e

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
)

// screen returns what is on the screen. The X server keeps it in a file in the
// format of xwd (XWDFile.h): a header of big-endian words, a table of colours,
// and lines of pixels.
func (d *desktop) screen() *image.RGBA {
	d.t.Helper()
	return d.look(image.Rect(0, 0, math.MaxInt, math.MaxInt))
}

// look returns a part of the screen, see [desktop.screen].
func (d *desktop) look(part image.Rectangle) *image.RGBA {
	d.t.Helper()
	b := d.read(filepath.Join(d.home, "screen", "Xvfb_screen0"))
	word := func(i int) int { return int(binary.BigEndian.Uint32(b[4*i:])) }
	width, height, line := word(4), word(5), word(12)
	pixels := b[word(0)+12*word(19):]
	if word(11) != 32 || len(pixels) < line*height {
		d.t.Fatalf("the screen has %d bits a pixel and %d bytes", word(11), len(pixels))
	}
	part = part.Intersect(image.Rect(0, 0, width, height))
	img := image.NewRGBA(part)
	for y := part.Min.Y; y < part.Max.Y; y++ {
		from, to := pixels[y*line+4*part.Min.X:], img.Pix[(y-part.Min.Y)*img.Stride:]
		for i := 0; i < 4*part.Dx(); i += 4 {
			to[i], to[i+1], to[i+2], to[i+3] = from[i+2], from[i+1], from[i], 255
		}
	}
	return img
}

// same says whether two pictures of the same place are alike.
func same(a, b *image.RGBA) bool { return a.Rect == b.Rect && bytes.Equal(a.Pix, b.Pix) }

// pixels counts the pixels of a picture for which is says so.
func pixels(img *image.RGBA, is func(color.RGBA) bool) int {
	n := 0
	r := img.Bounds()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if is(img.RGBAAt(x, y)) {
				n++
			}
		}
	}
	return n
}

// shoot saves a picture of the screen for a person to look at, where
// BELLHOP_SHOTS names a folder.
func (d *desktop) shoot(name string) {
	d.t.Helper()
	dir := os.Getenv("BELLHOP_SHOTS")
	if dir == "" {
		return
	}
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		d.t.Error(err)
		return
	}
	if err := png.Encode(f, d.screen()); err != nil {
		d.t.Error(err)
	}
	if err := f.Close(); err != nil {
		d.t.Error(err)
	}
}
