package program

import (
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"
)

// parseNetlink returns the types of the messages in a buffer. A message is a
// header of 16 bytes, the first four its length in host order, the next two
// its type, padded to a multiple of four (netlink(7)).
func parseNetlink(b []byte) ([]uint16, error) {
	var kinds []uint16
	for len(b) > 0 {
		if len(b) < unix.NLMSG_HDRLEN {
			return kinds, errors.New("a netlink header is cut short")
		}
		length := binary.NativeEndian.Uint32(b)
		if length < unix.NLMSG_HDRLEN || uint64(length) > uint64(len(b)) {
			return kinds, errors.New("a netlink message has a wrong length")
		}
		kinds = append(kinds, binary.NativeEndian.Uint16(b[4:]))
		padded := (int(length) + unix.NLMSG_ALIGNTO - 1) &^ (unix.NLMSG_ALIGNTO - 1)
		b = b[min(padded, len(b)):]
	}
	return kinds, nil
}
