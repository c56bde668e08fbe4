package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheCommandLine(t *testing.T) {
	for _, x := range []struct {
		args   string
		status int
		done   bool
		out    string // how standard output begins
		err    string // what standard error contains
	}{
		{args: "", status: exitOK},
		{args: "--data-dir /x --view history --log", status: exitOK},
		{args: "--version", status: exitOK, done: true, out: "bellhop-window "},
		{args: "--help", status: exitOK, done: true, err: "-data-dir"},
		{args: "--no-such", status: exitUsage, done: true, err: "no-such"},
		{args: "history", status: exitUsage, done: true, err: `"history" is not understood`},
	} {
		var out, errs bytes.Buffer
		o, status, done := parse(strings.Fields(x.args), &out, &errs)
		if status != x.status || done != x.done {
			t.Errorf("%q ends with %d, %t, want %d, %t", x.args, status, done, x.status, x.done)
		}
		if !strings.HasPrefix(out.String(), x.out) || !strings.Contains(errs.String(), x.err) {
			t.Errorf("%q prints %q and %q", x.args, out.String(), errs.String())
		}
		if !done && o.log == nil {
			t.Errorf("%q has no logger", x.args)
		}
	}
	o, _, _ := parse([]string{"--view", "history", "--data-dir", "/x"}, nil, nil)
	if o.view != "history" || o.dataDir != "/x" {
		t.Errorf("the flags became %+v", o)
	}
}

func TestWithoutADisplayItSaysSo(t *testing.T) {
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	if hasDisplay() {
		t.Skip("this system needs no such variables")
	}
	if err := run(t.Context(), options{}); err == nil || !strings.Contains(err.Error(), "There is no display") {
		t.Errorf("without a display it ends with %v", err)
	}
}
