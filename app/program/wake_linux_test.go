package program

import (
	"context"
	"log/slog"
	"testing"

	"github.com/godbus/dbus/v5"

	"bellhop/ui/tray/desktoptest"
)

func TestOnlyAUserWhoIsBackWakesTheBell(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		give dbus.Signal
		want bool
	}{
		{"resumed", dbus.Signal{Name: login + ".Manager.PrepareForSleep", Body: []any{false}}, true},
		{"about to sleep", dbus.Signal{Name: login + ".Manager.PrepareForSleep", Body: []any{true}}, false},
		{"unlocked", dbus.Signal{Name: login + ".Session.Unlock"}, true},
		{"locked", dbus.Signal{Name: login + ".Session.Lock"}, false},
		{"nonsense", dbus.Signal{Name: login + ".Manager.PrepareForSleep"}, false},
		{"of the bus itself", dbus.Signal{Name: "org.freedesktop.DBus.NameAcquired", Body: []any{":1.7"}}, false},
	} {
		if got := woken(&c.give); got != c.want {
			t.Errorf("%s: woken is %v", c.name, got)
		}
	}
}

func TestAResumeOnTheSystemBusWakesTheBell(t *testing.T) {
	bus := desktoptest.Start(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.Address)
	ctx, cancel := context.WithCancel(t.Context())
	woke, ended := make(chan struct{}, 1), make(chan error)
	go func() {
		ended <- watchWake(ctx, slog.New(slog.DiscardHandler), func() {
			select {
			case woke <- struct{}{}:
			default:
			}
		})
	}()
	logind := bus.Connect(t)
	desktoptest.Eventually(t, "a resume wakes the bell", func() bool {
		if err := logind.Emit("/org/freedesktop/login1", login+".Manager.PrepareForSleep", false); err != nil {
			t.Fatal(err)
		}
		select {
		case <-woke:
			return true
		default:
			return false
		}
	})
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the watch ended with %v", err)
	}
}
