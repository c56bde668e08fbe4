package dispatch

import (
	"cmp"
	"slices"
	"sync"

	"bellhop/app"
)

// What is known of a person, as bits.
const (
	isActive uint8 = 1 << iota
	isSuper
	isStaff
	isGlobal  // has a global role that opens everything
	hasRow    // has settings that count everywhere
	isSpecial // has places, wishes or silences of her own, and takes the long way
)

// World answers who is told what. It is made once from facts and never changes;
// many goroutines may ask it. Facts that make no sense, such as grants to
// people who do not exist or the same person twice, are left out and are no
// error: the bell goes on.
//
// People are looked at by columns: an event reads one byte of settings, one of
// flags and one of places for each person.
type World struct {
	mode         app.Mode
	model        app.AccessModel
	keeps        bool         // a server keeps the list of alerts
	gates        app.Channels // the channels that are allowed
	trump        []app.Kind
	superSystem  bool
	system       app.Row
	systemStored bool
	systemWishes *wishes
	defaulted    []int32 // the signed-in people without settings

	people   []app.Person   // by id
	ids      []app.PersonID // theirs, side by side
	me       []int32        // indices of the people who signed in
	super    []int32        // indices of superusers
	flags    []uint8
	reach    []app.Channels                 // the channels by which a person is reached without a destination
	personal [app.NumColumns][]app.Channels // by column and person

	products []app.Product     // by id
	types    []app.ProductType // by id
	grants   []app.Grant
	byObject map[object][]int32 // who has a grant, ascending

	productRows map[int64][]productRow // by product, ascending by person
	wishes      map[int32]*wishes      // of the personal rows
	places      map[app.PersonID][]app.Destination
	silences    []app.Silence

	names     func() []int32 // indices by user name, made when first needed
	questions sync.Pool      // of *question
}

// object is what a grant opens.
type object struct {
	scope app.GrantScope
	id    int64
}

// productRow is what one person set for one product.
type productRow struct {
	person int32
	row    app.Row
	wishes *wishes // nil = none
}

// New makes a world of facts, of which it keeps the slices: they must not
// change any more. 100,000 people take some 20 ms.
func New(f app.Facts) *World {
	w := &World{
		mode: f.Mode, model: f.Model, keeps: f.ServerAlerts, trump: f.Trump, superSystem: f.SuperuserSystem,
		// An alert has no gate in DefectDojo, and needs none: it leaves nothing.
		gates:       f.Gates | app.ChannelsOf(app.ChannelAlert),
		system:      app.DefaultRow(),
		people:      sorted(f.People, func(p app.Person) int64 { return int64(p.ID) }, comparePeople),
		products:    sorted(f.Products, func(p app.Product) int64 { return p.ID }, compareProducts),
		types:       sorted(f.ProductTypes, func(t app.ProductType) int64 { return t.ID }, compareTypes),
		grants:      f.Grants,
		byObject:    map[object][]int32{},
		productRows: map[int64][]productRow{},
		wishes:      map[int32]*wishes{},
		places:      map[app.PersonID][]app.Destination{},
	}
	if w.systemStored = f.System != nil; w.systemStored {
		w.system, w.systemWishes = f.System.Row, readWishes(f.System.Extra)
	}
	w.addPeople()
	w.addGrants()
	for i := range f.Preferences {
		w.addPreference(&f.Preferences[i])
	}
	w.sortProductRows()
	w.addDefaults()
	w.addPlaces(f.Destinations)
	w.addSilences(f.Silences)
	w.names = sync.OnceValue(w.sortNames)
	w.questions.New = func() any { return new(question) }
	return w
}

// sorted returns the elements by id, of each id one. It does not touch list,
// and returns it as it is where nothing has to be done.
func sorted[T any](list []T, id func(T) int64, compare func(a, b T) int) []T {
	ascending := true
	for i := 1; i < len(list) && ascending; i++ {
		ascending = id(list[i-1]) < id(list[i])
	}
	if ascending {
		return list
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b T) int { return cmp.Or(cmp.Compare(id(a), id(b)), compare(a, b)) })
	return slices.CompactFunc(list, func(a, b T) bool { return id(a) == id(b) })
}

// comparePeople orders people of one id, so that the one that stays is the
// same whatever the order of the facts: the one who may less.
func comparePeople(a, b app.Person) int {
	return cmp.Or(compareBools(a.Active, b.Active), compareBools(a.Superuser, b.Superuser), compareBools(a.Staff, b.Staff),
		compareBools(a.Me, b.Me), cmp.Compare(a.Username, b.Username), cmp.Compare(a.Email, b.Email),
		cmp.Compare(a.Slack, b.Slack), cmp.Compare(a.FirstName, b.FirstName), cmp.Compare(a.LastName, b.LastName),
		cmp.Compare(a.RemoteID, b.RemoteID), cmp.Compare(a.Account, b.Account))
}

func compareProducts(a, b app.Product) int {
	return cmp.Or(cmp.Compare(a.TypeID, b.TypeID), cmp.Compare(a.Name, b.Name))
}

func compareTypes(a, b app.ProductType) int { return cmp.Compare(a.Name, b.Name) }

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

