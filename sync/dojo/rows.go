package dojo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// rowPage is what the frame of a page says beside its rows.
type rowPage struct {
	count int  // rows of the whole list
	rows  int  // rows of this page
	more  bool // there is a next page
}

// decodeRows reads a page of an API list: one object whose "results" are the
// rows. Every row is held for itself and handed to add, as JSON of at most
// element bytes; more than most rows are an error. "next" counts as yes or no
// only: its host is the one that the server believes to have.
func decodeRows(from *body, element int64, most int, add func(json.RawMessage) error) (rowPage, error) {
	total := from.limit
	dec := json.NewDecoder(from)
	allow := func() { from.limit = min(total, dec.InputOffset()+element) }
	var page rowPage
	allow()
	if err := wantDelim(dec, '{'); err != nil {
		return page, err
	}
	seen := make(map[string]bool)
	for {
		allow()
		if !dec.More() {
			break
		}
		key, err := dec.Token()
		if err != nil {
			return page, jsonError(err)
		}
		name, _ := key.(string) // a key is a string
		if seen[name] {
			return page, fmt.Errorf("%w: a key of the page comes twice", ErrMalformed)
		}
		seen[name] = true
		allow()
		if err := page.read(dec, name, most, allow, add); err != nil {
			return page, err
		}
	}
	if _, err := dec.Token(); err != nil {
		return page, jsonError(err)
	}
	if !seen["results"] || page.count < 0 {
		return page, fmt.Errorf("%w: not a page of a list", ErrMalformed)
	}
	allow()
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return page, fmt.Errorf("%w: something follows the page", ErrMalformed)
	}
	return page, nil
}

// read takes in the value of one key of the frame.
func (p *rowPage) read(dec *json.Decoder, name string, most int, allow func(), add func(json.RawMessage) error) error {
	switch name {
	case "count":
		if err := dec.Decode(&p.count); err != nil {
			return jsonError(err)
		}
	case "next":
		var next *string
		if err := dec.Decode(&next); err != nil {
			return jsonError(err)
		}
		p.more = next != nil && *next != ""
	case "results":
		return p.readRows(dec, most, allow, add)
	default:
		var rest json.RawMessage
		if err := dec.Decode(&rest); err != nil {
			return jsonError(err)
		}
	}
	return nil
}

func (p *rowPage) readRows(dec *json.Decoder, most int, allow func(), add func(json.RawMessage) error) error {
	if err := wantDelim(dec, '['); err != nil {
		return err
	}
	for {
		allow()
		if !dec.More() {
			break
		}
		if p.rows == most {
			return fmt.Errorf("%w: more rows than the %d asked for", ErrMalformed, most)
		}
		var row json.RawMessage
		if err := dec.Decode(&row); err != nil {
			return jsonError(err)
		}
		p.rows++
		if err := add(row); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	if err != nil {
		return jsonError(err)
	}
	return nil
}

// wantDelim reads an opening bracket.
func wantDelim(dec *json.Decoder, want json.Delim) error {
	open, err := dec.Token()
	if err != nil {
		return jsonError(err)
	}
	if open != want {
		return fmt.Errorf("%w: not a page of a list", ErrMalformed)
	}
	return nil
}
