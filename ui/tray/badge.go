package tray

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// iconSize is the side of the picture that a Linux panel gets. The library
// sends one picture; panels scale it to 16 to 48 pixels, and about three times
// the usual 22 keeps edges smooth there although each pixel is all or nothing.
const iconSize = 64

// The inks of the icon. A panel's colour cannot be asked for, so each form has
// to be seen on a dark and on a light one: a light line has a dark rim, and a
// number stands on a ground of its own, whose luminance lies between the two.
var (
	white = color.NRGBA{0xff, 0xff, 0xff, 0xff}
	light = color.NRGBA{0xf4, 0xf5, 0xf7, 0xff}
	dark  = color.NRGBA{0x1c, 0x21, 0x29, 0xff}
	brass = color.NRGBA{0xe8, 0xb0, 0x4a, 0xff} // something new
	red   = color.NRGBA{0xd1, 0x2f, 0x2f, 0xff} // the number asks to be looked at
	slate = color.NRGBA{0x66, 0x73, 0x86, 0xff} // the number only tells
	amber = color.NRGBA{0xf2, 0x9a, 0x1f, 0xff}
	blue  = color.NRGBA{0x3d, 0x7f, 0xf0, 0xff}
	hole  = color.NRGBA{}
)

const (
	linePen = 5.2 // the bell's line
	rim     = 3.2 // the dark rim on each side of it
	gap     = 3.2 // the hole that sets one form off from another
)

// body is the bell without its ends.
func body() shape {
	left := append([]point{{32, 9}},
		append(curve(point{32, 9}, point{20.5, 9}, point{14.5, 17}, point{14.5, 27}, 9),
			curve(point{14.5, 27}, point{14.5, 37.5}, point{12, 42}, point{7.5, 48}, 6)...)...)
	outline := left
	for i := len(left) - 1; i > 0; i-- {
		outline = append(outline, point{grid - left[i].x, left[i].y})
	}
	return polygon(outline...)
}

// bell is the bell as an outline or solid. Its knob is left out where a number
// would leave only crumbs of it.
func bell(solid, knob bool) shape {
	form, clapper := body(), stroke(7, point{28, 57}, point{36, 57})
	if solid {
		form = grow(form, linePen/2)
	} else {
		form = ring(form, linePen)
	}
	if !knob {
		return join(form, clapper)
	}
	return join(form, clapper, stroke(6, point{32, 4.5}, point{32, 8}))
}

// slash crosses the bell out; below a number it crosses what the number leaves.
func slash(numbered bool) shape {
	if numbered {
		return stroke(linePen, point{5, 26}, point{46, 60})
	}
	return stroke(linePen, point{7, 7}, point{57, 59})
}

// warning is a triangle at the lower right, and the exclamation mark in it.
func warning() (sign, mark shape) {
	sign = grow(polygon(point{47.5, 37}, point{57.5, 57.5}, point{37.5, 57.5}), 3)
	return sign, join(stroke(4, point{47.5, 43}, point{47.5, 49}), stroke(4.2, point{47.5, 55.2}, point{47.5, 55.3}))
}

// zed is a Z at the lower right, and the room it takes.
func zed() (letter, room shape) {
	return stroke(6, point{41, 40}, point{58, 40}, point{41, 60}, point{58, 60}), box(35, 34, grid, grid, 4)
}

// layers returns the picture of a face in colours, with the number where there
// is one.
func layers(f Face, count int) []layer {
	ink := light
	if f == FaceNew {
		ink = brass
	}
	form := bell(f == FaceNew, count == 0)
	ls := []layer{{form, []band{{0, ink}, {rim, dark}}}}
	if f == FaceOffline {
		ls = append(ls, layer{slash(count > 0), []band{{0, light}, {rim, dark}, {rim + gap/2, hole}}})
	}
	if count > 0 {
		ground := slate
		if f == FaceNew || f == FaceNeedsYou {
			ground = red
		}
		ls = append(ls, plate(numeral(count), ground)...)
	}
	switch f {
	case FaceNeedsYou:
		sign, mark := warning()
		ls = append(ls, layer{sign, []band{{0, amber}, {rim, dark}}}, layer{mark, []band{{0, dark}}})
	case FaceQuiet:
		letter, room := zed()
		ls = append(ls, layer{room, []band{{0, hole}}}, layer{letter, []band{{0, blue}}})
	case FaceIdle, FaceSeen, FaceNew, FaceOffline:
	}
	return ls
}

// plate is a number on its ground at the upper right. One or two digits are 27
// units high, which is 9 pixels of 22; "99+" is 22, which is 7.
func plate(text string, ground color.NRGBA) []layer {
	height, pad := 27.0, 6.0
	if len(text) > 2 {
		height, pad = 22, 5
	}
	digits := numberWidth(len(text), height)
	bottom := height + 2*pad
	width := max(digits+2*pad+2, bottom)
	form := box(grid-width, 0, grid, bottom, 14)
	var ls []layer
	if len(text) > 1 { // of the bell's shoulder only a splinter would be left
		ls = append(ls, layer{box(0, 0, grid, bottom-8, 0), []band{{0, hole}}})
	}
	return append(ls,
		layer{form, []band{{0, ground}, {gap, hole}}},
		layer{number(text, grid-width/2-digits/2, pad, height), []band{{0, white}}})
}

// icon returns the picture for a Linux panel, a PNG.
func icon(f Face, count int) []byte { return encode(raster(iconSize, layers(f, count), hard)) }

func encode(m image.Image) []byte {
	var b bytes.Buffer
	_ = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, m) // a buffer takes everything
	return b.Bytes()
}
