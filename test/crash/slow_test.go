package crash

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/dangol/dangol/internal/warehouse"
	"github.com/dangol/dangol/test/bench/load"
)

// slowDown keeps a disk busy with writes that are synced, until ctx ends.
func slowDown(ctx context.Context, t *testing.T, folder string) *sync.WaitGroup {
	t.Helper()
	var busy sync.WaitGroup
	for range 8 {
		f, err := os.CreateTemp(folder, "busy")
		if err != nil {
			t.Fatal(err)
		}
		busy.Go(func() {
			defer func() { _ = f.Close() }()
			block := make([]byte, 4<<20)
			for n := int64(0); ctx.Err() == nil; n++ {
				if _, err := f.WriteAt(block, n%16*int64(len(block))); err != nil || f.Sync() != nil {
					return
				}
			}
		})
	}
	return &busy
}

// TestSlowDisk sends events while something else keeps the disk busy. Acknowledgements take longer, memory does not grow, and
// everything that was acknowledged is there.
func TestSlowDisk(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	s := serve(t, build(t), data)
	defer func() { s.kill() }()
	to, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	watching, stop := context.WithCancel(t.Context())
	defer stop()
	most := peak(watching, s.cmd.Process.Pid)
	o := load.Options{Seconds: 2, Key: "any", Connections: 32, Customers: 5000, Prefix: "cust_"}
	quick, err := load.Drive(t.Context(), to.Host, o, load.Plan{Batch: 20}, 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, rest := context.WithCancel(t.Context())
	busy := slowDown(ctx, t, dir)
	o.Seconds = 4
	slow, err := load.Drive(t.Context(), to.Host, o, load.Plan{Batch: 20}, 1)
	rest()
	busy.Wait()
	if err != nil {
		t.Fatal(err)
	}
	s.settled(t)
	s.stop(t)
	t.Logf("acknowledged after %v, at 99 %% %v; with a busy disk after %v, at 99 %% %v; %d and %d events; %d MB at most", quick.Quantile(0.5), quick.Quantile(0.99),
		slow.Quantile(0.5), slow.Quantile(0.99), quick.Events, slow.Events, most())
	w, err := warehouse.Open(t.Context(), filepath.Join(data, "warehouse.duckdb"), warehouse.Options{MemoryMB: 512})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	rows, err := w.Ask(t.Context(), `SELECT count(*), count(DISTINCT message_id) FROM event`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var all, different int
		if err := rows.Scan(&all, &different); err != nil {
			t.Fatal(err)
		}
		if want := quick.Events + slow.Events; all != want || different != want {
			t.Errorf("%d events were acknowledged, %d are there, %d different ones", want, all, different)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if most() > overloadMB {
		t.Errorf("the server took %d MB of memory; %d are allowed", most(), overloadMB)
	}
}
