package dojoserver

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Page is the page of an object that alerts lead to.
type Page struct {
	Path  string // below the prefix, such as "/finding/12"
	Title string
	Text  string
	// Hidden from these users: they get the permission page.
	Hidden []string
}

// AddPage adds an object's page, or replaces the one of that path.
func (s *Server) AddPage(p Page) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[p.Path] = &p
}

// objectPath are the paths on which the real server has objects.
var objectPath = regexp.MustCompile(`^/(?:finding|test|engagement|product|product/type|asset|organization)/\d+(?:/.*)?$`)

// relabelled are the old names of 2.x and the new ones of 3.x, longest first.
var relabelled = [][2]string{{"/product/type/", "/organization/"}, {"/product/", "/asset/"}}

// objectView returns the view of an object's path, nil for any other path.
func (s *Server) objectView(path string) view {
	s.mu.Lock()
	page := s.pages[path]
	s.mu.Unlock()
	if page == nil && !objectPath.MatchString(path) {
		return nil
	}
	return func(x *exchange) { x.showObject(page) }
}

// showObject shows an object. 3.x leads from the old to the new path of a product,
// or back, before it looks whether there is one.
func (x *exchange) showObject(page *Page) {
	if !x.s.old() {
		for _, names := range relabelled {
			from, to := names[0], names[1]
			if x.s.opts.OldLabels {
				from, to = to, from
			}
			if rest, ok := strings.CutPrefix(x.path, from); ok {
				x.redirect(x.s.opts.Prefix + to + rest)
				return
			}
		}
	}
	switch {
	case page == nil:
		x.notFound()
	case slices.Contains(page.Hidden, x.user.Name):
		x.forbidden()
	default:
		x.touched = x.s.old()
		x.formToken()
		x.send(http.StatusOK, htmlType, x.objectPage(page))
	}
}
