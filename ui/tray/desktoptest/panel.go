package desktoptest

import (
	"image"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
	itemName    = "org.kde.StatusNotifierItem"
	menuName    = "com.canonical.dbusmenu"
)

// Panel is a desktop's panel: the watcher with which icons register, and a
// host that shows them.
type Panel struct {
	conn       *dbus.Conn
	registered chan registration
}

type registration struct {
	bus  string
	path dbus.ObjectPath
}

// Panel starts a panel. Where hosted is false, there is a watcher but nothing
// that shows icons.
func (b *Bus) Panel(tb testing.TB, hosted bool) *Panel {
	tb.Helper()
	p := &Panel{conn: b.Connect(tb), registered: make(chan registration, 16)}
	if err := p.conn.Export((*watcher)(p), watcherPath, watcherName); err != nil {
		tb.Fatal(err)
	}
	if _, err := prop.Export(p.conn, watcherPath, prop.Map{watcherName: {
		"IsStatusNotifierHostRegistered": {Value: hosted, Emit: prop.EmitTrue},
		"RegisteredStatusNotifierItems":  {Value: []string{}, Emit: prop.EmitTrue},
		"ProtocolVersion":                {Value: int32(0), Emit: prop.EmitTrue},
	}}); err != nil {
		tb.Fatal(err)
	}
	own(tb, p.conn, watcherName)
	return p
}

// Quit ends the panel, as when it crashes or is restarted.
func (p *Panel) Quit() { _ = p.conn.Close() }

// watcher keeps the D-Bus methods off the panel's own.
type watcher Panel

// RegisterStatusNotifierItem takes an icon: by its bus name, or by its path on
// the sender's connection.
func (w *watcher) RegisterStatusNotifierItem(sender dbus.Sender, service string) *dbus.Error {
	r := registration{service, "/StatusNotifierItem"}
	if strings.HasPrefix(service, "/") {
		r = registration{string(sender), dbus.ObjectPath(service)}
	}
	w.registered <- r
	return nil
}

// RegisterStatusNotifierHost takes a host.
func (w *watcher) RegisterStatusNotifierHost(string) *dbus.Error { return nil }

// Icon is a tray icon as a panel sees it.
type Icon struct {
	conn *dbus.Conn
	bus  string
	item dbus.BusObject
	menu dbus.BusObject
}

// Icon waits until an icon registers.
func (p *Panel) Icon(tb testing.TB) *Icon {
	tb.Helper()
	r := Receive(tb, p.registered, "an icon to register")
	i := &Icon{conn: p.conn, bus: r.bus, item: p.conn.Object(r.bus, r.path)}
	i.menu = p.conn.Object(r.bus, Property[dbus.ObjectPath](tb, i, "Menu"))
	// The first answer after a new menu is cut to one level on purpose.
	i.Menu(tb)
	return i
}

// Property reads a property of the icon.
func Property[T any](tb testing.TB, i *Icon, name string) T {
	tb.Helper()
	v, err := i.item.GetProperty(itemName + "." + name)
	if err != nil {
		tb.Fatalf("read the icon's %s: %v", name, err)
	}
	var value T
	if err := v.Store(&value); err != nil {
		tb.Fatalf("read the icon's %s: %v", name, err)
	}
	return value
}

// Tooltip is the icon's tooltip.
func (i *Icon) Tooltip(tb testing.TB) string {
	tb.Helper()
	return Property[struct {
		Name  string
		Icons []pixmap
		Title string
		Text  string
	}](tb, i, "ToolTip").Title
}

type pixmap struct {
	Width, Height int32
	Pixels        []byte // ARGB
}

// Picture is the icon as it was sent.
func (i *Icon) Picture(tb testing.TB) *image.NRGBA {
	tb.Helper()
	sent := Property[[]pixmap](tb, i, "IconPixmap")
	if len(sent) != 1 {
		tb.Fatalf("the icon has %d pictures", len(sent))
	}
	p := sent[0]
	m := image.NewNRGBA(image.Rect(0, 0, int(p.Width), int(p.Height)))
	for o := 0; o < len(p.Pixels); o += 4 {
		copy(m.Pix[o:], []byte{p.Pixels[o+1], p.Pixels[o+2], p.Pixels[o+3], p.Pixels[o]})
	}
	return m
}

