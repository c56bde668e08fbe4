package program

import (
	"context"
	"os/exec"
)

func browserCommand(ctx context.Context, page string) *exec.Cmd {
	return exec.CommandContext(ctx, "/usr/bin/open", page) // #nosec G204 -- an http(s) address as one argument
}
