//go:build linux || freebsd || openbsd || netbsd

package toast

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
)

// picture is the hint "image-data" of the specification: raw pixels, straight
// alpha, in the order in which D-Bus reads the fields.
type picture struct {
	Width, Height, Stride int32
	Alpha                 bool
	Bits, Channels        int32
	Pixels                []byte
}

// decode turns a PNG into a picture.
func decode(data []byte) (*picture, error) {
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	b := m.Bounds()
	n := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(n, n.Rect, m, b.Min, draw.Src)
	return &picture{int32(b.Dx()), int32(b.Dy()), int32(n.Stride), true, 8, 4, n.Pix}, nil
}
