package dojoserver

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// row is one object of a list, written out when somebody looks at it.
type row struct {
	id     int64
	render func() map[string]any
	shown  map[string]any
}

// json is the object with its hidden keys, which begin with "_" and serve the
// filters alone.
func (r *row) json() map[string]any {
	if r.shown == nil {
		r.shown = r.render()
	}
	return r.shown
}

// collection is one list of the API with its objects.
type collection struct {
	title  string // "Product"
	model  string // in "No Product matches the given query."
	list   []string
	detail []string
	// bare lists and objects come without the key prefetch.
	bare, bareDetail bool
	// may says who gets in at all; nil is everybody.
	may     func(*account) bool
	rows    func(*Server, *account, url.Values) []*row
	filters map[string]filter
	orders  []string
	// write answers anything but GET; id is 0 for the list.
	write func(x *exchange, a *account, id int64)
}

// Methods of lists and objects.
var (
	readOnly   = []string{http.MethodGet, http.MethodHead}
	readCreate = []string{http.MethodGet, http.MethodPost, http.MethodHead}
	readChange = []string{http.MethodGet, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead}
)

// endpoint returns the list's endpoint, or that of one object where id is not
// "".
func (c *collection) endpoint(id string) *endpoint {
	e := &endpoint{methods: c.list, name: c.title + " List", may: c.may, bare: true}
	if id != "" {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil || n <= 0 || c.detail == nil {
			return nil
		}
		e.methods, e.name = c.detail, c.title+" Instance"
		e.serve = func(x *exchange, a *account) { c.serveOne(x, a, n) }
		return e
	}
	e.serve = c.serveList
	return e
}

func (c *collection) serveOne(x *exchange, a *account, id int64) {
	x.s.mu.Lock()
	rows := c.rows(x.s, a, nil)
	at := slices.IndexFunc(rows, func(r *row) bool { return r.id == id })
	var object map[string]any
	if at >= 0 {
		object = visible(rows[at].json())
	}
	x.s.mu.Unlock()
	switch {
	case x.r.Method != http.MethodGet && x.r.Method != http.MethodHead:
		if at < 0 && c.model != "" {
			x.noMatch(c.model)
			return
		}
		c.change(x, a, id)
	case at < 0:
		x.noMatch(c.model)
	default:
		if !c.bareDetail {
			object["prefetch"] = map[string]any{}
		}
		x.json(http.StatusOK, object)
	}
}

func (x *exchange) noMatch(model string) {
	x.detail(http.StatusNotFound, "No "+model+" matches the given query.")
}

// change writes, where that is served: of the other objects, users who are no
// superusers are told that they may not, and superusers that this server is
// too small.
func (c *collection) change(x *exchange, a *account, id int64) {
	switch {
	case c.write != nil:
		c.write(x, a, id)
	case !a.Superuser:
		x.detail(http.StatusForbidden, "You do not have permission to perform this action.")
	default:
		x.detail(http.StatusNotImplemented, "Bellhop's small DefectDojo does not change this.")
	}
}

func (c *collection) serveList(x *exchange, a *account) {
	if x.r.Method != http.MethodGet && x.r.Method != http.MethodHead {
		c.change(x, a, 0)
		return
	}
	query := x.r.URL.Query()
	x.s.mu.Lock()
	rows, fault := c.selected(x.s, a, query)
	if fault != nil {
		x.s.mu.Unlock()
		x.fieldError(fault.field, fault.text, fault.code)
		return
	}
	limit, offset := pageOf(query)
	results := []any{}
	for _, r := range rows[min(offset, len(rows)):min(offset+limit, len(rows))] {
		results = append(results, visible(r.json()))
	}
	x.s.mu.Unlock()
	out := map[string]any{"count": len(rows), "next": nil, "previous": nil, "results": results}
	if !c.bare {
		out["prefetch"] = map[string]any{}
	}
	if offset+limit < len(rows) {
		out["next"] = x.pageLink(query, limit, offset+limit)
	}
	if offset > 0 {
		out["previous"] = x.pageLink(query, limit, offset-limit)
	}
	x.json(http.StatusOK, out)
}

// selected applies filters and ordering. The caller holds the lock.
func (c *collection) selected(s *Server, a *account, query url.Values) ([]*row, *invalid) {
	rows := c.rows(s, a, query)
	for _, name := range slices.Sorted(maps.Keys(c.filters)) {
		value := query.Get(name)
		if value == "" {
			continue
		}
		keep, fault := c.filters[name](s, value)
		if fault != "" {
			return nil, &invalid{field: name, text: fault, code: "invalid"}
		}
		if keep != nil {
			rows = slices.DeleteFunc(rows, func(r *row) bool { return !keep(r.json()) })
		}
	}
	if order := query.Get("o"); order != "" && c.orders != nil {
		for key := range strings.SplitSeq(order, ",") {
			if !slices.Contains(c.orders, strings.TrimPrefix(key, "-")) {
				return nil, &invalid{"o", "Select a valid choice. " + key + " is not one of the available choices.", "invalid_choice"}
			}
		}
		sortRows(rows, order)
	}
	return rows, nil
}

// sortRows orders by the keys of a comma list, the last first for those with a
// "-"; what has no value comes last, as PostgreSQL has it, or first backwards.
func sortRows(rows []*row, order string) {
	slices.SortStableFunc(rows, func(a, b *row) int {
		for key := range strings.SplitSeq(order, ",") {
			name, back := strings.CutPrefix(key, "-")
			n := compareValues(a.json()[name], b.json()[name])
			if back {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return cmp.Compare(a.id, b.id)
	})
}

func compareValues(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	switch x := a.(type) {
	case string:
		y, _ := b.(string)
		return strings.Compare(x, y)
	case int64:
		y, _ := b.(int64)
		return cmp.Compare(x, y)
	case bool:
		y, _ := b.(bool)
		return cmp.Compare(btoi(x), btoi(y))
	default:
		return 0
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// visible is an object without its hidden keys.
func visible(object map[string]any) map[string]any {
	out := make(map[string]any, len(object))
	for key, value := range object {
		if key[0] != '_' {
			out[key] = value
		}
	}
	return out
}

// defaultLimit is DefectDojo's page size.
const defaultLimit = 25

// pageOf reads limit and offset; junk and a limit of 0 count as not given.
func pageOf(query url.Values) (limit, offset int) {
	limit, err := strconv.Atoi(query.Get("limit"))
	if err != nil || limit <= 0 {
		limit = defaultLimit
	}
	offset, err = strconv.Atoi(query.Get("offset"))
	if err != nil || offset < 0 {
		offset = 0
	}
	return min(limit, 1<<30), min(offset, 1<<30)
}

// pageLink is the address of another page: absolute, with the host and the
// scheme that the server believes in, the parameters in alphabetic order.
func (x *exchange) pageLink(query url.Values, limit, offset int) string {
	scheme := "http"
	if x.secure() {
		scheme = "https"
	}
	query = maps.Clone(query)
	query.Set("limit", strconv.Itoa(limit))
	if offset > 0 {
		query.Set("offset", strconv.Itoa(offset))
	} else {
		query.Del("offset")
	}
	return scheme + "://" + x.r.Host + x.s.opts.Prefix + x.path + "?" + query.Encode()
}
