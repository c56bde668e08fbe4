package tray

import "strconv"

// Digits are drawn with a round pen in a box of 10 by 16. They are wide and
// heavy, with open counters: they have to be read at a height of 7 pixels.
const (
	digitWidth, digitHeight = 10.0, 16.0
	digitPen                = 3.3
	digitGap                = 1.6
)

// strokes returns the lines of one digit or of "+".
func strokes(r rune) [][]point {
	switch r {
	case '0':
		return [][]point{arc(5, 8, 3.35, 6.35, 0, 360)}
	case '1':
		return [][]point{{{2.3, 4.4}, {5.6, 1.65}, {5.6, 14.35}}}
	case '2':
		return [][]point{append(arc(5, 5.1, 3.3, 3.45, 195, 385), point{1.9, 14.35}, point{8.4, 14.35})}
	case '3':
		return [][]point{arc(4.7, 4.8, 3.2, 3.15, 205, 450), arc(4.7, 11.15, 3.6, 3.2, -90, 155)}
	case '4':
		return [][]point{{{6.7, 14.35}, {6.7, 1.65}, {1.65, 11}, {8.5, 11}}}
	case '5':
		return [][]point{append([]point{{7.8, 1.65}, {2.4, 1.65}, {2.1, 7.6}}, arc(4.8, 10.3, 3.55, 4.05, -130, 150)...)}
	case '6':
		return [][]point{arc(5, 10.6, 3.35, 3.75, 0, 360), curve(point{7.2, 1.7}, point{4, 3.2}, point{1.65, 6.5}, point{1.65, 10.6}, 10)}
	case '7':
		return [][]point{{{1.65, 1.65}, {8.35, 1.65}, {4, 14.35}}}
	case '8':
		return [][]point{arc(5, 4.8, 2.95, 3.15, 0, 360), arc(5, 11.2, 3.35, 3.15, 0, 360)}
	case '9':
		return [][]point{arc(5, 5.4, 3.35, 3.75, 0, 360), curve(point{2.8, 14.3}, point{6, 12.8}, point{8.35, 9.5}, point{8.35, 5.4}, 10)}
	case '+':
		return [][]point{{{1.65, 8}, {8.35, 8}}, {{5, 4.65}, {5, 11.35}}}
	}
	return nil
}

// number is a count as a form whose digits are height units high, with its
// upper left corner at x, y.
func number(text string, x, y, height float64) shape {
	k := height / digitHeight
	var lines []shape
	for i, r := range text {
		left := x + float64(i)*(digitWidth+digitGap)*k
		for _, ps := range strokes(r) {
			placed := make([]point, len(ps))
			for j, p := range ps {
				placed[j] = point{left + p.x*k, y + p.y*k}
			}
			lines = append(lines, stroke(digitPen*k, placed...))
		}
	}
	return join(lines...)
}

// numberWidth is the width of a text of n signs.
func numberWidth(n int, height float64) float64 {
	return (float64(n)*(digitWidth+digitGap) - digitGap) * height / digitHeight
}

// mostCounted stands for "99+": beyond it the icon does not change.
const mostCounted = 100

// numeral is a count as the icon shows it.
func numeral(count int) string {
	if count >= mostCounted {
		return "99+"
	}
	return strconv.Itoa(count)
}
