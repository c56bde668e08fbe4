package render_test

import (
	"encoding/json"
	"testing"

	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/render"
)

func TestAnObjectKeepsItsOrderAndItsTexts(t *testing.T) {
	t.Parallel()
	o := render.Object{
		{"z", "<a> & \"q\" \\ \n\t\x01 é 😀 \u2028"},
		{"a", nil},
		{"n", int64(7)},
		{"k", 0},
		{"o", render.Object{}},
		{"l", []render.Object{{{"x", true}}, {}}},
	}
	want := `{"z":"<a> & \"q\" \\ \n\t\u0001 é 😀 ` + "\u2028" + `","a":null,"n":7,"k":0,"o":{},"l":[{"x":true},{}]}`
	if got, err := o.Bytes(); err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	if _, err := (render.Object{{"f", func() {}}}).Bytes(); err == nil {
		t.Error("a function was written")
	}
}

func FuzzAStringIsReadAsItWasWritten(f *testing.F) {
	for _, s := range dispatchtest.Hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, err := render.Object{{s, s}}.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]string
		if err := json.Unmarshal(text, &got); err != nil || len(got) != 1 {
			t.Fatalf("%q was written as %s: %v", s, text, err)
		}
		want, _ := json.Marshal(s)
		var same string
		if err := json.Unmarshal(want, &same); err != nil || got[same] != same {
			t.Errorf("%q was read as %q", s, got)
		}
	})
}
