package dojoserver

import (
	"cmp"
	"net/url"
	"slices"
	"time"
)

func superuser(a *account) bool { return a.Superuser }

// rowsOf makes the rows of a table that keep holds, in the order of their
// numbers. The caller holds the lock.
func rowsOf[T any](t *table[T], keep func(T) bool, render func(T) map[string]any) []*row {
	var out []*row
	if t == nil {
		return nil
	}
	for _, id := range t.ids() {
		if object := t.rows[id]; keep(object) {
			out = append(out, &row{id: id, render: func() map[string]any { return render(object) }})
		}
	}
	return out
}

func always[T any](T) bool { return true }

// byName puts rows into the order of their names.
func byName(rows []*row) []*row {
	slices.SortStableFunc(rows, func(a, b *row) int { return compareValues(a.json()["name"], b.json()["name"]) })
	return rows
}

// catalog is every list of the API that this version serves.
func (s *Server) catalog() map[string]*collection {
	out := map[string]*collection{
		"products":              s.productList((*Server).productJSON),
		"product_types":         s.typeList((*Server).typeJSON),
		"users":                 s.userList(),
		"user_contact_infos":    s.contactList(),
		"engagements":           s.engagementList(),
		"tests":                 s.testList(),
		"findings":              s.findingList(),
		"test_imports":          s.importList(),
		"risk_acceptance":       s.riskList(),
		"sla_configurations":    s.slaList(),
		"notifications":         rowList(),
		"notification_webhooks": webhookList(),
		"system_settings":       settingsList(),
	}
	if !s.old() {
		out["assets"] = s.productList((*Server).assetJSON)
		out["organizations"] = s.typeList((*Server).organizationJSON)
		return out
	}
	for list, title := range map[string]string{
		"product_members": "Product Members", "product_type_members": "Product Type Members", "product_groups": "Product Group",
		"product_type_groups": "Product Type Group", "dojo_group_members": "Dojo Group Member", "global_roles": "Global Role",
	} {
		out[list] = memberList(list, title)
	}
	out["global_roles"].may = superuser
	out["dojo_groups"] = &collection{
		title: "Dojo Group", model: "Dojo_Group", list: readCreate, detail: readChange, may: superuser,
		rows: func(s *Server, _ *account, _ url.Values) []*row {
			return rowsOf(&s.data.groups, always, s.groupJSON)
		},
		filters: map[string]filter{"id": number("id"), "name": exactly("name")},
	}
	out["roles"] = &collection{
		title: "Role", model: "Role", list: readOnly, detail: readOnly, bare: true, bareDetail: true,
		rows: func(*Server, *account, url.Values) []*row {
			var out []*row
			for i, name := range roleNames {
				out = append(out, &row{id: int64(i) + 1, render: func() map[string]any {
					return map[string]any{"id": int64(i) + 1, "name": name, "is_owner": name == "Owner"}
				}})
			}
			return out
		},
	}
	return out
}

func memberList(list, title string) *collection {
	return &collection{
		title: title, model: "Member", list: readCreate, detail: readChange,
		rows: func(s *Server, a *account, _ url.Values) []*row {
			v := s.sight(a)
			return rowsOf(s.data.members[list], func(m Member) bool { return v.member(m, a.Superuser) }, s.memberJSON)
		},
		filters: map[string]filter{
			"id": number("id"), "user_id": number("user"), "user": number("user"), "group_id": number("group"),
			"product_id": number("product"), "product_type_id": number("product_type"),
		},
	}
}

func (s *Server) productList(render func(*Server, Product) map[string]any) *collection {
	return &collection{
		title: "Product", model: "Product", list: readCreate, detail: readChange,
		rows: func(s *Server, a *account, _ url.Values) []*row {
			v := s.sight(a)
			out := rowsOf(&s.data.products, func(p Product) bool { return v.product(p.ID) }, func(p Product) map[string]any { return render(s, p) })
			return s.productsByName(out)
		},
		filters: map[string]filter{
			"id": number("id"), "name": contains("name"), "name_exact": exactly("name"), "prod_type": number("prod_type"),
		},
		orders: []string{"id", "name", "created", "prod_type"},
	}
}

