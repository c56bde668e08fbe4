package app

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
}
