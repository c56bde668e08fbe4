package tray

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// mostCounted stands for "99+".
const mostCounted = 100

func icon(f Face, count int) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := range 64 * 64 {
		m.Set(i%64, i/64, color.NRGBA{200, 30, uint8(f), 255})
	}
	var b bytes.Buffer
	_ = png.Encode(&b, m)
	return b.Bytes()
}
func template(f Face) []byte       { return icon(f, 0) }
func ico(f Face, count int) []byte { return icon(f, count) }
