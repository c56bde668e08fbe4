package control

import (
	"errors"
	"path/filepath"

	"bellhop/app"
)

// ErrAlreadyRunning says that another bell holds the data folder.
var ErrAlreadyRunning = errors.New("a bell is already running on this data folder")

// lockName is the file whose lock makes a bell the only one of its folder. It
// is never deleted: two processes could otherwise lock two files of one name.
const lockName = "bell.lock"

// Lock makes the caller the only writer of the data folder until release is
// called or the process ends, however it ends. It fails with
// [ErrAlreadyRunning], at once, while a bell runs there. [Listen] takes it by
// itself.
func Lock(dir string) (release func() error, err error) {
	f, err := lockFile(filepath.Join(dir, lockName))
	if errors.Is(err, ErrAlreadyRunning) {
		return nil, app.NewProblem("already_running", "A bell is already running on this data folder.",
			"Use it, or end it with `bellhop quit`.", false, ErrAlreadyRunning)
	}
	if err != nil {
		return nil, folderProblem(dir, err)
	}
	return f.Close, nil
}
