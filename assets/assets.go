// Package assets holds what the programs show and do not compute: the icons of
// the windows. It contains bytes and no behaviour.
package assets

import (
	"embed"
	"io/fs"
	"path"
	"strings"
)

//go:embed icons/*.svg
var icons embed.FS

// Icon returns the SVG drawing with the name, for example "bell": one colour,
// written as currentColor, on a grid of 24 by 24. Lines are outlines that are
// filled, not strokes, because the rasteriser of the windows draws strokes in
// the same width at every size. It returns nil where there is no such drawing.
func Icon(name string) []byte {
	svg, err := icons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		return nil
	}
	return svg
}

// Icons lists the names that [Icon] knows, in alphabetical order.
func Icons() []string {
	files, err := fs.Glob(icons, "icons/*.svg")
	if err != nil {
		return nil
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(path.Base(f), ".svg")
	}
	return names
}
