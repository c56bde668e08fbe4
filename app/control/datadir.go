package control

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"bellhop/app"
)

// EnvDataDir names the environment variable that stands for --data-dir.
const EnvDataDir = "BELLHOP_DATA_DIR"

// DataDir returns the absolute path of the folder in which a bell keeps all it
// has, and makes it where it is missing (0700). The first of these counts: the
// flag, $BELLHOP_DATA_DIR, and the system's own place: $XDG_DATA_HOME/bellhop
// (~/.local/share/bellhop), ~/Library/Application Support/Bellhop, or
// %LocalAppData%\Bellhop. The error is an [app.Problem].
func DataDir(flag string) (string, error) {
	dir, err := dataDirPath(flag)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", folderProblem(dir, err)
	}
	if err := private(dir); err != nil {
		return "", err
	}
	return dir, nil
}

func dataDirPath(flag string) (string, error) {
	chosen := flag
	if chosen == "" {
		chosen = os.Getenv(EnvDataDir)
	}
	if chosen != "" {
		dir, err := filepath.Abs(chosen)
		if err != nil {
			return "", folderProblem(chosen, err)
		}
		return dir, nil
	}
	home, err := homeDataDir(runtime.GOOS, os.Getenv, os.UserHomeDir)
	if err != nil {
		return "", app.NewProblem("no_home", "Bellhop cannot tell where your home folder is.",
			"Choose a data folder with --data-dir.", true, err)
	}
	return home, nil
}

// homeDataDir is the system's own place for a program's data. A relative
// XDG_DATA_HOME is ignored, as the XDG base directory specification asks.
func homeDataDir(goos string, getenv func(string) string, home func() (string, error)) (string, error) {
	switch goos {
	case "windows":
		if local := getenv("LocalAppData"); local != "" {
			return filepath.Join(local, "Bellhop"), nil
		}
	case "darwin":
	default:
		if data := getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
			return filepath.Join(data, "bellhop"), nil
		}
	}
	h, err := home()
	if err != nil {
		return "", fmt.Errorf("find the home folder: %w", err)
	}
	switch goos {
	case "windows":
		return filepath.Join(h, "AppData", "Local", "Bellhop"), nil
	case "darwin":
		return filepath.Join(h, "Library", "Application Support", "Bellhop"), nil
	default:
		return filepath.Join(h, ".local", "share", "bellhop"), nil
	}
}

// private sees to it that nobody else can look into the folder. A folder that
// is Bellhop's own, or empty, is closed to others; one that holds other things
// is left as it is and refused, since closing it could lock others out of
// theirs (think of --data-dir /tmp).
func private(dir string) error {
	if runtime.GOOS == "windows" { // the profile's access list already does it
		return nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return folderProblem(dir, err)
	}
	if !info.IsDir() {
		return folderProblem(dir, syscall.ENOTDIR)
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return folderProblem(dir, err)
	}
	ours := len(entries) == 0
	for _, e := range entries {
		ours = ours || e.Name() == lockName || e.Name() == "bellhop.db"
	}
	if !ours {
		return app.NewProblem("data_dir_shared", fmt.Sprintf("The data folder %s is open to others and holds other things.", dir),
			"Give Bellhop a folder of its own, or take others' access away (chmod 700).", true, app.ErrInvalid)
	}
	// #nosec G302 -- a folder needs its execute bit
	if err := os.Chmod(dir, 0o700); err != nil {
		return folderProblem(dir, err)
	}
	return nil
}

// folderProblem says why the data folder cannot be used.
func folderProblem(dir string, err error) *app.Problem {
	switch {
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return app.NewProblem("data_dir_read_only", fmt.Sprintf("Bellhop may not write to its data folder %s.", dir),
			"Choose another one with --data-dir, or make it writable.", true, err)
	case errors.Is(err, syscall.ENOTDIR):
		return app.NewProblem("data_dir_no_folder", fmt.Sprintf("The data folder %s is not a folder.", dir),
			"Choose another one with --data-dir.", true, err)
	case errors.Is(err, syscall.ENOSPC):
		return app.NewProblem("disk_full", fmt.Sprintf("There is no space left for the data folder %s.", dir),
			"Free some space.", true, err)
	default:
		return app.NewProblem("data_dir", fmt.Sprintf("The data folder %s cannot be used: %v.", dir, err),
			"Choose another one with --data-dir.", true, err)
	}
}
