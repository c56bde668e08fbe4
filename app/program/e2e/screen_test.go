//go:build e2e && linux

package e2e

import (
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
)

// screen returns what is on the screen. The X server keeps it in a file in the
// format of xwd (XWDFile.h): a header of big-endian words, a table of colours,
// and lines of pixels.
func (d *desktop) screen() *image.RGBA {
	d.t.Helper()
	b := d.read(filepath.Join(d.home, "screen", "Xvfb_screen0"))
	word := func(i int) int { return int(binary.BigEndian.Uint32(b[4*i:])) }
	width, height, line := word(4), word(5), word(12)
	pixels := b[word(0)+12*word(19):]
	if word(11) != 32 || len(pixels) < line*height {
		d.t.Fatalf("the screen has %d bits a pixel and %d bytes", word(11), len(pixels))
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		from, to := pixels[y*line:], img.Pix[y*img.Stride:]
		for x := range width {
			to[4*x], to[4*x+1], to[4*x+2], to[4*x+3] = from[4*x+2], from[4*x+1], from[4*x], 255
		}
	}
	return img
}

// look returns a part of the screen.
func (d *desktop) look(r image.Rectangle) *image.RGBA {
	d.t.Helper()
	return d.screen().SubImage(r).(*image.RGBA)
}

// same says whether two pictures of the same place are alike.
func same(a, b *image.RGBA) bool {
	r := a.Bounds()
	if r != b.Bounds() {
		return false
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if a.RGBAAt(x, y) != b.RGBAAt(x, y) {
				return false
			}
		}
	}
	return true
}

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
