package widget

import "unicode/utf8"

// longest is how many characters of a line are looked at: far beyond what fits
// in a window, far below what would make measuring slow.
const longest = 400

// Elide returns s, cut with an ellipsis where it is wider than room.
func Elide(s string, room, size float32, bold bool) string {
	if room <= 0 {
		return ""
	}
	cut := len(s) > longest && utf8.RuneCountInString(s) > longest
	runes := []rune(s)
	if cut {
		runes = runes[:longest]
		s = string(runes)
	}
	if !cut && width(s, size, bold) <= room {
		return s
	}
	low, high := 0, len(runes)
	for low < high {
		mid := (low + high + 1) / 2
		if width(string(runes[:mid])+"…", size, bold) <= room {
			low = mid
		} else {
			high = mid - 1
		}
	}
	for low > 0 && runes[low-1] == ' ' {
		low--
	}
	return string(runes[:low]) + "…"
}
