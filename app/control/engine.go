package control

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"bellhop/app"
)

// Engine is the part of a bell that decides who is told what.
type Engine interface {
	// Notify records local events; each is one JSON object as package intake
	// reads it. All are recorded or none. Account 0 is the only account of a
	// server, or this machine's where there are several or none.
	Notify(ctx context.Context, account app.AccountID, notices []json.RawMessage) (app.Noticed, error)
	// PutPreference stores a row of Bellhop's own settings, if it has not changed
	// since its Version was read.
	PutPreference(ctx context.Context, p app.Preference) (app.Preference, error)
	// DropPreference takes a row away.
	DropPreference(ctx context.Context, p app.Preference) error
	// ImportPreferences stores rows, all or none.
	ImportPreferences(ctx context.Context, list []app.Preference) error
	// SyncPeople learns the people, access and settings of an account's server.
	SyncPeople(ctx context.Context, account app.AccountID) (app.PeopleNote, error)
	// WritePreferences writes Bellhop's own rows to the account's server, or
	// only says what that would change.
	WritePreferences(ctx context.Context, account app.AccountID, dry bool) ([]app.PreferenceWrite, error)
	// Intake says how webhooks are received, and ChangeIntake changes that.
	Intake(ctx context.Context) (app.Intake, error)
	ChangeIntake(ctx context.Context, c app.IntakeChange) (app.Intake, error)
	// AddSilence begins a silence now and returns it with its id.
	AddSilence(ctx context.Context, s app.Silence) (app.Silence, error)
	// EndSilence ends a silence, and lets go what nothing else holds.
	EndSilence(ctx context.Context, id app.SilenceID) (app.SilenceEnded, error)
}

type (
	notifyBody struct {
		Account app.AccountID     `json:"account"`
		Notices []json.RawMessage `json:"notices"`
	}
	preferencesBody struct {
		Preferences []app.Preference `json:"preferences"`
	}
	accountBody struct {
		Account app.AccountID `json:"account"`
	}
	writeBody struct {
		Account app.AccountID `json:"account"`
		Dry     bool          `json:"dry"`
	}
	writesBody struct {
		Changes []app.PreferenceWrite `json:"changes"`
	}
)

// engineRoutes lists the calls about decisions.
func (s *Server) engineRoutes() {
	s.handle("POST /v1/notify", quick, take(large, func(ctx context.Context, in notifyBody) (any, error) {
		return s.bell.Notify(ctx, in.Account, in.Notices)
	}))
	s.handle("PUT /v1/preferences", quick, take(small, func(ctx context.Context, in app.Preference) (any, error) {
		return s.bell.PutPreference(ctx, in)
	}))
	s.handle("DELETE /v1/preferences", quick, take(small, func(ctx context.Context, in app.Preference) (any, error) {
		return emptyBody{}, s.bell.DropPreference(ctx, in)
	}))
	s.handle("POST /v1/preferences", quick, take(large, func(ctx context.Context, in preferencesBody) (any, error) {
		return emptyBody{}, s.bell.ImportPreferences(ctx, in.Preferences)
	}))
	s.handle("POST /v1/preferences/write", slow, take(small, func(ctx context.Context, in writeBody) (any, error) {
		changes, err := s.bell.WritePreferences(ctx, in.Account, in.Dry)
		if changes == nil {
			changes = []app.PreferenceWrite{}
		}
		return writesBody{changes}, err
	}))
	s.handle("POST /v1/people", slow, take(small, func(ctx context.Context, in accountBody) (any, error) {
		return s.bell.SyncPeople(ctx, in.Account)
	}))
	s.handle("GET /v1/intake", quick, func(_ http.ResponseWriter, r *http.Request) (any, error) { return s.bell.Intake(r.Context()) })
	s.handle("POST /v1/intake", slow, take(small, func(ctx context.Context, in app.IntakeChange) (any, error) {
		return s.bell.ChangeIntake(ctx, in)
	}))
	s.handle("POST /v1/silences", quick, take(small, func(ctx context.Context, in app.Silence) (any, error) {
		return s.bell.AddSilence(ctx, in)
	}))
	s.handle("DELETE /v1/silences/{id}", slow, func(_ http.ResponseWriter, r *http.Request) (any, error) {
		n, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil {
			return nil, app.Invalid("This is no silence.", "List them with `bellhop silence list`.")
		}
		return s.bell.EndSilence(r.Context(), app.SilenceID(n))
	})
}

