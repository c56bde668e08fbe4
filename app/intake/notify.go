package intake

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"bellhop/app"
)

const (
	// MaxNotify is the largest local event in JSON, in bytes.
	MaxNotify = 256 << 10
	// MaxBatch is how many events one batch holds.
	MaxBatch = 10_000
	// maxErrors is how many wrong lines are named; the others are counted.
	maxErrors = 20
)

// known are the fields of a local event in JSON.
var known = []string{
	"event", "title", "description", "url", "product_type", "product", "engagement", "test", "finding", "severity",
	"recipients", "alert_only", "no_users", "tags", "key", "at", "actor",
}

// ParseNotify makes an event of one JSON object:
//
//	{"event": "scan_added", "title": "Nightly scan is done", "product": "Shop", "severity": "High"}
//
// The fields are those of [Fields] in small letters. An object of the server is
// a name, a number (its id), or {"id": 7, "name": "Shop"}; at is RFC 3339. Only
// a title is needed. A field that is not known, or given twice, is refused: a
// misspelt "recipients" must not tell everybody. The error is an [app.Problem]
// that matches [app.ErrInvalid] and repeats no value.
func ParseNotify(data []byte, now time.Time) (Notice, error) {
	f, err := parseFields(data)
	if err != nil {
		return Notice{}, err
	}
	return f.Notice(now)
}

func parseFields(data []byte) (Fields, error) {
	if len(data) > MaxNotify {
		return Fields{}, refused("too_large", fmt.Sprintf("An event is larger than %d kB.", MaxNotify>>10), "Shorten its description.")
	}
	data, err := checkObject(data)
	if err != nil {
		return Fields{}, err
	}
	var f Fields
	seen := make(map[string]bool, len(known))
	for name, raw := range members(data) {
		if seen[name] {
			return Fields{}, app.Invalid(fmt.Sprintf("The field %q is given twice.", app.Cut(name, 40)), "Give it once.")
		}
		seen[name] = true
		if string(raw) == "null" {
			raw = nil // not given
		}
		if err := f.set(name, raw); err != nil {
			return Fields{}, err
		}
	}
	return f, nil
}

// set takes in one field; raw is nil for null.
func (f *Fields) set(name string, raw []byte) error {
	switch name {
	case "event":
		return f.string(name, raw, &f.Event)
	case "title":
		return f.string(name, raw, &f.Title)
	case "description":
		return f.string(name, raw, &f.Description)
	case "url":
		return f.string(name, raw, &f.URL)
	case "severity":
		return f.string(name, raw, &f.Severity)
	case "key":
		return f.string(name, raw, &f.Key)
	case "actor":
		return f.string(name, raw, &f.Actor)
	case "product_type":
		return f.object(name, raw, &f.ProductType)
	case "product":
		return f.object(name, raw, &f.Product)
	case "engagement":
		return f.object(name, raw, &f.Engagement)
	case "test":
		return f.object(name, raw, &f.Test)
	case "finding":
		return f.object(name, raw, &f.Finding)
	case "recipients":
		return into(name, raw, &f.Recipients, "a list of user names")
	case "tags":
		return into(name, raw, &f.Tags, "a list of texts")
	case "alert_only":
		return into(name, raw, &f.AlertOnly, "true or false")
	case "no_users":
		return into(name, raw, &f.NoUsers, "true or false")
	case "at":
		return into(name, raw, &f.At, "a time like 2026-11-25T09:30:00Z")
	}
	step := "The fields are: " + strings.Join(known, ", ") + "."
	if near := nearest(name, known); near != "" {
		step = fmt.Sprintf("Did you mean %q? ", near) + step
	}
	return app.Invalid(fmt.Sprintf("There is no field %q.", app.Cut(name, 40)), step)
}

func (*Fields) string(name string, raw []byte, v *string) error {
	return into(name, raw, v, "a text")
}

