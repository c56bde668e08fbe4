package program

import (
	"context"
	"errors"
	"fmt"
	"os/exec"

	"bellhop/app"
)

// browse opens a page in the user's browser. The address is one argument, never
// a word of a shell, and has been through [app.Link]: it is http or https.
func browse(ctx context.Context, page string) error {
	// The browser outlives the request that asked for it.
	cmd := browserCommand(context.WithoutCancel(ctx), page)
	if err := cmd.Start(); err != nil {
		// The address itself stays out of it: a problem reaches the log.
		step := "Copy the alert's address and open it yourself (`bellhop open --print ID`)."
		if errors.Is(err, exec.ErrNotFound) {
			step = "Install xdg-utils, or copy the alert's address and open it yourself (`bellhop open --print ID`)."
		}
		return app.NewProblem("no_browser", fmt.Sprintf("The browser could not be started: %v.", err), step, false, err)
	}
	go func() { _ = cmd.Wait() }() // reaps the starter, which ends at once or with the browser
	return nil
}
