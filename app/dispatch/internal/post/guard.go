package post

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
)

// special are the ranges that are not of the public internet: the special
// purpose registries of IANA (RFC 6890 and its successors).
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("10.0.0.0/8"),      // private
	netip.MustParsePrefix("100.64.0.0/10"),   // carriers' NAT
	netip.MustParsePrefix("127.0.0.0/8"),     // loopback
	netip.MustParsePrefix("169.254.0.0/16"),  // link-local, the clouds' metadata
	netip.MustParsePrefix("172.16.0.0/12"),   // private
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays
	netip.MustParsePrefix("192.168.0.0/16"),  // private
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("224.0.0.0/4"),     // multicast
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, broadcast

	netip.MustParsePrefix("::/96"),          // unspecified, loopback, v4-compatible
	netip.MustParsePrefix("64:ff9b:1::/48"), // NAT64 of one's own network
	netip.MustParsePrefix("100::/64"),       // discard
	netip.MustParsePrefix("2001::/23"),      // Teredo and other assignments
	netip.MustParsePrefix("2001:db8::/32"),  // documentation
	netip.MustParsePrefix("2002::/16"),      // 6to4, which carries a v4 address
	netip.MustParsePrefix("3fff::/20"),      // documentation
	netip.MustParsePrefix("5f00::/16"),      // segment routing
	netip.MustParsePrefix("fc00::/7"),       // private
	netip.MustParsePrefix("fe80::/10"),      // link-local
	netip.MustParsePrefix("fec0::/10"),      // site-local, withdrawn
	netip.MustParsePrefix("ff00::/8"),       // multicast
}

// nat64 is the well-known prefix (RFC 6052) under which a network without v4
// reaches v4: such an address is as public as the one inside it.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// Special says whether ip is private, loopback, link-local or of another range
// that is not of the public internet. An address that carries another one is
// judged by what it carries.
func Special(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if nat64.Contains(ip) {
		b := ip.As16()
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	for _, p := range special {
		if p.Contains(ip) {
			return true
		}
	}
	return !ip.IsValid()
}

// privateError says that an address was refused by the guard.
type privateError struct {
	ip netip.Addr
	// literal is true where the user wrote the address herself; a name may
	// lead elsewhere tomorrow, for example behind a hotel's login page.
	literal bool
}

func (e *privateError) Error() string {
	return fmt.Sprintf("%s is not an address of the public internet", e.ip)
}

// Private returns the address of a host that the guard refuses as far as can be
// said now: one that was written as such, or a name of which every address is one.
func Private(ctx context.Context, host string) (netip.Addr, bool) {
	if private, ok := errors.AsType[*privateError](refuseLiteral(host)); ok {
		return private.ip, true
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(found) == 0 || slices.ContainsFunc(found, func(ip netip.Addr) bool { return !Special(ip) }) {
		return netip.Addr{}, false
	}
	return found[0].Unmap(), true
}

// refuseSpecial is the dialer's last look at an address: after the name was
// looked up and right before the connection is made, so that no second look-up
// can lead elsewhere.
func refuseSpecial(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read the address found: %w", err)
	}
	if Special(at.Addr()) {
		return &privateError{ip: at.Addr().Unmap()}
	}
	return nil
}

// refuseLiteral refuses a host that is itself a special address, and the names
// of this machine.
func refuseLiteral(host string) error {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return &privateError{ip: netip.IPv6Loopback(), literal: true}
	}
	if ip, err := netip.ParseAddr(host); err == nil && Special(ip) {
		return &privateError{ip: ip.Unmap(), literal: true}
	}
	return nil
}