// productsByName orders without writing each product out, which counts its
// findings.
func (s *Server) productsByName(rows []*row) []*row {
	slices.SortStableFunc(rows, func(a, b *row) int {
		return cmp.Compare(s.data.products.rows[a.id].Name, s.data.products.rows[b.id].Name)
	})
	return rows
}

func (s *Server) typeList(render func(*Server, ProductType) map[string]any) *collection {
	return &collection{
		title: "Product Type", model: "Product_Type", list: readCreate, detail: readChange,
		rows: func(s *Server, a *account, _ url.Values) []*row {
			v := s.sight(a)
			return byName(rowsOf(&s.data.types, func(t ProductType) bool { return v.typ(t.ID) }, func(t ProductType) map[string]any { return render(s, t) }))
		},
		filters: map[string]filter{"id": number("id"), "name": exactly("name")},
	}
}

func (s *Server) userList() *collection {
	return &collection{
		title: "Users", model: "User", list: readCreate, detail: readChange, bare: true, bareDetail: true, may: superuser,
		rows: func(s *Server, _ *account, _ url.Values) []*row {
			return s.userRows(func(*account) bool { return true }, func(a *account) int64 { return a.ID }, s.userJSON)
		},
		filters: map[string]filter{
			"id": number("id"), "username": contains("username"), "email": contains("email"),
			"is_active": yesNo("is_active"), "is_superuser": yesNo("is_superuser"),
		},
		orders: []string{"username", "last_name", "first_name", "email", "is_active", "is_superuser", "date_joined", "last_login"},
	}
}

func (s *Server) contactList() *collection {
	return &collection{
		title: "User Contact Info", model: "UserContactInfo", list: readCreate, detail: readChange, may: superuser,
		rows: func(s *Server, _ *account, _ url.Values) []*row {
			return s.userRows(func(a *account) bool { return !a.NoContact }, (*account).contactID, s.contactJSON)
		},
		filters: map[string]filter{"user": number("user")},
	}
}

// userRows are the users that keep holds, by a number that they have.
func (s *Server) userRows(keep func(*account) bool, id func(*account) int64, render func(*account) map[string]any) []*row {
	var out []*row
	for _, a := range s.users {
		if keep(a) {
			out = append(out, &row{id: id(a), render: func() map[string]any { return render(a) }})
		}
	}
	slices.SortFunc(out, func(a, b *row) int { return cmp.Compare(a.id, b.id) })
	return out
}

func (s *Server) engagementList() *collection {
	return &collection{
		title: "Engagement", model: "Engagement", list: readCreate, detail: readChange, bare: !s.old(), bareDetail: !s.old(),
		rows: func(s *Server, a *account, _ url.Values) []*row {
			v := s.sight(a)
			return rowsOf(&s.data.engagements, func(e Engagement) bool { return v.product(e.Product) }, s.engagementJSON)
		},
		filters: map[string]filter{
			"id": number("id"), "product": s.productChoice(), "active": yesNo("active"), "status": exactly("status"),
			"name": exactly("name"), "target_end": exactly("target_end"), "target_start": exactly("target_start"),
		},
		orders: []string{"name", "version", "target_start", "target_end", "status", "lead", "created", "updated"},
	}
}

// productChoice compares with one product, which has to exist.
func (s *Server) productChoice() filter {
	return func(s *Server, value string) (func(map[string]any) bool, string) {
		keep, fault := number("product")(s, value)
		if fault != "" || s.data.products.rows[atoi(value)].ID == 0 {
			return nil, "Select a valid choice. That choice is not one of the available choices."
		}
		return keep, ""
	}
}

