package program

import (
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestRestingTakesLittleMemory(t *testing.T) {
	before := fileMemory(t)
	if err := dropStartup(); err != nil {
		t.Fatal(err)
	}
	after := fileMemory(t)
	t.Logf("%d kB of the program's file were in memory, %d kB are left", before, after)
	if after >= before/2 {
		t.Errorf("%d kB of %d kB are left", after, before)
	}
	if got := age(3 * time.Minute); got != "3 min" { // what was dropped comes back
		t.Error(got)
	}
}

// fileMemory returns RssFile of proc_pid_status(5) in kB.
func fileMemory(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssFile:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCleanMappings(t *testing.T) {
	t.Parallel()
	const smaps = `00400000-00401000 r-xp 00000000 fe:00 1                           /usr/bin/a bell
Size:               4 kB
Anonymous:          0 kB
00401000-00402000 r--p 00001000 fe:00 1                           /usr/bin/a bell
Anonymous:          4 kB
00402000-00403000 rw-p 00002000 fe:00 1                           /usr/bin/a bell
Anonymous:          0 kB
00403000-00404000 r--p 00003000 fe:00 1                           /usr/bin/a bell
Anonymous:          0 kB
7f0000000-7f0001000 r-xp 00000000 fe:00 2                         /usr/lib/other.so
Anonymous:          0 kB
7f0002000-7f0003000 r-xp 00000000 00:00 0
Anonymous:          0 kB
`
	got := cleanMappings([]byte(smaps), "/usr/bin/a bell")
	if want := []mapping{{0x400000, 0x401000}, {0x403000, 0x404000}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}
