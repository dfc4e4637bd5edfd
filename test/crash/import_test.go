package crash

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/simulate"
)

const (
	customers = 2_000
	lines     = 150_000
)

func build(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("DANGOL_BINARY"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "dangol")
	if out, err := exec.Command("go", "build", "-o", path, "../../cmd/dangol").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

func rounds() int {
	if n, err := strconv.Atoi(os.Getenv("DANGOL_CRASH_ROUNDS")); err == nil && n > 0 {
		return n
	}
	return 15
}

// held is what a data folder holds, as the status tells it.
type held struct {
	Lines     int64 `json:"lines"`
	Orders    int64 `json:"orders"`
	Customers int64 `json:"customers"`
}

func status(t *testing.T, binary, data string) held {
	t.Helper()
	out, err := exec.Command(binary, "status", "--json", "--data", data).Output()
	if err != nil {
		t.Fatalf("the folder does not open after the kill: %v\n%s%s", err, out, stderrOf(err))
	}
	var h held
	if err := json.Unmarshal(out, &h); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return h
}

// TestKilledImportIsWholeOrNothing kills an import at a random moment of its life, each round in the folder that the
// rounds before left, and requires that the folder then holds all of the file or nothing of it.
func TestKilledImportIsWholeOrNothing(t *testing.T) {
	binary, dir := build(t), t.TempDir()
	file := filepath.Join(dir, "orders.csv")
	var b bytes.Buffer
	if err := simulate.WriteLines(&b, simulate.Crowd{Seed: 1, Customers: customers, Lines: lines}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	whole := filepath.Join(dir, "whole")
	began := time.Now()
	if out, err := exec.Command(binary, "import", "orders", file, "--data", whole).CombinedOutput(); err != nil {
		t.Fatalf("import: %v\n%s", err, out)
	}
	life := time.Since(began)
	want := status(t, binary, whole)
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 7))
	nothing, all := 0, 0
	data := filepath.Join(dir, "killed")
	for round := range rounds() {
		if all > 0 && round%2 == 0 {
			if err := os.RemoveAll(data); err != nil { // begin from nothing again: an import over a whole one changes nothing
				t.Fatal(err)
			}
		}
		// Every other kill aims at the end, where the commit is.
		share := rng.Float64()
		if round%2 == 1 {
			share = 0.7 + 0.5*share
		}
		at := time.Duration(share * float64(life))
		kill(t, at, binary, "import", "orders", file, "--data", data)
		got := status(t, binary, data)
		switch got {
		case held{}:
			nothing++
		case want:
			all++
		default:
			t.Fatalf("round %d, killed after %v: the folder holds %+v; the file makes %+v", round, at, got, want)
		}
	}
	t.Logf("%d rounds: nothing kept %d times, everything %d times", rounds(), nothing, all)
	if out, err := exec.Command(binary, "import", "orders", file, "--data", data).CombinedOutput(); err != nil {
		t.Fatalf("import after the kills: %v\n%s", err, out)
	}
	if got := status(t, binary, data); got != want {
		t.Errorf("after a last import the folder holds %+v, want %+v", got, want)
	}
}

// kill starts the command and kills it without warning after the given time, unless it has ended.
func kill(t *testing.T, after time.Duration, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait()
	timer.Stop()
}

// stderrOf is what a command said before it failed.
func stderrOf(err error) string {
	if e := (*exec.ExitError)(nil); errors.As(err, &e) {
		return string(e.Stderr)
	}
	return ""
}
