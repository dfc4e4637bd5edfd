package crash

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// small mounts a disk of so many MB at a folder, which is made.
func small(t *testing.T, folder string, megabytes int) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		t.Skipf("NOT TESTED: a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
}

// enlarge makes room on a small disk.
func enlarge(t *testing.T, folder string, megabytes int) {
	t.Helper()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_REMOUNT, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		t.Fatal(err)
	}
}

// fillUp takes all of a disk's room at once, but some KB.
func fillUp(t *testing.T, folder string, but int64) (ballast string) {
	t.Helper()
	ballast = filepath.Join(folder, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for size := int64(0); ; {
		var s syscall.Statfs_t
		if err := syscall.Statfs(folder, &s); err != nil {
			t.Fatal(err)
		}
		free := int64(s.Bavail)*s.Bsize - but<<10
		if free <= 0 {
			return ballast
		}
		if err := syscall.Fallocate(int(f.Fd()), 0, size, free); err == nil { // else the server took some of it meanwhile
			size += free
		}
	}
}

// engine is where one engine keeps its files, so that it alone meets a full disk.
type engine struct {
	name string
	lay  func(t *testing.T, data string) (disk string)
}

func engines() []engine {
	return []engine{
		{"log", func(t *testing.T, data string) string {
			disk := filepath.Join(data, "log")
			small(t, disk, 40)
			return disk
		}},
		{"recall", func(t *testing.T, data string) string {
			disk := filepath.Join(data, "recall")
			small(t, disk, 60)
			return disk
		}},
		{"records", func(t *testing.T, data string) string {
			disk := filepath.Join(filepath.Dir(data), "records")
			small(t, disk, 8)
			if err := os.Symlink(filepath.Join(disk, "records.db"), filepath.Join(data, "records.db")); err != nil {
				t.Fatal(err)
			}
			return disk
		}},
		{"warehouse", func(t *testing.T, data string) string {
			disk := filepath.Join(filepath.Dir(data), "warehouse")
			small(t, disk, 40)
			if err := os.Symlink(filepath.Join(disk, "warehouse.duckdb"), filepath.Join(data, "warehouse.duckdb")); err != nil {
				t.Fatal(err)
			}
			return disk
		}},
	}
}

// TestOneEnginesDiskIsFull lets each engine alone run out of room while events come. The server goes on answering, and with
// room again it takes everything through, by itself.
func TestOneEnginesDiskIsFull(t *testing.T) {
	binary := build(t)
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			if err := os.MkdirAll(data, 0o700); err != nil {
				t.Fatal(err)
			}
			disk := e.lay(t, data)
			fullDisk(t, binary, data, disk, func() { enlarge(t, disk, 2000) })
		})
	}
}

// TestDiskIsFull lets something else take the room of the whole data folder at once, before the gate can close.
func TestDiskIsFull(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	small(t, data, 1500)
	fullDisk(t, build(t), data, data, func() {})
}

// fullDisk sends events, fills the disk up, makes room again, and requires that the server lived and lost nothing.
func fullDisk(t *testing.T, binary, data, disk string, enlarge func()) {
	t.Helper()
	s := serve(t, binary, data)
	defer func() { s.kill() }()
	f := newFlood(4, 50)
	f.start(t, s.url)
	time.Sleep(700 * time.Millisecond)
	ballast := fillUp(t, disk, rand.Int64N(400))
	met := func() bool {
		said := s.said()
		return strings.Contains(said, "space left") || strings.Contains(said, "is full") || strings.Contains(said, "nearly full")
	}
	time.Sleep(2500 * time.Millisecond)
	wait(30*time.Second, met) // on a busy machine it takes longer
	refused, alive := f.refused(), s.alive()
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	enlarge()
	again := f.answered(http.StatusOK)
	goesOn := wait(30*time.Second, func() bool { return f.answered(http.StatusOK) > again+20 })
	f.end(t)
	if !alive || !goesOn {
		t.Fatalf("the server is alive: %v; it takes events again: %v\n%s", alive, goesOn, s.said())
	}
	if c := s.settled(t); c.DeadLetters > 0 || c.Quarantined > 0 {
		t.Fatalf("%+v\n%s", c, s.said())
	}
	if !met() {
		t.Errorf("no engine met the full disk, or none said so:\n%s", s.said())
	}
	s.stop(t)
	found := f.exact(t, data)
	t.Logf("%d requests refused while the disk was full; %d events acknowledged, each there once", refused, found.acknowledged)
}

// TestAStopEndsAlthoughTheDiskIsFull stops a server of which the index of people waits for room: it ends, and says what was cut off.
// The next start takes everything that was acknowledged through.
func TestAStopEndsAlthoughTheDiskIsFull(t *testing.T) {
	binary, data := build(t), filepath.Join(t.TempDir(), "data")
	disk := filepath.Join(data, "recall")
	small(t, disk, 60)
	s := serve(t, binary, data)
	defer func() { s.kill() }()
	f := newFlood(4, 50)
	f.start(t, s.url)
	time.Sleep(700 * time.Millisecond)
	ballast := fillUp(t, disk, 0)
	if !wait(20*time.Second, func() bool { return strings.Contains(s.said(), "waits for room") }) {
		t.Fatalf("the index of people did not meet the full disk\n%s", s.said())
	}
	f.end(t)
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.cmd.Wait() }()
	select {
	case err := <-ended:
		t.Logf("the server ended: %v", err)
	case <-time.After(40 * time.Second):
		t.Fatalf("the server does not end\n%s", s.said())
	}
	if !strings.Contains(s.said(), "stops while the disk is full") {
		t.Errorf("it is not said that the stop cut something off:\n%s", s.said())
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	enlarge(t, disk, 2000)
	s = serve(t, binary, data)
	if c := s.settled(t); c.DeadLetters > 0 || c.Quarantined > 0 {
		t.Fatalf("%+v\n%s", c, s.said())
	}
	s.stop(t)
	found := f.exact(t, data)
	t.Logf("%d events acknowledged, each there once", found.acknowledged)
}

// TestGateClosesBeforeTheDiskIsFull sends into a disk that comes near its end by the events themselves: requests are refused
// with a time to wait, and taken again when the disk grew.
func TestGateClosesBeforeTheDiskIsFull(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	small(t, data, 512+48)
	s := serve(t, build(t), data)
	defer func() { s.kill() }()
	f := newFlood(4, 50)
	f.start(t, s.url)
	closed := wait(12*time.Second, func() bool { return f.answered(http.StatusServiceUnavailable) > 10 })
	before := f.answered(http.StatusOK)
	if !closed || before == 0 {
		t.Fatalf("%d requests taken, none refused\n%s", before, s.said())
	}
	enlarge(t, data, 3000)
	if !wait(10*time.Second, func() bool { return f.answered(http.StatusOK) > before+20 }) {
		t.Fatalf("nothing is taken although there is room\n%s", s.said())
	}
	f.end(t)
	if c := s.settled(t); c.DeadLetters > 0 || c.Quarantined > 0 {
		t.Fatalf("%+v\n%s", c, s.said())
	}
	s.stop(t)
	t.Logf("%+v", f.exact(t, data))
}
