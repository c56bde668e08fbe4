package dojoserver

import (
	"net/http"
	"strings"
)

// view answers a request that has got through the layers before it.
type view func(*exchange)

// pageViews are the pages behind the sign-in; their paths have no trailing
// slash. The value says whether the server's version has the page.
func (s *Server) pageView(path string) view {
	switch path {
	case "/":
		return (*exchange).home
	case "/dashboard":
		return (*exchange).dashboard
	case "/profile":
		return (*exchange).profile
	case "/change_password":
		return (*exchange).changePassword
	case "/logout":
		return (*exchange).logout
	case "/alerts":
		return (*exchange).alertsPage
	case "/alerts/json":
		return (*exchange).alertsJSON
	case "/alerts/count":
		return (*exchange).alertsCount
	case "/delete_alerts":
		return (*exchange).deleteAlerts
	case "/notifications", "/notifications/personal":
		return (*exchange).ownSettings
	case "/notifications/system":
		return (*exchange).systemSettings
	}
	if !s.old() {
		switch path {
		case "/alerts/count/text":
			return (*exchange).alertsCountText
		case "/alerts/partial":
			return (*exchange).alertsPartial
		}
	}
	if v := s.productSettings(path); v != nil {
		return v
	}
	return s.objectView(path)
}

// exempt reports whether a path is served without a session: the sign-in form
// by its beginning, so that "/login/" is a missing page and no redirect.
func exempt(path string) bool {
	for _, begin := range []string{"/login", "/static/", "/api/v2/"} {
		if strings.HasPrefix(path, begin) {
			return true
		}
	}
	return false
}

// route applies the layers between session and view and calls the view.
func (x *exchange) route() {
	if strings.HasPrefix(x.path, "/api/v2/") && x.slashMissing() {
		return
	}
	if !x.signedIn() && !exempt(x.path) {
		next := x.path
		if x.path == "/logout" {
			next = "/"
		} else if x.r.URL.RawQuery != "" {
			next += "?" + x.r.URL.RawQuery
		}
		x.toLogin(x.s.opts.Prefix + next)
		return
	}
	if x.user.MustChange && x.path != "/change_password" && x.path != "/logout" && x.path != "/login" {
		x.redirect(x.s.opts.Prefix + "/change_password")
		return
	}
	if x.path == "/login" {
		x.protected((*exchange).login)
		return
	}
	if strings.HasPrefix(x.path, "/api/v2/") {
		x.api()
		return
	}
	if v := x.s.pageView(x.path); v != nil {
		x.protected(v)
		return
	}
	x.notFound()
}

// slashMissing redirects an API path that exists with a slash at its end.
func (x *exchange) slashMissing() bool {
	if strings.HasSuffix(x.path, "/") || x.s.apiView(x.path+"/") == nil {
		return false
	}
	x.w.Header().Set("Content-Type", htmlType)
	x.w.Header().Set("Location", x.s.opts.Prefix+x.path+"/")
	x.w.WriteHeader(http.StatusMovedPermanently)
	return true
}

// protected calls a view behind the CSRF check.
func (x *exchange) protected(v view) {
	if x.parseForm().tooMany {
		x.send(http.StatusBadRequest, htmlType, x.errorPage("Bad Request"))
		return
	}
	if fault := x.csrfFault(); fault != "" {
		x.send(http.StatusForbidden, htmlType, csrfPage(fault))
		return
	}
	v(x)
}