func (w *World) addPeople() {
	n := len(w.people)
	w.ids, w.flags, w.reach = make([]app.PersonID, n), make([]uint8, n), make([]app.Channels, n)
	columns := make([]app.Channels, n*app.NumColumns)
	for c := range w.personal {
		w.personal[c] = columns[c*n : (c+1)*n : (c+1)*n]
	}
	for i := range w.people {
		p := &w.people[i]
		w.ids[i] = p.ID
		// 0 is the shared places, and nobody's id.
		if p.Active && p.ID != 0 {
			w.flags[i] |= isActive
		}
		if p.Superuser {
			w.flags[i] |= isSuper
			w.super = append(w.super, int32(i))
		}
		if p.Staff {
			w.flags[i] |= isStaff
		}
		w.reach[i] = app.ChannelsOf(app.ChannelAlert)
		if p.Me {
			w.me = append(w.me, int32(i))
			// A toast is shown on this machine, which is hers.
			w.reach[i] |= app.ChannelsOf(app.ChannelToast)
		}
		if !blank(p.Email) {
			w.reach[i] |= app.ChannelsOf(app.ChannelMail)
		}
		if !blank(p.Slack) {
			w.reach[i] |= app.ChannelsOf(app.ChannelSlack)
		}
	}
}

// index returns where a person is, or -1.
func (w *World) index(id app.PersonID) int32 {
	i, ok := slices.BinarySearch(w.ids, id)
	if !ok {
		return -1
	}
	return int32(i)
}

// addPreference adds a row. Rows of the same scope are united, as all rows are.
func (w *World) addPreference(p *app.Preference) {
	i := w.index(p.Person)
	if i < 0 {
		return
	}
	switch p.Scope {
	case app.ScopePersonal:
		w.flags[i] |= hasRow
		for c, set := range p.Row {
			w.personal[c][i] |= set
		}
		if !p.Extra.IsZero() {
			w.flags[i] |= isSpecial
			w.wishes[i] = unite(w.wishes[i], readWishes(p.Extra))
		}
	case app.ScopeProduct:
		r := productRow{person: i}
		for c, set := range p.Row {
			if speaksForProduct(app.Column(c), set) {
				r.row[c] = set
			}
		}
		if !p.Extra.IsZero() {
			w.flags[i] |= isSpecial
			r.wishes = readWishes(p.Extra)
		}
		w.productRows[p.Product] = append(w.productRows[p.Product], r)
	case app.ScopeSystem, app.ScopeTemplate:
		// The system's row is Facts.System, and a template is only copied.
	}
}

// speaksForProduct says whether a row for one product counts for a column: the
// seven of DefectDojo's form always, and any other where it holds something else
// than the alert that DefectDojo fills in unasked (none for scan_added_empty,
// which is off by default). Only its API writes such a column, so that whatever
// stands there was asked for.
func speaksForProduct(c app.Column, set app.Channels) bool {
	unasked := app.ChannelsOf(app.ChannelAlert)
	if c == app.ColumnScanAddedEmpty {
		unasked = 0
	}
	return c.OnProduct() || set&^app.ChannelsOf(app.ChannelToast) != unasked
}

func unite(a, b *wishes) *wishes {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	return &wishes{
		muted: a.muted || b.muted, notMine: a.notMine || b.notMine,
		only: slices.Concat(a.only, b.only), quiet: slices.Concat(a.quiet, b.quiet),
	}
}

func (w *World) sortProductRows() {
	for product, rows := range w.productRows {
		slices.SortStableFunc(rows, func(a, b productRow) int { return cmp.Compare(a.person, b.person) })
		kept := rows[:0]
		for _, r := range rows {
			if last := len(kept) - 1; last >= 0 && kept[last].person == r.person {
				kept[last].row = kept[last].row.Union(r.row)
				kept[last].wishes = unite(kept[last].wishes, r.wishes)
				continue
			}
			kept = append(kept, r)
		}
		w.productRows[product] = kept
	}
}

// addDefaults gives the signed-in person the row that DefectDojo would have
// made for her, where nothing is stored.
func (w *World) addDefaults() {
	row := app.DefaultRow()
	for _, i := range w.me {
		if w.flags[i]&hasRow != 0 {
			continue
		}
		w.flags[i] |= hasRow
		w.defaulted = append(w.defaulted, i)
		for c, set := range row {
			w.personal[c][i] = set
		}
	}
}

func (w *World) sortNames() []int32 {
	list := make([]int32, len(w.people))
	for i := range list {
		list[i] = int32(i)
	}
	slices.SortFunc(list, func(a, b int32) int {
		return cmp.Or(cmp.Compare(w.people[a].Username, w.people[b].Username), cmp.Compare(a, b))
	})
	return list
}

// named returns the indices of the people with the user names, ascending. The
// names are compared letter by letter, as DefectDojo does.
func (w *World) named(users []string) []int32 {
	names := w.names()
	var list []int32
	for _, user := range users {
		at, _ := slices.BinarySearchFunc(names, user, func(i int32, user string) int {
			return cmp.Compare(w.people[i].Username, user)
		})
		for ; at < len(names) && w.people[names[at]].Username == user && user != ""; at++ {
			list = append(list, names[at])
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
