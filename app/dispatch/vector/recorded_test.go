package vector_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"bellhop/app/dispatch/vector"
)

// recorded are the files of decisions that DefectDojo 2.46.0 and 3.2.0 made; those
// ending in -more were recorded later, with worlds of our own.
func recorded(t *testing.T) map[string]vector.File {
	t.Helper()
	names, err := filepath.Glob("testdata/*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	files := map[string]vector.File{}
	for _, name := range names {
		in, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := vector.Read(in)
		_ = in.Close()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		files[filepath.Base(name)] = f
	}
	return files
}

// Every recorded decision comes out as it was sent or, where the server was
// wrong, as it should have been: the same messages in the same order, word for
// word.
func TestDecidesWhatTheServersDecided(t *testing.T) {
	count := 0
	for name, f := range recorded(t) {
		for i := range f.Vectors {
			v := &f.Vectors[i]
			count++
			t.Run(name+"/"+v.Name, func(t *testing.T) {
				want, got := normal(t, v.Want), normal(t, v.Run())
				for len(got) > 0 || len(want) > 0 {
					switch {
					case len(got) == 0:
						t.Errorf("not sent: %v", want[0])
						want = want[1:]
						continue
					case len(want) == 0:
						t.Errorf("sent: %v", got[0])
						got = got[1:]
						continue
					}
					why, _ := got[0]["why"].([]any)
					if len(why) == 0 {
						t.Errorf("no reason for %v", got[0])
					}
					delete(got[0], "why")
					if other, ok := worded[v.Name]; ok {
						got[0][other.member], want[0][other.member] = "", ""
					}
					if !reflect.DeepEqual(got[0], want[0]) {
						t.Errorf("sent %v\nwant %v", got[0], want[0])
					}
					got, want = got[1:], want[1:]
				}
			})
		}
	}
	if count != 293 {
		t.Errorf("%d vectors were run, there are 293", count)
	}
}

// worded are the vectors in which one member is worded by hand, as a statement
// of what would be right, and differs from what the servers say elsewhere.
var worded = map[string]struct{ member, reason string }{
	"engagement-closed-own-column-on": {"source", "the servers file engagement_closed as Engagement Closed, see product-from-engagement"},
	"recipient-no-row":                {"description", "a mention has its own text, see recipient-twice"},
}

// normal returns messages as plain JSON values.
func normal(t *testing.T, v any) []map[string]any {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	return list
}
