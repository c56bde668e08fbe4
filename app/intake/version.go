package intake

import (
	"strconv"
	"strings"

	"bellhop/app"
)

// version returns the server's version from the name it calls with, such as
// "DefectDojo-2.46.0".
func version(userAgent string) string {
	v, ok := strings.CutPrefix(userAgent, "DefectDojo-")
	if !ok {
		return ""
	}
	return app.Cut(strings.TrimSpace(v), 40)
}

// escapes says whether a server of the version wrote HTML into its bodies,
// which was so up to 2.45.2 (django-DefectDojo pull request 12226).
func escapes(version string) bool {
	number := [3]int{}
	for i, part := range strings.SplitN(version, ".", 3) {
		part, _, _ = strings.Cut(part, "-")
		n, err := strconv.Atoi(part)
		if err != nil {
			return false
		}
		number[i] = n
	}
	major, minor, patch := number[0], number[1], number[2]
	return version != "" && (major < 2 || (major == 2 && (minor < 45 || (minor == 45 && patch < 3))))
}
