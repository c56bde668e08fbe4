package post

import (
	"bytes"
	"net/http"
	"strconv"
)

// plain reads an answer of the simplest kind out of what has come already: taken,
// with a body of a known length or none. That is nearly every answer, and the
// standard library's reader, which is for all kinds, takes longer than the rest of
// an exchange beside the network. ok is false for any other answer, of which
// nothing was taken.
func (c *line) plain(most int64) (_ Answer, ok bool) {
	come, err := c.r.Peek(c.r.Buffered())
	if err != nil {
		return Answer{}, false
	}
	end := bytes.Index(come, []byte("\r\n\r\n"))
	if end < 0 {
		return Answer{}, false
	}
	status, length, ok := plainHead(come[:end])
	if !ok || int64(length) > most || len(come) != end+4+length {
		return Answer{}, false
	}
	answer := Answer{Status: status}
	if length > 0 {
		answer.Body = bytes.Clone(come[end+4:])
	}
	_, err = c.r.Discard(len(come))
	return answer, err == nil
}

// plainHead reads the header of an answer as [line.plain] takes it: its status and
// how long its body is.
func plainHead(head []byte) (status, length int, ok bool) {
	first, rest, _ := bytes.Cut(head, []byte("\r\n"))
	code, found := bytes.CutPrefix(first, []byte("HTTP/1.1 "))
	if !found || len(code) < 4 || code[3] != ' ' || bytes.ContainsAny(first, "\r\n\x00") {
		return 0, 0, false
	}
	switch string(code[:3]) {
	case "200":
		status, length = http.StatusOK, -1
	case "201":
		status, length = http.StatusCreated, -1
	case "202":
		status, length = http.StatusAccepted, -1
	case "204":
		status = http.StatusNoContent
	default:
		return 0, 0, false
	}
	told := false
	for len(rest) > 0 {
		var field []byte
		field, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		name, value, found := bytes.Cut(field, []byte(":"))
		if !found || !plainName(name) || bytes.ContainsAny(value, "\r\n\x00") {
			return 0, 0, false
		}
		switch {
		case equalFold(name, "Transfer-Encoding"), equalFold(name, "Connection"), equalFold(name, "Trailer"), equalFold(name, "Upgrade"):
			return 0, 0, false
		case !equalFold(name, "Content-Length"):
		case told:
			return 0, 0, false
		default:
			told = true
			n, err := strconv.ParseUint(string(bytes.Trim(value, " \t")), 10, 31)
			if err != nil || status == http.StatusNoContent && n > 0 {
				return 0, 0, false
			}
			length = int(n)
		}
	}
	return status, length, length >= 0
}

func equalFold(name []byte, known string) bool {
	return len(name) == len(known) && bytes.EqualFold(name, []byte(known))
}

// plainName says whether the name of a field has letters, digits and hyphens alone.
func plainName(name []byte) bool {
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return len(name) > 0
}
