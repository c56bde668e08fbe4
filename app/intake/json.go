package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"strconv"
	"strings"

	"bellhop/app"
)

// byteOrderMark is what some editors and relays put before UTF-8.
var byteOrderMark = []byte("\xef\xbb\xbf")

// checkObject returns data without a byte order mark and surrounding space, if
// it is one JSON object that nests no deeper than [MaxDepth]. It allocates
// nothing.
func checkObject(data []byte) ([]byte, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, byteOrderMark))
	if len(data) == 0 {
		return nil, refused("empty_body", "There is no text to read.", "Send one JSON object.")
	}
	if tooDeep(data) {
		return nil, refused("too_deep", "The JSON nests deeper than "+strconv.Itoa(MaxDepth)+" levels.",
			"DefectDojo's own reach 4 levels: look at what stands between it and here.")
	}
	if !json.Valid(data) {
		return nil, refused("not_json", "This is not JSON"+whereInvalid(data)+".", "Send one JSON object.")
	}
	if data[0] != '{' {
		return nil, refused("not_object", "This is JSON, but no object.", "Send one JSON object, in braces.")
	}
	return data, nil
}

// whereInvalid names the byte at which data stops being JSON. The decoder's
// own words would repeat a piece of the text.
func whereInvalid(data []byte) string {
	var skip struct{}
	if e, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(data, &skip)); ok {
		return " from byte " + strconv.FormatInt(e.Offset, 10) + " on"
	}
	return ""
}

// tooDeep says whether brackets outside of strings nest deeper than allowed.
// It needs no valid JSON, and looks no further than the first that is too deep.
func tooDeep(data []byte) bool {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i = stringEnd(data, i) - 1
		case '{', '[':
			if depth++; depth > MaxDepth {
				return true
			}
		case '}', ']':
			depth--
		}
	}
	return false
}

// stringEnd returns the index after the string that begins at i.
func stringEnd(data []byte, i int) int {
	for i++; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}

// valueEnd returns the index after the value that begins at i. The data must
// be valid.
func valueEnd(data []byte, i int) int {
	depth := 0
	for ; i < len(data); i++ {
		switch data[i] {
		case '"':
			i = stringEnd(data, i) - 1
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		default:
			if depth > 0 || !endsScalar(data, i) {
				continue
			}
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(data)
}

// endsScalar says whether a number or a word ends with the byte at i.
func endsScalar(data []byte, i int) bool {
	return i+1 == len(data) || strings.IndexByte(" \t\r\n,}]", data[i+1]) >= 0
}

func skipSpace(data []byte, i int) int {
	for i < len(data) && strings.IndexByte(" \t\r\n,:", data[i]) >= 0 {
		i++
	}
	return i
}

// members yields the names and raw values of a valid JSON object, as they
// stand there; nothing of anything else. The values are parts of data.
func members(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		if len(data) == 0 || data[0] != '{' {
			return
		}
		for i := skipSpace(data, 1); i < len(data) && data[i] == '"'; i = skipSpace(data, i) {
			end := stringEnd(data, i)
			name := string(data[i+1 : end-1])
			if strings.Contains(name, `\`) {
				_ = json.Unmarshal(data[i:end], &name) // valid, so that it cannot fail
			}
			i = skipSpace(data, end)
			end = valueEnd(data, i)
			if !yield(name, data[i:end]) {
				return
			}
			i = end
		}
	}
}

// elements yields the raw elements of a valid JSON list; nothing of anything
// else. They are parts of data.
func elements(data []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if len(data) == 0 || data[0] != '[' {
			return
		}
		for i := skipSpace(data, 1); i < len(data) && data[i] != ']'; i = skipSpace(data, i) {
			end := valueEnd(data, i)
			if !yield(data[i:end]) {
				return
			}
			i = end
		}
	}
}

// text reads any JSON value as a text of at most limit characters: the YAML
// between the server's template and its JSON makes "123" a number, "yes" a
// truth value and "[x]" a list. Null is "". NUL is dropped: no channel can
// show it and some end at it.
func text(raw []byte, limit int) string {
	if len(raw) == 0 || raw[0] == 'n' {
		return ""
	}
	s := string(raw)
	if raw[0] == '"' {
		if err := json.Unmarshal(raw, &s); err != nil {
			return ""
		}
	}
	if strings.Contains(s, "\x00") {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	if cut := app.Cut(s, limit); len(cut) < len(s) {
		return strings.Clone(cut) // lets go of the rest
	}
	return s
}

// number reads a count or an id, also from a text; 0 where there is none.
func number(raw []byte) int64 {
	s := strings.TrimSpace(text(raw, 40))
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return max(n, 0)
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && f >= 0 && f < 1<<53 {
		return int64(f)
	}
	return 0
}
