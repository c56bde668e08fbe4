package webhook

import "bellhop/app/dispatch"

// Encode returns the body of a message.
func Encode(m *dispatch.Message) ([]byte, error) {
	_, body, err := encode(nil, m, nil)
	return body, err
}

// AppendObject is the encoder.
var AppendObject = appendObject
