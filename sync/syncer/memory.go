package syncer

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// The names of a Watch's cursors.
const (
	cursorBasics      = "watch/basics"
	cursorProducts    = "watch/products"
	cursorEngagements = "watch/engagements"
	cursorAcceptances = "watch/acceptances"
	cursorSLA         = "watch/sla"
	cursorFindings    = "watch/findings"
	cursorImports     = "watch/imports"
	cursorTests       = "watch/tests"
	cursorCopies      = "watch/copies"
	cursorNotes       = "watch/notes"
	cursorLed         = "watch/led/" // and the engagement's id
)

// mostTests bounds what is remembered by name alone, and mostTold the keys of
// events that are known to be stored; beyond, each begins anew.
const (
	mostTests = 20_000
	mostTold  = 50_000
)

// memory is what a Watch knows of its server. What has to outlive it is in the
// store's cursors.
type memory struct {
	atlas
	me      dojo.User
	basics  basics
	configs map[int64]slaConfiguration // nil where they may not be read
	told    map[string]bool            // keys of events that are stored
	closed  map[string]time.Time       // looks that the server refuses, until when
	due     map[string]time.Time       // when a look that is not made each round is due
	turn    int                        // which sweep begins the round

	products    productState
	engagements snapshot[engagement]
	acceptances snapshot[acceptance]
	sla         slaState
	findings    findingState
	imports     importState
	tests       feed
	copies      copyState
	notes       noteState
	ledTurn     int

	walk struct {
		products    *sweep[dojo.Product]
		productRows map[int64]product
		typeRows    map[int64]productType
		engagements *sweep[dojo.Engagement]
		engaged     map[int64]engagement
		engagedHits map[int64][]dojo.Note
		tests       *sweep[dojo.Test]
		testNotes   map[int64][]dojo.Note
		noted       *sweep[dojo.Finding]
		notedHits   map[int64][]dojo.Note
		notedTo     int64
		acceptances *sweep[dojo.RiskAcceptance]
		accepted    map[int64]acceptance
		sla         *sweep[dojo.Finding]
		slaDue      []int64
		slaHits     []slaHit
		slaDay      day
	}
	missing map[int64]bool // engagements that the last complete list did not have
}

// basics is what is asked for rarely.
type basics struct {
	At         time.Time       `json:"at"` // of the directory
	Model      app.AccessModel `json:"model"`
	RulesAt    time.Time       `json:"rules_at"`
	Rules      rules           `json:"rules"`
	RulesKnown bool            `json:"rules_known"` // the server told them
}

// snapshot is a complete list as it was last seen.
type snapshot[T any] struct {
	Began int64       `json:"began"` // when its reading began, by the server's clock; 0 = never
	Rows  map[int64]T `json:"rows"`
}

// fresh says whether there was none before: then all is history.
func (s snapshot[T]) fresh() bool { return s.Began == 0 }

// since says whether something that was created then may have been missing from
// the snapshot although the list was complete. What is older and was not in it
// could not be seen before.
func (s snapshot[T]) since(created time.Time) bool {
	return created.UnixMilli() >= s.Began-feedSlack.Milliseconds()
}

// remember loads what the last run stored.
func (w *Watch) remember(ctx context.Context) error {
	if w.memory != nil {
		return nil
	}
	m := &memory{
		told: map[string]bool{}, closed: map[string]time.Time{}, due: map[string]time.Time{},
		missing: map[int64]bool{},
	}
	m.atlas = atlas{Account: w.account.ID, Model: app.AccessRoles, Tests: map[int64]test{}, People: map[int64]string{}}
	m.basics.Rules = defaultRules
	for name, into := range map[string]any{
		cursorBasics: &m.basics, cursorProducts: &m.products, cursorEngagements: &m.engagements,
		cursorAcceptances: &m.acceptances, cursorSLA: &m.sla, cursorFindings: &m.findings, cursorImports: &m.imports, cursorTests: &m.tests,
		cursorCopies: &m.copies, cursorNotes: &m.notes,
	} {
		if err := w.load(ctx, name, into); err != nil {
			return err
		}
	}
	if m.basics.Model != "" {
		m.Model = m.basics.Model
	}
	m.Types, m.Products = m.products.Types, m.products.Products.Rows
	m.lay(m.engagements.Rows)
	w.memory = m
	return nil
}

