package syncer

import (
	"cmp"
	"iter"
	"slices"

	"bellhop/app"
)

// sortedRefs returns findings by severity, the gravest first, and then by id.
func sortedRefs(refs iter.Seq[app.FindingRef]) []app.FindingRef {
	return slices.SortedFunc(refs, func(x, y app.FindingRef) int {
		return cmp.Or(cmp.Compare(severityRank(x.Severity), severityRank(y.Severity)), cmp.Compare(x.ID, y.ID))
	})
}

// refsOf returns findings by their ids, as far as they are known; the others by
// the id alone.
func refsOf(ids []int64, known map[int64]finding) []app.FindingRef {
	return sortedRefs(func(yield func(app.FindingRef) bool) {
		for _, id := range ids {
			r := app.FindingRef{ID: id}
			if f, ok := known[id]; ok {
				r = f.ref()
			}
			if !yield(r) {
				return
			}
		}
	})
}

// mostListed is how many findings of one kind a scan's event carries; no
// message shows more.
const mostListed = 100

// listed cuts a list to what an event carries and says by how much.
func listed(refs []app.FindingRef) ([]app.FindingRef, int) {
	n := min(len(refs), mostListed)
	return refs[:n:n], len(refs) - n
}
