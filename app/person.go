package app

// PersonID names a person in this database. 0 is nobody: a shared place.
type PersonID int64

// Person is somebody who can be told something.
type Person struct {
	ID        PersonID  `json:"id"`
	Account   AccountID `json:"account"`   // the server she is known on; 0 = this machine
	RemoteID  int64     `json:"remote_id"` // the server's id, 0 without a server
	Username  string    `json:"username"`
	FirstName string    `json:"first_name,omitempty"`
	LastName  string    `json:"last_name,omitempty"`
	Email     string    `json:"email,omitempty"`
	Slack     string    `json:"slack,omitempty"` // the address by which Slack knows her
	Active    bool      `json:"active"`
	Superuser bool      `json:"superuser,omitempty"`
	Staff     bool      `json:"staff,omitempty"`
	// Me is true for the person who signed in.
	Me bool `json:"me,omitempty"`
}

// Product is a product as access and settings need it.
type Product struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	TypeID int64  `json:"product_type"`
}

// ProductType is a product type by the server's id and name.
type ProductType struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// AccessModel is the way in which a server decides who sees what.
type AccessModel string

// The two access models.
const (
	// AccessRoles is 2.x: members, groups and global roles.
	AccessRoles AccessModel = "2.x"
	// AccessAuthorized is 3.x: superuser, staff, authorised users.
	AccessAuthorized AccessModel = "3.x"
)

// GrantScope is what a grant opens.
type GrantScope string

// What a grant can open.
const (
	GrantGlobal      GrantScope = "global"
	GrantProductType GrantScope = "product_type"
	GrantProduct     GrantScope = "product"
)

// Grant is one fact that lets a person see something. A person gets one grant
// for every way: her own membership, one for each group.
type Grant struct {
	Person PersonID   `json:"person"`
	Scope  GrantScope `json:"scope"`
	Object int64      `json:"object,omitempty"` // server's id of the product or product type
	Role   string     `json:"role,omitempty"`   // 2.x; "" in 3.x
	Group  string     `json:"group,omitempty"`  // the group it came through, "" = directly
}
