package app

import "errors"

// Problem is a failure as the user meets it: what happened and what to do.
// It never carries a password, a cookie, a token or a URL with a query.
type Problem struct {
	// Code is stable and meant for scripts, for example "password_refused".
	Code string `json:"code"`
	// Message says what happened, in one sentence.
	Message string `json:"message"`
	// Step says what the user can do next, in one sentence.
	Step string `json:"step"`
	// NeedsUser is true where nothing gets better by itself: Bellhop stops
	// trying until the user has acted.
	NeedsUser bool `json:"needs_user"`

	err error
}

// NewProblem returns a problem that wraps err, which may be nil.
func NewProblem(code, message, step string, needsUser bool, err error) *Problem {
	return &Problem{Code: code, Message: message, Step: step, NeedsUser: needsUser, err: err}
}

// Error returns the message and the step.
func (p *Problem) Error() string {
	if p.Step == "" {
		return p.Message
	}
	return p.Message + " " + p.Step
}

// Unwrap returns the cause, or nil.
func (p *Problem) Unwrap() error { return p.err }

// Invalid returns a problem for input that cannot be used; it matches
// [ErrInvalid].
func Invalid(message, step string) *Problem {
	return NewProblem("invalid", message, step, true, ErrInvalid)
}

// AsProblem returns err as the user should meet it. An error that is no
// [Problem] becomes one with the code "unexpected".
func AsProblem(err error) *Problem {
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	return NewProblem("unexpected", err.Error(), "Run `bellhop doctor` for more.", false, err)
}
