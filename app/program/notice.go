package program

import (
	"slices"
	"sync"

	"bellhop/app"
)

// notices holds what the bell found while it ran and the user should know,
// each code once.
type notices struct {
	mu       sync.Mutex
	problems []app.Problem
}

// put adds a notice, or replaces the one with its code.
func (n *notices) put(p *app.Problem) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.problems = slices.DeleteFunc(n.problems, func(old app.Problem) bool { return old.Code == p.Code })
	n.problems = append(n.problems, *p)
}

// drop takes the notice with the code away and says whether there was one.
func (n *notices) drop(code string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	before := len(n.problems)
	n.problems = slices.DeleteFunc(n.problems, func(old app.Problem) bool { return old.Code == code })
	return len(n.problems) != before
}

func (n *notices) list() []app.Problem {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.problems)
}
