package app

import (
	"context"
	"encoding/csv"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/dangol/dangol/internal/collect"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/job"
)

// The steps of a commit at which the process is killed, and how many lines must be left after recovery.
var commitSteps = map[string]int64{"before customers": 0, "before commit": 0, "after commit": 300}

// TestKilledAtEachStepOfTheCommit re-runs this test binary as a child that imports and kills itself at the step.
func TestKilledAtEachStepOfTheCommit(t *testing.T) {
	if step := os.Getenv("DANGOL_TEST_KILL_AT"); step != "" {
		dieAt(t, step)
		return
	}
	for step, want := range commitSteps {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			writeOrders(t, filepath.Join(data, "orders.csv"))
			child := exec.Command(os.Args[0], "-test.run=^TestKilledAtEachStepOfTheCommit$")
			child.Env = append(os.Environ(), "DANGOL_TEST_KILL_AT="+step, "DANGOL_TEST_KILL_IN="+data)
			if out, err := child.CombinedOutput(); err == nil {
				t.Fatalf("the child lived on:\n%s", out)
			}
			checkRecovered(t, data, want)
		})
	}
}

func openIn(t *testing.T, data string) *App {
	t.Helper()
	a, err := Open(context.Background(), Options{Config: Config{Data: data}, Log: slog.New(slog.DiscardHandler), Clock: clock.System()})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func dieAt(t *testing.T, step string) {
	data := os.Getenv("DANGOL_TEST_KILL_IN")
	a := openIn(t, data)
	a.rooms.collect.Pause = func(at string) {
		if at == step {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	_, err := a.rooms.collect.Import(context.Background(), filepath.Join(data, "orders.csv"), "orders.csv", collect.Options{}, &job.Progress{})
	t.Fatalf("the import ended without passing %q: %v", step, err)
}

func writeOrders(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(f)
	_ = w.Write([]string{"order_id", "customer_id", "order_date", "sku", "quantity", "unit_price", "currency"})
	for i := range 300 {
		_ = w.Write([]string{strconv.Itoa(i / 2), "c" + strconv.Itoa(i%37), "2024-03-" + strconv.Itoa(10+i%20), "sku" + strconv.Itoa(i%9), "1", "9.50", "EUR"})
	}
	w.Flush()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// checkRecovered opens the folder as after a restart and compares records and warehouse.
func checkRecovered(t *testing.T, data string, want int64) {
	t.Helper()
	a := openIn(t, data)
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx := context.Background()
	span, err := a.rooms.warehouse.Span(ctx)
	if err != nil || span.Lines != want {
		t.Fatalf("%d lines are left (%v), want %d", span.Lines, err, want)
	}
	people, err := people{a.rooms.registry}.People(ctx)
	if err != nil || int64(people.Known()) != span.Customers {
		t.Errorf("the records know %d customers (%v), the warehouse %d", people.Known(), err, span.Customers)
	}
	history, err := a.rooms.collect.History(ctx, 10)
	if err != nil || len(history) != 1 {
		t.Fatalf("history = %+v, %v", history, err)
	}
	state := "failed"
	if want > 0 {
		state = "done"
	}
	if history[0].State != state || want > 0 && history[0].LinesAccepted != want {
		t.Errorf("the import's record says %s with %d lines, want %s with %d", history[0].State, history[0].LinesAccepted, state, want)
	}
	r, err := a.rooms.collect.Import(ctx, filepath.Join(data, "orders.csv"), "orders.csv", collect.Options{}, &job.Progress{})
	if err != nil || r.LinesAccepted+r.AlreadyPresent != 300 || r.AlreadyPresent != want {
		t.Errorf("importing again gives %+v, %v", r, err)
	}
}
