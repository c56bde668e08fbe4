//go:build linux

package chaos

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A disk that loses, when its power is cut, what was written since the last
// flush: a single file served by FUSE (fuse.h, protocol 7.31), which the loop
// driver makes a block device of. The loop driver passes the file system's
// flushes on as fsync. The disk is a process of its own, since a program that
// waits for a disk that it serves itself may wait for ever.

// diskImage names the image that this process is to serve, diskFile the file at
// which it appears.
const (
	diskImage = "BELLHOP_CHAOS_DISK_IMAGE"
	diskFile  = "BELLHOP_CHAOS_DISK_FILE"
)

// sector is what a disk writes whole.
const sector = 512

type disk struct {
	fd int

	mu     sync.Mutex
	image  []byte // what readers see
	kept   []byte // what is on the platter for sure
	cached []stripe
	// thaw is there while requests wait for it; after it was closed they fail.
	thaw   chan struct{}
	broken bool
	// until is after how many writes and flushes the disk freezes; frozen is
	// closed then.
	until  int
	frozen chan struct{}
}

// stripe is a write since the last flush.
type stripe struct {
	at   int
	data []byte
}

// serveDisk is the disk's process. It obeys the lines of its standard input:
// freeze (after so many writes and flushes nothing is answered any more), fail (everything fails), and save (the
// image as it is after the cut goes to a file, with a way and a seed), and
// answers each of them with a line.
func serveDisk() error {
	signal.Ignore(syscall.SIGINT) // of a terminal: first the file system has to go
	image, err := os.ReadFile(os.Getenv(diskImage))
	if err != nil {
		return err
	}
	fd, err := syscall.Open("/dev/fuse", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open /dev/fuse: %w", err)
	}
	at := os.Getenv(diskFile)
	options := fmt.Sprintf("fd=%d,rootmode=100000,user_id=0,group_id=0,allow_other", fd)
	if err := syscall.Mount("bellhop-chaos", at, "fuse", syscall.MS_NOSUID|syscall.MS_NODEV, options); err != nil {
		return fmt.Errorf("mount the disk: %w", err)
	}
	defer func() { _ = syscall.Unmount(at, syscall.MNT_DETACH) }()
	d := &disk{fd: fd, image: image, kept: append([]byte(nil), image...)}
	go d.serve()
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var way, path string
		var seed uint64
		switch line := lines.Text(); {
		case strings.HasPrefix(line, "freeze "):
			var n int
			if _, err := fmt.Sscanf(line, "freeze %d", &n); err != nil {
				return err
			}
			d.freeze(n)
		case line == "fail":
			d.mu.Lock()
			d.broken = true
			close(d.thaw)
			d.mu.Unlock()
		case strings.HasPrefix(line, "save "):
			if _, err := fmt.Sscanf(line, "save %s %d %s", &way, &seed, &path); err != nil {
				return err
			}
			lost, of := d.survive(way, rand.New(rand.NewPCG(seed, 0)))
			if err := os.WriteFile(path, d.kept, 0o600); err != nil {
				return err
			}
			fmt.Printf("lost %d of %d\n", lost, of)
			continue
		}
		fmt.Println("done")
	}
	return lines.Err()
}

// freeze stops the disk after n more writes and flushes, or after a moment in
// which there were fewer.
func (d *disk) freeze(n int) {
	d.mu.Lock()
	d.until, d.frozen = n, make(chan struct{})
	d.mu.Unlock()
	select {
	case <-d.frozen:
	case <-time.After(200 * time.Millisecond):
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.thaw == nil {
			d.until, d.thaw = 0, make(chan struct{})
		}
	}
}

// survive decides what of the cache is on the platter after the cut, in one of
// the ways that disks have: nothing, all, whole writes at random, or sectors at
// random. It returns how many sectors were lost, of how many.
func (d *disk) survive(way string, dice *rand.Rand) (lost, of int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.cached {
		whole := dice.IntN(2) == 0
		for from := 0; from < len(s.data); from += sector {
			to := min(from+sector, len(s.data))
			of++
			if way == "all" || way == "writes" && whole || way == "sectors" && dice.IntN(2) == 0 {
				copy(d.kept[s.at+from:], s.data[from:to])
			} else {
				lost++
			}
		}
	}
	d.cached = nil
	return lost, of
}

// The requests of fuse.h that a file as root gets.
const (
	fuseForget      = 2
	fuseGetattr     = 3
	fuseSetattr     = 4
	fuseOpen        = 14
	fuseRead        = 15
	fuseWrite       = 16
	fuseStatfs      = 17
	fuseRelease     = 18
	fuseFsync       = 20
	fuseFlush       = 25
	fuseInit        = 26
	fuseInterrupt   = 36
	fuseDestroy     = 38
	fuseBatchForget = 42

	fuseHeader   = 40
	fuseMaxWrite = 128 << 10
)

