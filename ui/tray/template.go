package tray

import "image/color"

// templateSize is two pixels for each of the 22 points of a macOS menu bar.
const templateSize = 44

// template returns the bell for a macOS menu bar, a PNG: black where it is
// drawn, for the system tints it. It carries no number, because a tinted plate
// could not be read; the number is the title beside it.
func template(f Face) []byte {
	black := color.NRGBA{A: 0xff}
	ls := []layer{{bell(f == FaceNew, true), black}}
	switch f {
	case FaceOffline:
		cross := slash(false)
		ls = append(ls, layer{grow(cross, gap), hole}, layer{cross, black})
	case FaceNeedsYou:
		sign, mark := warning()
		ls = append(ls, layer{grow(sign, gap), hole}, layer{sign, black}, layer{mark, hole})
	case FaceQuiet:
		letter, room := zed()
		ls = append(ls, layer{room, hole}, layer{letter, black})
	case FaceIdle, FaceSeen, FaceNew:
	}
	return encode(raster(templateSize, ls, smooth))
}
