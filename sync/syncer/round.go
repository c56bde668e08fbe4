package syncer

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// How often what is not looked at in every round is looked at.
const (
	directoryEvery   = 6 * time.Hour
	directoryRetry   = 15 * time.Minute // where lists changed while they were read
	rulesEvery       = time.Hour
	productsEvery    = 15 * time.Minute // a product is heavy for the server
	acceptancesEvery = 30 * time.Minute
	slaEvery         = time.Hour // at the first row it is known whether the server's day is new
	closedFor        = 24 * time.Hour
)

// look is one part of a round.
type look struct {
	name  string
	every time.Duration // 0 = each round
	run   func(ctx context.Context, b *budget) error
}

// round looks at the server once, within its budget.
func (w *Watch) round(ctx context.Context) error {
	b := &budget{left: roundRequests, gap: requestGap}
	defer func() {
		w.mu.Lock()
		w.at.Requests = b.made
		w.mu.Unlock()
	}()
	if err := w.connect(ctx); err != nil {
		return err
	}
	if err := w.remember(ctx); err != nil {
		return err
	}
	if err := w.introduce(ctx, b); err != nil {
		return err
	}
	for _, l := range w.looks() {
		if err := w.tryLook(ctx, l, b); err != nil {
			return err
		}
	}
	return nil
}

// looks returns the parts of a round in order: what is needed to name things,
// what is new, and then the walks through whole lists, each of which begins a
// round in turn so that none waits forever.
func (w *Watch) looks() []look {
	m := w.memory
	list := []look{{"rules", rulesEvery, w.lookRules}}
	sweeps := []look{{"products", productsEvery, w.lookProducts}, {"engagements", 0, w.lookEngagements}}
	if m.products.Products.fresh() || m.engagements.fresh() {
		return append(list, sweeps...) // first of all
	}
	list = append(list, look{"tests", 0, w.lookTests}, look{"copies", 0, w.lookCopies})
	if w.everything() {
		list = append(list,
			look{"findings", 0, w.lookFindings}, look{"notes of findings", 0, w.lookFindingNotes}, look{"imports", 0, w.lookImports},
			look{"reviews", 0, w.lookReviews}, look{"settled findings", 0, w.settleFindings})
	}
	if !w.serverTells() {
		sweeps = append(sweeps, look{"risk acceptances", acceptancesEvery, w.lookAcceptances}, look{"service levels", slaEvery, w.lookSLA})
	}
	if w.everything() {
		sweeps = append(sweeps, look{"notes of tests", notesEvery, w.lookTestNotes})
	}
	sweeps = append(sweeps, look{"led engagements", 0, w.lookLed})
	m.turn++
	for i := range sweeps {
		list = append(list, sweeps[(i+m.turn)%len(sweeps)])
	}
	return list
}

// everything says whether the account has no alerts, so that all events are
// derived.
func (w *Watch) everything() bool { return w.account.SignIn == app.SignInToken }

// serverTells says whether the server's own jobs tell people of service levels
// and risk acceptances: up to 2.x they do, where its administrator wants it,
// and the alerts come with the others.
func (w *Watch) serverTells() bool {
	return !w.everything() && w.memory.Model == app.AccessRoles
}

// tryLook makes one look. A list that the server keeps from this user, or does
// not have, is left alone for a day; one that changed while it was read, or
// that the budget did not reach, has another round. What else goes wrong ends
// the round.
func (w *Watch) tryLook(ctx context.Context, l look, b *budget) error {
	m, now := w.memory, w.now().wall
	if now.Before(m.closed[l.name]) || now.Before(m.due[l.name]) {
		return nil
	}
	err := l.run(ctx, b)
	switch {
	case err == nil:
		if l.every > 0 {
			m.due[l.name] = now.Add(l.every)
		}
	case errors.Is(err, errSpent), errors.Is(err, dojo.ErrListChanged):
	case withheld(err), errors.Is(err, dojo.ErrRefused):
		w.opt.Log.InfoContext(ctx, "a list is not to be had", "account", w.account.ID, "list", l.name)
		m.closed[l.name] = now.Add(closedFor)
	default:
		return err
	}
	return nil
}

// connect makes sure of a connection with the stored session or token.
func (w *Watch) connect(ctx context.Context) error {
	account, err := w.opt.Local.Account(ctx, w.account.ID)
	if err != nil {
		return notSaved("read the account", err)
	}
	if w.remote != nil && !sameWay(account, w.account) {
		w.remote.Close()
		w.remote, w.secret = nil, ""
		w.forget()
	}
	w.account = account
	if w.remote == nil {
		config := configOf(account, Options{UserAgent: w.opt.UserAgent, Now: w.opt.Now})
		config.Limits.PageRows = pageRows
		if w.remote, err = w.opt.Dial(config); err != nil {
			return err
		}
	}
	return w.identify(ctx)
}

