//go:build e2e && linux

package e2e

import (
	"fmt"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
)

const (
	watcher     = "org.kde.StatusNotifierWatcher"
	item        = "org.kde.StatusNotifierItem"
	dbusmenu    = "com.canonical.dbusmenu"
	menuPath    = "/StatusNotifierItem/menu"
	itemPath    = "/StatusNotifierItem"
	watcherPath = "/StatusNotifierWatcher"
)

// icon is the bell's icon as a panel sees it.
type icon struct {
	d   *desktop
	pid int
}

// name is the icon's name on the bus.
func (i icon) name() string { return fmt.Sprintf("%s-%d-1", item, i.pid) }

// registered says whether the panel shows the icon.
func (i icon) registered() bool {
	v, err := i.d.conn.Object(watcher, watcherPath).GetProperty(watcher + ".RegisteredStatusNotifierItems")
	if err != nil {
		return false
	}
	items, _ := v.Value().([]string)
	var owner string
	_ = i.d.conn.BusObject().Call("org.freedesktop.DBus.GetNameOwner", 0, i.name()).Store(&owner)
	return slices.ContainsFunc(items, func(s string) bool {
		return strings.HasPrefix(s, i.name()) || (owner != "" && strings.HasPrefix(s, owner))
	})
}

// tooltip is the icon's tooltip, "" where there is no icon.
func (i icon) tooltip() string {
	v, err := i.d.conn.Object(i.name(), itemPath).GetProperty(item + ".ToolTip")
	if err != nil {
		return ""
	}
	parts, ok := v.Value().([]any)
	if !ok || len(parts) != 4 {
		return ""
	}
	title, _ := parts[2].(string)
	text, _ := parts[3].(string)
	return strings.TrimSpace(title + " " + text)
}

// pixels returns the icon's picture: width, height and ARGB bytes.
func (i icon) pixels() (w, h int32, argb []byte) {
	i.d.t.Helper()
	v, err := i.d.conn.Object(i.name(), itemPath).GetProperty(item + ".IconPixmap")
	if err != nil {
		i.d.t.Fatalf("read the icon: %v", err)
	}
	var maps []struct {
		W, H int32
		Pix  []byte
	}
	if err := v.Store(&maps); err != nil || len(maps) == 0 {
		i.d.t.Fatalf("the icon has no picture: %v", err)
	}
	return maps[0].W, maps[0].H, maps[0].Pix
}

// line is one line of the menu.
type line struct {
	id      int32
	label   string
	hidden  bool
	off     bool
	beneath []line
}

// menu reads the whole menu. The first answer after a change may be shallow,
// so it is asked for twice.
func (i icon) menu() []line {
	i.d.t.Helper()
	var root line
	for range 2 {
		var revision uint32
		var layout struct {
			ID    int32
			Props map[string]dbus.Variant
			Kids  []dbus.Variant
		}
		err := i.d.conn.Object(i.name(), menuPath).Call(dbusmenu+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &layout)
		if err != nil {
			i.d.t.Fatalf("read the menu: %v", err)
		}
		root = line{beneath: lines(layout.Kids)}
	}
	return root.beneath
}

func lines(kids []dbus.Variant) []line {
	var out []line
	for _, kid := range kids {
		parts, ok := kid.Value().([]any)
		if !ok || len(parts) != 3 {
			continue
		}
		l := line{}
		l.id, _ = parts[0].(int32)
		props, _ := parts[1].(map[string]dbus.Variant)
		if v, ok := props["label"].Value().(string); ok {
			l.label = strings.ReplaceAll(v, "__", "_")
		}
		if v, ok := props["visible"].Value().(bool); ok {
			l.hidden = !v
		}
		if v, ok := props["enabled"].Value().(bool); ok {
			l.off = !v
		}
		below, _ := parts[2].([]dbus.Variant)
		l.beneath = lines(below)
		out = append(out, l)
	}
	return out
}

// find returns the first visible line that contains text, at any depth.
func find(ls []line, text string) (line, bool) {
	for _, l := range ls {
		if l.hidden {
			continue
		}
		if strings.Contains(l.label, text) {
			return l, true
		}
		if below, ok := find(l.beneath, text); ok {
			return below, true
		}
	}
	return line{}, false
}

// click clicks the line of the menu that contains text, as a panel does.
func (i icon) click(text string) {
	i.d.t.Helper()
	var l line
	i.d.until("the menu has "+text, func() bool {
		var ok bool
		l, ok = find(i.menu(), text)
		return ok && !l.off
	})
	err := i.d.conn.Object(i.name(), menuPath).Call(dbusmenu+".Event", 0, l.id, "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err
	if err != nil {
		i.d.t.Fatalf("click %q: %v", text, err)
	}
}

// activate clicks the icon itself.
func (i icon) activate() {
	i.d.t.Helper()
	if err := i.d.conn.Object(i.name(), itemPath).Call(item+".Activate", 0, int32(0), int32(0)).Err; err != nil {
		i.d.t.Fatalf("click the icon: %v", err)
	}
}
