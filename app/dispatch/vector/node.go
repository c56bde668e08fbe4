package vector

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"bellhop/app"
)

// reader walks through decoded JSON and keeps the first thing that cannot be
// used, with its place. Everything that is asked after that is empty.
type reader struct{ err error }

// node is a value with the way to it.
type node struct {
	r    *reader
	path string
	v    any // as encoding/json decodes it with UseNumber; absent = not there
}

// absent is the value of a member that an object does not have.
type absent struct{}

// fail keeps what is wrong and what is allowed.
func (n node) fail(wrong, allowed string) {
	if n.r.err == nil {
		n.r.err = app.Invalid(strings.TrimSuffix(n.path, ",")+": "+wrong, allowed)
	}
}

// missing says that the value is not there or null.
func (n node) missing() bool {
	_, gone := n.v.(absent)
	return gone || n.v == nil
}

// given says that the value is there, be it null.
func (n node) given() bool {
	_, gone := n.v.(absent)
	return !gone
}

// remarks are members that may stand in every object: they tell people
// something, and change nothing.
var remarks = []string{"note", "comment"}

// members checks that the value is an object with no members but these and
// remarks; any member will do where none are listed.
func (n node) members(allowed ...string) map[string]any {
	m, ok := n.v.(map[string]any)
	if !ok {
		n.fail("this is "+typeName(n.v)+".", "It has to be an object"+listed(" with the members ", allowed)+".")
		return nil
	}
	if len(allowed) == 0 {
		return m
	}
	for _, name := range keys(m) {
		if !slices.Contains(allowed, name) && !slices.Contains(remarks, name) {
			n.fail(fmt.Sprintf("there is no member %q.", name), "The members are "+strings.Join(allowed, ", ")+".")
		}
	}
	return m
}

func listed(before string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return before + strings.Join(names, ", ")
}

// keys returns the names of an object in order, so that the same input always
// fails in the same place.
func keys(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// at returns a member of an object.
func (n node) at(name string) node {
	child := node{r: n.r, path: n.path + "." + name, v: absent{}}
	switch {
	case n.path == "":
		child.path = name
	case strings.HasSuffix(n.path, ","):
		child.path = n.path + " " + name
	}
	if m, ok := n.v.(map[string]any); ok {
		if v, ok := m[name]; ok {
			child.v = v
		}
	}
	return child
}

// list returns the elements of a list; null and absent are an empty one.
func (n node) list() []node {
	if n.missing() {
		return nil
	}
	list, ok := n.v.([]any)
	if !ok {
		n.fail("this is "+typeName(n.v)+".", "It has to be a list.")
		return nil
	}
	out := make([]node, len(list))
	for i, v := range list {
		out[i] = node{r: n.r, path: fmt.Sprintf("%s[%d]", n.path, i), v: v}
	}
	return out
}

// text returns a string; null and absent are "".
func (n node) text() string {
	if n.missing() {
		return ""
	}
	s, ok := n.v.(string)
	if !ok {
		n.fail("this is "+typeName(n.v)+".", "It has to be a string.")
	}
	return s
}

// name returns a string that is not empty.
func (n node) name() string {
	s := n.text()
	if s == "" {
		n.fail("a name is missing.", "It has to be a string that is not empty.")
	}
	return s
}

// texts returns a list of strings; null in it is left out.
func (n node) texts() []string {
	var out []string
	for _, one := range n.list() {
		if !one.missing() {
			out = append(out, one.text())
		}
	}
	return out
}

// flag returns true or false; null and absent are false.
func (n node) flag() bool {
	if n.missing() {
		return false
	}
	b, ok := n.v.(bool)
	if !ok {
		n.fail("this is "+typeName(n.v)+".", "It has to be true or false.")
	}
	return b
}

// day returns a day, written 2026-11-25; null and absent are the zero time.
func (n node) day() time.Time {
	if n.missing() {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, n.text())
	if err != nil {
		n.fail("this is "+typeName(n.v)+".", "It has to be a day such as 2026-11-25.")
	}
	return day
}

// number returns a whole number, or other where it is null or absent.
func (n node) number(other int64) int64 {
	if n.missing() {
		return other
	}
	if num, ok := n.v.(json.Number); ok {
		if i, err := num.Int64(); err == nil {
			return i
		}
	}
	n.fail("this is "+typeName(n.v)+".", "It has to be a whole number.")
	return other
}

// among returns a string that is one of those allowed.
func (n node) among(what string, allowed ...string) string {
	s := n.text()
	if !slices.Contains(allowed, s) {
		n.fail(fmt.Sprintf("there is no %s %q.", what, s), "Use "+strings.Join(allowed, ", ")+".")
	}
	return s
}

func typeName(v any) string {
	switch v := v.(type) {
	case absent:
		return "missing"
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(v)
	case string:
		return fmt.Sprintf("the text %q", app.Cut(v, 60))
	case json.Number:
		return "the number " + app.Cut(v.String(), 60)
	case []any:
		return "a list"
	default:
		return "an object"
	}
}
