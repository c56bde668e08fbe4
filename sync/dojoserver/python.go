package dojoserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf16"
)

// pythonDict is a dictionary in the order in which Python keeps it.
type pythonDict []pair

type pair struct {
	key   string
	value any
}

// pythonJSON writes a value as Python's json.dumps does: ASCII alone, a space
// after "," and ":", keys in their order.
func pythonJSON(out *bytes.Buffer, value any) {
	switch v := value.(type) {
	case nil:
		out.WriteString("null")
	case string:
		pythonString(out, v)
	case int64:
		out.WriteString(strconv.FormatInt(v, 10))
	case pythonDict:
		out.WriteByte('{')
		for i, p := range v {
			if i > 0 {
				out.WriteString(", ")
			}
			pythonString(out, p.key)
			out.WriteString(": ")
			pythonJSON(out, p.value)
		}
		out.WriteByte('}')
	case []any:
		out.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				out.WriteString(", ")
			}
			pythonJSON(out, item)
		}
		out.WriteByte(']')
	default:
		panic(fmt.Sprintf("dojoserver: %T is not written", value))
	}
}

func pythonString(out *bytes.Buffer, s string) {
	var quoted bytes.Buffer
	enc := json.NewEncoder(&quoted)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string and a buffer: nothing can fail
	for _, r := range string(bytes.TrimSuffix(quoted.Bytes(), []byte("\n"))) {
		switch {
		case r < 0x80:
			out.WriteByte(byte(r))
		case r <= 0xffff:
			fmt.Fprintf(out, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(out, `\u%04x\u%04x`, high, low)
		}
	}
}
