// Package datatest finds the public data sets that tests read. They are not part of the project: a test whose data are
// absent is skipped, and says so.
package datatest

import (
	"os"
	"path/filepath"
	"testing"
)

// Path returns where a data set's file lies: in the folder that DANGOL_TEST_DATA names, or in shared/data beside the
// project. The test is skipped when it is not there.
func Path(tb testing.TB, name string) string {
	tb.Helper()
	dir := os.Getenv("DANGOL_TEST_DATA")
	if dir == "" {
		dir = filepath.Join(Root(tb), "..", "shared", "data")
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		tb.Skipf("SKIPPED, NOT PASSED: the data set %s is not at %s; set DANGOL_TEST_DATA to the folder that holds it", name, dir)
	}
	return path
}

// Root returns the project's folder.
func Root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			tb.Fatal("go.mod is in no folder above the test")
		}
		dir = up
	}
}
