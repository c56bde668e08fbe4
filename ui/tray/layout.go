package tray

import (
	"fmt"
	"strconv"
	"strings"

	"bellhop/app"
)

// The widths of the menu in runes: wide enough for a finding's title, narrow
// enough for a small screen.
const (
	alertRows   = 10
	titleWidth  = 60
	sourceWidth = 24
	headWidth   = 80
)

// slot is a place in the menu. The menu is made once, with every slot in it,
// and later changes are made in place: a menu that is made anew gets new ids,
// and a panel that is just showing it would click on lines that are gone.
type slot int

// The slots, in the order in which they are shown.
const (
	slotHead slot = iota
	slotBanner
	slotNeedsYou
	slotAlert // the first of alertRows
	slotNone  = slotAlert + alertRows + iota - 4
	slotSeeAll
	slotClear
	slotClearYes
	slotClearNo
	slotSync
	slotResume
	slotPause
	slotPauseHour
	slotPauseTomorrow
	slotPauseForever
	slotSettings
	slotQuit
	slots
)

// line is what a slot shows.
type line struct {
	text   string
	hidden bool
	grey   bool        // shown, but cannot be clicked
	alert  app.AlertID // what a click on it means, where it means an alert
}

// layout returns the menu for v, indexed by slot.
func layout(v View) [slots]line {
	lines := [slots]line{
		slotHead:          {text: head(v), grey: true},
		slotBanner:        {text: plain(v.Banner, headWidth), hidden: v.Banner == ""},
		slotNeedsYou:      {text: plain(v.NeedsYou, headWidth), hidden: v.NeedsYou == ""},
		slotNone:          {text: "No alerts", grey: true, hidden: len(v.Alerts) > 0},
		slotSeeAll:        {text: "See all alerts"},
		slotClear:         {text: "Clear all alerts", grey: len(v.Alerts) == 0},
		slotClearYes:      {text: "Clear " + counted(v.Count), alert: newest(v.Alerts)},
		slotClearNo:       {text: "Keep them"},
		slotSync:          {text: "Sync now"},
		slotResume:        {text: "Resume notifications", hidden: !v.Paused},
		slotPause:         {text: "Pause notifications"},
		slotPauseHour:     {text: "For 1 hour"},
		slotPauseTomorrow: {text: "Until tomorrow"},
		slotPauseForever:  {text: "Until resumed"},
		slotSettings:      {text: "Settings"},
		slotQuit:          {text: "Quit"},
	}
	if v.Paused && v.PausedText != "" {
		lines[slotResume].text = "Resume notifications (paused " + plain(v.PausedText, sourceWidth) + ")"
	}
	for i := range alertRows {
		row := &lines[slotAlert+slot(i)]
		if i >= len(v.Alerts) {
			row.hidden = true
			continue
		}
		row.text, row.alert = alertText(v.Alerts[i]), v.Alerts[i].ID
	}
	return lines
}

// head returns the first line of the menu and the tooltip.
func head(v View) string {
	text := plain(v.Tooltip, headWidth)
	if text == "" {
		text = Name
	}
	if v.Demo && !strings.Contains(text, "Demo") {
		text = "Demo · " + text
	}
	return text
}

// alertText returns an alert in one line: "title · source, age".
func alertText(it Item) string {
	text := plain(it.Title, titleWidth)
	if text == "" {
		text = "(no title)"
	}
	source, age := plain(it.Source, sourceWidth), plain(it.Age, sourceWidth)
	if source != "" && age != "" {
		source += ", "
	}
	if tail := source + age; tail != "" {
		text += " · " + tail
	}
	return text
}

// newest returns the highest id; ids ascend in the order of arrival.
func newest(items []Item) app.AlertID {
	var id app.AlertID
	for _, it := range items {
		id = max(id, it.ID)
	}
	return id
}

// counted returns "1 alert" or "42 alerts".
func counted(n int) string {
	if n == 1 {
		return "1 alert"
	}
	return fmt.Sprintf("%s alerts", strconv.Itoa(n))
}
