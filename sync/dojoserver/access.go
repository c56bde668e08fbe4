package dojoserver

import "slices"

// The roles of 2.x; their numbers are their places here, from 1 on.
var roleNames = []string{"API_Importer", "Writer", "Maintainer", "Owner", "Reader"}

// roleNumber returns a role's number; "" is Reader.
func roleNumber(name string) int64 {
	if i := slices.Index(roleNames, name); i >= 0 {
		return int64(i + 1)
	}
	return 5
}

// Group is a group of users; 2.x.
type Group struct {
	ID          int64
	Name        string
	Description string
}

// AddGroup adds a group, or replaces the one of that number, and returns its
// number.
func (s *Server) AddGroup(g Group) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data.groups.put(g.ID, func(id int64) Group { g.ID = id; return g })
}

// Member is a role of a user or a group; 2.x. What it is, is told by what is
// set: User and Product, User and ProductType, Group and Product, Group and
// ProductType are members; User and Group put the user into the group; User
// alone or Group alone have the role on everything.
type Member struct {
	ID          int64
	User        string
	Group       int64
	Product     int64
	ProductType int64
	Role        string // "" means Reader
}

// list is the API's list in which a member is.
func (m Member) list() string {
	switch {
	case m.User != "" && m.Product != 0:
		return "product_members"
	case m.User != "" && m.ProductType != 0:
		return "product_type_members"
	case m.Group != 0 && m.Product != 0:
		return "product_groups"
	case m.Group != 0 && m.ProductType != 0:
		return "product_type_groups"
	case m.User != "" && m.Group != 0:
		return "dojo_group_members"
	default:
		return "global_roles"
	}
}

// AddMember adds a role, or replaces the one of that number, and returns its
// number within its list.
func (s *Server) AddMember(m Member) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := m.list()
	if s.data.members[list] == nil {
		s.data.members[list] = new(table[Member])
	}
	return s.data.members[list].put(m.ID, func(id int64) Member { m.ID = id; return m })
}

// userID returns a user's number, 0 for an unknown name.
func (s *Server) userID(name string) int64 {
	if a := s.users[name]; a != nil {
		return a.ID
	}
	return 0
}

// groupsOf returns the groups that a user is in.
func (s *Server) groupsOf(user string) map[int64]bool {
	out := make(map[int64]bool)
	for _, m := range s.data.memberRows("dojo_group_members") {
		if m.User == user {
			out[m.Group] = true
		}
	}
	return out
}

// memberRows returns the members of a list in no order.
func (d *data) memberRows(list string) map[int64]Member {
	if d.members[list] == nil {
		return nil
	}
	return d.members[list].rows
}

// sight is what one user may see. It is made for a request under the lock.
type sight struct {
	all             bool
	products, types map[int64]bool
	groups          map[int64]bool
}

func (s *Server) sight(a *account) sight {
	v := sight{all: a.Superuser || (!s.old() && a.Staff), products: make(map[int64]bool), types: make(map[int64]bool)}
	if s.old() {
		v.groups = s.groupsOf(a.Name)
		s.seeByRole(&v, a.Name)
	} else {
		for id, t := range s.data.types.rows {
			v.types[id] = slices.Contains(t.Authorized, a.Name)
		}
		for id, p := range s.data.products.rows {
			v.products[id] = slices.Contains(p.Authorized, a.Name)
		}
	}
	for id, p := range s.data.products.rows {
		if v.types[p.Type] {
			v.products[id] = true
		}
	}
	return v
}

// seeByRole adds what roles open, to the user or to a group of the user.
func (s *Server) seeByRole(v *sight, user string) {
	mine := func(m Member) bool { return m.User == user || (m.User == "" && v.groups[m.Group]) }
	for _, m := range s.data.memberRows("global_roles") {
		v.all = v.all || mine(m)
	}
	for _, list := range []string{"product_members", "product_groups"} {
		for _, m := range s.data.memberRows(list) {
			v.products[m.Product] = v.products[m.Product] || mine(m)
		}
	}
	for _, list := range []string{"product_type_members", "product_type_groups"} {
		for _, m := range s.data.memberRows(list) {
			v.types[m.ProductType] = v.types[m.ProductType] || mine(m)
		}
	}
}

func (v sight) product(id int64) bool { return v.all || v.products[id] }
func (v sight) typ(id int64) bool     { return v.all || v.types[id] }

// member reports whether a member shows in its list.
func (v sight) member(m Member, superuser bool) bool {
	switch m.list() {
	case "product_members", "product_groups":
		return v.product(m.Product)
	case "product_type_members", "product_type_groups":
		return v.typ(m.ProductType)
	case "dojo_group_members":
		return superuser || v.groups[m.Group]
	default:
		return superuser
	}
}

// memberJSON is a member as its list shows it.
func (s *Server) memberJSON(m Member) map[string]any {
	out := map[string]any{"id": m.ID, "role": roleNumber(m.Role)}
	switch list := m.list(); list {
	case "global_roles":
		out["user"], out["group"] = nullID(s.userID(m.User)), nullID(m.Group)
		return out
	case "dojo_group_members":
		out["group"] = m.Group
	case "product_members", "product_groups":
		out["product"] = m.Product
	default:
		out["product_type"] = m.ProductType
	}
	if m.User != "" {
		out["user"] = s.userID(m.User)
	} else {
		out["group"] = m.Group
	}
	return out
}

// membersJSON are the members of a list that keep holds.
func (s *Server) membersJSON(list string, keep func(Member) bool) []any {
	out := []any{}
	t := s.data.members[list]
	if t == nil {
		return out
	}
	for _, id := range t.ids() {
		if m := t.rows[id]; keep(m) {
			out = append(out, s.memberJSON(m))
		}
	}
	return out
}
