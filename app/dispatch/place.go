package dispatch

import (
	"cmp"
	"net/mail"
	"slices"

	"bellhop/app"
)

// addPlaces files the destinations that lead somewhere by their owner, each
// owner's by id. Where Bellhop decides for the signed-in person alone, what is
// shared is hers: there is nobody else for whom it could be.
func (w *World) addPlaces(list []app.Destination) {
	for _, d := range list {
		switch {
		case d.Person != 0:
			if i := w.index(d.Person); i >= 0 {
				w.addPlace(d, i)
			}
		case w.mode == app.ModeMe:
			for _, i := range w.me {
				w.addPlace(d, i)
			}
		case d.Address != "" || !hasReceiver(d.Channel):
			w.places[0] = append(w.places[0], d)
		}
	}
	for owner, own := range w.places {
		slices.SortFunc(own, func(a, b app.Destination) int {
			return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Product, b.Product),
				cmp.Compare(a.Name, b.Name), cmp.Compare(a.Address, b.Address), compareBools(a.Off, b.Off))
		})
		w.places[owner] = own
	}
}

// addPlace files a destination under a person, where it leads to her.
func (w *World) addPlace(d app.Destination, i int32) {
	p := &w.people[i]
	switch {
	case d.Address != "" || !hasReceiver(d.Channel):
	case d.Channel == app.ChannelMail && w.Mailbox(p, &d) != "":
	case d.Channel == app.ChannelSlack && d.Person != 0 && (!blank(p.Slack) || !blank(p.Email)):
	default:
		return // a way out for others, to which nothing is sent
	}
	w.flags[i] |= isSpecial
	w.places[p.ID] = append(w.places[p.ID], d)
}

// hasReceiver says whether a channel's destinations can be ways out alone, a mail
// server or a bot: they are places only with an address or a person's own.
func hasReceiver(ch app.Channel) bool { return ch == app.ChannelMail || ch == app.ChannelSlack }

// Mailbox returns to which address a mail destination without one leads for a
// person: hers, or, where that is not known and Bellhop decides for her alone, the
// one in whose name the destination's server sends, since that is hers too; "" for
// nowhere.
func (w *World) Mailbox(p *app.Person, d *app.Destination) string {
	switch {
	case !blank(p.Email):
		return p.Email
	case w.mode == app.ModeMe && p.Me:
		return sender(d)
	default:
		return ""
	}
}

// sender returns the address in a mail destination's settings: of "from", or of
// "username" where that is one; "" for none.
func sender(d *app.Destination) string {
	for _, key := range [...]string{"from", "username"} {
		if a, err := mail.ParseAddress(d.Config[key]); err == nil {
			return a.Address
		}
	}
	return ""
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
	return once(on), some
}

// once leaves one of the destinations without an address, since all of them lead
// to the same: the person's own rather than a shared one, then the first.
func once(on []app.Destination) []app.Destination {
	keep := -1
	for i, d := range on {
		if d.Address == "" && hasReceiver(d.Channel) && (keep < 0 || d.Person != 0 && on[keep].Person == 0) {
			keep = i
		}
	}
	if keep < 0 {
		return on
	}
	id := on[keep].ID
	return slices.DeleteFunc(on, func(d app.Destination) bool { return d.Address == "" && d.ID != id })
}
