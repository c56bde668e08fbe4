package main

import (
	"os/exec"
	"syscall"
)

// hasDisplay is always so on Windows.
func hasDisplay() bool { return true }

// detachedProcess is Windows' DETACHED_PROCESS: no console of its own.
const detachedProcess = 0x00000008

// detach lets a program outlive this one.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: detachedProcess | syscall.CREATE_NEW_PROCESS_GROUP}
}
