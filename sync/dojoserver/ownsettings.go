package dojoserver

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// settingLine is one row of the page on which notifications are chosen.
type settingLine struct {
	Column string
	Boxes  []settingBox
}

type settingBox struct {
	Channel string
	On      bool
}

// ownSettings shows and changes the user's own notification settings. A column
// without a checked box becomes empty, and so do channels that have no box.
func (x *exchange) ownSettings() {
	said := ""
	if x.r.Method == http.MethodPost {
		x.s.mu.Lock()
		x.s.saveRow(x.user.Name, 0, append(slices.Clone(rowColumns), emptyColumn), x.parseForm())
		x.s.mu.Unlock()
		said = "Settings saved."
	}
	x.s.mu.Lock()
	lines := x.s.settingLines(x.s.findRow(x.user.Name, 0, false), false)
	x.s.mu.Unlock()
	x.touched = true
	x.send(http.StatusOK, htmlType, x.render(content{Title: "Personal Notification Settings", Form: "notifications", Lines: lines, Text: said}))
}

// systemSettings shows the system's row to superusers.
func (x *exchange) systemSettings() {
	if !x.user.Superuser {
		x.formToken()
		x.forbidden()
		return
	}
	x.s.mu.Lock()
	row := x.s.findRow("", 0, false)
	if row.ID == 0 {
		row = NotificationRow{}.filled()
	}
	lines := x.s.settingLines(row, true)
	x.s.mu.Unlock()
	x.touched = true
	x.send(http.StatusOK, htmlType, x.render(content{Title: "System Notification Settings", Form: "notifications", Lines: lines}))
}

// saveRow stores the boxes of a form as the row of a user and a product; other
// columns than those of the form stay.
func (s *Server) saveRow(user string, product int64, columns []string, f *form) {
	row := s.findRow(user, product, false)
	if row.ID == 0 {
		row = NotificationRow{User: user, Product: product}
	}
	row = row.filled()
	for _, column := range columns {
		row.Channels[column] = []string{}
		for _, channel := range rowChannels {
			if slices.Contains(f.values[column], channel) {
				row.Channels[column] = append(row.Channels[column], channel)
			}
		}
	}
	s.addRow(row)
}

// settingLines are the boxes of a page: of the channels that are switched on,
// and of Microsoft Teams on the system's page alone.
func (s *Server) settingLines(r NotificationRow, system bool) []settingLine {
	var lines []settingLine
	columns := slices.Insert(slices.Clone(rowColumns), 5, emptyColumn)
	for _, column := range columns {
		line := settingLine{Column: column}
		for _, channel := range rowChannels {
			if (channel != "alert" && !s.on("enable_"+channel+"_notifications")) || (channel == "msteams" && !system) {
				continue
			}
			line.Boxes = append(line.Boxes, settingBox{channel, slices.Contains(r.Channels[column], channel)})
		}
		lines = append(lines, line)
	}
	return lines
}

// editPath is where a product's page sends the settings for it.
var editPath = regexp.MustCompile(`^/(?:product|asset)/(\d+)/edit_notifications$`)

// productSettings returns the view that saves the settings for one product,
// nil for other paths.
func (s *Server) productSettings(path string) view {
	found := editPath.FindStringSubmatch(path)
	if found == nil {
		return nil
	}
	return func(x *exchange) {
		id := atoi(found[1])
		x.s.mu.Lock()
		a := x.s.users[x.user.Name]
		seen := a != nil && x.s.sight(a).product(id) && x.s.data.products.rows[id].ID != 0
		if seen && x.r.Method == http.MethodPost {
			x.s.saveRow(x.user.Name, id, productColumns, x.parseForm())
		}
		x.s.mu.Unlock()
		if !seen {
			x.forbidden()
			return
		}
		if x.r.Method == http.MethodPost {
			x.message("Notification settings updated")
		}
		x.redirect(x.s.opts.Prefix + strings.TrimSuffix(x.path, "/edit_notifications"))
	}
}
