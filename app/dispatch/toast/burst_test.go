package toast

import (
	"testing"
)

func TestABurstBecomesOneToast(t *testing.T) {
	one := []Arrival{{Key: "7", Title: "Scan added", Source: "Acme", Text: "12 findings"}}
	var many []Arrival
	for _, title := range []string{"a", "b\nb", "c", "d", "e"} {
		many = append(many, Arrival{Key: title, Title: title, Urgent: title == "e"})
	}
	for name, c := range map[string]struct {
		burst  []Arrival
		detail Detail
		want   Toast
	}{
		"one, full":        {one, Full, Toast{Key: "7", Title: "Scan added", Body: "Acme\n12 findings", Actions: true}},
		"one, title only":  {one, TitleOnly, Toast{Key: "7", Title: "Scan added", Body: "Acme", Actions: true}},
		"one, no text":     {one, CountOnly, Toast{Key: "7", Title: "1 new alert", Actions: true}},
		"three":            {many[:3], Full, Toast{Title: "3 new alerts", Body: "a\nb b\nc"}},
		"four":             {many[:4], Full, Toast{Title: "4 new alerts", Body: "a\nb b\nc\nand 1 more"}},
		"five, one urgent": {many, TitleOnly, Toast{Title: "5 new alerts", Body: "a\nb b\nc\nand 2 more", Urgent: true}},
		"five, no text":    {many, CountOnly, Toast{Title: "5 new alerts", Urgent: true}},
	} {
		if got := Gather(c.burst, c.detail); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
