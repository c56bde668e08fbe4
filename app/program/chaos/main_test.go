//go:build linux

// Package chaos kills real bells, takes their disk away, cuts their power and
// breaks their network, and counts what was lost and what was doubled. It has
// no code of its own, only tests: a short form in `make test`, and with the
// build tag chaos the long one of `make chaos`.
//
// BELLHOP_CHAOS_SEED repeats a run, as far as the machine repeats its timing.
// BELLHOP_CHAOS_TABLE names a file to which the table is added. BELLHOP_BIN
// names the folder with bellhop; without it the program is built.
package chaos

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// bellhop is the path of the program.
var bellhop string

// worlds is how many worlds there are at the same time where -parallel does not
// say: they mostly wait.
const worlds = "6"

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if os.Getenv(diskImage) != "" {
		if err := serveDisk(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	}
	_ = os.Unsetenv("DBUS_SESSION_BUS_ADDRESS") // bells here have no desktop, wherever the suite runs
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", worlds)
	}
	if !testing.Short() {
		dir, err := os.MkdirTemp("", "bellhop-chaos-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }()
		if bellhop, err = findProgram(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	status := m.Run()
	if err := table.print(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	if err := goleak.Find(); err != nil && status == 0 {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	return status
}

// findProgram finds the program to kill, or builds it.
func findProgram(dir string) (string, error) {
	if given := os.Getenv("BELLHOP_BIN"); given != "" {
		path, err := filepath.Abs(filepath.Join(given, "bellhop"))
		if err != nil {
			return "", err
		}
		_, err = os.Stat(path)
		return path, err
	}
	path := filepath.Join(dir, "bellhop")
	out, err := exec.Command("go", "build", "-o", path, "bellhop/cmd/bellhop").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the bell: %w\n%s", err, out)
	}
	return path, nil
}

// seed is what everything random here begins with.
var seed = sync.OnceValues(func() (uint64, error) {
	if text := os.Getenv("BELLHOP_CHAOS_SEED"); text != "" {
		return strconv.ParseUint(text, 10, 64)
	}
	return rand.Uint64N(1_000_000_000), nil
})

// inWorlds runs a scenario in n worlds at the same time, each with a number and
// with randomness of its own, the first one with that of first. Short runs leave
// it out for what it does.
func inWorlds(t *testing.T, n, first int, does string, scenario func(t *testing.T, n int, dice *rand.Rand, seed uint64)) {
	t.Helper()
	if testing.Short() {
		t.Skip(does)
	}
	t.Parallel()
	for n := range n {
		t.Run(fmt.Sprintf("world %d", n+1), func(t *testing.T) {
			t.Parallel()
			dice, seed := newDice(t, first+n)
			scenario(t, n, dice, seed)
		})
	}
}

// newDice returns a run's randomness and the seed that repeats it. n tells runs
// apart.
func newDice(t *testing.T, n int) (*rand.Rand, uint64) {
	t.Helper()
	begin, err := seed()
	if err != nil {
		t.Fatalf("BELLHOP_CHAOS_SEED: %v", err)
	}
	t.Logf("BELLHOP_CHAOS_SEED=%d", begin)
	return rand.New(rand.NewPCG(begin, uint64(n))), begin
}
