package app

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

const (
	// DefaultIntakeAddress is where webhooks are received unless another address
	// was chosen: on this machine alone, on a port that no known service claims.
	DefaultIntakeAddress = "127.0.0.1:8917"
	// DefaultIntakeHeader is the header that carries the secret.
	DefaultIntakeHeader = "X-Bellhop-Secret"
	// maxIntakeHeader is DefectDojo's limit of a header's name.
	maxIntakeHeader = 100
)

// IntakeAddress returns the address on which webhooks are received as a
// listener takes it: "" where they are not ("off"), [DefaultIntakeAddress] for
// "on". A port alone is on this machine; other machines reach it only where a
// host is given.
func IntakeAddress(typed string) (string, error) {
	s := strings.ToLower(strings.TrimSpace(typed))
	switch s {
	case "", "off":
		return "", nil
	case "on":
		return DefaultIntakeAddress, nil
	}
	wrong := Invalid("This is no address to listen on.", "Give off, on, a port, or host:port, for example "+DefaultIntakeAddress+".")
	if !strings.Contains(s, ":") {
		s = ":" + s
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil || strings.ContainsAny(host, " /@") {
		return "", wrong
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", wrong
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// Loopback says whether only this machine can reach the address, a host with a
// port.
func Loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || (err == nil && ip.Unmap().IsLoopback())
}

func intakeAddress(value string) (string, error) {
	if strings.TrimSpace(value) == "" {
		return "", Invalid("No address was given.", "Give off, on, a port, or host:port.")
	}
	address, err := IntakeAddress(value)
	if address == "" && err == nil {
		address = "off"
	}
	return address, err
}

// intakeHeader checks the name of a header that may carry a secret. Those that
// HTTP itself or the server sets cannot.
func intakeHeader(value string) (string, error) {
	name := strings.TrimSpace(value)
	wrong := Invalid("This is no name for the secret's header.", "Give a name of letters, digits and dashes, for example "+DefaultIntakeHeader+".")
	if name == "" || len(name) > maxIntakeHeader || strings.IndexByte("-_0123456789", name[0]) >= 0 {
		return "", wrong
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return "", wrong
		}
	}
	switch lower := strings.ToLower(name); {
	case strings.HasPrefix(lower, "x-defectdojo-"), strings.HasPrefix(lower, "content-"):
		return "", wrong
	case lower == "host", lower == "accept", lower == "accept-encoding", lower == "user-agent",
		lower == "connection", lower == "transfer-encoding", lower == "expect", lower == "webhook-id":
		return "", wrong
	}
	return name, nil
}

// intakePath checks the path of the receiving address.
func intakePath(value string) (string, error) {
	value = strings.TrimSpace(value)
	path := "/" + strings.Trim(value, "/")
	if !strings.HasPrefix(value, "/") || len(path) > 100 || strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`?#%\{}`, r) }) {
		return "", Invalid("This is no path.", "Give one like /dojo, or / for the plain address.")
	}
	return path, nil
}
