package dispatch_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"bellhop/app"
)

// random makes facts and events that make little sense: grants to nobody,
// people twice, products that are not known, every kind of wish.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 4))} }

func (r random) chance(percent int) bool { return r.IntN(100) < percent }

func pick[T any](r random, list ...T) T { return list[r.IntN(len(list))] }

func (r random) row() app.Row {
	var row app.Row
	for c := range row {
		row[c] = r.channels()
		row[c] &= r.channels()
	}
	return row
}

func (r random) channels() app.Channels { return app.Channels(r.IntN(int(app.AllChannels) + 1)) }

func (r random) extra() app.Extra {
	x := app.Extra{Muted: r.chance(20), NotMine: r.chance(30)}
	if r.chance(40) {
		x.Only = append(x.Only, app.Condition{
			Columns: pick(r, nil, []string{"scan_added", "other"}, []string{"no such setting"}), Channels: r.channels(),
			Severity: pick(r, "", "High", "low", "unheard of"), Products: pick(r, nil, []string{"p1", "P2"}),
			Tags: pick(r, nil, []string{"PCI"}), Sources: pick(r, nil, []string{"Scan Added"}), Text: pick(r, "", "t"),
		})
	}
	if r.chance(40) {
		x.Quiet = append(x.Quiet, app.QuietHours{
			Days: pick(r, nil, []string{"mon", "Tue", "noday"}), From: pick(r, "22:00", "08:00", "soon"), To: pick(r, "07:00", "09:30"),
			Zone: pick(r, "UTC", "Europe/Berlin", "Nowhere/Land"), Channels: r.channels(),
		})
	}
	return x
}

const people = 12

func (r random) facts() app.Facts {
	f := app.Facts{
		Mode: pick(r, app.ModeEveryone, app.ModeEveryone, app.ModeMe), Model: pick(r, app.AccessRoles, app.AccessAuthorized, ""),
		ServerAlerts: r.chance(30), Gates: r.channels(), SuperuserSystem: r.chance(70),
		Trump: pick(r, nil, []app.Kind{app.KindUserMentioned, app.KindReviewRequested}, []app.Kind{"other"}),
	}
	if r.chance(70) {
		f.System = &app.Preference{Scope: app.ScopeSystem, Row: r.row()}
		if r.chance(20) {
			f.System.Extra = r.extra()
		}
	}
	for i := range people {
		p := app.Person{
			ID: app.PersonID(i + 1), Username: "u" + strconv.Itoa(i), Active: r.chance(85), Superuser: r.chance(20),
			Staff: r.chance(20), Me: i == 3, Email: pick(r, "", " ", "u@example.com"), Slack: pick(r, "", "u@example.com"),
		}
		f.People = append(f.People, p)
		if r.chance(5) {
			p.Superuser, p.Username = !p.Superuser, pick(r, p.Username, "u0")
			f.People = append(f.People, p)
		}
	}
	if r.chance(20) {
		f.People = append(f.People, app.Person{Username: "nobody", Active: true, Superuser: true})
	}
	for i := range 3 {
		f.Products = append(f.Products, app.Product{ID: int64(i + 1), Name: "p" + strconv.Itoa(i+1), TypeID: int64(r.IntN(3))})
		f.ProductTypes = append(f.ProductTypes, app.ProductType{ID: int64(i + 1), Name: "t" + strconv.Itoa(i+1)})
	}
	for range r.IntN(20) {
		f.Grants = append(f.Grants, app.Grant{
			Person: app.PersonID(r.IntN(people + 3)), Scope: pick(r, app.GrantGlobal, app.GrantProduct, app.GrantProductType, "odd"),
			Object: int64(r.IntN(5)), Role: pick(r, "", "Reader", "Owner"), Group: pick(r, "", "Blue"),
		})
	}
	for range r.IntN(30) {
		p := app.Preference{
			Scope:  pick(r, app.ScopePersonal, app.ScopePersonal, app.ScopeProduct, app.ScopeTemplate, "odd"),
			Person: app.PersonID(r.IntN(people + 3)), Product: int64(r.IntN(4)), Row: r.row(),
		}
		if r.chance(15) {
			p.Extra = r.extra()
		}
		f.Preferences = append(f.Preferences, p)
	}
	for i := range r.IntN(14) {
		f.Destinations = append(f.Destinations, app.Destination{
			ID: app.DestinationID(i + 1), Channel: app.Channel(r.IntN(app.NumChannels)), Person: app.PersonID(max(0, r.IntN(people*2)-people)),
			Product: int64(max(0, r.IntN(6)-3)), Off: r.chance(25), Name: "d" + strconv.Itoa(i+1),
			Address: pick(r, "", "place"), Config: pick(r, nil, map[string]string{"from": "Bell <bell@example.com>"}),
		})
	}
	return f
}

func (r random) event() app.Event {
	c := app.Call{
		Kind: pick(r, app.KindScanAdded, app.KindScanAddedEmpty, app.KindUserMentioned, app.KindEngagementClosed, app.KindOther,
			app.KindProductTypeAdded, "dummy_foo_event"),
		Title: "t", NoUsers: r.chance(10), AlertOnly: r.chance(10), Actor: pick(r, "", "u1", "u3"),
	}
	ref := func(prefix string) *app.Ref {
		id := int64(r.IntN(5))
		return &app.Ref{ID: id, Name: prefix + strconv.Itoa(r.IntN(5))}
	}
	if r.chance(60) {
		c.Product = ref("p")
	}
	if r.chance(30) {
		c.ProductType = ref("t")
	}
	if r.chance(20) {
		c.Engagement = ref("e")
	}
	if r.chance(30) {
		c.Recipients = []string{}
		for range r.IntN(4) {
			c.Recipients = append(c.Recipients, "u"+strconv.Itoa(r.IntN(people+2)))
		}
	}
	if r.chance(30) {
		c.FindingsNew = []app.FindingRef{{Severity: pick(r, "High", "Info", "odd")}}
		c.Tags = pick(r, nil, []string{"pci"})
	}
	at := time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(96*60)) * time.Minute)
	e := app.Event{ID: 7, Origin: pick(r, app.OriginAlert, app.OriginWebhook, app.OriginDerived, app.OriginLocal), At: at, Kind: c.Kind, Call: c}
	e.History = r.chance(4)
	if r.chance(4) {
		e.Same = 3
	}
	return e
}

// shuffle returns the same facts in another order.
func (r random) shuffle(f app.Facts) app.Facts {
	f.People, f.Grants, f.Products = shuffled(r, f.People), shuffled(r, f.Grants), shuffled(r, f.Products)
	f.ProductTypes, f.Preferences = shuffled(r, f.ProductTypes), shuffled(r, f.Preferences)
	f.Destinations, f.Trump = shuffled(r, f.Destinations), shuffled(r, f.Trump)
	return f
}

func shuffled[T any](r random, list []T) []T {
	list = slices.Clone(list)
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}
