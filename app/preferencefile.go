package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// PreferenceFile is notification settings as people read and keep them: by
// names, so that they fit another machine.
type PreferenceFile struct {
	Version  int              `json:"version"` // 1
	Settings []PreferenceLine `json:"settings"`
}

// PreferenceLine is one [Preference] in a file.
type PreferenceLine struct {
	Scope   Scope  `json:"scope"`
	User    string `json:"user,omitempty"`    // of the personal scopes; "" = the signed-in person
	Product string `json:"product,omitempty"` // of the scope product
	// Events has the columns that differ from nothing; one that is missing is
	// off, but in a line that says "default": true.
	Events map[string]Channels `json:"events"`
	// Kept has, for one product, the columns that DefectDojo's form for it does
	// not have. Nobody can choose them; they are kept as a server's API wrote
	// them, and count as little as they do there. Where all are off or missing,
	// an import leaves those that are stored as they are.
	Kept map[string]Channels `json:"kept,omitempty"`
	// Default begins with DefectDojo's default row instead of an empty one.
	Default bool  `json:"default,omitempty"`
	Extra   Extra `json:"extra,omitzero"`
}

// maxPreferenceFile bounds a file: 10,000 people with a product row each.
const maxPreferenceFile = 64 << 20

// ReadPreferences reads a [PreferenceFile] for an account whose people and
// products are given. Either every line can be used, or the error (a [Problem]
// that matches [ErrInvalid]) names every mistake with its place.
func ReadPreferences(in io.Reader, account AccountID, people []Person, products []Product) ([]Preference, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxPreferenceFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	if len(data) > maxPreferenceFile {
		return nil, Invalid(fmt.Sprintf("The settings are larger than %d MB.", maxPreferenceFile>>20), "Import them in parts.")
	}
	r := preferenceReader{account: account, people: make(map[string]*Person, len(people)), products: make(map[string]int64, len(products))}
	for i := range people {
		if p := &people[i]; p.Active || r.people[p.Username] == nil {
			r.people[p.Username] = p
		}
		if people[i].Me {
			r.me = &people[i]
		}
	}
	for _, p := range products {
		r.products[p.Name] = p.ID
	}
	list := r.file(data)
	if len(r.wrong) > 0 {
		const most = 20
		shown := r.wrong[:min(len(r.wrong), most)]
		if more := len(r.wrong) - most; more > 0 {
			shown = append(shown, fmt.Sprintf("and %d more", more))
		}
		return nil, Invalid("Nothing was changed, because the settings have mistakes:\n  "+strings.Join(shown, "\n  "),
			"Mend these places and import the file again; `bellhop prefs export` shows the form.")
	}
	return list, nil
}

// preferenceReader collects the mistakes of a file.
type preferenceReader struct {
	account  AccountID
	me       *Person
	people   map[string]*Person
	products map[string]int64
	wrong    []string
}

func (r *preferenceReader) mistake(place, format string, args ...any) {
	r.wrong = append(r.wrong, place+": "+fmt.Sprintf(format, args...))
}

// fields reads an object and names the members that do not belong into it.
func (r *preferenceReader) fields(place string, data []byte, known ...string) map[string]json.RawMessage {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil || all == nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			r.mistake(place, "no JSON from byte %d on", syntax.Offset)
		} else {
			r.mistake(place, "must be an object")
		}
		return nil
	}
	for name := range all {
		if !slices.Contains(known, name) {
			r.mistake(place, "there is no %q here; known are %s", Cut(name, 40), strings.Join(known, ", "))
		}
	}
	return all
}

func (r *preferenceReader) file(data []byte) []Preference {
	all := r.fields("file", data, "version", "settings")
	if all == nil {
		return nil
	}
	if version := bytes.TrimSpace(all["version"]); !bytes.Equal(version, []byte("1")) {
		r.mistake("version", "must be 1")
	}
	var lines []json.RawMessage
	if err := json.Unmarshal(all["settings"], &lines); err != nil {
		r.mistake("settings", "must be a list")
		return nil
	}
	list := make([]Preference, 0, len(lines))
	type key struct {
		scope   Scope
		person  PersonID
		product int64
	}
	seen := make(map[key]int)
	for i, line := range lines {
		before := len(r.wrong)
		p := r.line(fmt.Sprintf("settings[%d]", i), line)
		if len(r.wrong) > before {
			continue
		}
		k := key{p.Scope, p.Person, p.Product}
		if first, twice := seen[k]; twice {
			r.mistake(fmt.Sprintf("settings[%d]", i), "speaks for the same as settings[%d]", first)
			continue
		}
		seen[k] = i
		list = append(list, p)
	}
	return list
}

