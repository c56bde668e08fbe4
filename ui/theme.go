package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"bellhop/ui/widget"
)

// Theme is how Bellhop looks: its colours, one spacing unit, one type scale,
// one corner radius. It follows the desktop's light or dark unless it was told
// which of them to use.
type Theme struct {
	force  bool
	forced fyne.ThemeVariant
}

var _ fyne.Theme = Theme{}

// NewTheme returns the theme for the setting "theme": "light", "dark", or
// anything else for what the desktop uses.
func NewTheme(setting string) Theme {
	switch setting {
	case "light":
		return Theme{force: true, forced: theme.VariantLight}
	case "dark":
		return Theme{force: true, forced: theme.VariantDark}
	}
	return Theme{}
}

// token is one colour in light and in dark.
type token struct{ light, dark color.NRGBA }

func rgb(light, dark uint32) token { return token{split(light, 0xff), split(dark, 0xff)} }

func split(v uint32, alpha uint8) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16 & 0xff), G: uint8(v >> 8 & 0xff), B: uint8(v & 0xff), A: alpha}
}

// tokenOf returns the colour with the name. The values hold a contrast of 4.5
// to 1 for text and 3 to 1 for icons and outlines on every ground they stand
// on; a test computes it.
func tokenOf(name fyne.ThemeColorName) (token, bool) {
	switch name {
	case widget.ColorGround, theme.ColorNameHeaderBackground:
		return rgb(0xF5F6F8, 0x14171C), true
	case widget.ColorSurface, theme.ColorNameButton:
		return rgb(0xFFFFFF, 0x1A1E25), true
	case widget.ColorOverlay, theme.ColorNameMenuBackground:
		return rgb(0xFFFFFF, 0x222731), true
	case widget.ColorSide:
		return rgb(0xECEEF2, 0x101318), true
	case widget.ColorLine, theme.ColorNameInputBorder, theme.ColorNameInnerWindowBorder, theme.ColorNameInnerWindowBorderInactive:
		return rgb(0xDDE1E7, 0x2C323C), true
	case widget.ColorText:
		return rgb(0x191D24, 0xE9ECF1), true
	case widget.ColorMuted, theme.ColorNameDisabled:
		return rgb(0x59626F, 0xA3ACB9), true
	case widget.ColorFaint:
		return rgb(0x7C8593, 0x77818F), true
	case widget.ColorAccent, widget.ColorFocus, theme.ColorNameHyperlink:
		return rgb(0x2457C5, 0x8DB2FF), true
	case widget.ColorOnAccent, theme.ColorNameForegroundOnError, theme.ColorNameForegroundOnSuccess, theme.ColorNameForegroundOnWarning:
		return rgb(0xFFFFFF, 0x0C1A38), true
	case widget.ColorPressed:
		return rgb(0x1D48A6, 0xA9C5FF), true
	case widget.ColorAccentSoft:
		return rgb(0xE4ECFB, 0x1F2E4D), true
	case widget.ColorHover:
		return rgb(0xEAEDF2, 0x222731), true
	case widget.ColorBrass:
		return rgb(0x8F6212, 0xE0B35C), true
	case widget.ColorRed:
		return rgb(0xB3261E, 0xFF8A80), true
	case widget.ColorRedSoft:
		return rgb(0xFBE9E7, 0x3A2124), true
	case widget.ColorOrange:
		return rgb(0xA34A08, 0xFFB074), true
	case widget.ColorOrangeSoft:
		return rgb(0xFCEFE2, 0x3A2A1E), true
	case widget.ColorGreen:
		return rgb(0x1D7348, 0x7AD3A4), true
	case widget.ColorGreenSoft:
		return rgb(0xE3F3EA, 0x1C3328), true
	case widget.ColorViolet:
		return rgb(0x6A3FB5, 0xC3A6FF), true
	case widget.ColorVioletSoft:
		return rgb(0xEFE8FA, 0x2D2543), true
	case widget.ColorGreySoft, theme.ColorNameDisabledButton, theme.ColorNamePressed:
		return rgb(0xEBEEF2, 0x272D37), true
	case widget.ColorClear, theme.ColorNameScrollBarBackground:
		return token{split(0, 0), split(0, 0)}, true
	case theme.ColorNameScrollBar:
		return token{split(0x191D24, 0x66), split(0xE9ECF1, 0x66)}, true
	case theme.ColorNameShadow:
		return token{split(0, 0x33), split(0, 0x80)}, true
	}
	return token{}, false
}

// Color is for Fyne.
func (t Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	if t.force {
		variant = t.forced
	}
	c, ok := tokenOf(name)
	switch {
	case !ok:
		return theme.DefaultTheme().Color(name, variant)
	case variant == theme.VariantDark:
		return c.dark
	}
	return c.light
}

// Font is for Fyne: its bundled Noto Sans, whose digits are all of one width.
func (Theme) Font(style fyne.TextStyle) fyne.Resource { return theme.DefaultTheme().Font(style) }

// Icon is for Fyne's own widgets; Bellhop's icons come from [widget.Icon].
func (Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

// Size is for Fyne.
func (Theme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return widget.SizeText
	case theme.SizeNameCaptionText:
		return widget.SizeSmall
	case theme.SizeNameSubHeadingText:
		return widget.SizeTitle
	case theme.SizeNameHeadingText:
		return widget.SizeSection
	case theme.SizeNamePadding:
		return widget.Unit
	case theme.SizeNameInnerPadding:
		return 2 * widget.Unit
	case theme.SizeNameLineSpacing:
		return 1
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius, theme.SizeNameButtonRadius,
		theme.SizeNameCardRadius, theme.SizeNamePopupRadius, theme.SizeNameMenuRadius:
		return widget.Radius
	case theme.SizeNameDialogRadius:
		return widget.TileRadius
	case theme.SizeNameSeparatorThickness, theme.SizeNameInputBorder:
		return 1
	case theme.SizeNameModalBlurRadius:
		return 0
	case theme.SizeNameScrollBar:
		return 8
	case theme.SizeNameScrollBarSmall:
		return 4
	}
	return theme.DefaultTheme().Size(name)
}