// lay makes engagements the ones that the atlas knows.
func (m *memory) lay(engagements map[int64]engagement) {
	m.Engagements = engagements
	if m.Engagements == nil {
		m.Engagements = map[int64]engagement{}
	}
	m.Holders = map[int64]int64{}
	for _, e := range m.Engagements {
		for _, id := range e.Acceptances {
			if held, ok := m.Holders[id]; !ok || e.ID < held {
				m.Holders[id] = e.ID
			}
		}
	}
}

// learn takes the names above a finding from the finding itself.
func (m *memory) learn(f dojo.Finding) {
	if f.Test == 0 || f.Engagement == 0 {
		return
	}
	if len(m.Tests) >= mostTests {
		m.Tests = map[int64]test{}
	}
	if m.Heard.types == nil || len(m.Heard.engagements) >= mostTests {
		m.Heard = heard{map[int64]productType{}, map[int64]product{}, map[int64]engagement{}}
	}
	m.Tests[f.Test] = test{ID: f.Test, Engagement: f.Engagement, Title: f.TestTitle, Type: f.TestTypeName}
	m.Heard.engagements[f.Engagement] = engagement{ID: f.Engagement, Name: f.EngagementName, Product: f.Product}
	m.Heard.products[f.Product] = product{ID: f.Product, Name: f.ProductName, Type: f.ProductType}
	m.Heard.types[f.ProductType] = productType{ID: f.ProductType, Name: f.ProductTypeName}
}

// forget ends the walks and drops the memory.
func (w *Watch) forget() {
	if w.memory == nil {
		return
	}
	walk := &w.memory.walk
	if walk.products != nil {
		walk.products.end()
	}
	if walk.engagements != nil {
		walk.engagements.end()
	}
	if walk.acceptances != nil {
		walk.acceptances.end()
	}
	if walk.sla != nil {
		walk.sla.end()
	}
	if walk.tests != nil {
		walk.tests.end()
	}
	if walk.noted != nil {
		walk.noted.end()
	}
	w.memory = nil
}

// record stores events that are not known to be stored, with the cursors of
// what they were derived from. history marks events of before the first look.
// Times that a server tells are brought to our clock.
func (w *Watch) record(ctx context.Context, events []app.Event, history bool, cursors map[string]any) error {
	now, skew := w.now().wall, w.remote.Skew()
	var news []app.Event
	for _, e := range events {
		if w.memory.told[e.Key] {
			continue
		}
		e.History = history
		e.At = e.At.Add(-skew)
		if e.At.After(now) {
			e.At = now
		}
		news = append(news, e)
	}
	keyed := make(map[string][]byte, len(cursors))
	for name, value := range cursors {
		data, err := pack(value)
		if err != nil {
			return err
		}
		keyed[fmt.Sprintf("%d/%s", w.account.ID, name)] = data
	}
	if len(news) == 0 && len(keyed) == 0 {
		return nil
	}
	if _, err := w.opt.Local.RecordEvents(ctx, news, keyed); err != nil {
		return notSaved("record what the objects tell", err)
	}
	if len(w.memory.told)+len(news) > mostTold {
		clear(w.memory.told)
	}
	for _, e := range news {
		w.memory.told[e.Key] = true
	}
	return nil
}

// load reads a cursor; one that is not there or cannot be read leaves what it
// is for as it is, which is how a first look begins.
func (w *Watch) load(ctx context.Context, name string, into any) error {
	data, err := w.opt.Local.Cursor(ctx, w.account.ID, name)
	if err != nil {
		return notSaved("read how far the objects were read", err)
	}
	if len(data) == 0 {
		return nil
	}
	if err := unpack(data, into); err != nil {
		w.opt.Log.WarnContext(ctx, "a cursor is damaged and begins anew", "account", w.account.ID, "cursor", name)
	}
	return nil
}

// pack writes a cursor: JSON, deflated, because a server may have many objects.
func pack(value any) ([]byte, error) {
	var out bytes.Buffer
	z, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(z).Encode(value); err != nil {
		return nil, fmt.Errorf("write a cursor: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// mostUnpacked bounds what a cursor may grow to: a million engagements.
const mostUnpacked = 512 << 20

func unpack(data []byte, into any) error {
	return json.NewDecoder(io.LimitReader(flate.NewReader(bytes.NewReader(data)), mostUnpacked)).Decode(into)
}
