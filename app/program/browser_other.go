//go:build !windows && !darwin

package program

import (
	"context"
	"os/exec"
)

func browserCommand(ctx context.Context, page string) *exec.Cmd {
	return exec.CommandContext(ctx, "xdg-open", page) // #nosec G204 -- an http(s) address as one argument
}
