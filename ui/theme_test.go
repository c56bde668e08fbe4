package ui

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"bellhop/ui/widget"
)

// pairs are the colours that meet on screen. Text needs 4.5 to 1, icons and the
// outlines of controls 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11).
func pairs() (text, shapes [][2]fyne.ThemeColorName) {
	grounds := []fyne.ThemeColorName{widget.ColorGround, widget.ColorSurface, widget.ColorSide, widget.ColorOverlay, widget.ColorAccentSoft, widget.ColorHover, widget.ColorGreySoft}
	for _, g := range grounds {
		for _, c := range []fyne.ThemeColorName{widget.ColorText, widget.ColorMuted, widget.ColorAccent, widget.ColorRed} {
			text = append(text, [2]fyne.ThemeColorName{c, g})
		}
	}
	for _, g := range []fyne.ThemeColorName{widget.ColorGround, widget.ColorSurface} {
		for _, c := range []fyne.ThemeColorName{widget.ColorOrange, widget.ColorGreen, widget.ColorViolet, widget.ColorBrass} {
			text = append(text, [2]fyne.ThemeColorName{c, g})
		}
		shapes = append(shapes, [2]fyne.ThemeColorName{widget.ColorFaint, g})
	}
	for _, t := range []widget.Tint{widget.TintRed, widget.TintOrange, widget.TintGreen, widget.TintViolet, widget.TintBlue, widget.TintGrey} {
		text = append(text, [2]fyne.ThemeColorName{t.Ink, t.Ground}, [2]fyne.ThemeColorName{widget.ColorText, t.Ground})
	}
	text = append(text,
		[2]fyne.ThemeColorName{widget.ColorOnAccent, widget.ColorAccent},
		[2]fyne.ThemeColorName{widget.ColorOnAccent, widget.ColorPressed},
		[2]fyne.ThemeColorName{widget.ColorOnAccent, widget.ColorRed},
		[2]fyne.ThemeColorName{widget.ColorGround, widget.ColorText}, // the undo bar and the tips
	)
	shapes = append(shapes,
		[2]fyne.ThemeColorName{widget.ColorFaint, widget.ColorHover},
		[2]fyne.ThemeColorName{widget.ColorBrass, widget.ColorSide},
		[2]fyne.ThemeColorName{widget.ColorGreen, widget.ColorSide},
		[2]fyne.ThemeColorName{widget.ColorOrange, widget.ColorSide},
		[2]fyne.ThemeColorName{widget.ColorFocus, widget.ColorGround},
		[2]fyne.ThemeColorName{widget.ColorFocus, widget.ColorSide},
		[2]fyne.ThemeColorName{widget.ColorFocus, widget.ColorSurface},
	)
	return text, shapes
}

func TestEveryColourCanBeToldFromItsGround(t *testing.T) {
	text, shapes := pairs()
	for name, setting := range map[string]string{"light": "light", "dark": "dark"} {
		th := NewTheme(setting)
		check := func(pair [2]fyne.ThemeColorName, least float64) {
			got := contrast(th.Color(pair[0], 0), th.Color(pair[1], 0))
			if got < least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, less than %.1f", name, pair[0], pair[1], got, least)
			}
		}
		for _, p := range text {
			check(p, 4.5)
		}
		for _, p := range shapes {
			check(p, 3)
		}
	}
}

// contrast is WCAG's contrast of two opaque colours.
func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func TestTheThemeKnowsEveryName(t *testing.T) {
	test.NewTempApp(t)
	test.AssertAllColorNamesDefined(t, NewTheme("light"), "light")
	test.AssertAllColorNamesDefined(t, NewTheme("dark"), "dark")
	for _, name := range widget.OwnColors {
		if _, ok := tokenOf(name); !ok {
			t.Errorf("the theme does not know %s", name)
		}
	}
}

func TestTheThemeFollowsTheDesktopUnlessTold(t *testing.T) {
	test.NewTempApp(t)
	light, dark := NewTheme("light").Color(widget.ColorGround, theme.VariantDark), NewTheme("dark").Color(widget.ColorGround, theme.VariantLight)
	system := NewTheme("system")
	if light == dark {
		t.Fatal("light and dark look the same")
	}
	if got := system.Color(widget.ColorGround, theme.VariantLight); got != light {
		t.Errorf("on a light desktop the ground is %v, want %v", got, light)
	}
	if got := system.Color(widget.ColorGround, theme.VariantDark); got != dark {
		t.Errorf("on a dark desktop the ground is %v, want %v", got, dark)
	}
}

func TestEveryIconIsThere(t *testing.T) {
	for _, name := range []string{
		"at", "back", "bell", "check", "chevron", "clock", "close", "closed", "down", "eye", "history", "inbox", "info", "key",
		"minus", "more", "new", "offline", "open", "pause", "play", "plug", "plus", "scan", "search", "settings", "sync", "trash", "up", "user", "warn",
	} {
		if len(widget.Icon(name, color.Black).Content()) == 0 {
			t.Errorf("there is no icon %q", name)
		}
	}
}
