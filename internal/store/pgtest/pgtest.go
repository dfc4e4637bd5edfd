// Package pgtest starts a real PostgreSQL server for a test: a fresh cluster in a temporary folder, reached over a
// unix socket, gone when the test ends. It needs PostgreSQL's programs on the machine and nothing running.
package pgtest

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver that makes the databases
)

// RequireEnv names the setting that turns a missing server from a skipped test into a failed one.
const RequireEnv = "DANGOL_REQUIRE_ENGINES"

// Server is a running cluster.
type Server struct {
	folder string
	made   atomic.Int64
}

// Start runs a server until the test ends. Where PostgreSQL is not installed the test is skipped, aloud, and fails
// instead when RequireEnv is set.
func Start(t testing.TB) *Server {
	t.Helper()
	bin := programs()
	if bin == "" {
		if os.Getenv(RequireEnv) != "" {
			t.Fatalf("PostgreSQL's programs are not on this machine and %s is set; install the package postgresql", RequireEnv)
		}
		t.Skip("SKIPPED: PostgreSQL's programs are not on this machine; install the package postgresql to run this")
	}
	folder, err := os.MkdirTemp("", "dangol-pg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	owner := ownerOf(t, folder)
	data := filepath.Join(folder, "data")
	run(t, owner, folder, filepath.Join(bin, "initdb"), "--no-sync", "--username=dangol", "--auth=trust", "--encoding=UTF8", "--locale=C", data)
	serve(t, owner, folder, bin, data)
	s := &Server{folder: folder}
	waitUntilReady(t, s)
	return s
}

// Database makes an empty database and returns its address.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test%d", s.made.Add(1))
	db, err := sql.Open("pgx", s.address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return s.address(name)
}

func (s *Server) address(database string) string {
	return fmt.Sprintf("postgres://dangol@/%s?host=%s", database, s.folder)
}

// programs finds the folder of initdb and postgres.
func programs() string {
	var candidates []string
	if out, err := exec.CommandContext(context.Background(), "pg_config", "--bindir").Output(); err == nil {
		candidates = append(candidates, strings.TrimSpace(string(out)))
	}
	installed, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is well formed
	sort.Sort(sort.Reverse(sort.StringSlice(installed)))
	candidates = append(candidates, installed...)
	if path, err := exec.LookPath("postgres"); err == nil {
		candidates = append(candidates, filepath.Dir(path))
	}
	for _, c := range candidates {
		if isFile(filepath.Join(c, "initdb")) && isFile(filepath.Join(c, "postgres")) {
			return c
		}
	}
	return ""
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// ownerOf gives the folder to an ordinary user when the test runs as root, because PostgreSQL refuses to.
func ownerOf(t testing.TB, folder string) *syscall.SysProcAttr {
	t.Helper()
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 != nil || err2 != nil {
			continue
		}
		if err := os.Chown(folder, int(uid), int(gid)); err != nil {
			t.Fatal(err)
		}
		return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	t.Fatal("PostgreSQL does not run as root, and neither the user postgres nor nobody exists")
	return nil
}

func run(t testing.TB, owner *syscall.SysProcAttr, dir, program string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir, cmd.SysProcAttr = dir, owner
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "HOME=" + dir}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

func serve(t testing.TB, owner *syscall.SysProcAttr, folder, bin, data string) {
	t.Helper()
	// Not tied to the test's context: the server is asked to stop, and given the time to.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(bin, "postgres"), "-D", data, "-k", folder,
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=64", "-c", "shared_buffers=32MB")
	cmd.Dir, cmd.SysProcAttr = folder, owner
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "HOME=" + folder}
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGQUIT) // at once: nothing in it is worth keeping
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("PostgreSQL said:\n%s", log.String())
		}
	})
}

func waitUntilReady(t testing.TB, s *Server) {
	t.Helper()
	db, err := sql.Open("pgx", s.address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var last error
	for range 300 {
		if last = db.PingContext(t.Context()); last == nil {
			return
		}
		time.Sleep(50 * time.Millisecond) // the server has no way to call us
	}
	t.Fatalf("PostgreSQL did not come up: %v", last)
}
