package render

import (
	"bytes"
	"encoding/json"
)

// Object is a JSON object that keeps the order of its members, so that bodies
// are the same bytes every time and read as DefectDojo's do.
type Object []Member

// Member is one name with its value: a string, a number, nil, an [Object], or
// a slice of these.
type Member struct {
	Name  string
	Value any
}

// MarshalJSON writes the members in order. Nothing is escaped for HTML.
func (o Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, part := range []any{m.Name, m.Value} {
			if j > 0 {
				b.WriteByte(':')
			}
			if err := enc.Encode(part); err != nil {
				return nil, err
			}
			b.Truncate(b.Len() - 1) // the encoder's line break
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Bytes returns the object as it is sent.
func (o Object) Bytes() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(o); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// Get returns the value of a member, nil where there is none.
func (o Object) Get(name string) any {
	for _, m := range o {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}
