package program

import (
	"encoding/binary"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// message returns a netlink message of a type with a body of n bytes, padded.
func message(kind uint16, n int) []byte {
	length := unix.NLMSG_HDRLEN + n
	b := make([]byte, (length+3)&^3)
	binary.NativeEndian.PutUint32(b, uint32(length))
	binary.NativeEndian.PutUint16(b[4:], kind)
	return b
}

func TestNetlinkMessagesAreToldApart(t *testing.T) {
	t.Parallel()
	b := slices.Concat(message(unix.RTM_DELADDR, 9), message(unix.RTM_NEWADDR, 24))
	kinds, err := parseNetlink(b)
	if err != nil || !slices.Equal(kinds, []uint16{unix.RTM_DELADDR, unix.RTM_NEWADDR}) {
		t.Errorf("parsed %v, %v", kinds, err)
	}
	if !hasNewAddress(b) || hasNewAddress(message(unix.RTM_DELADDR, 9)) {
		t.Error("a new address was missed or made up")
	}
	for name, bad := range map[string][]byte{
		"a header cut short": b[:7], "a body cut short": b[:20], "a length of nothing": make([]byte, 16),
	} {
		if _, err := parseNetlink(bad); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func FuzzParseNetlink(f *testing.F) {
	f.Add(message(unix.RTM_NEWADDR, 3))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		kinds, _ := parseNetlink(b)
		if len(kinds) > len(b)/unix.NLMSG_HDRLEN {
			t.Errorf("%d bytes gave %d messages", len(b), len(kinds))
		}
	})
}