// Notify is [Engine.Notify].
func (c *Client) Notify(ctx context.Context, account app.AccountID, notices []json.RawMessage) (app.Noticed, error) {
	return call[app.Noticed](ctx, c, http.MethodPost, "/v1/notify", notifyBody{account, notices})
}

// PutPreference is [Engine.PutPreference].
func (c *Client) PutPreference(ctx context.Context, p app.Preference) (app.Preference, error) {
	return call[app.Preference](ctx, c, http.MethodPut, "/v1/preferences", p)
}

// DropPreference is [Engine.DropPreference].
func (c *Client) DropPreference(ctx context.Context, p app.Preference) error {
	_, err := call[emptyBody](ctx, c, http.MethodDelete, "/v1/preferences", p)
	return err
}

// ImportPreferences is [Engine.ImportPreferences].
func (c *Client) ImportPreferences(ctx context.Context, list []app.Preference) error {
	_, err := call[emptyBody](ctx, c, http.MethodPost, "/v1/preferences", preferencesBody{list})
	return err
}

// WritePreferences is [Engine.WritePreferences].
func (c *Client) WritePreferences(ctx context.Context, account app.AccountID, dry bool) ([]app.PreferenceWrite, error) {
	out, err := call[writesBody](ctx, c, http.MethodPost, "/v1/preferences/write", writeBody{account, dry})
	return out.Changes, err
}

// SyncPeople is [Engine.SyncPeople].
func (c *Client) SyncPeople(ctx context.Context, account app.AccountID) (app.PeopleNote, error) {
	return call[app.PeopleNote](ctx, c, http.MethodPost, "/v1/people", accountBody{account})
}

// Intake is [Engine.Intake].
func (c *Client) Intake(ctx context.Context) (app.Intake, error) {
	return call[app.Intake](ctx, c, http.MethodGet, "/v1/intake", nil)
}

// ChangeIntake is [Engine.ChangeIntake].
func (c *Client) ChangeIntake(ctx context.Context, change app.IntakeChange) (app.Intake, error) {
	return call[app.Intake](ctx, c, http.MethodPost, "/v1/intake", change)
}

// AddSilence is [Engine.AddSilence].
func (c *Client) AddSilence(ctx context.Context, s app.Silence) (app.Silence, error) {
	return call[app.Silence](ctx, c, http.MethodPost, "/v1/silences", s)
}

// EndSilence is [Engine.EndSilence].
func (c *Client) EndSilence(ctx context.Context, id app.SilenceID) (app.SilenceEnded, error) {
	return call[app.SilenceEnded](ctx, c, http.MethodDelete, "/v1/silences/"+strconv.FormatInt(int64(id), 10), nil)
}

// Delivery is the part of a bell that sends.
type Delivery interface {
	// PutDestination adds a destination (ID 0) or changes one, and pings a webhook
	// unless noPing. A secret that is
	// not named keeps its value; an empty one is forgotten.
	PutDestination(ctx context.Context, d app.Destination, secrets map[string]string, noPing bool) (app.Placed, error)
	// RemoveDestination forgets a destination and its secrets. What waits for it
	// is dropped.
	RemoveDestination(ctx context.Context, id app.DestinationID) error
	// TestDestination sends a real message and says how it went.
	TestDestination(ctx context.Context, id app.DestinationID) (app.Tested, error)
	// Resend sends deliveries again: those named, or all that are dead. It
	// returns how many.
	Resend(ctx context.Context, ids []app.DeliveryID, dead bool) (int, error)
	// PauseOutbox stops everything but toasts from leaving, and lets it go on.
	PauseOutbox(ctx context.Context, paused bool) error
}

