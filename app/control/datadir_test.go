package control

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"bellhop/app"
)

func TestDataDirIsMadePrivate(t *testing.T) {
	flag, env := filepath.Join(t.TempDir(), "a", "b"), filepath.Join(t.TempDir(), "env")
	t.Setenv(EnvDataDir, env)
	for given, want := range map[string]string{flag: flag, "": env} {
		dir, err := DataDir(given)
		if err != nil || dir != want {
			t.Fatalf("DataDir(%q) = %q, %v", given, dir, err)
		}
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %s", dir, info.Mode())
		}
	}
}

func TestDataDirOpenToOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such modes")
	}
	for name, tt := range map[string]struct {
		file, code string
	}{
		"empty":              {"", ""},
		"ours":               {lockName, ""},
		"restored by hand":   {"bellhop.db", ""},
		"with other things":  {"thesis.doc", "data_dir_shared"},
		"with a lost folder": {"lost+found", "data_dir_shared"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if tt.file != "" {
				if err := os.WriteFile(filepath.Join(dir, tt.file), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Chmod(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			_, err := DataDir(dir)
			info, statErr := os.Stat(dir)
			if statErr != nil {
				t.Fatal(statErr)
			}
			if tt.code == "" {
				if err != nil || info.Mode().Perm() != 0o700 {
					t.Errorf("got %v, mode %s", err, info.Mode())
				}
				return
			}
			if p := app.AsProblem(err); p == nil || p.Code != tt.code || info.Mode().Perm() != 0o755 {
				t.Errorf("got %v, mode %s", err, info.Mode())
			}
		})
	}
}

func TestDataDirThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		_, err := DataDir(dir)
		p, ok := errors.AsType[*app.Problem](err)
		if !ok || p.Code != "data_dir_no_folder" || !p.NeedsUser || p.Step == "" {
			t.Errorf("%s: got %v", dir, err)
		}
	}
	if _, err := os.Stat("/proc/self"); err == nil {
		_, err := DataDir("/proc/self/bellhop")
		if p := app.AsProblem(err); p == nil || p.Step == "" {
			t.Errorf("/proc: got %v", err)
		}
	}
}

func TestHomeDataDir(t *testing.T) {
	t.Parallel()
	home := func() (string, error) { return filepath.FromSlash("/home/ann"), nil }
	for _, tt := range []struct {
		goos string
		env  map[string]string
		want string
	}{
		{"linux", nil, "/home/ann/.local/share/bellhop"},
		{"linux", map[string]string{"XDG_DATA_HOME": "/data"}, "/data/bellhop"},
		{"linux", map[string]string{"XDG_DATA_HOME": "relative"}, "/home/ann/.local/share/bellhop"},
		{"freebsd", nil, "/home/ann/.local/share/bellhop"},
		{"darwin", map[string]string{"XDG_DATA_HOME": "/data"}, "/home/ann/Library/Application Support/Bellhop"},
		{"windows", map[string]string{"LocalAppData": "/local"}, "/local/Bellhop"},
		{"windows", nil, "/home/ann/AppData/Local/Bellhop"},
	} {
		got, err := homeDataDir(tt.goos, func(k string) string { return tt.env[k] }, home)
		if err != nil || filepath.ToSlash(got) != tt.want {
			t.Errorf("%s %v: got %q, %v; want %q", tt.goos, tt.env, got, err, tt.want)
		}
	}
	_, err := homeDataDir("linux", func(string) string { return "" }, func() (string, error) { return "", errors.New("no home") })
	if err == nil {
		t.Error("a missing home was not noticed")
	}
}
