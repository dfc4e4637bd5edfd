package bus_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/dangol/dangol/internal/bus"
)

const killedDir = "DANGOL_TEST_BUS"

// TestMain lets the test program be the one that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(killedDir); dir != "" {
		publishUntilKilled(dir)
		return
	}
	os.Exit(m.Run())
}

// publishUntilKilled publishes from several goroutines and prints each acknowledged number with its message.
func publishUntilKilled(dir string) {
	ctx := context.Background()
	b, err := bus.Open(ctx, bus.Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	var mu sync.Mutex
	var g sync.WaitGroup
	for p := range 4 {
		g.Go(func() {
			for n := 0; ; n++ {
				text := fmt.Sprintf("%d-%d-%d", os.Getpid(), p, n)
				seq, err := b.Publish(ctx, []byte(text))
				mu.Lock()
				if err != nil {
					fmt.Println("error", err)
				} else {
					fmt.Println(seq, text)
				}
				mu.Unlock()
			}
		})
	}
	g.Wait()
}

func TestKilledAtAnyMomentLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	acknowledged := map[uint64]string{}
	for round := range 6 {
		command := exec.CommandContext(t.Context(), os.Args[0])
		command.Env = append(os.Environ(), killedDir+"="+dir)
		out, err := command.StdoutPipe()
		if err == nil {
			err = command.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			var seq uint64
			var text string
			if _, err := fmt.Sscan(lines.Text(), &seq, &text); err != nil {
				t.Fatalf("round %d: %q", round, lines.Text())
			}
			if before, twice := acknowledged[seq]; twice {
				t.Fatalf("number %d was given to %s and %s", seq, before, text)
			}
			acknowledged[seq] = text
			if n == 20+37*round {
				if err := command.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = command.Wait()
	}
	found := map[uint64]string{}
	for _, m := range readAll(t, open(t, bus.Options{Dir: dir}), 0) {
		found[m.Seq] = string(m.Data)
	}
	for seq, text := range acknowledged {
		if found[seq] != text {
			t.Errorf("number %d was acknowledged as %q and is %q", seq, text, found[seq])
		}
	}
	t.Logf("%d acknowledged, %d found", len(acknowledged), len(found))
}