type (
	destinationBody struct {
		Destination app.Destination   `json:"destination"`
		Secrets     map[string]string `json:"secrets"`
		NoPing      bool              `json:"no_ping"`
	}
	resendBody struct {
		IDs  []app.DeliveryID `json:"ids"`
		Dead bool             `json:"dead"`
	}
	resentBody struct {
		Resent int `json:"resent"`
	}
	pausedBody struct {
		Paused bool `json:"paused"`
	}
)

// deliveryRoutes lists the calls about destinations and deliveries.
func (s *Server) deliveryRoutes() {
	s.handle("PUT /v1/destinations", slow, take(small, func(ctx context.Context, in destinationBody) (any, error) {
		return s.bell.PutDestination(ctx, in.Destination, in.Secrets, in.NoPing)
	}))
	id := func(r *http.Request) (app.DestinationID, error) {
		n, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil {
			return 0, app.Invalid("This is no destination.", "List them with `bellhop channels list`.")
		}
		return app.DestinationID(n), nil
	}
	s.handle("DELETE /v1/destinations/{id}", quick, func(_ http.ResponseWriter, r *http.Request) (any, error) {
		n, err := id(r)
		if err != nil {
			return nil, err
		}
		return emptyBody{}, s.bell.RemoveDestination(r.Context(), n)
	})
	s.handle("POST /v1/destinations/{id}/test", slow, func(_ http.ResponseWriter, r *http.Request) (any, error) {
		n, err := id(r)
		if err != nil {
			return nil, err
		}
		return s.bell.TestDestination(r.Context(), n)
	})
	s.handle("POST /v1/resend", quick, take(large, func(ctx context.Context, in resendBody) (any, error) {
		n, err := s.bell.Resend(ctx, in.IDs, in.Dead)
		return resentBody{n}, err
	}))
	s.handle("POST /v1/outbox", quick, take(small, func(ctx context.Context, in pausedBody) (any, error) {
		return emptyBody{}, s.bell.PauseOutbox(ctx, in.Paused)
	}))
}

// PutDestination is [Delivery.PutDestination].
func (c *Client) PutDestination(ctx context.Context, d app.Destination, secrets map[string]string, noPing bool) (app.Placed, error) {
	return call[app.Placed](ctx, c, http.MethodPut, "/v1/destinations", destinationBody{d, secrets, noPing})
}

// RemoveDestination is [Delivery.RemoveDestination].
func (c *Client) RemoveDestination(ctx context.Context, id app.DestinationID) error {
	_, err := call[emptyBody](ctx, c, http.MethodDelete, "/v1/destinations/"+strconv.FormatInt(int64(id), 10), nil)
	return err
}

// TestDestination is [Delivery.TestDestination].
func (c *Client) TestDestination(ctx context.Context, id app.DestinationID) (app.Tested, error) {
	return call[app.Tested](ctx, c, http.MethodPost, "/v1/destinations/"+strconv.FormatInt(int64(id), 10)+"/test", nil)
}

// Resend is [Delivery.Resend].
func (c *Client) Resend(ctx context.Context, ids []app.DeliveryID, dead bool) (int, error) {
	out, err := call[resentBody](ctx, c, http.MethodPost, "/v1/resend", resendBody{ids, dead})
	return out.Resent, err
}

// PauseOutbox is [Delivery.PauseOutbox].
func (c *Client) PauseOutbox(ctx context.Context, paused bool) error {
	_, err := call[emptyBody](ctx, c, http.MethodPost, "/v1/outbox", pausedBody{paused})
	return err
}
