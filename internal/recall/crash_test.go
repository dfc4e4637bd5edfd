package recall_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/recall"
)

// spoil turns some bytes all over a file.
func spoil(t *testing.T, pattern string) {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatal(pattern, err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for part := range 16 {
			b[len(b)*part/16+len(b)/32] ^= 0x55
		}
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

const crashFolder = "RECALL_CRASH_FOLDER"

// TestMain is also the process that is killed.
// usualChecks is how many lives the random tests play where nobody says otherwise (-rapid.checks): each opens an engine.
const usualChecks = "30"

func TestMain(m *testing.M) {
	if err := flag.Lookup("rapid.checks").Value.Set(usualChecks); err != nil {
		panic(err)
	}
	flag.Parse() // what is said on the command line counts
	if folder := os.Getenv(crashFolder); folder != "" {
		writeUntilKilled(folder)
	}
	os.Exit(m.Run())
}

// Batch i gives one fact and one id to each of some customers, so that everything there should be follows from the offset.
func crashCustomer(i uint64, j int) uint32 { return uint32((i*31 + uint64(j)*7) % 500) }

// crashRun lets claims become runs, and runs one, while the process is killed.
const (
	crashFacts = 200
	crashRun   = 500
)

func writeUntilKilled(folder string) {
	r, err := recall.Open(context.Background(), folder, recall.Options{CacheMB: 16}.WithRuns(crashRun))
	if err != nil {
		panic(err)
	}
	for i := r.Offsets().Log + 1; ; i++ {
		ids, places := make([]string, crashFacts), make([]uint64, crashFacts)
		c := r.Begin(int64(i) * 1e6)
		for j := range crashFacts {
			ids[j], places[j] = fmt.Sprintf("%d-%d", i, j), i<<12|uint64(j)
			who := crashCustomer(i, j)
			c.Add(who, &recall.Fact{Strand: 3, AtUS: int64(i), Place: places[j], Origin: who, Values: []rule.Value{rule.ValueOf(strconv.Itoa(j))}})
		}
		if n, err := r.Claim(ids, places, make([]bool, crashFacts)); err != nil || n != 0 {
			panic(fmt.Sprint(n, err))
		}
		if i%2 == 0 {
			c.Enter(16, uint32(i))
		}
		if err := c.Tell([]byte(strconv.FormatUint(i, 10))); err != nil {
			panic(err)
		}
		c.Follow(recall.Offsets{Log: i})
		if err := c.End(); err != nil {
			panic(err)
		}
		fmt.Println(i)
	}
}

func TestKilledAtAnyInstantItIsTheStateOfSomeCommit(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "recall")
	rounds := 12
	if testing.Short() {
		rounds = 4
	}
	random := rand.New(rand.NewPCG(7, 7))
	for range rounds {
		said := killedAfter(t, folder, random.IntN(25))
		r := open(t, folder)
		last := r.Offsets().Log
		if last < said {
			t.Fatalf("batch %d was committed, what is here ends at %d", said, last)
		}
		checkBatches(t, r, last)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killedAfter lets another process write, kills it some batches later and returns the last that it said was committed.
func killedAfter(t *testing.T, folder string, batches int) (said uint64) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	c.Env = append(os.Environ(), crashFolder+"="+folder)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for range batches {
		if !lines.Scan() {
			break
		}
	}
	time.Sleep(time.Duration(rand.IntN(8_000)) * time.Microsecond) // anywhere within a commit
	_ = c.Process.Kill()
	said, _ = strconv.ParseUint(lines.Text(), 10, 64)
	_ = c.Wait()
	return said
}

func checkBatches(t *testing.T, r *recall.Recall, last uint64) {
	t.Helper()
	want := map[uint32]int{}
	for i := uint64(1); i <= last; i++ {
		ids, places, duplicate := make([]string, crashFacts), make([]uint64, crashFacts), make([]bool, crashFacts)
		for j := range crashFacts {
			want[crashCustomer(i, j)]++
			ids[j], places[j] = fmt.Sprintf("%d-%d", i, j), (last+i)<<12|uint64(j)
		}
		n, err := r.Claim(ids, places, duplicate)
		if err != nil || n != crashFacts {
			t.Fatalf("of batch %d %d ids are known: %v", i, n, err)
		}
		if r.Contains(16, uint32(i)) != (i%2 == 0) {
			t.Fatalf("membership of %d", i)
		}
	}
	if r.Contains(16, uint32(last+1)) || r.Contains(16, uint32(last+2)) {
		t.Fatal("a batch that was not committed moved somebody")
	}
	var rec recall.Record
	for who := range uint32(500) {
		if err := r.Read(who, slots(), strands, &rec); err != nil {
			t.Fatal(err)
		}
		if got := len(rec.Moments(2)); got != want[who] {
			t.Fatalf("customer %d has %d facts, want %d", who, got, want[who])
		}
	}
	told := uint64(0)
	if _, err := r.Told(1<<30, func([]byte) error { told++; return nil }); err != nil || told != last {
		t.Fatalf("%d told, want %d: %v", told, last, err)
	}
}
