package program

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"bellhop/app"
	"bellhop/ui/tray"
)

// faceOf returns what the tray shows for a status and its newest alerts. It is
// a function of its input alone. The number is the number of alerts in the
// list; everything else decides the face only.
func faceOf(s app.Status, newest []app.Alert, now time.Time) tray.View {
	v := tray.View{Count: s.Count, Demo: s.Demo, Paused: s.Paused(now), Face: tray.FaceIdle}
	var offline, needsYou bool
	var lines []string
	for _, a := range s.Accounts {
		switch a.Phase {
		case app.PhaseOffline:
			offline = true
			lines = append(lines, a.Host()+": offline since "+clock(a.Since, now))
		case app.PhaseNeedsYou:
			needsYou = true
			lines = append(lines, a.Host()+": needs you")
			if a.Problem != nil && v.NeedsYou == "" {
				v.NeedsYou = a.Problem.Message
			}
		case app.PhaseOK:
			lines = append(lines, a.Host()+": synced "+clock(a.LastSync, now))
		case app.PhaseNew:
			lines = append(lines, a.Host()+": not synced yet")
		}
	}
	switch {
	case needsYou:
		v.Face = tray.FaceNeedsYou
	case offline:
		v.Face = tray.FaceOffline
	case v.Paused:
		v.Face = tray.FaceQuiet
	case s.New > 0:
		v.Face = tray.FaceNew
	case s.Count > 0:
		v.Face = tray.FaceSeen
	}
	title := plural(s.Count, "alert", "alerts")
	switch {
	case len(s.Accounts) == 0:
		title = "no server connected"
		v.Banner = "Connect your DefectDojo…"
	case s.Demo:
		v.Banner = "Demo · connect your own server…"
	}
	name := "Bellhop"
	if s.Demo {
		name = "Bellhop (Demo)"
	}
	v.Tooltip = strings.Join(append([]string{name + ": " + title}, lines...), " · ")
	if s.Count > 0 {
		v.Title = strconv.Itoa(s.Count)
	}
	if v.Paused {
		v.PausedText = "until " + clock(s.PausedUntil, now)
		if !s.PausedUntil.Before(app.PauseForever) {
			v.PausedText = "until you resume them"
		}
	}
	for _, a := range newest {
		v.Alerts = append(v.Alerts, tray.Item{ID: a.ID, Title: a.Title, Source: a.Source, Age: age(now.Sub(a.Created))})
	}
	return v
}

// clock writes a time of day, with the day where it is not today's. It is
// absolute on purpose: a text that ages would have to be redrawn.
func clock(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	t = t.In(now.Location())
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("Jan 2, 15:04")
}

// age writes how old something is, coarsely; clocks that disagree make nothing
// younger than "now".
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d d", int(d.Hours()/24))
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
