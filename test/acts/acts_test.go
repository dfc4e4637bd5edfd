package acts

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestActs(t *testing.T) {
	t.Parallel()
	binary := build(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true, RequireUniqueNames: true, UpdateScripts: os.Getenv("DANGOL_REWRITE") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", filepath.Dir(binary)+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("DANGOL_DATA", filepath.Join(e.WorkDir, "data"))
			e.Setenv("LANG", "en_GB.UTF-8")
			e.Setenv("TZ", "UTC")
			e.Values[serverKey{}] = &server{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": serve, "stop": stop, "curl": curl, "has": has,
		},
	})
}

// build gives the binary under its own name in a folder of its own.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "dangol")
	if ready := os.Getenv("DANGOL_BINARY"); ready != "" {
		if err := os.Symlink(ready, binary); err != nil {
			t.Fatal(err)
		}
		return binary
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../cmd/dangol").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

type server struct {
	cmd *exec.Cmd
	err *bytes.Buffer
}

// serverKey is where a script keeps its server.
type serverKey struct{}

// serve [flags] starts a server on a free port and waits until it says where.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("use ! exec dangol serve")
	}
	binary := filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "dangol")
	cmd := exec.Command(binary, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	cmd.Env = []string{"DANGOL_DATA=" + ts.Getenv("DANGOL_DATA"), "HOME=" + ts.Getenv("WORK")}
	cmd.Dir = ts.MkAbs(".")
	s, ok := ts.Value(serverKey{}).(*server)
	if !ok {
		ts.Fatalf("no place for a server")
	}
	s.cmd, s.err = cmd, &bytes.Buffer{}
	cmd.Stderr = s.err
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() { s.end() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.end()
		ts.Fatalf("serve: %v\n%s", err, s.err)
	}
	ts.Setenv("URL", strings.TrimSpace(line[strings.Index(line, "http"):]))
}

func (s *server) end() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	done := make(chan error, 1)
	go func() { done <- s.cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		_ = s.cmd.Process.Kill()
	}
	s.cmd = nil
}

// stop ends the script's server as an operator would; the server must end well.
func stop(ts *testscript.TestScript, _ bool, _ []string) {
	s, ok := ts.Value(serverKey{}).(*server)
	if !ok || s.cmd == nil {
		ts.Fatalf("no server runs")
	}
	cmd := s.cmd
	s.end()
	if code := cmd.ProcessState.ExitCode(); code != 0 {
		ts.Fatalf("the server ended with %d\n%s", code, s.err)
	}
}

// curl STATUS METHOD PATH [Header: value]... asks $URL and prints the body.
func curl(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("curl STATUS METHOD PATH [header...]")
	}
	r, err := http.NewRequest(args[1], ts.Getenv("URL")+args[2], nil)
	ts.Check(err)
	for _, h := range args[3:] {
		name, value, _ := strings.Cut(h, ": ")
		if strings.EqualFold(name, "Host") {
			r.Host = value
		}
		if strings.EqualFold(name, "Body") {
			r.Body = io.NopCloser(strings.NewReader(value))
			if r.Header.Get("Content-Type") == "" {
				r.Header.Set("Content-Type", "application/json")
			}
			continue
		}
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	ts.Check(err)
	if fmt.Sprint(answer.StatusCode) != args[0] {
		ts.Fatalf("%s %s answered %d, want %s\n%s", args[1], args[2], answer.StatusCode, args[0], body)
	}
	_, err = fmt.Fprintln(ts.Stdout(), string(body))
	ts.Check(err)
}

// has FILE PATH VALUE compares a field of a JSON file, such as `has stdout set_aside.free_line 2`.
func has(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("has FILE PATH VALUE")
	}
	var v any
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	decoder.UseNumber()
	ts.Check(decoder.Decode(&v))
	for _, part := range strings.Split(args[1], ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			var i int
			if _, err := fmt.Sscan(part, &i); err != nil || i >= len(x) {
				ts.Fatalf("%s has no %s", args[0], args[1])
			}
			v = x[i]
		default:
			v = nil
		}
	}
	if got := fmt.Sprint(v); (got == args[2]) == neg {
		ts.Fatalf("%s is %s, want %s", args[1], got, args[2])
	}
}
