package dispatch

import (
	"cmp"
	"slices"
	"time"

	"bellhop/app"
)

// The waits of a storm: the first message of a group leaves at once, the next
// one after half a minute, each further one after five minutes, with everything
// that has come meanwhile. A group that was silent for stormOver begins anew.
// The steps are Alertmanager's group_wait and group_interval.
const (
	stormFirst = 30 * time.Second
	stormNext  = 5 * time.Minute
	stormOver  = 15 * time.Minute
)

// groupDue returns when a group's next message may leave. sent are the times of
// its messages within stormOver, oldest first.
func groupDue(sent []time.Time, now time.Time) time.Time {
	switch len(sent) {
	case 0:
		return now
	case 1:
		return latest(now, sent[0].Add(stormFirst))
	default:
		return latest(now, sent[len(sent)-1].Add(stormNext))
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// severities rank findings; the zero is an event without one.
var severities = map[string]int{"Info": 1, "Low": 2, "Medium": 3, "High": 4, "Critical": 5}

// Severity returns the highest severity that an event speaks of, "" for none.
func Severity(e *app.Event) string { return e.Call.Severity() }

// critical says whether an event never waits for a digest.
func critical(e *app.Event) bool { return Severity(e) == app.SeverityCritical }

// parcel is what becomes one message: one delivery or several.
type parcel struct {
	group   string
	members []app.Claimed
	live    app.Live // the message that it replaces
}

// repeated takes out the messages that were sent before without anybody seeing
// the end of it, each as it was. Without its first delivery a message has lost
// its id; then the rest of it is new.
func repeated(claimed []app.Claimed) (again []parcel, rest []app.Claimed) {
	at := make(map[app.DeliveryID]int)
	for _, c := range claimed {
		if c.Delivery.Digest == c.Delivery.ID {
			at[c.Delivery.ID] = len(again)
			again = append(again, parcel{group: c.Delivery.Group, members: []app.Claimed{c}})
		}
	}
	for _, c := range claimed {
		i, ok := at[c.Delivery.Digest]
		switch {
		case !ok:
			rest = append(rest, c)
		case c.Delivery.Digest != c.Delivery.ID:
			again[i].members = append(again[i].members, c)
		}
	}
	return again, rest
}

// past leaves out of times, oldest first, those that are still to come: the clock
// was set back.
func past(times []time.Time, now time.Time) []time.Time {
	for len(times) > 0 && times[len(times)-1].After(now) {
		times = times[:len(times)-1]
	}
	return times
}

// parcels sorts a lane's claimed deliveries into messages: each critical one by
// itself and first, then for each receiver what was held (quiet hours) as one
// summary, the rest by group in the order of the group's first delivery; the
// most severe first within each.
func parcels(claimed []app.Claimed) []parcel {
	// A message has one receiver, whatever the groups are called.
	type key struct {
		held   bool
		group  string
		person app.PersonID
		place  app.DestinationID
	}
	var alone, held, grouped []parcel
	at := make(map[key]int)
	for _, c := range claimed {
		d := &c.Delivery
		k := key{d.State == app.DeliveryHeld, d.Group, d.Person, d.Destination}
		into := &grouped
		switch {
		case k.held:
			k.group, into = "", &held
		case critical(c.Event) || d.Group == "":
			alone = append(alone, parcel{group: d.Group, members: []app.Claimed{c}})
			continue
		}
		i, ok := at[k]
		if !ok {
			i = len(*into)
			at[k] = i
			*into = append(*into, parcel{group: k.group})
		}
		(*into)[i].members = append((*into)[i].members, c)
	}
	for _, p := range slices.Concat(held, grouped) {
		slices.SortStableFunc(p.members, func(a, b app.Claimed) int {
			return cmp.Compare(severities[Severity(b.Event)], severities[Severity(a.Event)])
		})
	}
	return slices.Concat(alone, held, grouped)
}

// squeeze makes at most n parcels of the given ones by joining the last ones:
// what a service has no room for arrives in one message more.
func squeeze(list []parcel, n int) []parcel {
	n = max(n, 1)
	if len(list) <= n {
		return list
	}
	last := parcel{group: list[n-1].group}
	for _, p := range list[n-1:] {
		last.members = append(last.members, p.members...)
	}
	return append(slices.Clip(list[:n-1]), last)
}
