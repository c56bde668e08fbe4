// Package widget holds the controls of Bellhop's windows. They know colours,
// sizes and icons by name and nothing of alerts, accounts or the bell.
//
// Every control keeps its state in the control, draws in its renderer, and is
// used from the goroutine of the user interface alone.
package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Colours that Fyne has a name for, under the names of Bellhop's design.
const (
	ColorGround     = theme.ColorNameBackground
	ColorSurface    = theme.ColorNameInputBackground // fields, the detail, the bottom bar
	ColorText       = theme.ColorNameForeground
	ColorMuted      = theme.ColorNamePlaceHolder
	ColorLine       = theme.ColorNameSeparator
	ColorAccent     = theme.ColorNamePrimary
	ColorOnAccent   = theme.ColorNameForegroundOnPrimary
	ColorAccentSoft = theme.ColorNameSelection
	ColorHover      = theme.ColorNameHover
	ColorFocus      = theme.ColorNameFocus
	ColorRed        = theme.ColorNameError
	ColorOrange     = theme.ColorNameWarning
	ColorGreen      = theme.ColorNameSuccess
	ColorShadow     = theme.ColorNameShadow
	ColorOverlay    = theme.ColorNameOverlayBackground
)

// Colours of our own.
const (
	ColorSide       fyne.ThemeColorName = "bellhopSide"       // ground of the side bar
	ColorFaint      fyne.ThemeColorName = "bellhopFaint"      // outlines of empty boxes, never text
	ColorBrass      fyne.ThemeColorName = "bellhopBrass"      // Bellhop's own mark
	ColorViolet     fyne.ThemeColorName = "bellhopViolet"     // mentions
	ColorRedSoft    fyne.ThemeColorName = "bellhopRedSoft"    // ground below red
	ColorOrangeSoft fyne.ThemeColorName = "bellhopOrangeSoft" // ground below orange
	ColorGreenSoft  fyne.ThemeColorName = "bellhopGreenSoft"  // ground below green
	ColorVioletSoft fyne.ThemeColorName = "bellhopVioletSoft" // ground below violet
	ColorGreySoft   fyne.ThemeColorName = "bellhopGreySoft"   // ground below muted
	ColorPressed    fyne.ThemeColorName = "bellhopPressed"    // a primary button while pressed
	ColorClear      fyne.ThemeColorName = "bellhopClear"      // nothing at all
)

// OwnColors lists the colours a theme has to know beside Fyne's.
var OwnColors = []fyne.ThemeColorName{
	ColorSide, ColorFaint, ColorBrass, ColorViolet, ColorRedSoft, ColorOrangeSoft,
	ColorGreenSoft, ColorVioletSoft, ColorGreySoft, ColorPressed, ColorClear,
}

// The type scale, in device-independent pixels.
const (
	SizeSmall   float32 = 12
	SizeText    float32 = 14
	SizeTitle   float32 = 16
	SizeSection float32 = 20
	SizeDisplay float32 = 28
)

// Sizes that several controls share.
const (
	Unit         float32 = 4  // everything is a multiple of it
	Radius       float32 = 6  // corners
	TileRadius   float32 = 8  // corners of icon tiles and floating bars
	ControlH     float32 = 34 // buttons and fields
	RowH         float32 = 56 // an alert
	GroupH       float32 = 32 // a day above its alerts
	IconSize     float32 = 18
	FocusWidth   float32 = 2
	lineSmall    float32 = 16
	lineText     float32 = 20
	displayRatio float32 = 1.3 // line height of text beyond the small sizes
)

// Tint is a colour of state together with the ground it stands on.
type Tint struct {
	Ink, Ground fyne.ThemeColorName
}

// The tints. Each comes with a shape or a word wherever it is used.
var (
	TintRed    = Tint{ColorRed, ColorRedSoft}
	TintOrange = Tint{ColorOrange, ColorOrangeSoft}
	TintGreen  = Tint{ColorGreen, ColorGreenSoft}
	TintViolet = Tint{ColorViolet, ColorVioletSoft}
	TintBlue   = Tint{ColorAccent, ColorAccentSoft}
	TintGrey   = Tint{ColorMuted, ColorGreySoft}
)
