package services_test

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// got is a message as a service would show it.
type got struct{ title, text, link string }

// inbox keeps what a fake took.
type inbox struct {
	mu   sync.Mutex
	list []got
}

func (i *inbox) add(g got) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.list = append(i.list, g)
}

func (i *inbox) last() got {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.list) == 0 {
		return got{}
	}
	return i.list[len(i.list)-1]
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// ntfy refuses what a ntfy server 2.14 refuses (docs.ntfy.sh/publish, server/errors.go):
// other methods, topics that are none, wrong passwords, texts that are no UTF-8,
// and, as attachments are not set up, texts of more than 4,096 bytes.
type ntfy struct {
	inbox
	user, password string
}

var topics = regexp.MustCompile(`^/[-_A-Za-z0-9]{1,64}$`)

func (n *ntfy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refuse := func(code, status int, text string) {
		answer(w, status, map[string]any{"code": code, "http": status, "error": text, "link": "https://ntfy.sh/docs"})
	}
	body, err := io.ReadAll(r.Body)
	user, password, _ := r.BasicAuth()
	switch {
	case r.Method != http.MethodPost && r.Method != http.MethodPut || !topics.MatchString(r.URL.Path):
		refuse(40401, http.StatusNotFound, "page not found")
	case user != n.user || password != n.password:
		refuse(40301, http.StatusForbidden, "forbidden")
	case err != nil || !utf8.Valid(body):
		refuse(40011, http.StatusBadRequest, "invalid message: message must be UTF-8 encoded")
	case len(body) > 4096:
		refuse(40014, http.StatusBadRequest, "invalid request: attachments not allowed")
	case !strings.HasPrefix(r.Header.Get("Click"), "http"):
		refuse(40000, http.StatusBadRequest, "the test wants a link")
	default:
		n.add(got{r.Header.Get("Title"), string(body), r.Header.Get("Click")})
		answer(w, http.StatusOK, map[string]any{"id": "xE73Iyuabi", "time": 1673542291, "event": "message", "topic": r.URL.Path[1:], "message": string(body)})
	}
}

// gotify refuses what a Gotify server 2.6 refuses (api/message.go, auth/authentication.go):
// unknown tokens, bodies that are no JSON, and messages without a text.
type gotify struct {
	inbox
	token string
}

func (g *gotify) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, text string) {
		answer(w, status, map[string]any{"error": http.StatusText(status), "errorCode": status, "errorDescription": text})
	}
	token := r.URL.Query().Get("token")
	if token == "" {
		token = r.Header.Get("X-Gotify-Key")
	}
	var body struct {
		Title, Message string
		Priority       int
	}
	err := json.NewDecoder(r.Body).Decode(&body)
	switch {
	case r.URL.Path != "/message" || r.Method != http.MethodPost:
		refuse(http.StatusNotFound, "page not found")
	case token != g.token:
		refuse(http.StatusUnauthorized, "you need to provide a valid access token or user credentials to access this api")
	case !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		refuse(http.StatusBadRequest, "Field 'message' is required")
	case err != nil || body.Message == "":
		refuse(http.StatusBadRequest, "Field 'message' is required")
	default:
		g.add(got{title: body.Title, text: body.Message})
		answer(w, http.StatusOK, map[string]any{"id": 25, "appid": 5, "message": body.Message, "title": body.Title, "priority": body.Priority, "date": "2026-11-25T09:30:00Z"})
	}
}

// matrix refuses what a homeserver refuses (spec.matrix.org, client-server API r0):
// unknown tokens, rooms that one is not in, and events that are no text.
type matrix struct {
	inbox
	token, room string
	joined      bool
}

func (m *matrix) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, code, text string) {
		answer(w, status, map[string]any{"errcode": code, "error": text})
	}
	var body struct{ Msgtype, Body string }
	err := json.NewDecoder(r.Body).Decode(&body)
	room := strings.Contains(r.URL.Path, m.room)
	switch {
	case !strings.HasPrefix(r.URL.Path, "/_matrix/client/"):
		refuse(http.StatusNotFound, "M_UNRECOGNIZED", "Unrecognized request")
	case r.URL.Query().Get("access_token") != m.token:
		refuse(http.StatusUnauthorized, "M_UNKNOWN_TOKEN", "Invalid access token passed.")
	case !room:
		refuse(http.StatusForbidden, "M_FORBIDDEN", "You are not invited to this room.")
	case strings.Contains(r.URL.Path, "/join/"):
		m.joined = true
		answer(w, http.StatusOK, map[string]any{"room_id": m.room})
	case !m.joined:
		refuse(http.StatusForbidden, "M_FORBIDDEN", "User not in room")
	case err != nil || body.Msgtype != "m.text" || body.Body == "":
		refuse(http.StatusBadRequest, "M_BAD_JSON", "Content not JSON.")
	default:
		m.add(got{text: body.Body})
		answer(w, http.StatusOK, map[string]any{"event_id": "$YUwRidLecu:example.com"})
	}
}
