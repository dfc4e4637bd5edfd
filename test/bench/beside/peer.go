package beside

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// ErrPatience says that a program took longer than it may.
var ErrPatience = errors.New("gave up")

// Answer runs a program for as long as patience lasts and reads the JSON that
// it prints; what it complains of goes to the standard error.
func Answer(to any, patience time.Duration, program string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	run := exec.CommandContext(ctx, program, args...)
	run.Stderr = os.Stderr
	out, err := run.Output()
	if ctx.Err() != nil {
		return fmt.Errorf("%w after %s", ErrPatience, patience)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(out, to)
}

// Peer is a Python program that does the same work as ours.
type Peer struct {
	Python   string // the interpreter; empty where there is none
	Script   string
	Patience time.Duration // how long it may take for a task
}

// There says whether there is an interpreter to run the peer with.
func (p Peer) There() bool { return p.Python != "" }

// Answer runs the peer on a task and reads its answer, as the function Answer
// does.
func (p Peer) Answer(to any, args ...string) error {
	return Answer(to, p.Patience, p.Python, append([]string{"-W", "ignore", p.Script}, args...)...)
}

// Script is where the peer of a benchmark of this folder stands.
func Script(benchmark string) string {
	return filepath.Join(Root(), "test", "bench", benchmark, "peer.py")
}

// Data is a file of the public data sets, which are in the folder of
// DANGOL_TEST_DATA, or without it in shared/data beside the repository.
func Data(parts ...string) string {
	dir := os.Getenv("DANGOL_TEST_DATA")
	if dir == "" {
		dir = filepath.Join(Root(), "..", "shared", "data")
	}
	return filepath.Join(append([]string{dir}, parts...)...)
}

// Root is the folder of go.mod.
func Root() string {
	dir, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	return "."
}

// Given is the interpreter that DANGOL_BENCH_PYTHON names; empty without.
func Given() string { return os.Getenv("DANGOL_BENCH_PYTHON") }

// Environment is what a peer needs of a Python.
type Environment struct {
	Name     string   // of the peers, for messages
	Modules  []string // to import
	Packages []string // to install, at the versions measured
}

// starting is how long the import of the modules may take.
const starting = 2 * time.Minute

// Check says what an interpreter lacks.
func (e Environment) Check(python string) error {
	ctx, cancel := context.WithTimeout(context.Background(), starting)
	defer cancel()
	if err := exec.CommandContext(ctx, python, "-c", "import "+strings.Join(e.Modules, ", ")).Run(); err != nil {
		return fmt.Errorf("%s lacks one of %s: %w; install them, or run with -peer=false", python, strings.Join(e.Packages, ", "), err)
	}
	return nil
}

// Find is the interpreter given, which must have the modules, or one of a new
// environment in the folder.
func (e Environment) Find(folder string) (string, error) {
	if path := Given(); path != "" {
		return path, e.Check(path)
	}
	venv := filepath.Join(folder, "venv")
	fmt.Fprintf(os.Stderr, "making a Python environment with %s; set DANGOL_BENCH_PYTHON to use your own\n", e.Name)
	for _, args := range [][]string{
		{"python3", "-m", "venv", venv},
		append([]string{filepath.Join(venv, "bin", "pip"), "install", "-q"}, e.Packages...),
	} {
		step := exec.Command(args[0], args[1:]...)
		step.Stderr = os.Stderr
		if err := step.Run(); err != nil {
			return "", fmt.Errorf("%s: %w; without peers run with -peer=false", strings.Join(args, " "), err)
		}
	}
	return filepath.Join(venv, "bin", "python"), nil
}
