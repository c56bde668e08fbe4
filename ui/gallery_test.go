package ui

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"bellhop/app"
)

// TestGallery draws every view as a picture, in light and dark, into the folder
// that BELLHOP_SHOTS names. It is for looking at, not for comparing.
func TestGallery(t *testing.T) {
	dir := os.Getenv("BELLHOP_SHOTS")
	if dir == "" {
		t.Skip("BELLHOP_SHOTS names no folder")
	}
	wide, guide := fyne.NewSize(1200, 760), fyne.NewSize(900, 700)
	for _, theme := range []string{"light", "dark"} {
		for _, x := range []struct {
			name string
			size fyne.Size
			view string
			set  func(*fakeInbox)
			act  func(*world)
		}{
			{name: "alerts", size: wide, act: func(w *world) {
				l := w.ui.list
				l.toggle(100)
				l.toggle(99)
				l.moveTo(99)
				test.MoveMouse(w.ui.Window().Canvas(), fyne.NewPos(500, 420))
			}},
			{name: "undo", size: wide, act: func(w *world) {
				w.ui.undo.offer(app.Removed{Intents: []app.IntentID{1}, Count: 3, UndoUntil: noon.Add(3500 * time.Millisecond)})
			}},
			{name: "history", size: wide, view: ViewHistory, set: func(f *fakeInbox) { withHistory(f) }},
			{name: "search", size: wide, set: func(f *fakeInbox) { withHistory(f) }, act: func(w *world) {
				w.ui.list.search.Focus()
				w.ui.list.search.Type("find")
				w.pass(time.Second)
				w.until("found", func() bool { return w.ui.list.loaded && w.ui.list.words != "" })
			}},
			{name: "settings", size: wide, view: ViewSettings},
			{name: "deliveries", size: wide, view: ViewDeliveries, act: showDeliveries(func(w *world) {
				d := w.ui.deliveries
				d.step(1)
				d.fold(d.current, true)
				w.until("unfolded", func() bool { return d.attempts[d.current] != nil })
			})},
			{name: "deliveries-paused", size: wide, view: ViewDeliveries, act: showDeliveries(func(w *world) {
				w.ui.showHold(true)
				test.MoveMouse(w.ui.Window().Canvas(), fyne.NewPos(700, 420))
			})},
			{name: "deliveries-narrow", size: fyne.NewSize(480, 760), view: ViewDeliveries, act: showDeliveries(func(*world) {})},
			{name: "deliveries-stopped", size: wide, view: ViewDeliveries, set: withStopped, act: showDeliveries(showStopped)},
			{name: "deliveries-stopped-small", size: small, view: ViewDeliveries, set: withStopped, act: showDeliveries(showStopped)},
			{name: "deliveries-none", size: wide, view: ViewDeliveries, set: func(f *fakeInbox) { f.engine.(*fakeEngine).deliveries = nil }, act: showDeliveries(func(*world) {})},
			{name: "deliveries-error", size: wide, view: ViewDeliveries, set: func(f *fakeInbox) {
				f.engine.(*fakeEngine).err = app.NewProblem("damaged", "The database is damaged.", "Run bellhop doctor.", true, nil)
			}, act: func(w *world) {
				w.until("it is told", func() bool { return w.ui.deliveries.fault != nil })
			}},
			{name: "silences", size: wide, view: ViewSilences, act: showSilences(func(w *world) {
				w.ui.silences.step(1)
				w.ui.silences.fold(w.ui.silences.current, true)
				w.until("it is looked at", func() bool { return w.ui.silences.looked })
				test.MoveMouse(w.ui.Window().Canvas(), fyne.NewPos(700, 160))
			})},
			{name: "silences-narrow", size: fyne.NewSize(480, 760), view: ViewSilences, act: showSilences(func(*world) {})},
			{name: "silences-none", size: wide, view: ViewSilences, set: func(f *fakeInbox) { f.engine.(*fakeEngine).silences = nil }, act: showSilences(func(*world) {})},
			{name: "silence-new", size: wide, view: ViewSilences, act: showSilences(showSilenceForm)},
			{name: "silence-new-whole", size: fyne.NewSize(1200, 1250), view: ViewSilences, act: showSilences(showSilenceForm)},
			{name: "silence-new-narrow", size: fyne.NewSize(480, 860), view: ViewSilences, act: showSilences(showSilenceForm)},
			{name: "silence-end", size: wide, view: ViewSilences, act: showSilences(func(w *world) { w.ui.silences.askEnd(5) })},
			{name: "ledger", size: fyne.NewSize(1200, 860), act: showLedger(func(*world) {})},
			{name: "why", size: wide, act: showLedger(func(w *world) {
				w.ui.ledger.askWhy()
				w.until("it is told", func() bool { return w.ui.dialog != nil })
			})},
			{name: "matrix", size: fyne.NewSize(1200, 1300), view: ViewNotifications, act: showRules(func(*world) {})},
			{name: "matrix-scrolled", size: wide, view: ViewNotifications, act: showRules(func(w *world) {
				w.ui.Window().Canvas().Focus(w.ui.rules.matrix)
				w.ui.rules.matrix.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
			})},
			{name: "matrix-narrow", size: fyne.NewSize(480, 760), view: ViewNotifications, act: showRules(func(*world) {})},
			{name: "matrix-product", size: wide, view: ViewNotifications, act: showRules(func(w *world) { w.ui.rules.setScope(app.ScopeProduct) })},
			{name: "matrix-somebody", size: wide, view: ViewNotifications, set: withOthers, act: showRules(func(w *world) {
				test.Tap(w.ui.rules.whose.choice.Button(whoseOther))
				w.until("people are offered", func() bool { return len(w.ui.rules.whose.list.Objects) > 0 })
			})},
			{name: "matrix-other", size: wide, view: ViewNotifications, set: withOthers, act: showRules(func(w *world) {
				w.ui.rules.whose.pick(22)
				w.until("they are shown", func() bool { return w.ui.rules.known && w.ui.rules.data.Of.ID == 22 })
				w.ui.rules.offerEvery()
			})},
			{name: "matrix-twice", size: wide, view: ViewNotifications, act: showRules(func(w *world) { w.press(app.ColumnScanAdded, app.ChannelMail) })},
			{name: "extras", size: fyne.NewSize(1200, 900), view: ViewNotifications, set: withWishes, act: showRules(func(w *world) {
				w.ui.rules.scroll.ScrollToBottom()
			})},
			{name: "extras-narrow", size: fyne.NewSize(480, 860), view: ViewNotifications, set: withWishes, act: showRules(func(w *world) {
				w.ui.rules.scroll.ScrollToBottom()
			})},
			{name: "extras-condition", size: fyne.NewSize(1200, 1150), view: ViewNotifications, set: withWishes, act: showRules(func(w *world) {
				c := w.ui.rules.wish.Only[0]
				w.ui.rules.extras.editCondition(&c)
				w.ui.rules.scroll.ScrollToBottom()
				w.pass(drawTime)
			})},
			{name: "extras-condition-narrow", size: fyne.NewSize(480, 1400), view: ViewNotifications, set: withWishes, act: showRules(func(w *world) {
				w.ui.rules.extras.editCondition(nil)
				f := w.ui.rules.extras.form()
				cond := f.form.(*conditionForm)
				test.Tap(cond.every.Button(someEvents))
				cond.products.add("Nowhere")
				cond.products.field.Type("o")
				f.submit()
				w.ui.rules.scroll.ScrollToBottom()
			})},
			{name: "extras-quiet", size: fyne.NewSize(1200, 1000), view: ViewNotifications, set: withWishes, act: showRules(func(w *world) {
				w.ui.rules.extras.editQuiet(nil)
				f := w.ui.rules.extras.form()
				w.ui.rules.scroll.ScrollToBottom()
				f.form.(*quietForm).to.Type("!")
				f.submit()
				w.ui.rules.scroll.ScrollToBottom()
			})},
			{name: "extras-quiet-small", size: small, view: ViewNotifications, set: withWishes, act: showRules(func(w *world) {
				q := w.ui.rules.wish.Quiet[0]
				w.ui.rules.extras.editQuiet(&q)
				f := w.ui.rules.extras.form().form.(*quietForm)
				test.Tap(f.critical)
				w.pass(drawTime)
				w.ui.Window().Canvas().Focus(f.critical)
				w.pass(drawTime)
			})},
			{name: "extras-quiet-listed", size: fyne.NewSize(480, 640), view: ViewNotifications, set: func(f *fakeInbox) {
				withWishes(f)
				if e, ok := f.engine.(*fakeEngine); ok {
					e.rules.Local[1].Extra.Quiet[0].CriticalPasses = true
				}
			}, act: showRules(func(w *world) { w.ui.rules.scroll.ScrollToBottom() })},
			{name: "guide", size: guide, view: ViewConnect, act: func(w *world) {
				g := w.ui.guide
				g.server.SetText("https://dojo.example.com/")
				g.praise(app.Probe{DefectDojo: true, TLSUntil: noon.AddDate(0, 6, 0)})
				g.username.SetText("maria")
				g.password.SetText("12345678")
				g.blame(g.secretFault, g.password, app.NewProblem("password_refused", "The server refused this name and password.", "Bellhop will not try again by itself: repeated tries can lock an account.", true, nil))
				g.relay()
			}},
			{name: "session", size: guide, view: ViewConnect, act: func(w *world) {
				w.ui.guide.signIn.Set(string(app.SignInSession))
				w.ui.guide.showWay()
				w.ui.guide.advanced.setOpen(true)
			}},
			{name: "narrow", size: fyne.NewSize(480, 640)},
			{name: "middle", size: fyne.NewSize(800, 640), act: func(w *world) { w.ui.shell.openDetail() }},
			{name: "empty", size: wide, set: func(f *fakeInbox) { f.alerts = nil }},
			{name: "offline", size: wide, set: func(f *fakeInbox) {
				f.states[1] = app.SyncState{Account: 1, Phase: app.PhaseOffline, Since: noon.Add(-168 * time.Minute), LastSync: noon.Add(-3 * time.Hour)}
				f.alerts[1].Failure = &app.Failure{Reason: "The server refused to remove it (403).", At: noon.Add(-time.Minute)}
			}},
			{name: "needsyou", size: wide, set: func(f *fakeInbox) {
				f.accounts[0].Insecure = true
				f.states[1] = app.SyncState{Account: 1, Phase: app.PhaseNeedsYou, Problem: app.NewProblem("password_refused", "The server refuses the stored password.", "Sign in again.", true, nil)}
			}},
			{name: "waiting", size: wide, act: func(w *world) {
				test.MoveMouse(w.ui.Window().Canvas(), fyne.NewPos(500, 420))
				for i := range 3 {
					w.inbox.arrive(app.Alert{ID: app.AlertID(101 + i), Account: 1, Title: "new", Created: noon, New: true})
				}
				w.inbox.update([]app.AlertID{97}, func(a *app.Alert) { a.Removal = &app.Removal{Why: app.WhyElsewhere, At: noon} })
				w.ui.Hint(app.Hints{app.TopicAlerts: true})
				w.until("they wait", func() bool { return w.ui.list.waiting == 3 })
			}},
			{name: "loading", size: wide, act: func(w *world) {
				w.ui.list.feed = feed{}
				w.ui.list.loaded = false
				w.ui.list.lay()
				w.ui.list.showState()
			}},
			{name: "done", size: guide, view: ViewConnect, act: func(w *world) { w.ui.guide.finish(w.inbox.accounts[0]) }},
			{name: "confirm", size: wide, act: func(w *world) { w.ui.list.askClear() }},
			{name: "help", size: wide, act: func(w *world) { w.ui.help() }},
		} {
			t.Run(x.name+"-"+theme, func(t *testing.T) {
				in := withEngine(canned(), cannedEngine())
				if x.set != nil {
					x.set(in)
				}
				in.settings = map[string]string{app.SettingTheme: theme}
				w := newWorld(t, x.size, x.view, in, running())
				w.until("loaded", func() bool { return w.ui.known })
				if x.view == "" || x.view == ViewHistory {
					w.ready()
				}
				w.until("dressed", func() bool { return fyne.CurrentApp().Settings().Theme() == NewTheme(theme) })
				if x.act != nil {
					x.act(w)
				}
				w.drain()
				if c, ok := w.ui.Window().Canvas().(software.WindowlessCanvas); ok && os.Getenv("BELLHOP_SCALE") == "2" {
					c.SetScale(2)
				}
				out, err := os.Create(filepath.Join(dir, x.name+"-"+theme+".png"))
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = out.Close() }()
				if err := png.Encode(out, w.ui.Window().Canvas().Capture()); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

// withStopped has one that failed and one that waits behind what somebody switched off.
func withStopped(f *fakeInbox) {
	e, ok := f.engine.(*fakeEngine)
	if !ok {
		return
	}
	for i := 1; i < 3; i++ {
		d := &e.deliveries[i]
		d.Off, d.Stopped = true, &app.Stop{
			Reason: d.To + " is switched off", Next: "Let it go on with `bellhop channels edit " + d.To + " --on`; what waits is sent then.",
		}
	}
}

// showStopped unfolds what needs somebody.
func showStopped(w *world) {
	d := w.ui.deliveries
	w.rune('4')
	w.until("they are read", func() bool { return d.loaded && d.state == needsYou && len(d.lines) == 2 })
	for range d.lines {
		d.fold(d.current, true)
		w.until("unfolded", func() bool { return d.attempts[d.current] != nil })
		d.step(1)
	}
}

// withOthers lets maria choose for others.
func withOthers(f *fakeInbox) {
	e, ok := f.engine.(*fakeEngine)
	if !ok {
		return
	}
	e.rules.Me.Superuser = true
	for i, name := range []string{"anna", "ben", "chris", "dana", "emil", "fritz", "gerda", "hanna", "ida"} {
		e.people = append(e.people, app.Person{ID: app.PersonID(20 + i), Username: name, FirstName: "Tom", LastName: "Novak", Active: true})
	}
}

// withWishes gives maria some of what DefectDojo does not know.
func withWishes(f *fakeInbox) {
	e, ok := f.engine.(*fakeEngine)
	if !ok {
		return
	}
	e.rules.Local = append(e.rules.Local, app.Preference{Account: 1, Owner: app.OwnerLocal, Scope: app.ScopePersonal, Person: 7, Row: app.DefaultRow(), Version: 4, Extra: wished()})
}

// wished is two conditions and a night's rest.
func wished() app.Extra {
	return app.Extra{
		NotMine: true,
		Only: []app.Condition{
			{Channels: app.ChannelsOf(app.ChannelMail, app.ChannelSlack), Columns: []string{"scan_added"}, Severity: "High", Products: []string{"Shop", "Pay"}},
			{Tags: []string{"pci"}, Text: "prod"},
		},
		Quiet: []app.QuietHours{{Days: []string{"mon", "tue", "wed", "thu", "fri"}, From: "22:00", To: "07:00", Channels: app.ChannelsOf(app.ChannelToast, app.ChannelMail)}},
	}
}

// showRules waits for the switches and goes on.
func showRules(then func(*world)) func(*world) {
	return func(w *world) {
		w.until("the switches are shown", func() bool { return len(w.ui.rules.columns) > 0 })
		then(w)
	}
}

// showDeliveries waits for the deliveries and goes on.
func showDeliveries(then func(*world)) func(*world) {
	return func(w *world) {
		w.until("the deliveries are shown", func() bool { return w.ui.deliveries.loaded })
		then(w)
	}
}

// showSilences waits for the silences and goes on.
func showSilences(then func(*world)) func(*world) {
	return func(w *world) {
		w.until("the silences are shown", func() bool { return w.ui.silences.loaded })
		then(w)
	}
}

// showSilenceForm opens the form and fills in some of it.
func showSilenceForm(w *world) {
	w.ui.silences.openForm()
	f := w.ui.silences.form
	w.until("the products are known", func() bool { return len(f.data.Products) > 0 })
	f.events.add("Scan Added")
	f.products.add("Shop")
	test.Tap(f.severity.Button("Medium"))
	test.Tap(f.channels.Button("mail"))
	test.Tap(f.long.Button(longOther))
	f.until.Type("18 o'clock")
	f.submit()
	w.pass(previewDelay)
	w.until("it is looked at", func() bool { return f.says.Text() != "Looking…" })
}

// showLedger waits for the deliveries of the first alert and goes on.
func showLedger(then func(*world)) func(*world) {
	return func(w *world) {
		w.pass(ledgerDelay)
		w.until("the ledger is shown", func() bool { return len(w.ui.ledger.lines) > 0 })
		then(w)
	}
}
