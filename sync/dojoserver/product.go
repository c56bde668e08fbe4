package dojoserver

import (
	"maps"
	"slices"
	"time"
)

// ProductType is a product type, or organization.
type ProductType struct {
	ID          int64
	Name        string
	Description string
	Critical    bool
	Authorized  []string // names of the users who may see it; 3.x
	Created     time.Time
	// Unborn has no dates, as the one that DefectDojo is installed with.
	Unborn bool
}

// Product is a product, or asset.
type Product struct {
	ID          int64
	Name        string
	Description string
	Type        int64
	Authorized  []string // names of the users who may see it; 3.x
	SLA         int64    // service levels; 0 means the first
	SLASilent   bool
	Tags        []string
	Created     time.Time
}

// AddProductType adds a product type, or replaces the one of that number, and
// returns its number.
func (s *Server) AddProductType(t ProductType) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orNow(&t.Created)
	return s.data.types.put(t.ID, func(id int64) ProductType { t.ID = id; return t })
}

// AddProduct adds a product, or replaces the one of that number, and returns
// its number.
func (s *Server) AddProduct(p Product) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orNow(&p.Created)
	if p.SLA == 0 {
		p.SLA = 1
	}
	return s.data.products.put(p.ID, func(id int64) Product { p.ID = id; return p })
}

// userIDs returns the numbers of users, in order.
func (s *Server) userIDs(names []string) []int64 {
	out := []int64{}
	for _, name := range names {
		if id := s.userID(name); id != 0 {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// membersOf returns the numbers of users, or groups, that are members.
func (s *Server) membersOf(list string, of func(Member) bool) []int64 {
	set := make(map[int64]bool)
	for _, m := range s.data.memberRows(list) {
		if !of(m) {
			continue
		}
		if m.User != "" {
			set[s.userID(m.User)] = true
		} else {
			set[m.Group] = true
		}
	}
	return append([]int64{}, slices.Sorted(maps.Keys(set))...)
}

func (s *Server) typeJSON(t ProductType) map[string]any {
	out := map[string]any{
		"id": t.ID, "name": t.Name, "description": nullText(t.Description), "critical_product": t.Critical, "key_product": false,
		"created": nullTime(t.Created), "updated": nullTime(t.Created),
	}
	if t.Unborn {
		out["created"], out["updated"] = nil, nil
	}
	if s.old() {
		out["members"] = s.membersOf("product_type_members", func(m Member) bool { return m.ProductType == t.ID })
		out["authorization_groups"] = s.membersOf("product_type_groups", func(m Member) bool { return m.ProductType == t.ID })
	} else {
		out["authorized_users"] = s.userIDs(t.Authorized)
	}
	return out
}

func (s *Server) productJSON(p Product) map[string]any {
	active := []int64{}
	for _, id := range s.data.findings.ids() {
		if f := s.data.findings.rows[id]; f.Active && s.productOf(f.Test) == p.ID {
			active = append(active, id)
		}
	}
	out := map[string]any{
		"id": p.ID, "findings_count": len(active), "findings_list": active, "tags": listOf(p.Tags), "product_meta": []any{},
		"name": p.Name, "description": p.Description, "created": apiTime(p.Created), "prod_numeric_grade": nil,
		"business_criticality": nil, "platform": nil, "lifecycle": nil, "origin": nil, "user_records": nil, "revenue": nil,
		"external_audience": false, "internet_accessible": false, "enable_product_tag_inheritance": false,
		"enable_simple_risk_acceptance": false, "enable_full_risk_acceptance": true,
		"disable_sla_breach_notifications": p.SLASilent, "product_manager": nil, "technical_contact": nil,
		"team_manager": nil, "prod_type": p.Type, "sla_configuration": p.SLA, "regulations": []any{},
	}
	if s.old() {
		out["members"] = s.membersOf("product_members", func(m Member) bool { return m.Product == p.ID })
		out["authorization_groups"] = s.membersOf("product_groups", func(m Member) bool { return m.Product == p.ID })
	} else {
		out["authorized_users"] = s.userIDs(p.Authorized)
	}
	return out
}

// assetJSON is a product under the names that 3.x gives it.
func (s *Server) assetJSON(p Product) map[string]any {
	out := s.productJSON(p)
	for from, to := range map[string]string{
		"product_meta": "asset_meta", "prod_type": "organization", "prod_numeric_grade": "asset_numeric_grade",
		"enable_product_tag_inheritance": "enable_asset_tag_inheritance", "product_manager": "asset_managers",
	} {
		out[to] = out[from]
		delete(out, from)
	}
	return out
}

// organizationJSON is a product type under the names that 3.x gives it.
func (s *Server) organizationJSON(t ProductType) map[string]any {
	out := s.typeJSON(t)
	out["critical_asset"], out["key_asset"] = out["critical_product"], out["key_product"]
	delete(out, "critical_product")
	delete(out, "key_product")
	return out
}

// groupJSON is a group.
func (s *Server) groupJSON(g Group) map[string]any {
	return map[string]any{
		"id": g.ID, "configuration_permissions": []any{}, "name": g.Name, "description": nullText(g.Description),
		"social_provider": nil, "users": s.membersOf("dojo_group_members", func(m Member) bool { return m.Group == g.ID }),
	}
}
