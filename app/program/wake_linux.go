package program

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// watchWake calls wake when the machine has resumed, the session was unlocked
// or an address appeared, so that the list is fresh when the user looks. It
// rests in blocking reads: no polling. What cannot be watched (no system bus in
// a container) is left out; the syncer notices a jump of the wall clock anyway.
func watchWake(ctx context.Context, log *slog.Logger, wake func()) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := watchLogind(ctx, wake); err != nil {
			log.DebugContext(ctx, "resume and unlock are not watched", "error", err)
		}
		return nil
	})
	g.Go(func() error {
		if err := watchAddresses(ctx, wake); err != nil {
			log.DebugContext(ctx, "network changes are not watched", "error", err)
		}
		return nil
	})
	return g.Wait()
}

const login = "org.freedesktop.login1"

// watchLogind follows PrepareForSleep(false) and Unlock of
// org.freedesktop.login1 on the system bus.
func watchLogind(ctx context.Context, wake func()) error {
	conn, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface(login + ".Manager"), dbus.WithMatchMember("PrepareForSleep")},
		{dbus.WithMatchInterface(login + ".Session"), dbus.WithMatchMember("Unlock")},
	} {
		if err := conn.AddMatchSignalContext(ctx, match...); err != nil {
			return err
		}
	}
	signals := make(chan *dbus.Signal, 8)
	conn.Signal(signals)
	for {
		select {
		case <-ctx.Done():
			return nil
		case s, ok := <-signals:
			if !ok {
				return errors.New("the system bus closed")
			}
			if woken(s) {
				wake()
			}
		}
	}
}

// woken says whether a signal of logind tells of a user who is back: after a
// sleep (the same signal, with true, comes before it) or at the unlocked screen.
func woken(s *dbus.Signal) bool {
	switch s.Name {
	case login + ".Session.Unlock":
		return true
	case login + ".Manager.PrepareForSleep":
		return len(s.Body) == 1 && s.Body[0] == false
	default:
		return false
	}
}

// addressSettle is how long to wait after an address appeared: a network comes
// up in several steps (link, IPv6, IPv4, routes).
const addressSettle = 2 * time.Second

// watchAddresses follows the kernel's address messages (rtnetlink(7)), which
// come with every way of being connected, with or without NetworkManager.
func watchAddresses(ctx context.Context, wake func()) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	file := os.NewFile(uintptr(fd), "rtnetlink")
	defer file.Close()
	groups := uint32(unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR)
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = file.Close() })
	defer stop()
	var settled *time.Timer
	defer func() {
		if settled != nil {
			settled.Stop()
		}
	}()
	buf := make([]byte, 8192)
	for {
		n, err := file.Read(buf)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !errors.Is(err, unix.ENOBUFS) { // ENOBUFS: messages were lost, which is a change too
			return err
		}
		if err == nil && !hasNewAddress(buf[:n]) {
			continue
		}
		if settled == nil {
			settled = time.AfterFunc(addressSettle, wake)
		} else {
			settled.Reset(addressSettle)
		}
	}
}

// hasNewAddress says whether a buffer of netlink messages holds an
// RTM_NEWADDR.
func hasNewAddress(b []byte) bool {
	kinds, err := parseNetlink(b)
	return err == nil && slices.Contains(kinds, uint16(unix.RTM_NEWADDR))
}