func (s *Server) testList() *collection {
	return &collection{
		title: "Test", model: "Test", list: readCreate, detail: readChange,
		rows: func(s *Server, a *account, _ url.Values) []*row {
			v := s.sight(a)
			return rowsOf(&s.data.tests, func(t Test) bool { return v.product(s.productOf(t.ID)) }, s.testJSON)
		},
		filters: map[string]filter{"id": number("id"), "engagement": number("engagement"), "title": exactly("title"), "target_start": moment("target_start")},
		orders:  []string{"title", "version", "target_start", "target_end", "test_type", "lead", "engagement", "created", "updated"},
	}
}

func (s *Server) findingList() *collection {
	orders := []string{
		"active", "created", "last_status_update", "last_reviewed", "cwe", "date", "duplicate", "id", "is_mitigated", "numerical_severity",
		"out_of_scope", "severity", "title", "under_review", "verified",
	}
	if !s.old() {
		orders = append(orders, "sla_expiration_date")
	}
	return &collection{
		title: "Finding", model: "Finding", list: readCreate, detail: readChange,
		rows: func(s *Server, a *account, query url.Values) []*row {
			v := s.sight(a)
			related := query.Get("related_fields") == "true"
			return rowsOf(&s.data.findings, func(f Finding) bool { return v.product(s.productOf(f.Test)) }, func(f Finding) map[string]any {
				out := s.findingJSON(f, related)
				out["_engagement"] = s.data.tests.rows[f.Test].Engagement
				out["_product"] = s.productOf(f.Test)
				out["_type"] = s.data.products.rows[s.productOf(f.Test)].Type
				return out
			})
		},
		filters: map[string]filter{
			"id": number("id"), "active": yesNo("active"), "duplicate": yesNo("duplicate"), "verified": yesNo("verified"),
			"is_mitigated": yesNo("is_mitigated"), "under_review": yesNo("under_review"), "false_p": yesNo("false_p"),
			"severity": oneOf("severity"), "title": contains("title"), "test": number("test"), "test__engagement": number("_engagement"),
			"test__engagement__product": number("_product"), "test__engagement__product__prod_type": number("_type"),
			"created": window("created"), "last_reviewed": window("last_reviewed"), "date": window("date"), "outside_of_sla": outsideSLA,
			"discovered_after": bound("date", 1, time.DateOnly), "discovered_before": bound("date", -1, time.DateOnly),
			"mitigated_after":  bound("mitigated", 1, time.RFC3339Nano, time.DateOnly),
			"mitigated_before": bound("mitigated", -1, time.RFC3339Nano, time.DateOnly),
		},
		orders: orders,
	}
}

func (s *Server) importList() *collection {
	return &collection{
		title: "Test Import", model: "Test_Import", list: readCreate, detail: readChange,
		rows: func(s *Server, a *account, _ url.Values) []*row {
			v := s.sight(a)
			return rowsOf(&s.data.imports, func(i TestImport) bool { return v.product(s.productOf(i.Test)) }, s.importJSON)
		},
		filters: map[string]filter{"test": number("test")},
		orders:  []string{"id", "created", "modified", "version"},
	}
}

func (s *Server) riskList() *collection {
	return &collection{
		title: "Risk Acceptance", model: "Risk_Acceptance", list: readCreate, detail: readChange,
		rows: func(s *Server, a *account, _ url.Values) []*row {
			v := s.sight(a)
			return rowsOf(&s.data.risks, func(r RiskAcceptance) bool {
				return v.product(s.data.engagements.rows[r.Engagement].Product)
			}, s.riskJSON)
		},
		filters: map[string]filter{"name": exactly("name"), "owner": number("owner")},
		orders:  []string{"name"},
	}
}

func (s *Server) slaList() *collection {
	c := &collection{
		title: "Sla Configuration", model: "SLA_Configuration", list: readCreate, detail: readChange, bare: true, bareDetail: true,
		rows: func(s *Server, _ *account, _ url.Values) []*row { return rowsOf(&s.data.slas, always, s.slaJSON) },
	}
	if !s.old() {
		c.may = func(a *account) bool { return a.Superuser || a.Staff }
	}
	return c
}
