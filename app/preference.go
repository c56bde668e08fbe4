package app

import (
	"encoding/json"
	"fmt"
	"time"
)

// Row is what one line of settings says: for each column, the channels that
// are on. It is a value: merging makes a new one.
type Row [NumColumns]Channels

// Union returns what r and other say together. It is commutative, associative
// and idempotent, and never takes anything away.
func (r Row) Union(other Row) Row {
	for c := range r {
		r[c] |= other[c]
	}
	return r
}

// Kept returns the part of a row for one product that DefectDojo's form for it
// does not have: what nobody chooses, and what is kept as it is.
func (r Row) Kept() Row {
	for _, c := range ProductColumns {
		r[c] = 0
	}
	return r
}

// DefaultRow is the row of a person who chose nothing: DefectDojo's default,
// an alert for every column but scan_added_empty, and Bellhop's toast beside
// every alert.
func DefaultRow() Row {
	var r Row
	for c := range r {
		if Column(c) != ColumnScanAddedEmpty {
			r[c] = ChannelsOf(ChannelAlert, ChannelToast)
		}
	}
	return r
}

// MarshalJSON writes an object with a list of channels for every column, in
// the order of the columns.
func (r Row) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for c, set := range r {
		if c > 0 {
			out = append(out, ',')
		}
		list, err := set.MarshalJSON()
		if err != nil {
			return nil, err
		}
		out = append(out, '"')
		out = append(append(out, columns[c].name...), '"', ':')
		out = append(out, list...)
	}
	return append(out, '}'), nil
}

// UnmarshalJSON reads an object of columns. A column that is not named keeps
// its value; an unknown one is an error.
func (r *Row) UnmarshalJSON(data []byte) error {
	var fields map[string]Channels
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	next := *r
	for name, set := range fields {
		c, ok := ColumnNamed(name)
		if !ok {
			return Invalid(fmt.Sprintf("There is no event setting %q.", name), "The settings are: "+ColumnNames()+".")
		}
		next[c] = set
	}
	*r = next
	return nil
}

// Scope is whom a row of settings speaks for.
type Scope string

// The scopes of settings, DefectDojo's four.
const (
	ScopeSystem   Scope = "system"   // the shared destinations; also superusers, unless that is turned off
	ScopeTemplate Scope = "template" // copied to people who are new, and never read otherwise
	ScopePersonal Scope = "personal" // one person, everywhere
	ScopeProduct  Scope = "product"  // one person, for one product
)

// Owner says who keeps a row: Bellhop or a DefectDojo server. The two are
// stored apart and never mixed up.
type Owner string

// The owners of settings.
const (
	OwnerLocal  Owner = "local"
	OwnerServer Owner = "server"
)

// Preference is one row of settings with what it belongs to.
type Preference struct {
	Account AccountID `json:"account,omitempty"` // 0 = this machine, without a server
	Owner   Owner     `json:"owner"`
	Scope   Scope     `json:"scope"`
	Person  PersonID  `json:"person,omitempty"`  // of the personal scopes
	Product int64     `json:"product,omitempty"` // the server's id, of ScopeProduct
	Row     Row       `json:"row"`
	// Extra is what Bellhop knows beyond DefectDojo; its zero value is
	// DefectDojo's behaviour. It is local always.
	Extra Extra `json:"extra,omitzero"`
	// Version counts the changes to the row; 0 = not stored.
	Version int64 `json:"version,omitempty"`
}

// Extra holds the wishes that DefectDojo does not know. Its zero value changes
// nothing.
type Extra struct {
	// Muted silences a product although its events are on everywhere; in
	// ScopeProduct only.
	Muted bool `json:"muted,omitempty"`
	// NotMine leaves out what the person did herself.
	NotMine bool `json:"not_my_own,omitempty"`
	// Only are conditions of which a message on a channel must meet all that
	// name the channel.
	Only []Condition `json:"only,omitempty"`
	// Quiet are the hours in which the channels they name are held.
	Quiet []QuietHours `json:"quiet,omitempty"`
}

// IsZero says whether x changes nothing.
func (x Extra) IsZero() bool {
	return !x.Muted && !x.NotMine && len(x.Only) == 0 && len(x.Quiet) == 0
}

// Condition narrows the channels that it names (none = all but alert). Every
// part that is set must hold; a list holds where one of its members does.
type Condition struct {
	Columns     []string `json:"events,omitempty"` // the settings it narrows, none = all
	Channels    Channels `json:"channels,omitempty"`
	Severity    string   `json:"severity,omitempty"` // at least: Info, Low, Medium, High or Critical
	Products    []string `json:"products,omitempty"` // names, whatever their case
	ProductType []string `json:"product_types,omitempty"`
	Tags        []string `json:"tags,omitempty"`
	Sources     []string `json:"sources,omitempty"`
	Text        string   `json:"text,omitempty"` // occurs in title or description, whatever its case
}

// QuietHours hold channels from a minute of the day to another; where the end
// is not after the beginning, it is on the next day.
type QuietHours struct {
	Days     []string `json:"days,omitempty"` // mon to sun, of the beginning; none = every day
	From     string   `json:"from"`           // "22:00"
	To       string   `json:"to"`             // "07:00"
	Zone     string   `json:"zone,omitempty"` // "" = this machine's
	Channels Channels `json:"channels"`
	// CriticalPasses lets out what speaks of a critical finding.
	CriticalPasses bool `json:"critical_passes,omitempty"`
}

// PreferenceChange is one change to a row of Bellhop's own settings.
type PreferenceChange struct {
	ID  int64     `json:"id"`
	At  time.Time `json:"at"`
	Who string    `json:"who"` // as the one who changed it is to be shown
	// Before and After are nil where there was, or is, no such row.
	Before *Preference `json:"before,omitempty"`
	After  *Preference `json:"after,omitempty"`
}

// PreferenceWrite is one column that differs between Bellhop's own row and the
// server's.
type PreferenceWrite struct {
	Scope    Scope    `json:"scope"`
	Username string   `json:"username,omitempty"`
	Product  string   `json:"product,omitempty"`
	Column   string   `json:"event"`
	Before   Channels `json:"before"`
	After    Channels `json:"after"`
	// Written is false where it was only asked for.
	Written bool `json:"written"`
}
