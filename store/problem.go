package store

import (
	"errors"
	"fmt"
	"strings"

	"bellhop/app"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// code returns SQLite's primary result code of err, or 0.
func code(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// isCorrupt says whether err means that the file is damaged.
func isCorrupt(err error) bool {
	c := code(err)
	return c == sqlite3.SQLITE_CORRUPT || c == sqlite3.SQLITE_NOTADB || errors.Is(err, errDamaged)
}

// errDamaged is damage that SQLite itself does not report as an error.
var errDamaged = errors.New("the database contradicts itself")

// isNoTransaction says whether err is SQLite's answer to a ROLLBACK outside of
// a transaction. It has no code of its own.
func isNoTransaction(err error) bool {
	return code(err) == sqlite3.SQLITE_ERROR && strings.Contains(err.Error(), "no transaction is active")
}

// explain adds the step to err, and makes what the user can mend a problem.
func explain(step string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*app.Problem](err); ok {
		return err
	}
	err = fmt.Errorf("%s: %w", step, err)
	switch code(err) {
	case sqlite3.SQLITE_FULL:
		return app.NewProblem("disk_full", "The disk is full, so the change was not kept; nothing that was kept before is lost.",
			"Free some space on the disk that holds Bellhop's data folder; synchronisation then goes on by itself.", false, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return app.NewProblem("folder_read_only", "Bellhop cannot write to its data folder.",
			"Make the folder writable for your user, or choose another one with --data-dir.", false, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return app.NewProblem("database_damaged", "The database is damaged.",
			"Quit Bellhop and start it again: it then restores the last good copy.", true, err)
	case sqlite3.SQLITE_IOERR:
		return app.NewProblem("disk_error", "The disk that holds Bellhop's data folder failed.",
			"Check the disk, then start Bellhop again.", true, err)
	case sqlite3.SQLITE_BUSY:
		return app.NewProblem("database_busy", "Another program holds Bellhop's database.",
			"Close other programs that use the file bellhop.db and try again.", false, err)
	}
	return err
}
