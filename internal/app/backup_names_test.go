package app

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
)

// A backup brings data only: settings in it could send the records of the one who restores it elsewhere.
func TestARestoreBringsDataOnly(t *testing.T) {
	for _, name := range []string{ConfigFile, "dangol.lock", socketName, readyFolder + "/x", "rejects", "rejects/../dangol.conf", "/etc/x", "../x", "uploads/x"} {
		folder, file := t.TempDir(), filepath.Join(t.TempDir(), "b.dangol")
		if belongs(name) {
			t.Errorf("%q belongs to a backup", name)
		}
		if !filepath.IsLocal(name) || name == "rejects/../dangol.conf" {
			continue
		}
		inside := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(inside), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(inside, []byte("store = postgres://elsewhere/x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := pack(t.Context(), folder, file, manifest{Format: manifestFormat, MadeAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
		c := testOptions(t).Config
		if f := fault.From(Restore(t.Context(), c, file)); f.Reason != "app.not_a_backup" {
			t.Errorf("%q: %+v", name, f)
		}
		if err := onlyEmpty(c); err != nil {
			t.Errorf("%q: left %v", name, err)
		}
	}
	for _, name := range []string{recordsName, warehouseName, "rejects/import-1.csv", "models/recommend-1.model"} {
		if !belongs(name) {
			t.Errorf("%q does not belong to a backup", name)
		}
	}
}

// Two backups of one name wait in the line together; the second must not replace the first.
func TestTwoBackupsOfOneName(t *testing.T) {
	a := openTest(t)
	file := filepath.Join(t.TempDir(), "all.dangol")
	backupTo(t, a, file)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	j := a.jobs.Start("backup", func(ctx context.Context, p *job.Progress) (any, error) { return a.backup(ctx, file, p) })
	if j, err = a.jobs.Wait(t.Context(), j.ID); err != nil || j.State != job.Failed || j.Problem.Type != "app.backup_exists" {
		t.Errorf("%+v, %v", j, err)
	}
	after, err := os.ReadFile(file)
	if err != nil || string(after) != string(before) {
		t.Errorf("the first was replaced: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".dangol-backup-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A process that is killed while it gathers a backup or an export leaves as much as the data themselves.
func TestScratchIsSwept(t *testing.T) {
	o := testOptions(t)
	for _, name := range []string{"backup-123/warehouse.duckdb", "tmp/export-1"} {
		path := o.Config.path(name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	for _, name := range []string{"backup-123", "tmp/export-1"} {
		if _, err := os.Stat(o.Config.path(name)); !os.IsNotExist(err) {
			t.Errorf("%s is left: %v", name, err)
		}
	}
}