// identify takes the secret that is stored now; the Syncer renews sessions.
func (w *Watch) identify(ctx context.Context) error {
	name := SecretCookies
	if w.everything() {
		name = SecretToken
	}
	secret, err := w.opt.Secrets.Get(ctx, w.account.ID, name)
	if errors.Is(err, app.ErrNotFound) {
		if w.everything() {
			return tokenMissing(w.account)
		}
		return dojo.ErrSessionExpired
	}
	if err != nil {
		return secretsProblem(err)
	}
	if secret == w.secret {
		return nil
	}
	if w.everything() {
		w.remote.UseToken(secret)
	} else {
		var session dojo.Session
		if err := json.Unmarshal([]byte(secret), &session); err != nil {
			return dojo.ErrSessionExpired
		}
		w.remote.UseSession(session)
	}
	w.secret = secret
	return nil
}

// introduce learns who the user is and, every few hours, who else there is.
func (w *Watch) introduce(ctx context.Context, b *budget) error {
	m := w.memory
	if m.me.ID == 0 {
		if err := b.spend(ctx); err != nil {
			return err
		}
		me, err := w.remote.User(ctx)
		if err != nil {
			return err
		}
		if w.account.UserID != 0 && w.account.UserID != me.ID {
			return foreignUser(w.account, me.ID)
		}
		m.me = me
	}
	if now := w.now().wall; !within(m.basics.At, now, directoryEvery) && !now.Before(m.due["directory"]) {
		err := w.refreshDirectory(ctx)
		switch {
		case err == nil:
		case withheld(err), errors.Is(err, dojo.ErrListChanged):
			// What was known before is good enough for a while.
			w.opt.Log.InfoContext(ctx, "people were not learned", "account", w.account.ID, "error", err)
			m.due["directory"] = now.Add(directoryRetry)
		default:
			return err
		}
	}
	people, err := w.opt.Local.People(ctx, w.account.ID)
	if err != nil {
		return notSaved("read the people", err)
	}
	m.People = map[int64]string{}
	for _, p := range people {
		if p.RemoteID != 0 && p.Active {
			m.People[p.RemoteID] = p.Username
		}
	}
	m.People[m.me.ID] = m.me.Username
	return nil
}

// refreshDirectory replaces what is known of the people, of what they may see
// and of the settings that the server keeps for them.
func (w *Watch) refreshDirectory(ctx context.Context) error {
	m := w.memory
	d, err := FetchDirectory(ctx, w.remote, w.now().wall)
	if err != nil {
		return err
	}
	if err := w.opt.Local.ReplaceDirectory(ctx, w.account.ID, d); err != nil {
		return notSaved("save the people", err)
	}
	if err := w.refreshPreferences(ctx); err != nil {
		return err
	}
	m.Model = d.Model
	m.basics.At, m.basics.Model = d.At, d.Model
	return w.record(ctx, nil, false, map[string]any{cursorBasics: m.basics})
}

// refreshPreferences replaces the server's own settings by what they are now.
// Where they cannot be read, what was read before stays.
func (w *Watch) refreshPreferences(ctx context.Context) error {
	server, ok := w.remote.(PreferenceServer)
	if !ok {
		return nil
	}
	people, err := w.opt.Local.People(ctx, w.account.ID)
	if err != nil {
		return notSaved("read the people", err)
	}
	rows, err := FetchPreferences(ctx, server, w.account.ID, people)
	switch {
	case err == nil:
		return notSaved("save the server's settings", w.opt.Local.ReplaceServerPreferences(ctx, w.account.ID, rows))
	case withheld(err), errors.Is(err, dojo.ErrTokenHasNoAlerts), errors.Is(err, dojo.ErrMalformed), errors.Is(err, dojo.ErrNotJSON):
		return nil
	default:
		return err
	}
}

// lookRules reads by which rules the server's jobs go, as far as it says.
func (w *Watch) lookRules(ctx context.Context, b *budget) error {
	m := w.memory
	m.basics.Rules, m.basics.RulesKnown = defaultRules, false
	if m.me.Superuser {
		if err := b.spend(ctx); err != nil {
			return err
		}
		settings, err := w.remote.SystemSettings(ctx)
		switch {
		case err == nil:
			m.basics.Rules, m.basics.RulesKnown = rulesOf(settings), true
		case !withheld(err):
			return err
		}
	}
	configs, err := all(ctx, b, w.remote.SLAConfigurations(ctx))
	if err != nil && !withheld(err) {
		return err
	}
	m.configs = nil
	for _, c := range configs {
		if m.configs == nil {
			m.configs = map[int64]slaConfiguration{}
		}
		m.configs[c.ID] = configurationOf(c)
	}
	m.basics.RulesAt = w.now().wall
	return nil
}

// serverNow is the time by the server's clock, and today its date. The zone in
// which it counts days is not told; DefectDojo's own default is UTC.
func (w *Watch) serverNow() time.Time { return w.now().wall.Add(w.remote.Skew()) }
func (w *Watch) today() day           { return dayOf(w.serverNow().UTC()) }

// lookUp reads findings by their ids with all that stands above them.
func (w *Watch) lookUp(ctx context.Context, b *budget, ids []int64) (map[int64]finding, error) {
	known := make(map[int64]finding, len(ids))
	for len(ids) > 0 {
		some := ids[:min(len(ids), pageRows)]
		ids = ids[len(some):]
		for f, err := range paged(ctx, b, pageRows, w.remote.Findings(ctx, dojo.FindingFilter{IDs: some, Related: true})) {
			if err != nil {
				return nil, err
			}
			w.memory.learn(f)
			known[f.ID] = findingOf(f)
		}
	}
	return known, nil
}
