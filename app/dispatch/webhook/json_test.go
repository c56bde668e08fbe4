package webhook_test

import (
	"reflect"
	"testing"

	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/render"
	"bellhop/app/dispatch/webhook"
)

func TestTheEncoderWritesWhatTheStandardOneDoes(t *testing.T) {
	t.Parallel()
	for name, text := range dispatchtest.Hostile {
		o := render.Object{
			{Name: "s", Value: text},
			{Name: text, Value: nil},
			{Name: "n", Value: 7},
			{Name: "id", Value: int64(-8)},
			{Name: "b", Value: true},
			{Name: "o", Value: render.Object{{Name: "x", Value: text}, {Name: "y", Value: render.Object{}}}},
			{Name: "l", Value: []render.Object{{{Name: "z", Value: text}}, {}}},
			{Name: "e", Value: []render.Object{}},
			{Name: "f", Value: []float64{1.5}},
		}
		want, err := o.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		got, err := webhook.AppendObject(nil, o)
		if err != nil || !reflect.DeepEqual(decode(t, got), decode(t, want)) {
			t.Errorf("%s: %v\n got %.300s\nwant %.300s", name, err, got, want)
		}
	}
}