// object reads a name, an id, or both. The finding's own "title" is its name.
func (f *Fields) object(name string, raw []byte, v *Object) error {
	if len(raw) == 0 {
		return nil
	}
	const what = `a name, an id, or {"id": 7, "name": "Shop"}`
	switch raw[0] {
	case '"':
		return into(name, raw, &v.Name, what)
	case '{':
		for part, value := range members(raw) {
			var err error
			switch part {
			case "id":
				err = into(name, value, &v.ID, what)
			case "name", "title":
				err = into(name, value, &v.Name, what)
			case "severity":
				if name != "finding" {
					return app.Invalid(fmt.Sprintf("The field %q must be %s.", name, what), "Correct it.")
				}
				err = f.string("severity", value, &f.Severity)
			default:
				err = app.Invalid(fmt.Sprintf("The field %q must be %s.", name, what), "Correct it.")
			}
			if err != nil {
				return err
			}
		}
	default:
		if err := into(name, raw, &v.ID, what); err != nil {
			return err
		}
	}
	if v.ID < 0 {
		return app.Invalid(fmt.Sprintf("The field %q must be %s.", name, what), "Correct it.")
	}
	return nil
}

// into decodes a value, or says what it must be.
func into[T any](name string, raw []byte, v *T, what string) error {
	if len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return app.Invalid(fmt.Sprintf("The field %q must be %s.", name, what), "Correct it.")
	}
	return nil
}

// ReadNotify reads a batch: one JSON object on each line, as [ParseNotify]
// takes it; empty lines are passed over. Either every line is right, or the
// error names the wrong ones by their numbers and nothing is returned, so that
// nothing gets half-applied.
func ReadNotify(r io.Reader, now time.Time) ([]Notice, error) {
	lines := bufio.NewScanner(io.LimitReader(r, MaxBody+1))
	lines.Buffer(make([]byte, 0, 64<<10), MaxNotify+1)
	var (
		list  []Notice
		wrong []error
		more  int
		size  int
		line  int
		keys  = make(map[string]int)
	)
	for lines.Scan() {
		line++
		if size += len(lines.Bytes()) + 1; size > MaxBody {
			return nil, refused("too_large", fmt.Sprintf("The batch is larger than %d MB.", MaxBody>>20), "Send it in parts.")
		}
		data := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), byteOrderMark))
		if len(data) == 0 {
			continue
		}
		if len(list) == MaxBatch {
			return nil, refused("too_large", fmt.Sprintf("The batch has more than %d events.", MaxBatch), "Send it in parts.")
		}
		n, err := ParseNotify(data, now)
		if err != nil {
			if len(wrong) == maxErrors {
				more++
			} else {
				wrong = append(wrong, fmt.Errorf("line %d: %w", line, err))
			}
			continue
		}
		n.Line = line
		if first, ok := keys[n.Event.Key]; ok {
			n.Warnings = append(n.Warnings, fmt.Sprintf("It has the key of line %d: only that one counts.", first))
		} else {
			keys[n.Event.Key] = line
		}
		list = append(list, n)
	}
	if err := lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return nil, refused("too_large", fmt.Sprintf("Line %d is longer than %d kB.", line+1, MaxNotify>>10), "Put one JSON object on each line.")
		}
		return nil, fmt.Errorf("read the batch: %w", err)
	}
	if len(wrong) > 0 {
		return nil, batchProblem(wrong, more)
	}
	return list, nil
}

// batchProblem names the lines that are wrong.
func batchProblem(wrong []error, more int) *app.Problem {
	text := make([]string, len(wrong))
	for i, err := range wrong {
		text[i] = err.Error()
	}
	if more > 0 {
		text = append(text, fmt.Sprintf("and %d more lines", more))
	}
	return app.NewProblem("invalid_lines", "Nothing was sent, for some lines are wrong:\n"+strings.Join(text, "\n"),
		"", true, errors.Join(wrong...))
}
