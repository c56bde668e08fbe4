package email

import "bellhop/app/dispatch"

// Raw returns a message as it goes over the wire.
func Raw(m dispatch.Message) ([]byte, error) {
	c, err := Parse(m.Config)
	if err != nil {
		return nil, err
	}
	to, err := receiver(&m)
	if err != nil {
		return nil, err
	}
	l, err := compose(&m, &c, to)
	if err != nil {
		return nil, err
	}
	return l.raw, nil
}
