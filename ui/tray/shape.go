package tray

import (
	"image"
	"image/color"
	"math"
	"slices"
)

// grid is the side of the square in which every shape of the bell is given;
// y grows downwards. Pictures of any size are scaled from it.
const grid = 64

// shape says how far a point lies outside of a form; inside the distance is
// negative. From the distance follow fills, outlines and rims of any width.
type shape func(x, y float64) float64

// layer is one form with its colour and what surrounds it.
type layer struct {
	form  shape
	bands []band // from the inside outwards
}

// band is where a layer has a colour: up to a distance from its form. A band
// without a colour is a hole in what lies below.
type band struct {
	upTo   float64
	colour color.NRGBA
}

// at returns the colour at a distance from the form, and how far the next
// change of colour is; covers is false where the layer has nothing to say.
func (l layer) at(d float64) (c color.NRGBA, change float64, covers bool) {
	change = math.Inf(1)
	for _, b := range l.bands {
		change = min(change, math.Abs(d-b.upTo))
		if d <= b.upTo && !covers {
			c, covers = b.colour, true
		}
	}
	return c, change, covers
}

// edge says what becomes of a pixel that a silhouette covers in part.
type edge bool

const (
	// hard: it is opaque or not there at all. Half-transparent pixels reach a
	// Linux panel with wrong colours, because the library sends the low byte
	// of premultiplied 16-bit values. Within the silhouette colours blend.
	hard edge = false
	// smooth: it is as opaque as it is covered.
	smooth edge = true
)

// raster draws layers, the last on top, as a square of size pixels.
func raster(size int, layers []layer, e edge) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	pixel := grid / float64(size)
	for py := range size {
		for px := range size {
			if c := blend(layers, float64(px)*pixel, float64(py)*pixel, pixel, e); c.A != 0 {
				img.SetNRGBA(px, py, c)
			}
		}
	}
	return img
}

// blend returns the colour of the pixel whose upper left corner is x, y.
func blend(layers []layer, x, y, pixel float64, e edge) color.NRGBA {
	const per, all = 4, 16 // samples along each side of a pixel, and in it
	// Where no layer changes its colour within the pixel, the middle speaks for
	// all of it; only the other pixels are sampled.
	corner := pixel * math.Sqrt2 / 2
	for i := len(layers) - 1; ; i-- {
		if i < 0 {
			return color.NRGBA{}
		}
		c, change, covers := layers[i].at(layers[i].form(x+pixel/2, y+pixel/2))
		if change <= corner {
			layers = layers[:i+1]
			break
		}
		if covers {
			return c
		}
	}
	var r, g, b, hits int
	for s := range all {
		sx, sy := (float64(s%per)+0.5)/per, (float64(s/per)+0.5)/per
		c := topmost(layers, x+sx*pixel, y+sy*pixel)
		if c.A != 0 {
			r, g, b, hits = r+int(c.R), g+int(c.G), b+int(c.B), hits+1
		}
	}
	if hits == 0 || e == hard && 2*hits < all {
		return color.NRGBA{}
	}
	alpha := 0xff
	if e == smooth {
		alpha = 0xff * hits / all
	}
	return color.NRGBA{uint8(r / hits), uint8(g / hits), uint8(b / hits), uint8(alpha)}
}

func topmost(layers []layer, x, y float64) color.NRGBA {
	for _, l := range slices.Backward(layers) {
		if c, _, covers := l.at(l.form(x, y)); covers {
			return c
		}
	}
	return color.NRGBA{}
}

// point is a place on the grid.
type point struct{ x, y float64 }

// near is the square of the distance from a point to the piece of line between
// p and q.
func near(x, y float64, p, q point) float64 {
	dx, dy := q.x-p.x, q.y-p.y
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = min(max(((x-p.x)*dx+(y-p.y)*dy)/l, 0), 1)
	}
	dx, dy = x-p.x-t*dx, y-p.y-t*dy
	return dx*dx + dy*dy
}

// stroke is a pen of the given width drawn along points.
func stroke(width float64, points ...point) shape {
	return bounded(points, width/2, func(x, y float64) float64 {
		d := math.Inf(1)
		for i := 1; i < len(points); i++ {
			d = min(d, near(x, y, points[i-1], points[i]))
		}
		return math.Sqrt(d) - width/2
	})
}

// polygon is the area within points.
func polygon(points ...point) shape {
	return bounded(points, 0, func(x, y float64) float64 {
		d, inside := math.Inf(1), false
		for i, q := range points {
			p := points[(i+len(points)-1)%len(points)]
			d = min(d, near(x, y, p, q))
			if (p.y > y) != (q.y > y) && x < p.x+(y-p.y)/(q.y-p.y)*(q.x-p.x) {
				inside = !inside
			}
		}
		if inside {
			return -math.Sqrt(d)
		}
		return math.Sqrt(d)
	})
}

// bounded spares most of the work far away from a form made of points: there
// the distance to the box around them is answered, which is never too large.
func bounded(points []point, reach float64, form shape) shape {
	const far = 8 // more than any form is ever grown by
	lo, hi := points[0], points[0]
	for _, p := range points {
		lo = point{min(lo.x, p.x), min(lo.y, p.y)}
		hi = point{max(hi.x, p.x), max(hi.y, p.y)}
	}
	around := box(lo.x-reach, lo.y-reach, hi.x+reach, hi.y+reach, 0)
	return func(x, y float64) float64 {
		if d := around(x, y); d > far {
			return d
		}
		return form(x, y)
	}
}

// box is a rectangle with round corners; radius of half its height makes a
// pill.
func box(x0, y0, x1, y1, radius float64) shape {
	cx, cy := (x0+x1)/2, (y0+y1)/2
	hx, hy := (x1-x0)/2-radius, (y1-y0)/2-radius
	return func(x, y float64) float64 {
		dx, dy := math.Abs(x-cx)-hx, math.Abs(y-cy)-hy
		return math.Hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - radius
	}
}

// grow is s with its edge moved outwards.
func grow(s shape, by float64) shape {
	return func(x, y float64) float64 { return s(x, y) - by }
}

// ring is the edge of s drawn with a pen of the given width.
func ring(s shape, width float64) shape {
	return func(x, y float64) float64 { return math.Abs(s(x, y)) - width/2 }
}

// join is everything in any of the shapes.
func join(shapes ...shape) shape {
	return func(x, y float64) float64 {
		d := math.Inf(1)
		for _, s := range shapes {
			d = min(d, s(x, y))
		}
		return d
	}
}

// curve samples a cubic Bézier curve; the first point is left out, so that
// curves can follow one another.
func curve(a, b, c, d point, n int) []point {
	var ps []point
	for i := range n {
		t := float64(i+1) / float64(n)
		u := 1 - t
		k0, k1, k2, k3 := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
		ps = append(ps, point{k0*a.x + k1*b.x + k2*c.x + k3*d.x, k0*a.y + k1*b.y + k2*c.y + k3*d.y})
	}
	return ps
}

// arc samples a part of an ellipse, clockwise from one angle in degrees to the
// other; 0 is right, 90 is down.
func arc(cx, cy, rx, ry, from, to float64) []point {
	const n = 12
	var ps []point
	for i := range n + 1 {
		a := (from + (to-from)*float64(i)/n) * math.Pi / 180
		ps = append(ps, point{cx + rx*math.Cos(a), cy + ry*math.Sin(a)})
	}
	return ps
}
