package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"bellhop/app/control"
	"bellhop/store"
	"bellhop/sync/dojoserver"
)

type dojoKey struct{}

// dojo is the server of one script, once it has started.
type dojo struct{ *dojoserver.Server }

// serveDojo is the script command "dojo".
func serveDojo(ts *testscript.TestScript, _ bool, args []string) {
	super := len(args) > 0
	server := dojoserver.New(dojoserver.Options{Users: []dojoserver.User{
		{Name: "ann", Password: "correct horse", First: "Ann", Superuser: super}, {Name: "ben", Email: "ben@example.com"}, {Name: "eve", Inactive: true},
	}})
	retail := server.AddProductType(dojoserver.ProductType{Name: "Retail"})
	server.AddProduct(dojoserver.Product{Name: "Shop", Type: retail, Authorized: []string{"ben"}})
	server.AddProduct(dojoserver.Product{Name: "Till", Type: retail})
	for i := range 5 {
		server.AddAlert("ann", dojoserver.Alert{
			Title: fmt.Sprintf("Alert %d", i+1), URL: fmt.Sprintf("/finding/%d", i+1), Source: "Finding Added",
			Created: time.Now().Add(time.Duration(i-10) * time.Minute),
		})
	}
	address, err := server.Start(context.Background())
	ts.Check(err)
	ts.Defer(func() { ts.Check(server.Close()) })
	ts.Setenv("DOJO", address)
	dojo, _ := ts.Value(dojoKey{}).(*dojo)
	dojo.Server = server
}

// waitForDojo is the script command "left".
func waitForDojo(ts *testscript.TestScript, _ bool, args []string) {
	dojo, _ := ts.Value(dojoKey{}).(*dojo)
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	await(ts, func() error {
		if n := len(dojo.Alerts("ann")); n != want {
			return fmt.Errorf("the server has %d alerts, want %d", n, want)
		}
		return nil
	})
}

// waitForBell is the script command "ready".
func waitForBell(ts *testscript.TestScript, _ bool, _ []string) {
	await(ts, func() error {
		c, err := control.Dial(ts.Getenv("BELLHOP_DATA_DIR"))
		if err == nil {
			c.Close()
		}
		return err
	})
}

// waitForDecisions is the script command "decided".
func waitForDecisions(ts *testscript.TestScript, _ bool, _ []string) {
	await(ts, func() (err error) {
		s, err := store.Open(context.Background(), store.Options{Dir: ts.Getenv("BELLHOP_DATA_DIR"), ReadOnly: true})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.Close()) }()
		if waiting, err := s.Unrouted(context.Background(), 1); err != nil || len(waiting) == 0 {
			return err
		}
		return errors.New("an event is not decided yet")
	})
}

// await tries until it works or ten seconds are over: there is no signal to
// wait for between two processes.
func await(ts *testscript.TestScript, try func() error) {
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	over := time.After(10 * time.Second)
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-over:
			ts.Fatalf("after ten seconds: %v", err)
		}
	}
}

// checkClean is the script command "clean".
func checkClean(ts *testscript.TestScript, _ bool, args []string) {
	secret := regexp.MustCompile(args[0])
	files := 0
	ts.Check(filepath.WalkDir(ts.MkAbs(args[1]), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		if err == nil && secret.Match(data) {
			err = fmt.Errorf("%s holds %q", path, secret.Find(data))
		}
		return err
	}))
	if files == 0 {
		ts.Fatalf("there is no file in %s", args[1])
	}
}

// matches says whether files of that name are there as they should be.
func matches(glob string, want bool) error {
	found, err := filepath.Glob(glob)
	if err == nil && (len(found) > 0) != want {
		err = fmt.Errorf("%s: found %v", glob, found)
	}
	return err
}
