// Package vector reads the format of DefectDojo recordings (a world, one call
// of the engine, what was sent), lets Bellhop's engine decide the same call and
// words the outcome in the recordings' own form.
//
// What a vector may say: columns that a row of settings leaves out are alert
// alone, scan_added_empty is off; system null means that no row is stored;
// personal null means that the person has no row; "<from-template>" is a copy
// of the world's template. People are numbered from 201 and product types from
// 101 in their order, and have the mail and Slack address name@example.com.
// Unless the world's settings say otherwise there is a system mail address, a
// Slack channel, a Teams workflow, and the team "Sec Team".
//
// A name that the world does not have is an error, except that of who acts,
// and among recipients, where the engine looks it up as DefectDojo does and
// tells nobody.
package vector

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"bellhop/app"
)

// maxSize bounds what is read: the largest recording has 0.2 MB.
const maxSize = 64 << 20

// File is a file of vectors.
type File struct {
	Server  string // as the file says, "DefectDojo 2.46.0", or ""
	Vectors []Vector
}

// Vector is one call in one world.
type Vector struct {
	Name string
	Note string
	// Facts and Event are what the engine is asked.
	Facts app.Facts
	Event app.Event
	// Untitled is true where the call has no title at all. Such a call is no
	// event, and tells nobody; an empty title is one.
	Untitled bool
	// Want is what must be sent: the vector's "right" where it has one, else
	// what the server sent; nil where it has neither.
	Want []json.RawMessage

	above      ancestors
	blank      bool // the empty description is meant
	unlinked   bool // there is no link, not even an empty one
	team, site string
	version    string
	endpoints  map[app.DestinationID]endpoint
}

// ancestors are objects that a call does not name and a body finds all the same:
// the engagement of its test, and the test of a finding that is to be reviewed.
type ancestors struct {
	engagement, test *app.Ref
	testType         string
}

type endpoint struct{ name, header, value string }

// Read reads a file: an object with the list "vectors", a list of vectors, or
// one vector. An error is an [app.Problem] that names the vector and the field
// and says what is allowed; then nothing is read.
func Read(in io.Reader) (File, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxSize+1))
	if err != nil {
		return File{}, fmt.Errorf("read vectors: %w", err)
	}
	if len(data) > maxSize {
		return File{}, app.Invalid("The file is larger than 64 MB.", "Divide it.")
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // some editors begin a file with it
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return File{}, notJSON(data, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return File{}, app.Invalid("Something follows after the JSON value.", "A file has one JSON value: an object or a list.")
	}
	r := &reader{}
	f := r.file(node{r: r, v: v})
	if r.err != nil {
		return File{}, r.err
	}
	return f, nil
}

// notJSON words what encoding/json says, with the line.
func notJSON(data []byte, err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		at := min(max(syntax.Offset, 0), int64(len(data)))
		line := 1 + bytes.Count(data[:at], []byte("\n"))
		return app.Invalid(fmt.Sprintf("This is not JSON (line %d): %v.", line, err), "A file has an object with the list \"vectors\", a list of vectors, or one vector.")
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return app.Invalid("This is not JSON: it is empty or ends too soon.", "A file has an object with the list \"vectors\", a list of vectors, or one vector.")
	}
	return app.Invalid(fmt.Sprintf("This is not JSON: %v.", err), "A file has an object with the list \"vectors\", a list of vectors, or one vector.")
}

var versionIn = regexp.MustCompile(`\d+\.\d+(\.\d+)?`)

func (r *reader) file(root node) File {
	var f File
	list := node{r: r, path: "vectors", v: root.v}
	if m, ok := root.v.(map[string]any); ok {
		f.Server = root.at("server").text()
		if _, ok := m["vectors"]; ok {
			list.v = m["vectors"]
		} else {
			list.v = []any{root.v}
		}
	}
	if list.missing() {
		list.fail("this is null.", "It has to be a list of vectors.")
	}
	version := versionIn.FindString(f.Server)
	for i, n := range list.list() {
		n.path = "vector " + strconv.Itoa(i+1) + ","
		if m, ok := n.v.(map[string]any); ok {
			if name, ok := m["name"].(string); ok && name != "" {
				n.path = fmt.Sprintf("vector %q,", name)
			}
		}
		f.Vectors = append(f.Vectors, r.vector(n, version))
		if r.err != nil {
			break
		}
	}
	return f
}

// vector reads one. What else stands beside world and call in a recording says
// what the server did, and is not needed.
func (r *reader) vector(n node, version string) Vector {
	n.members()
	v := Vector{Name: n.at("name").text(), Note: n.at("note").text(), site: site}
	w := readWorld(n.at("world"), &v)
	v.version = version
	if v.version == "" {
		v.version = map[app.AccessModel]string{app.AccessRoles: "2.46.0", app.AccessAuthorized: "3.2.0"}[v.Facts.Model]
	}
	w.call(n.at("call"), &v)
	want := n.at("right")
	if want.missing() {
		want = n.at("sent")
	}
	if !want.missing() {
		v.Want = []json.RawMessage{}
		for _, one := range want.list() {
			data, err := json.Marshal(one.v)
			if err != nil {
				one.fail(err.Error()+".", "")
			}
			v.Want = append(v.Want, data)
		}
	}
	return v
}
