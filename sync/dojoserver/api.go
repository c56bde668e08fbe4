package dojoserver

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// endpoint is one path of the API.
type endpoint struct {
	methods []string // besides OPTIONS
	name    string
	// open endpoints need no sign-in.
	open bool
	// bare ones describe themselves without a description.
	bare bool
	// may says who gets in; nil is everybody who is signed in.
	may   func(*account) bool
	serve func(*exchange, *account)
}

// apiView returns the endpoint of a path with its trailing slash, nil for an
// unknown one.
func (s *Server) apiView(path string) *endpoint {
	read := []string{http.MethodGet, http.MethodHead}
	switch path {
	case "/api/v2/":
		return &endpoint{methods: read, name: "Api Root", serve: (*exchange).apiRoot}
	case "/api/v2/user_profile/":
		return &endpoint{methods: read, name: "User Profile", serve: (*exchange).userProfile}
	case "/api/v2/api-token-auth/":
		return &endpoint{methods: []string{http.MethodPost}, name: "Obtain Auth Token", open: true, serve: (*exchange).tokenAuth}
	}
	rest, ok := strings.CutPrefix(path, "/api/v2/")
	list, id, _ := strings.Cut(strings.TrimSuffix(rest, "/"), "/")
	if c := s.catalogue[list]; ok && c != nil && strings.HasSuffix(rest, "/") {
		return c.endpoint(id)
	}
	return nil
}

// api applies the API's own layers: content negotiation, who is it (a session
// before a password before a token), and CSRF for those with a session.
func (x *exchange) api() {
	e := x.s.apiView(x.path)
	if e == nil || (e.open && x.s.opts.TokensDisabled) {
		x.notFound()
		return
	}
	x.w.Header().Set("Allow", strings.Join(append(slices.Clone(e.methods), http.MethodOptions), ", "))
	if !acceptsJSON(x.r.Header.Get("Accept")) {
		x.detail(http.StatusNotAcceptable, "Could not satisfy the request Accept header.")
		return
	}
	user, fault := x.authenticate()
	switch {
	case fault != "":
		x.detail(http.StatusForbidden, fault)
	case user == nil && !e.open:
		x.detail(http.StatusForbidden, "Authentication credentials were not provided.")
	case e.may != nil && !e.may(user):
		x.detail(http.StatusForbidden, "You do not have permission to perform this action.")
	case x.r.Method == http.MethodOptions:
		about := map[string]any{
			"name": e.name, "renders": []string{jsonType},
			"parses": []string{jsonType, "application/x-www-form-urlencoded", "multipart/form-data"},
		}
		if !e.bare {
			about["description"] = ""
		}
		x.json(http.StatusOK, about)
	case !slices.Contains(e.methods, x.r.Method):
		x.detail(http.StatusMethodNotAllowed, `Method "`+x.r.Method+`" not allowed.`)
	default:
		e.serve(x, user)
	}
}

func acceptsJSON(accept string) bool {
	if accept == "" {
		return true
	}
	for part := range strings.SplitSeq(accept, ",") {
		kind, _, err := mime.ParseMediaType(part)
		if err == nil && (kind == "*/*" || kind == "application/*" || kind == jsonType) {
			return true
		}
	}
	return false
}

// authenticate returns who calls the API, nil for nobody, or the text of the
// refusal.
func (x *exchange) authenticate() (*account, string) {
	s := x.s
	if x.signedIn() {
		if fault := x.csrfFault(); fault != "" {
			return nil, "CSRF Failed: " + fault
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.users[x.user.Name], ""
	}
	if name, password, ok := x.r.BasicAuth(); ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		if a := s.authenticate(name, password); a != nil {
			return a, ""
		}
		return nil, "Invalid username/password."
	}
	scheme, token, given := strings.Cut(x.r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Token") || s.opts.TokensDisabled {
		return nil, ""
	}
	switch {
	case !given || token == "":
		return nil, "Invalid token header. No credentials provided."
	case strings.Contains(token, " "):
		return nil, "Invalid token header. Token string should not contain spaces."
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.users {
		if a.Token != "" && a.Token == token {
			if a.Inactive {
				return nil, "User inactive or deleted."
			}
			return a, ""
		}
	}
	return nil, "Invalid token."
}

func (x *exchange) detail(status int, text string) {
	x.json(status, map[string]string{"detail": text})
}

func (x *exchange) apiRoot(*account) {
	scheme := "http"
	if x.secure() {
		scheme = "https"
	}
	x.json(http.StatusOK, map[string]string{"user_profile": scheme + "://" + x.r.Host + x.s.opts.Prefix + "/api/v2/user_profile/"})
}

// tokenAuth hands out the API token for a user name and a password, the same
// one each time. From 3.1.302 on the rate limit counts its callers' addresses.
func (x *exchange) tokenAuth(*account) {
	if !x.s.old() {
		host, _, _ := strings.Cut(x.r.RemoteAddr, ":")
		if x.s.limited("ip:" + host) {
			x.w.Header().Del("Allow")
			x.rateLimited()
			return
		}
	}
	given, ok := x.credentials()
	if !ok {
		x.json(http.StatusBadRequest, map[string]string{"message": "JSON request content is malformed"})
		return
	}
	for _, field := range []string{"username", "password"} {
		if given[field] == "" {
			x.fieldError(field, "This field is required.", "required")
			return
		}
	}
	x.s.mu.Lock()
	a := x.s.authenticate(given["username"], given["password"])
	token := ""
	if a != nil {
		token = a.token()
	}
	x.s.mu.Unlock()
	if a == nil {
		x.fieldError("non_field_errors", "Unable to log in with provided credentials.", "authorization")
		return
	}
	x.json(http.StatusOK, map[string]string{"token": token})
}

// credentials reads the fields of a JSON or form body.
func (x *exchange) credentials() (map[string]string, bool) {
	given := make(map[string]string)
	if kind, _, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type")); kind == jsonType {
		content, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, maxBody))
		if err != nil || json.Unmarshal(content, &given) != nil {
			return nil, false
		}
		return given, true
	}
	for name := range x.parseForm().values {
		given[name] = x.form.field(name)
	}
	return given, true
}

// fieldError is a refusal as DefectDojo's exception handler writes it.
func (x *exchange) fieldError(field, text, code string) {
	out := map[string]any{
		field:     []string{text},
		"message": "{'" + field + "': [ErrorDetail(string=" + pythonText(text) + ", code='" + code + "')]}",
	}
	if !x.s.old() {
		out["pro"] = []string{"Bellhop's small DefectDojo"}
	}
	x.json(http.StatusBadRequest, out)
}

// pythonText quotes a text as Python's repr does.
func pythonText(text string) string {
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		return `"` + text + `"`
	}
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`).Replace(text) + "'"
}

// readObject reads the body of a change as JSON; it answers by itself where it is
// none.
func (x *exchange) readObject() (map[string]any, bool) {
	kind, _, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if kind != jsonType {
		x.detail(http.StatusUnsupportedMediaType, `Unsupported media type "`+x.r.Header.Get("Content-Type")+`" in request.`)
		return nil, false
	}
	content, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, maxBody))
	var out map[string]any
	if err != nil || json.Unmarshal(content, &out) != nil || out == nil {
		x.json(http.StatusBadRequest, map[string]string{"message": "JSON request content is malformed"})
		return nil, false
	}
	return out, true
}
