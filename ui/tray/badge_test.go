package tray

import (
	"bytes"
	"encoding/binary"
	"flag"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden pictures anew; look at them before committing")

// goldens are the pictures that somebody looked at.
var goldens = map[string]picture{
	"idle":         {FaceIdle, 0},
	"seen-5":       {FaceSeen, 5},
	"seen-42":      {FaceSeen, 42},
	"new-1":        {FaceNew, 1},
	"new-36":       {FaceNew, 36},
	"new-78":       {FaceNew, 78},
	"new-99+":      {FaceNew, mostCounted},
	"offline":      {FaceOffline, 0},
	"offline-24":   {FaceOffline, 24},
	"needs-you":    {FaceNeedsYou, 0},
	"needs-you-90": {FaceNeedsYou, 90},
	"quiet":        {FaceQuiet, 0},
	"quiet-5":      {FaceQuiet, 5},
}

func TestTheIconLooksAsItWasSeen(t *testing.T) {
	for name, p := range goldens {
		check(t, name, icon(p.face, p.count))
	}
	for f, name := range map[Face]string{
		FaceIdle: "template", FaceNew: "template-new", FaceOffline: "template-offline",
		FaceNeedsYou: "template-needs-you", FaceQuiet: "template-quiet",
	} {
		check(t, name, template(f))
	}
}

// check compares a picture with the one in testdata. A few pixels may differ:
// other processors round the last bit of a distance in another way.
func check(t *testing.T, name string, picture []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".png")
	if *update {
		if err := os.WriteFile(path, picture, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	seen, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, want := decode(t, picture), decode(t, seen)
	if got.Rect != want.Rect {
		t.Fatalf("%s: size %v, want %v", name, got.Rect, want.Rect)
	}
	differ := 0
	for i := 0; i < len(got.Pix); i += 4 {
		if !bytes.Equal(got.Pix[i:i+4], want.Pix[i:i+4]) {
			differ++
		}
	}
	if differ > 8 {
		t.Errorf("%s differs in %d pixels; run the test with -update and look at the picture", name, differ)
	}
}

func decode(t *testing.T, data []byte) *image.NRGBA {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	n, ok := m.(*image.NRGBA)
	if !ok {
		t.Fatalf("the picture is a %T", m)
	}
	return n
}

func TestEveryIconIsHard(t *testing.T) {
	for f := FaceIdle; f <= FaceQuiet; f++ {
		for _, count := range []int{0, 1, 8, 10, 47, 99, mostCounted} {
			m := decode(t, icon(f, count))
			for i := 3; i < len(m.Pix); i += 4 {
				if a := m.Pix[i]; a != 0 && a != 0xff {
					t.Fatalf("face %d with %d: alpha %d", f, count, a)
				}
			}
		}
	}
}

func TestEveryNumberHasItsOwnIcon(t *testing.T) {
	seen := map[string]int{}
	for count := range mostCounted + 1 {
		key := string(icon(FaceNew, count))
		if other, ok := seen[key]; ok {
			t.Errorf("%d looks like %d", count, other)
		}
		seen[key] = count
	}
}

func TestEveryFaceHasItsOwnIcon(t *testing.T) {
	for _, count := range []int{0, 5, 42} {
		seen := map[string]Face{}
		for f := FaceIdle; f <= FaceQuiet; f++ {
			key := string(icon(f, count))
			if other, ok := seen[key]; ok && f != FaceSeen { // idle and seen differ by the number alone
				t.Errorf("with %d, face %d looks like %d", count, f, other)
			}
			seen[key] = f
		}
	}
}

// The number has to be read where panels are small: digits of at least 7
// pixels at 22 and 24, and never more than 60 % of the icon covered.
func TestTheNumberIsLargeEnough(t *testing.T) {
	for _, count := range []int{1, 5, 10, 42, 99, mostCounted} {
		m := decode(t, icon(FaceNew, count))
		digits := image.Rectangle{}
		plate := 0
		for y := range iconSize {
			for x := range iconSize {
				switch m.NRGBAAt(x, y) {
				case white:
					digits = digits.Union(image.Rect(x, y, x+1, y+1))
					plate++
				case red:
					plate++
				}
			}
		}
		if px := float64(digits.Dy()) * 22 / iconSize; px < 7 {
			t.Errorf("the digits of %d are %.1f pixels high in a panel of 22", count, px)
		}
		if part := float64(plate) / (iconSize * iconSize); part > 0.6 {
			t.Errorf("the number %d covers %.0f %%", count, 100*part)
		}
	}
}

// Every form has to be seen on dark and on light panels (3:1), and every digit
// to be read on its ground (4.5:1).
func TestTheIconHasContrastOnEveryPanel(t *testing.T) {
	for _, panel := range []color.NRGBA{{0x20, 0x24, 0x2b, 0xff}, {0x33, 0x33, 0x33, 0xff}, {0xf5, 0xf6, 0xf8, 0xff}, {0xff, 0xff, 0xff, 0xff}} {
		for name, inks := range map[string][]color.NRGBA{
			"line and rim": {light, dark}, "new and rim": {brass, dark}, "triangle and rim": {amber, dark},
			"Z": {blue}, "number on red": {red, white}, "number on slate": {slate, white},
		} {
			best := 0.0
			for _, ink := range inks {
				best = max(best, contrast(ink, panel))
			}
			if best < 3 {
				t.Errorf("%s on %v: %.1f", name, panel, best)
			}
		}
	}
	for _, ground := range []color.NRGBA{red, slate} {
		if c := contrast(white, ground); c < 4.5 {
			t.Errorf("digits on %v: %.1f", ground, c)
		}
	}
	if c := contrast(dark, amber); c < 4.5 {
		t.Errorf("exclamation mark: %.1f", c)
	}
}

// contrast is the ratio of WCAG 2.2, 1.4.3.
func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(c color.NRGBA) float64 {
	part := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}

func TestTheWindowsIconHasEverySize(t *testing.T) {
	data := ico(FaceNew, 42)
	if kind, n := binary.LittleEndian.Uint16(data[2:]), binary.LittleEndian.Uint16(data[4:]); kind != 1 || n != 5 {
		t.Fatalf("kind %d with %d pictures", kind, n)
	}
	end := 6 + 5*16
	for i, size := range []int{16, 20, 24, 32, 48} {
		entry := data[6+16*i:]
		length, start := int(binary.LittleEndian.Uint32(entry[8:])), int(binary.LittleEndian.Uint32(entry[12:]))
		if int(entry[0]) != size || start != end || start+length > len(data) {
			t.Fatalf("picture %d: size %d, bytes %d to %d of %d", i, entry[0], start, start+length, len(data))
		}
		end = start + length
		want := raster(size, layers(FaceNew, 42), smooth)
		for y := range size {
			for x := range size {
				o := start + 40 + 4*((size-1-y)*size+x)
				if c := want.NRGBAAt(x, y); !bytes.Equal(data[o:o+4], []byte{c.B, c.G, c.R, c.A}) {
					t.Fatalf("size %d: pixel %d, %d is % x, want %v", size, x, y, data[o:o+4], c)
				}
			}
		}
	}
	if end != len(data) {
		t.Errorf("%d bytes after the last picture", len(data)-end)
	}
}

func BenchmarkIcon(b *testing.B) {
	for b.Loop() {
		icon(FaceNew, 42)
	}
}
