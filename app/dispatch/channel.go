package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bellhop/app"
)

// Message is one delivery as a channel gets it: who is told what, and where.
type Message struct {
	// ID is the delivery's id: 26 characters of letters and digits, the same
	// in every attempt. Receivers collapse on it where they can (webhook-id,
	// Message-ID).
	ID string
	// Attempt counts from 1.
	Attempt int
	// At is when the delivery was decided.
	At time.Time
	// Events are what happened: one, or several in a digest, the most severe
	// first.
	Events []app.Event
	// To is the person; its zero value is a shared place.
	To          app.Person
	Destination app.Destination
	// Config is what the channel as a whole is set to; its form is the
	// channel's own, and it may be shared. Secrets are the secrets of channel and
	// destination by name. No error, receipt or log line may carry any of them.
	Config  map[string]string
	Secrets map[string]string
	// Team and Site are DefectDojo's team name and base URL. Version is the
	// server's, whose wording is used; "" = the newest that is known.
	Team, Site, Version string
	// Held says that quiet hours or a silence kept the events until now.
	Held bool
	// Edit is the Ref of an earlier receipt whose message this one replaces,
	// where the channel can; empty = a new message.
	Edit string
}

// Receipt is what the other side said to a message it took.
type Receipt struct {
	Status int    // of HTTP or SMTP, 0 where there is none
	Answer string // redacted, at most 1,000 characters
	Ref    string // by which the message can be edited later; "" where it cannot
}

// Channel delivers messages of one kind. Send returns nil only where the other
// side took the message. It obeys ctx, keeps no state that a restart would miss
// and may be called by many goroutines.
type Channel interface {
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Failure is why a message was not taken. Another attempt follows unless Final.
type Failure struct {
	// Code is stable and meant for scripts and the ledger, for example
	// "rate_limited", "refused", "channel_not_found".
	Code string
	// Status is of HTTP or SMTP, 0 where there was no answer.
	Status int
	// Answer is what the other side said: redacted, at most 1,000 characters.
	Answer string
	// Final is true where another attempt cannot succeed until someone acts.
	Final bool
	// Alone is true where only this message failed and the next one of the
	// lane may do better; else the whole lane waits.
	Alone bool
	// Disable is true where the destination itself is gone for good (HTTP 410,
	// a retired address).
	Disable bool
	// After is how long the other side asked us to wait, 0 where it did not.
	After time.Duration
	// Next tells the user what to do, in one or two sentences.
	Next string
	Err  error
}

// Error says what failed without the answer, which the ledger shows apart.
func (f *Failure) Error() string {
	if f.Err != nil {
		return fmt.Sprintf("%s: %v", f.Code, f.Err)
	}
	if f.Status != 0 {
		return fmt.Sprintf("%s: status %d", f.Code, f.Status)
	}
	return f.Code
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// FailureOf returns the failure in err's chain; an error of another type is one
// that may pass, with the code "failed".
func FailureOf(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	return &Failure{Code: "failed", Err: err}
}
