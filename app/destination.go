package app

import "time"

// DestinationID names a destination in this database.
type DestinationID int64

// Destination is a place to which a channel delivers. What is secret about it
// (an URL that is a password, a token, a header's value) is not part of it but
// kept in the keyring under its id.
type Destination struct {
	ID      DestinationID `json:"id"`
	Account AccountID     `json:"account,omitempty"`
	Channel Channel       `json:"channel"`
	Name    string        `json:"name"`
	// Person owns the destination; 0 = shared by everybody (DefectDojo's
	// system-wide destinations).
	Person PersonID `json:"person,omitempty"`
	// Product narrows a shared destination to one product (the server's id),
	// instead of the ones that serve all products; 0 = every product.
	Product int64 `json:"product,omitempty"`
	// Address is what may be shown: a mail address, a Slack channel, the host
	// of a workflow, a webhook's URL without its query.
	Address string `json:"address"`
	Off     bool   `json:"off,omitempty"`
	// Config is what its channel wants to know, by the channel's own keys.
	Config map[string]string `json:"config,omitempty"`
	// State is whether it works, in DefectDojo's words for webhooks: "" or
	// active, active_tmp, inactive_tmp, inactive_permanent. The rest is what
	// that follows from.
	State      string    `json:"state,omitempty"`
	FirstError time.Time `json:"first_error,omitzero"`
	LastError  time.Time `json:"last_error,omitzero"`
	Warned     time.Time `json:"warned,omitzero"` // when the owner was told of the trouble
	Note       string    `json:"note,omitempty"`
}

// Placed is a destination that was added or changed.
type Placed struct {
	Destination
	// Ping is how the ping went that a webhook gets when it is saved; nil where
	// none was sent.
	Ping *Tested `json:"ping,omitempty"`
}