func (r *preferenceReader) line(place string, data []byte) Preference {
	p := Preference{Account: r.account, Owner: OwnerLocal}
	all := r.fields(place, data, "scope", "user", "product", "events", "kept", "default", "extra")
	if all == nil {
		return p
	}
	var line PreferenceLine
	r.read(place+".scope", all["scope"], &line.Scope)
	r.read(place+".user", all["user"], &line.User)
	r.read(place+".product", all["product"], &line.Product)
	r.read(place+".default", all["default"], &line.Default)
	p.Scope = line.Scope
	switch p.Scope {
	case ScopeSystem, ScopeTemplate:
		if line.User != "" || line.Product != "" {
			r.mistake(place, "the scope %s has neither user nor product", p.Scope)
		}
	case ScopePersonal, ScopeProduct:
		p.Person = r.person(place+".user", line.User)
		if (line.Product != "") != (p.Scope == ScopeProduct) {
			r.mistake(place+".product", "a product belongs to the scope product, and to no other")
		} else if p.Scope == ScopeProduct {
			id, ok := r.products[line.Product]
			if !ok {
				r.mistake(place+".product", "no product %q is known", Cut(line.Product, 80))
			}
			p.Product = id
		}
	default:
		r.mistake(place+".scope", "must be system, template, personal or product")
	}
	if line.Default {
		p.Row = DefaultRow()
	}
	r.events(place+".events", all["events"], &p, func(c Column) string {
		if p.Scope == ScopeProduct && !c.OnProduct() {
			return "cannot be set for one product"
		}
		return ""
	})
	r.events(place+".kept", all["kept"], &p, func(c Column) string {
		if p.Scope != ScopeProduct || c.OnProduct() {
			return "belongs into events; only what cannot be set for one product is kept"
		}
		return ""
	})
	if extra := all["extra"]; extra != nil {
		r.extra(place+".extra", extra, &p)
	}
	return p
}

func (r *preferenceReader) person(place, name string) PersonID {
	if name == "" {
		if r.me == nil {
			r.mistake(place, "nobody is signed in, so a user has to be named")
			return 0
		}
		return r.me.ID
	}
	if p := r.people[name]; p != nil {
		return p.ID
	}
	r.mistake(place, "nobody is called %q", Cut(name, 80))
	return 0
}

// events reads columns into p's row. refuse says why a column cannot be there, ""
// where it can.
func (r *preferenceReader) events(place string, data []byte, p *Preference, refuse func(Column) string) {
	if data == nil {
		return
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		r.mistake(place, "must be an object of lists of channels")
		return
	}
	for name, value := range all {
		column, ok := ColumnNamed(name)
		if !ok {
			r.mistake(place, "there is no event setting %q; known are %s", Cut(name, 40), ColumnNames())
			continue
		}
		if why := refuse(column); why != "" {
			r.mistake(place+"."+name, "%s", why)
			continue
		}
		var names []string
		if err := json.Unmarshal(value, &names); err != nil {
			r.mistake(place+"."+name, "must be a list of channels")
			continue
		}
		p.Row[column] = 0
		for _, n := range names {
			c, ok := ChannelNamed(n)
			if !ok {
				r.mistake(place+"."+name, "there is no channel %q; known are %s", Cut(n, 40), ChannelNames())
				continue
			}
			p.Row[column] |= ChannelsOf(c)
		}
	}
}

func (r *preferenceReader) extra(place string, data []byte, p *Preference) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&p.Extra); err != nil {
		r.mistake(place, "%s", strings.TrimPrefix(err.Error(), "json: "))
		return
	}
	if p.Extra.Muted && p.Scope != ScopeProduct {
		r.mistake(place+".muted", "only a product can be muted")
	}
	if err := p.Extra.Check(); err != nil {
		r.mistake(place, "%s", AsProblem(err).Message)
	}
}

func (r *preferenceReader) read(place string, data []byte, into any) {
	if data == nil {
		return
	}
	if err := json.Unmarshal(data, into); err != nil {
		r.mistake(place, "has the wrong type")
	}
}

// WritePreferences is the other side of [ReadPreferences]: lines by names, in
// the order of the rows. Rows of people or products that are not known are left
// out.
func WritePreferences(list []Preference, people []Person, products []Product) PreferenceFile {
	users := make(map[PersonID]string, len(people))
	for _, p := range people {
		users[p.ID] = p.Username
	}
	names := make(map[int64]string, len(products))
	for _, p := range products {
		names[p.ID] = p.Name
	}
	file := PreferenceFile{Version: 1, Settings: []PreferenceLine{}}
	for _, p := range list {
		line := PreferenceLine{Scope: p.Scope, User: users[p.Person], Product: names[p.Product], Events: make(map[string]Channels), Extra: p.Extra}
		if p.Person != 0 && line.User == "" || p.Scope == ScopeProduct && line.Product == "" {
			continue
		}
		for c, set := range p.Row {
			column := Column(c)
			switch {
			case set == 0:
			case p.Scope != ScopeProduct || column.OnProduct():
				line.Events[column.String()] = set
			case line.Kept == nil:
				line.Kept = make(map[string]Channels)
				fallthrough
			default:
				line.Kept[column.String()] = set
			}
		}
		file.Settings = append(file.Settings, line)
	}
	return file
}
