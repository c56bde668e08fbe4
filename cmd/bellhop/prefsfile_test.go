package main

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestAFileOfSettingsHasALineForEachEvent(t *testing.T) {
	t.Parallel()
	wrote := map[string]any{
		"events": map[string]any{"scan_added": []any{"alert", "mail"}, "other": []any{}},
		"extra":  map[string]any{"products": []any{`a","b`, "[\n  \"c\"\n]", `\`, "<&>"}, "days": []any{1.0, 2.0}},
	}
	var b strings.Builder
	if err := writeReadable(&b, wrote); err != nil {
		t.Fatal(err)
	}
	var read map[string]any
	if err := json.Unmarshal([]byte(b.String()), &read); err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	if !reflect.DeepEqual(read, wrote) {
		t.Errorf("wrote %v, read %v", wrote, read)
	}
	for _, line := range []string{`    "scan_added": ["alert", "mail"]`, `    "other": [],`, `    "products": ["a\",\"b", "[\n  \"c\"\n]", "\\", "<&>"]`} {
		if !strings.Contains(b.String(), line+"\n") {
			t.Errorf("no line %s in\n%s", line, b.String())
		}
	}
}
