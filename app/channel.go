package app

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"
)

// Channel is a way in which a person or a shared place is told. All but toast and
// services are DefectDojo's and have its names.
type Channel uint8

// The channels in the order in which they are shown and tried.
const (
	ChannelAlert Channel = iota
	ChannelToast
	ChannelMail
	ChannelSlack
	ChannelTeams
	ChannelWebhooks
	// ChannelServices is what further services are reached through (ntfy, Matrix,
	// Telegram and others); no server knows it.
	ChannelServices

	// NumChannels is how many channels there are.
	NumChannels = iota
)

var channels = [NumChannels]string{"alert", "toast", "mail", "slack", "msteams", "webhooks", "services"}

// String returns the channel's name, DefectDojo's where it has one.
func (c Channel) String() string {
	if int(c) < NumChannels {
		return channels[c]
	}
	return fmt.Sprintf("channel(%d)", uint8(c))
}

// ChannelNamed finds a channel by its name.
func ChannelNamed(name string) (Channel, bool) {
	for c := range channels {
		if channels[c] == name {
			return Channel(c), true
		}
	}
	return 0, false
}

// ChannelNames returns the names of all channels, as messages list them.
func ChannelNames() string { return strings.Join(channels[:], ", ") }

// MarshalText writes the name.
func (c Channel) MarshalText() ([]byte, error) {
	if int(c) >= NumChannels {
		return nil, fmt.Errorf("channel %d: %w", uint8(c), ErrInvalid)
	}
	return []byte(channels[c]), nil
}

// UnmarshalText reads a name.
func (c *Channel) UnmarshalText(text []byte) error {
	found, ok := ChannelNamed(string(text))
	if !ok {
		return Invalid(fmt.Sprintf("There is no channel %q.", text), "The channels are: "+ChannelNames()+".")
	}
	*c = found
	return nil
}

// Channels is a set of channels. The zero value is empty. In JSON it is a list
// of names in the order of the channels.
type Channels uint8

// ChannelsOf returns the set of the channels given.
func ChannelsOf(list ...Channel) Channels {
	var s Channels
	for _, c := range list {
		s |= 1 << c
	}
	return s
}

// AllChannels has every channel.
const AllChannels Channels = 1<<NumChannels - 1

// Has says whether c is in the set.
func (s Channels) Has(c Channel) bool { return s&(1<<c) != 0 }

// All yields the channels of the set in order.
func (s Channels) All() iter.Seq[Channel] {
	return func(yield func(Channel) bool) {
		for c := range Channel(NumChannels) {
			if s.Has(c) && !yield(c) {
				return
			}
		}
	}
}

// String returns the names joined by commas, or "off".
func (s Channels) String() string {
	var names []string
	for c := range s.All() {
		names = append(names, c.String())
	}
	if len(names) == 0 {
		return "off"
	}
	return strings.Join(names, ",")
}

// MarshalJSON writes the list of names.
func (s Channels) MarshalJSON() ([]byte, error) {
	names := []string{}
	for c := range s.All() {
		names = append(names, c.String())
	}
	return json.Marshal(names)
}

// UnmarshalJSON reads a list of names; null is the empty set.
func (s *Channels) UnmarshalJSON(data []byte) error {
	var list []Channel
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*s = ChannelsOf(list...)
	return nil
}
