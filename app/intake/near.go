package intake

import "strings"

// nearest returns the candidate that a misspelt name most likely means: at most
// a third of its letters, and no more than three, are wrong, missing or
// swapped. "" where none is near.
func nearest[S ~string](name string, candidates []S) S {
	typed := strings.NewReplacer("-", "_", " ", "_", ".", "_").Replace(strings.ToLower(name))
	var best S
	least := min(3, (len(typed)+2)/3) + 1
	for _, c := range candidates {
		if d := distance(typed, string(c), least); d < least {
			best, least = c, d
		}
	}
	return best
}

// distance counts the letters to add, drop, change or swap with their
// neighbour on the way from a to b. It is at least limit where the lengths
// alone say so.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
