//go:build unix

package program

import "golang.org/x/sys/unix"

// freeSpace returns the bytes that the user may still write below dir.
func freeSpace(dir string) (uint64, bool) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, false
	}
	return uint64(fs.Bavail) * uint64(fs.Bsize), true //nolint:unconvert // the types differ between systems
}
