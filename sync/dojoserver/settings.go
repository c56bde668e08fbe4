package dojoserver

import (
	_ "embed" // the settings of a fresh server
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
)

//go:embed defaults/settings-2.46.0.json
var settings246 []byte

//go:embed defaults/settings-3.2.0.json
var settings320 []byte

// defaultSettings are the system settings of a fresh server of the version, as
// recorded.
func defaultSettings(old bool) map[string]any {
	content := settings320
	if old {
		content = settings246
	}
	out := make(map[string]any)
	if err := json.Unmarshal(content, &out); err != nil {
		panic(fmt.Sprintf("dojoserver: the recorded settings: %v", err))
	}
	return out
}

// SetSystem sets one of the system settings by the name that the API gives it,
// "enable_mail_notifications" for example. An unknown name is a mistake of the
// caller.
func (s *Server) SetSystem(name string, value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.data.settings[name]; !known {
		panic(fmt.Sprintf("dojoserver: there is no system setting %q", name))
	}
	text, err := json.Marshal(value)
	var plain any
	if err != nil || json.Unmarshal(text, &plain) != nil {
		panic(fmt.Sprintf("dojoserver: %v is no system setting", value))
	}
	s.data.settings[name] = plain
}

// on reports whether a yes or no of the system settings is yes.
func (s *Server) on(setting string) bool { return s.data.settings[setting] == true }

func settingsList() *collection {
	return &collection{
		title: "System Settings", list: readOnly, detail: []string{http.MethodPut, http.MethodPatch}, bare: true, bareDetail: true,
		may: superuser,
		rows: func(s *Server, _ *account, _ url.Values) []*row {
			return []*row{{id: 1, render: func() map[string]any { return maps.Clone(s.data.settings) }}}
		},
		write: (*exchange).changeSettings,
	}
}

// changeSettings takes the keys that there are and passes over others.
func (x *exchange) changeSettings(_ *account, _ int64) {
	given, ok := x.readObject()
	if !ok {
		return
	}
	x.s.mu.Lock()
	for name, value := range given {
		if _, known := x.s.data.settings[name]; known && name != "id" {
			x.s.data.settings[name] = value
		}
	}
	out := maps.Clone(x.s.data.settings)
	x.s.mu.Unlock()
	x.json(http.StatusOK, out)
}
