package webhook

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"bellhop/app/dispatch/render"
)

// appendObject writes o as [render.Object.Bytes] does, in one pass: the
// standard encoder checks and copies every object once for each level that it
// is nested in, which costs as much as the rest of a request together.
func appendObject(b []byte, o render.Object) ([]byte, error) {
	var err error
	b = append(b, '{')
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendString(b, m.Name); err != nil {
			return nil, err
		}
		b = append(b, ':')
		if b, err = appendValue(b, m.Value); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func appendValue(b []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(b, "null"...), nil
	case string:
		return appendString(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case render.Object:
		return appendObject(b, v)
	case []render.Object:
		var err error
		b = append(b, '[')
		for i, o := range v {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendObject(b, o); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	default:
		return appendOther(b, v)
	}
}

// appendString copies what needs no escape; the rest is the standard
// encoder's.
func appendString(b []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return appendOther(b, s)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"'), nil
}

func appendOther(b []byte, value any) ([]byte, error) {
	buffer := bytes.NewBuffer(b)
	enc := json.NewEncoder(buffer)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}
