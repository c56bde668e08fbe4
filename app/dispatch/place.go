package dispatch

import (
	"cmp"
	"slices"

	"bellhop/app"
)

// addPlaces files the destinations by their owner, each owner's by id.
func (w *World) addPlaces(list []app.Destination) {
	for _, d := range list {
		if d.Person != 0 {
			i := w.index(d.Person)
			if i < 0 {
				continue
			}
			w.flags[i] |= isSpecial
		}
		w.places[d.Person] = append(w.places[d.Person], d)
	}
	for owner, own := range w.places {
		slices.SortFunc(own, func(a, b app.Destination) int {
			return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Product, b.Product),
				cmp.Compare(a.Name, b.Name), cmp.Compare(a.Address, b.Address), compareBools(a.Off, b.Off))
		})
		w.places[owner] = own
	}
}

// places returns the destinations of a channel that an owner has for the event
// and that are on; owner 0 is the shared ones. Those for the event's product
// are used instead of those for every product. some is true where the owner has
// one at all, so that an address of hers no longer counts.
func (q *question) places(owner app.PersonID, ch app.Channel) (on []app.Destination, some bool) {
	var general []app.Destination
	for _, d := range q.w.places[owner] {
		if d.Channel != ch || (d.Product != 0 && d.Product != q.scope.product) {
			continue
		}
		some = true
		switch {
		case d.Off:
		case d.Product != 0:
			on = append(on, d)
		default:
			general = append(general, d)
		}
	}
	if len(on) == 0 {
		on = general
	}
	return on, some
}
