package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/spf13/cobra"
)

// version is set by the linker: -X main.version=v1.2.3.
var version string

// versionString returns the linker's version, else the module's (as after go
// install), else "dev".
func versionString() string {
	if version != "" {
		return version
	}
	if v := buildInfo().Main.Version; v != "" && v != "(devel)" {
		return v
	}
	return "dev"
}

var buildInfo = sync.OnceValue(func() *debug.BuildInfo {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info
	}
	return &debug.BuildInfo{}
})

func (t *tool) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long: `Print the version. With --json: {"version", "commit", "go", "os", "arch"}; the
commit is empty where the build did not note it.`,
		Args: takes(0, 0),
		RunE: t.do(func(*cobra.Command, []string) error {
			v := struct {
				Version string `json:"version"`
				Commit  string `json:"commit"`
				Go      string `json:"go"`
				OS      string `json:"os"`
				Arch    string `json:"arch"`
			}{versionString(), commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH}
			return t.say(v, fmt.Sprintf("bellhop %s (%s, %s/%s)", v.Version, v.Go, v.OS, v.Arch))
		}),
	}
}

func commit() string {
	for _, s := range buildInfo().Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}
