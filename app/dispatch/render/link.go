package render

import (
	"net/url"
	"regexp"
	"strings"

	"bellhop/app"
)

// MaxURL is the length of a link in characters: DefectDojo's column, and about
// what browsers open. A longer one is no link.
const MaxURL = 2000

// ready returns the input with an address of the server that links can be made
// of, or none.
func (in Input) ready() Input {
	site := strings.TrimRight(in.Site, "/")
	u, err := url.Parse(site)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		strings.ContainsAny(site, " <>\"'|\\`#?") || oneLine(site) != site || len(site) > MaxURL/4 {
		in.Site = ""
		return in
	}
	in.Site = u.Scheme + site[len(u.Scheme):]
	return in
}

// doubled finds two addresses glued together, which DefectDojo makes of a link
// that was absolute already: a host cannot contain a second scheme.
var doubled = regexp.MustCompile(`(?i)^https?://[^/?#]*?(https?://.*)$`)

// link makes a link absolute, once; "" where there is none that may be opened.
func (in *Input) link(to string) string {
	site := in.Site
	to = in.mended(to)
	if to == "" || len(to) > MaxURL {
		return ""
	}
	if site == "" {
		if lower := strings.ToLower(to); !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") {
			return ""
		}
		site = "https://localhost" // never part of the answer: the link is absolute
	}
	target, _, err := app.Link(site, to)
	if err != nil || len(target) > MaxURL || oneLine(target) != target {
		return ""
	}
	return target
}

// mended takes DefectDojo's mistakes out of a link: a second address before an
// absolute one, and the word None.
func (in *Input) mended(to string) string {
	to = strings.TrimSpace(to)
	if len(to) <= 2*MaxURL {
		if m := doubled.FindStringSubmatch(to); m != nil {
			to = m[1]
		}
	}
	if to == "None" || in.Site != "" && to == in.Site+"None" {
		return ""
	}
	return to
}

// url is where the event's own link leads.
func (in *Input) url() string { return in.link(in.Call.URL) }

// page is the server's page of an object, "" where the object has no id or no
// server is known. Products and product types moved in 3.0.
func (in *Input) page(of string, id int64) string {
	if id <= 0 || in.Site == "" {
		return ""
	}
	switch of {
	case "product":
		of = in.either("product", "asset")
	case "product_type":
		of = in.either("product/type", "organization")
	}
	return in.join("/" + of + "/" + itoa(id))
}

// api is the object in API v2.
func (in *Input) api(of string, id int64) string {
	if id <= 0 || in.Site == "" {
		return ""
	}
	return in.join("/api/v2/" + of + "/" + itoa(id) + "/")
}

// join puts a path that this package made behind the server's address.
func (in *Input) join(path string) string { return in.Site + path }
