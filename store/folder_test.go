package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/store"
	"bellhop/store/storetest"
)

// visitorFolder names a folder that a copy of this program opens for writing
// and for reading, to say what came of it. The copy runs as a user who may not
// write there.
const visitorFolder = "BELLHOP_STORE_VISITOR"

func visit(dir string) {
	ctx := context.Background()
	for _, readOnly := range []bool{false, true} {
		s, err := store.Open(ctx, store.Options{Dir: dir, ReadOnly: readOnly})
		if p, is := errors.AsType[*app.Problem](err); is {
			fmt.Println(p.Code)
			continue
		}
		if err != nil {
			fmt.Println(err)
			continue
		}
		n, err := s.Count(ctx, 0)
		fmt.Println(n, err, s.Close())
	}
}

func TestAFolderThatCannotBeWrittenIsSaidToBeAndCanBeRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("folders have no mode there")
	}
	base := must(os.MkdirTemp("", "bellhop-folder-*"))(t) //nolint:usetesting // another user must get there
	t.Cleanup(func() { ok(t, os.RemoveAll(base)) })
	ok(t, os.Chmod(base, 0o755))
	dir := filepath.Join(base, "data")
	s := must(store.Open(t.Context(), store.Options{Dir: dir}))(t)
	account := storetest.Account(t, s, "dojo.example.com")
	storetest.Fill(t, s, account.ID, 1, 3)
	ok(t, s.Close())
	ok(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chmod(path, 0o555))
	}))
	program := filepath.Join(base, "visitor")
	ok(t, os.WriteFile(program, must(os.ReadFile(os.Args[0]))(t), 0o755))
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Dir = base
	cmd.Env = append(os.Environ(), visitorFolder+"="+dir)
	cmd.Stderr = os.Stderr
	asNobody(cmd)
	out := must(cmd.Output())(t)
	if got := strings.Split(strings.TrimSpace(string(out)), "\n"); len(got) != 2 || got[0] != "folder_read_only" || got[1] != "3 <nil> <nil>" {
		t.Errorf("opening it gives %q", got)
	}
}
