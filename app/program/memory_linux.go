package program

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// dropStartup takes the pages of the program's own file out of this process's
// memory; those that are used again come back from the page cache with a minor
// fault. Starting touches nearly all of a 16 MB binary, since the kernel maps 16
// pages around each fault; resting needs a third of it.
//
// Only mappings without private pages are touched: in a position-independent
// build the read-only data hold relocations that are nowhere else.
func dropStartup() error {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return fmt.Errorf("find the program: %w", err)
	}
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return fmt.Errorf("read the mappings: %w", err)
	}
	var errs []error
	for _, m := range cleanMappings(maps, exe) {
		if _, _, errno := unix.Syscall(unix.SYS_MADVISE, m.start, m.end-m.start, unix.MADV_DONTNEED); errno != 0 {
			errs = append(errs, fmt.Errorf("drop %x: %w", m.start, errno))
		}
	}
	return errors.Join(errs...)
}

type mapping struct{ start, end uintptr }

// cleanMappings picks from the text of smaps, see proc_pid_smaps(5), the
// mappings of a file that cannot be written to and have no private pages.
func cleanMappings(smaps []byte, file string) []mapping {
	var found []mapping
	var current mapping
	lines := bufio.NewScanner(bytes.NewReader(smaps))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 {
			continue
		}
		if from, to, ok := strings.Cut(fields[0], "-"); ok && !strings.HasSuffix(fields[0], ":") {
			current = mapping{}
			if len(fields) < 6 || strings.Join(fields[5:], " ") != file || strings.Contains(fields[1], "w") {
				continue
			}
			start, err1 := strconv.ParseUint(from, 16, 64)
			end, err2 := strconv.ParseUint(to, 16, 64)
			if err1 == nil && err2 == nil {
				current = mapping{uintptr(start), uintptr(end)}
			}
			continue
		}
		if fields[0] == "Anonymous:" && len(fields) > 1 && fields[1] == "0" && current.end > current.start {
			found = append(found, current)
			current = mapping{}
		}
	}
	return found
}
