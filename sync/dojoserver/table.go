package dojoserver

import (
	"maps"
	"slices"
	"time"
)

// table holds the objects of one kind by their numbers.
type table[T any] struct {
	rows map[int64]T
	last int64 // the largest number ever given
}

// put stores a row under id, or under the next number where that is 0, and
// returns the number.
func (t *table[T]) put(id int64, row func(id int64) T) int64 {
	if t.rows == nil {
		t.rows = make(map[int64]T)
	}
	if id == 0 {
		id = t.last + 1
	}
	t.last = max(t.last, id)
	t.rows[id] = row(id)
	return id
}

// ids returns the numbers in order.
func (t *table[T]) ids() []int64 { return slices.Sorted(maps.Keys(t.rows)) }

// remove deletes a row and reports whether there was one.
func (t *table[T]) remove(id int64) bool {
	_, there := t.rows[id]
	delete(t.rows, id)
	return there
}

// Values as the API writes them where there is nothing.

func nullText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func nullID(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

func nullTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return apiTime(t)
}

func nullDay(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Format(time.DateOnly)
}

// listOf copies a list, never to nil: an empty one is [].
func listOf[T any](list []T) []T { return append([]T{}, list...) }

// orNow fills in the server's time.
func (s *Server) orNow(t *time.Time) {
	if t.IsZero() {
		*t = s.opts.Now().UTC()
	}
}

// Remove removes an object by the name of its list in the API, such as
// "product_members" or "findings", and reports whether there was one. What
// belongs to it stays.
func (s *Server) Remove(list string, id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &s.data
	switch list {
	case "product_types":
		return d.types.remove(id)
	case "products":
		return d.products.remove(id)
	case "product_members", "product_type_members", "product_groups", "product_type_groups", "dojo_group_members", "global_roles":
		return d.members[list].remove(id)
	case "dojo_groups":
		return d.groups.remove(id)
	case "engagements":
		return d.engagements.remove(id)
	case "tests":
		return d.tests.remove(id)
	case "findings":
		return d.findings.remove(id)
	case "risk_acceptance":
		return d.risks.remove(id)
	case "sla_configurations":
		return d.slas.remove(id)
	case "test_imports":
		return d.imports.remove(id)
	case "notifications":
		return d.rows.remove(id)
	case "notification_webhooks":
		return d.webhooks.remove(id)
	case "users":
		for name, a := range s.users {
			if a.ID == id {
				s.endSessions(name)
				delete(s.users, name)
				return true
			}
		}
	}
	return false
}

// data is everything beside users and their alerts. It is guarded by
// Server.mu.
type data struct {
	types       table[ProductType]
	products    table[Product]
	groups      table[Group]
	members     map[string]*table[Member] // by the list they are in
	engagements table[Engagement]
	tests       table[Test]
	findings    table[Finding]
	risks       table[RiskAcceptance]
	slas        table[SLAConfiguration]
	imports     table[TestImport]
	rows        table[NotificationRow]
	webhooks    table[Webhook]
	settings    map[string]any
	lastNote    int64
}
