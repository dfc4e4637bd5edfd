package app

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/kit/rest"
)

func backupTo(t *testing.T, a *App, path string) {
	t.Helper()
	j := a.jobs.Start("backup", func(ctx context.Context, p *job.Progress) (any, error) { return a.backup(ctx, path, p) })
	if j, err := a.jobs.Wait(t.Context(), j.ID); err != nil || j.State != job.Done {
		t.Fatalf("%+v %v", j, err)
	}
}

func TestBackupAndRestore(t *testing.T) {
	a := openTest(t)
	_, secret, err := a.accounts.CreateKey(t.Context(), "kept", rest.Read)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "all.dangol")
	backupTo(t, a, file)
	left, err := filepath.Glob(filepath.Join(a.Config.Data, "backup-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	o := testOptions(t)
	if err := Restore(t.Context(), o.Config, file); err != nil {
		t.Fatal(err)
	}
	b, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	if p, err := b.accounts.Verify(t.Context(), secret); err != nil || p.Name != "kept" {
		t.Errorf("%+v %v", p, err)
	}
}

func TestRestoreFaults(t *testing.T) {
	a := openTest(t)
	file := filepath.Join(t.TempDir(), "all.dangol")
	backupTo(t, a, file)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(t.TempDir(), "short")
	text := filepath.Join(t.TempDir(), "text")
	full := testOptions(t).Config
	for path, content := range map[string][]byte{short: whole[:len(whole)/2], text: []byte("not a backup"), filepath.Join(full.Data, "records.db"): []byte("x")} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		into   Config
		file   string
		reason string
	}{
		{testOptions(t).Config, short, "app.not_a_backup"},
		{testOptions(t).Config, text, "app.not_a_backup"},
		{testOptions(t).Config, file + "x", "app.no_backup"},
		{full, file, "app.folder_not_empty"},
		{a.Config, file, "app.data_in_use"},
	} {
		err := Restore(t.Context(), c.into, c.file)
		if f := fault.From(err); f.Reason != c.reason || f.Next == "" {
			t.Errorf("%s: %v, want %s", c.file, err, c.reason)
		}
		if c.reason == "app.not_a_backup" {
			if err := onlyEmpty(c.into); err != nil {
				t.Errorf("a failed restore left %v", err)
			}
		}
	}
}

// TestRestoreGoesOn stops between unpacking and moving; the next opening finishes.
func TestRestoreGoesOn(t *testing.T) {
	c := testOptions(t).Config
	ready := filepath.Join(c.Data, readyFolder)
	if err := os.MkdirAll(ready, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(ready, "part"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := finishRestore(c); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(c.Data, "part")); err != nil {
		t.Error(err)
	}
}

func TestLoad(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, ConfigFile), []byte("# settings\naddr = 127.0.0.1:1\nlog=json\nstore = file.db\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"DANGOL_DATA": folder, "DANGOL_ADDR": "127.0.0.1:2"}
	c, err := Load(Config{}, func(k string) string { return env[k] })
	if err != nil || c != (Config{Data: folder, Addr: "127.0.0.1:2", Log: "json", Store: "file.db"}) {
		t.Errorf("%+v %v", c, err)
	}
	c, err = Load(Config{Addr: "127.0.0.1:3"}, func(k string) string { return env[k] })
	if err != nil || c.Addr != "127.0.0.1:3" {
		t.Errorf("%+v %v", c, err)
	}
	for text, line := range map[string]int64{"addr 1": 1, "\ncolour = red": 2, "data = elsewhere": 1} {
		if err := os.WriteFile(filepath.Join(folder, ConfigFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Load(Config{Data: folder}, func(string) string { return "" })
		if f := fault.From(err); f.Reason != "app.bad_setting" || f.Where.Line != line {
			t.Errorf("%q gave %v", text, err)
		}
	}
	for addr, loopback := range map[string]bool{"127.0.0.1:1": true, "localhost:1": true, "[::1]:1": true, ":8080": false, "0.0.0.0:1": false, "192.168.1.2:1": false, "[::]:1": false} {
		if got := (Config{Addr: addr}).Loopback(); got != loopback {
			t.Errorf("%s is loopback: %v", addr, got)
		}
	}
}

func TestStartsFast(t *testing.T) {
	o := testOptions(t)
	started := time.Now()
	serveTest(t, o)
	if took := time.Since(started); took > 3*time.Second { // one second on a quiet machine
		t.Errorf("took %v to serve", took)
	}
}
