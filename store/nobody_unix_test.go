//go:build unix

package store_test

import (
	"os"
	"os/exec"
	"syscall"
)

// asNobody takes root's rights from a program, to whom no folder is read-only.
func asNobody(cmd *exec.Cmd) {
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
}
