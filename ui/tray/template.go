package tray

import "image/color"

// templateSize is two pixels for each of the 22 points of a macOS menu bar.
const templateSize = 44

// template returns the bell for a macOS menu bar, a PNG: black where it is
// drawn, for the system tints it. It carries no number, because a tinted plate
// could not be read; the number is the title beside it.
func template(f Face) []byte {
	ink, nothing := band{0, color.NRGBA{A: 0xff}}, band{0, hole}
	ls := []layer{{bell(f == FaceNew, true), []band{ink}}}
	switch f {
	case FaceOffline:
		ls = append(ls, layer{slash(false), []band{ink, {gap, hole}}})
	case FaceNeedsYou:
		sign, mark := warning()
		ls = append(ls, layer{sign, []band{ink, {gap, hole}}}, layer{mark, []band{nothing}})
	case FaceQuiet:
		letter, room := zed()
		ls = append(ls, layer{room, []band{nothing}}, layer{letter, []band{ink}})
	case FaceIdle, FaceSeen, FaceNew:
	}
	return encode(raster(templateSize, ls, smooth))
}
