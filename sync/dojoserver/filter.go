package dojoserver

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// filter reads a parameter's value and returns what to keep, nil for
// everything, or what is wrong with the value.
type filter func(s *Server, value string) (keep func(map[string]any) bool, fault string)

// invalid is a parameter, or a field, that the server refuses.
type invalid struct{ field, text, code string }

// atoi reads a number; junk is 0.
func atoi(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// yesNo compares a boolean; anything but true and false is no filter.
func yesNo(key string) filter {
	return func(_ *Server, value string) (func(map[string]any) bool, string) {
		switch strings.ToLower(value) {
		case "true", "1":
			return func(o map[string]any) bool { return o[key] == true }, ""
		case "false", "0":
			return func(o map[string]any) bool { return o[key] == false }, ""
		default:
			return nil, ""
		}
	}
}

// number compares with the numbers of a comma list.
func number(key string) filter {
	return func(_ *Server, value string) (func(map[string]any) bool, string) {
		var wanted []int64
		for part := range strings.SplitSeq(value, ",") {
			n, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
			if err != nil {
				return nil, "Enter a number."
			}
			wanted = append(wanted, n)
		}
		return func(o map[string]any) bool {
			n, ok := o[key].(int64)
			return ok && slices.Contains(wanted, n)
		}, ""
	}
}

// contains looks for a part of a text in any case.
func contains(key string) filter {
	return func(_ *Server, value string) (func(map[string]any) bool, string) {
		return func(o map[string]any) bool {
			text, _ := o[key].(string)
			return strings.Contains(strings.ToLower(text), strings.ToLower(value))
		}, ""
	}
}

// oneOf compares with the words of a comma list.
func oneOf(key string) filter {
	return func(_ *Server, value string) (func(map[string]any) bool, string) {
		words := strings.Split(value, ",")
		return func(o map[string]any) bool {
			text, _ := o[key].(string)
			return slices.Contains(words, text)
		}, ""
	}
}

// exactly compares a whole text.
func exactly(key string) filter {
	return func(_ *Server, value string) (func(map[string]any) bool, string) {
		return func(o map[string]any) bool { return o[key] == value }, ""
	}
}

// window keeps what lies in the span of a code: today, 7, 30 or 90 days.
func window(key string) filter {
	spans := map[string]int{"1": 0, "2": 7, "3": 30, "4": 90}
	return func(s *Server, value string) (func(map[string]any) bool, string) {
		days, ok := spans[value]
		if !ok {
			return nil, "Select a valid choice. " + value + " is not one of the available choices."
		}
		first := dayOf(s.opts.Now().UTC()).AddDate(0, 0, -days).Format(time.DateOnly)
		return func(o map[string]any) bool {
			text, _ := o[key].(string)
			return text >= first
		}, ""
	}
}

// bound compares with a date, or a time, exclusively: those after it for a
// sign of 1, before it for -1.
func bound(key string, sign int, layouts ...string) filter {
	return func(_ *Server, value string) (func(map[string]any) bool, string) {
		for _, layout := range layouts {
			limit, err := time.Parse(layout, value)
			if err != nil {
				continue
			}
			return func(o map[string]any) bool {
				text, _ := o[key].(string)
				for _, own := range []string{time.RFC3339Nano, time.DateOnly} {
					if t, err := time.Parse(own, text); err == nil {
						return t.Compare(limit) == sign
					}
				}
				return false
			}, ""
		}
		return nil, "Enter a valid date."
	}
}

// moment compares a time to the microsecond.
func moment(key string) filter {
	return func(_ *Server, value string) (func(map[string]any) bool, string) {
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999", "2006-01-02 15:04:05.999999", time.DateOnly} {
			if t, err := time.Parse(layout, value); err == nil {
				want := apiTime(t)
				return func(o map[string]any) bool { return o[key] == want }, ""
			}
		}
		return nil, "Enter a valid date/time."
	}
}

// outsideSLA keeps active findings past their due day.
func outsideSLA(_ *Server, value string) (func(map[string]any) bool, string) {
	if value != "1" {
		return nil, ""
	}
	return func(o map[string]any) bool {
		left, ok := o["sla_days_remaining"].(int)
		return ok && left < 0 && o["active"] == true && o["false_p"] == false && o["duplicate"] == false
	}, ""
}
