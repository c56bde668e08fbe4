//go:build unix

package main

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// hasDisplay says whether the environment names a screen.
func hasDisplay() bool {
	return runtime.GOOS == "darwin" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// detach lets a program outlive this one and its terminal.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
