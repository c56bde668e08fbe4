package widget_test

import (
	"testing"

	"fyne.io/fyne/v2/test"

	"bellhop/ui"
)

// dress starts a test application in Bellhop's colours.
func dress(t *testing.T) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(ui.NewTheme("light"))
}