// Tap is a left click on the icon.
func (i *Icon) Tap(tb testing.TB) {
	tb.Helper()
	if err := i.item.Call(itemName+".Activate", 0, int32(0), int32(0)).Err; err != nil {
		tb.Fatal("click the icon: ", err)
	}
}

// Disturb sends the icon's connection a signal that it did not ask for and that
// carries no arguments.
func (i *Icon) Disturb(tb testing.TB) {
	tb.Helper()
	call := i.conn.Send(&dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldPath:        dbus.MakeVariant(dbus.ObjectPath("/")),
		dbus.FieldInterface:   dbus.MakeVariant("org.example.Noise"),
		dbus.FieldMember:      dbus.MakeVariant("Noise"),
		dbus.FieldDestination: dbus.MakeVariant(i.bus),
	}}, nil)
	if call.Err != nil {
		tb.Fatal(call.Err)
	}
}

// Line is a line of the icon's menu.
type Line struct {
	ID    int32
	Label string // as a user reads it: access key signs resolved
	Grey  bool
	Sub   []Line
}

type layout struct {
	ID       int32
	Props    map[string]dbus.Variant
	Children []dbus.Variant
}

// Menu reads the menu's visible lines, separators left out.
func (i *Icon) Menu(tb testing.TB) []Line {
	tb.Helper()
	var revision uint32
	var root layout
	if err := i.menu.Call(menuName+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root); err != nil {
		tb.Fatal("read the menu: ", err)
	}
	return visible(tb, root)
}

func visible(tb testing.TB, parent layout) []Line {
	tb.Helper()
	var lines []Line
	for _, c := range parent.Children {
		var l layout
		if err := c.Store(&l); err != nil {
			tb.Fatal("read the menu: ", err)
		}
		if shown, ok := l.Props["visible"].Value().(bool); ok && !shown {
			continue
		}
		if kind, _ := l.Props["type"].Value().(string); kind == "separator" {
			continue
		}
		text, _ := l.Props["label"].Value().(string)
		able, _ := l.Props["enabled"].Value().(bool)
		lines = append(lines, Line{ID: l.ID, Label: read(text), Grey: !able, Sub: visible(tb, l)})
	}
	return lines
}

// read resolves access keys as the dbusmenu protocol says: "__" is "_", a
// single "_" is not shown.
func read(label string) string {
	parts := strings.Split(label, "__")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(p, "_", "")
	}
	return strings.Join(parts, "_")
}

// Labels is the menu as text: one line each, those of submenus indented,
// those that cannot be clicked in brackets.
func (i *Icon) Labels(tb testing.TB) []string {
	tb.Helper()
	return labels(i.Menu(tb), "")
}

func labels(lines []Line, indent string) []string {
	var texts []string
	for _, l := range lines {
		text := l.Label
		if l.Grey {
			text = "[" + text + "]"
		}
		texts = append(texts, indent+text)
		texts = append(texts, labels(l.Sub, indent+"  ")...)
	}
	return texts
}

// Click clicks the line with the label, wherever it stands.
func (i *Icon) Click(tb testing.TB, label string) {
	tb.Helper()
	line, ok := find(i.Menu(tb), label)
	if !ok {
		tb.Fatalf("the menu has no line %q but %q", label, i.Labels(tb))
	}
	i.ClickID(tb, line.ID)
}

// ClickID clicks a line by its id, as a panel does that has not heard of a
// change yet.
func (i *Icon) ClickID(tb testing.TB, id int32) {
	tb.Helper()
	if err := i.menu.Call(menuName+".Event", 0, id, "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err; err != nil {
		tb.Fatal("click the menu: ", err)
	}
}

func find(lines []Line, label string) (Line, bool) {
	for _, l := range lines {
		if l.Label == label {
			return l, true
		}
		if found, ok := find(l.Sub, label); ok {
			return found, true
		}
	}
	return Line{}, false
}