func (d *disk) serve() {
	request := make([]byte, fuseMaxWrite+8192)
	for {
		n, err := syscall.Read(d.fd, request)
		switch {
		case errors.Is(err, syscall.EINTR) || errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.EAGAIN):
			continue
		case err != nil || n < fuseHeader:
			return // unmounted
		}
		code, unique := binary.LittleEndian.Uint32(request[4:]), binary.LittleEndian.Uint64(request[8:])
		switch code {
		case fuseForget, fuseInterrupt, fuseBatchForget:
			continue
		}
		body, failure := d.answer(code, request[fuseHeader:n])
		answer := make([]byte, 16, 16+len(body))
		binary.LittleEndian.PutUint32(answer, uint32(16+len(body)))        // #nosec G115 -- at most 128 KiB
		binary.LittleEndian.PutUint32(answer[4:], uint32(-int32(failure))) // #nosec G115 -- the protocol's form
		binary.LittleEndian.PutUint64(answer[8:], unique)
		_, _ = syscall.Write(d.fd, append(answer, body...))
	}
}

func (d *disk) answer(code uint32, in []byte) ([]byte, syscall.Errno) {
	switch code {
	case fuseInit:
		return packed(uint32(7), uint32(31), binary.LittleEndian.Uint32(in[8:]), uint32(1<<5|1<<22),
			uint16(16), uint16(12), uint32(fuseMaxWrite), uint32(1), uint16(fuseMaxWrite/4096), uint16(0), uint32(0), uint32(0), [6]uint32{}), 0
	case fuseGetattr, fuseSetattr:
		return packed(uint64(3600), uint32(0), uint32(0),
			uint64(1), uint64(len(d.image)), uint64(len(d.image)/sector), [3]uint64{}, [3]uint32{}, uint32(syscall.S_IFREG|0o600),
			uint32(1), uint32(0), uint32(0), uint32(0), uint32(4096), uint32(0)), 0
	case fuseOpen:
		return packed(uint64(1), uint32(0), uint32(0)), 0
	case fuseStatfs:
		return make([]byte, 80), 0
	case fuseRelease, fuseFlush, fuseDestroy:
		return nil, 0
	case fuseRead, fuseWrite, fuseFsync:
		return d.transfer(code, in)
	default:
		return nil, syscall.ENOSYS
	}
}

// transfer reads, writes or flushes, unless the power is off.
func (d *disk) transfer(code uint32, in []byte) ([]byte, syscall.Errno) {
	d.mu.Lock()
	if code != fuseRead && d.until > 0 && !d.broken {
		if d.until--; d.until == 0 {
			d.thaw = make(chan struct{})
			close(d.frozen)
		}
	}
	for d.thaw != nil && !d.broken {
		thaw := d.thaw
		d.mu.Unlock()
		<-thaw
		d.mu.Lock()
	}
	defer d.mu.Unlock()
	if d.broken {
		return nil, syscall.EIO
	}
	if code == fuseFsync {
		for _, s := range d.cached {
			copy(d.kept[s.at:], s.data)
		}
		d.cached = nil
		return nil, 0
	}
	at, size := int(binary.LittleEndian.Uint64(in[8:])), int(binary.LittleEndian.Uint32(in[16:])) // #nosec G115 -- within the image
	if at >= len(d.image) {
		return nil, 0
	}
	size = min(size, len(d.image)-at)
	if code == fuseRead {
		return append([]byte(nil), d.image[at:at+size]...), 0
	}
	data := append([]byte(nil), in[40:40+size]...)
	copy(d.image[at:], data)
	d.cached = append(d.cached, stripe{at, data})
	return packed(uint32(size), uint32(0)), 0 // #nosec G115 -- at most 128 KiB
}

// packed puts numbers one behind the other.
func packed(values ...any) []byte {
	var out []byte
	for _, v := range values {
		out, _ = binary.Append(out, binary.LittleEndian, v) // sizes are fixed
	}
	return out
}

// orders are how a test talks to the disk's process.
type orders struct {
	in  io.WriteCloser
	out *bufio.Scanner
}

func (o *orders) give(format string, args ...any) (string, error) {
	if _, err := fmt.Fprintf(o.in, format+"\n", args...); err != nil {
		return "", err
	}
	if !o.out.Scan() {
		return "", errors.New("the disk has ended")
	}
	return o.out.Text(), nil
}
