package program

import (
	"context"
	"os/exec"
)

func browserCommand(ctx context.Context, page string) *exec.Cmd {
	// Not "cmd /c start", which would read & and ^ in the address.
	return exec.CommandContext(ctx, "rundll32.exe", "url.dll,FileProtocolHandler", page) // #nosec G204 -- an http(s) address as one argument
}
