package bus_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/bus"
	"github.com/dangol/dangol/internal/kit/fault"
)

const soon = 10 * time.Second

func open(t *testing.T, o bus.Options) *bus.Bus {
	t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	b, err := bus.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// publish appends messages one after the other and returns the number of the last.
func publish(t *testing.T, b *bus.Bus, payloads ...string) (last uint64) {
	t.Helper()
	for _, p := range payloads {
		seq, err := b.Publish(t.Context(), []byte(p))
		if err != nil {
			t.Fatal(err)
		}
		if seq <= last {
			t.Fatalf("number %d after %d", seq, last)
		}
		last = seq
	}
	return last
}

// readAll reads what is in the log behind after.
func readAll(t *testing.T, b *bus.Bus, after uint64) (all []bus.Message) {
	t.Helper()
	r, err := b.Read(t.Context(), after)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		some, err := r.Next(t.Context(), 7, 1<<20, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			return all
		}
		all = append(all, some...)
	}
}

func texts(messages []bus.Message) string {
	var all []string
	for _, m := range messages {
		all = append(all, fmt.Sprintf("%d=%s", m.Seq, m.Data))
	}
	return strings.Join(all, " ")
}

func TestPublishAndRead(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Options{Dir: t.TempDir()})
	publish(t, b, "a", "b", "c")
	if got := texts(readAll(t, b, 0)); got != "1=a 2=b 3=c" {
		t.Errorf("read %s", got)
	}
	if got := texts(readAll(t, b, 2)); got != "3=c" {
		t.Errorf("read %s", got)
	}
	if got := texts(readAll(t, b, 3)); got != "" {
		t.Errorf("read %s", got)
	}
	s, err := b.State(t.Context())
	if err != nil || s.First != 1 || s.Last != 3 || s.Messages != 3 || s.Bytes == 0 || b.Last() != 3 {
		t.Errorf("state %+v, %v", s, err)
	}
	if at := readAll(t, b, 2)[0].AtUS; at < time.Now().Add(-time.Minute).UnixMicro() || at > time.Now().UnixMicro() {
		t.Errorf("entered at %d", at)
	}
}

func TestReaderIsWokenByAMessage(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Options{Dir: t.TempDir()})
	r, err := b.Read(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if none, err := r.Next(t.Context(), 1, 1, time.Millisecond); len(none) != 0 || err != nil {
		t.Errorf("an empty log gave %v, %v", none, err)
	}
	got := make(chan string, 1)
	go func() {
		some, err := r.Next(t.Context(), 10, 1<<20, soon)
		got <- fmt.Sprint(texts(some), err)
	}()
	publish(t, b, "hello")
	if s := <-got; s != "1=hello<nil>" && s != "1=hello <nil>" {
		t.Errorf("got %q", s)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Next(ctx, 1, 1, soon); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled wait gave %v", err)
	}
}

func TestLargeMessages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, bus.Options{Dir: dir})
	large := bytes.Repeat([]byte("0123456789abcdef"), bus.MaxMessage/16)
	for range 3 {
		if _, err := b.Publish(t.Context(), large); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Publish(t.Context(), append(large, 'x')); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("one byte more gave %v", err)
	}
	all := readAll(t, b, 0)
	if len(all) != 3 {
		t.Fatalf("read %d", len(all))
	}
	for _, m := range all {
		if !bytes.Equal(m.Data, large) {
			t.Errorf("message %d differs", m.Seq)
		}
	}
}

func TestManyPublishersAndReaders(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Options{Dir: t.TempDir()})
	const publishers, each = 16, 60
	seen := make([]map[string]uint64, 3)
	var readers, writers sync.WaitGroup
	for i := range seen {
		seen[i] = map[string]uint64{}
		r, err := b.Read(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		readers.Go(func() {
			var last uint64
			for len(seen[i]) < publishers*each {
				some, err := r.Next(t.Context(), 50, 1<<20, soon)
				if err != nil || len(some) == 0 {
					t.Errorf("after %d: %v", last, err)
					return
				}
				for _, m := range some {
					if m.Seq != last+1 {
						t.Errorf("%d after %d", m.Seq, last)
					}
					last = m.Seq
					seen[i][string(m.Data)] = m.Seq
				}
			}
		})
	}
	var mu sync.Mutex
	acknowledged := map[string]uint64{}
	for p := range publishers {
		writers.Go(func() {
			for n := range each {
				text := fmt.Sprintf("%d/%d", p, n)
				seq, err := b.Publish(t.Context(), []byte(text))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				acknowledged[text] = seq
				mu.Unlock()
			}
		})
	}
	writers.Wait()
	readers.Wait()
	for i := range seen {
		for text, seq := range acknowledged {
			if seen[i][text] != seq {
				t.Errorf("reader %d: %s acknowledged as %d, read as %d", i, text, seq, seen[i][text])
			}
		}
	}
}

func TestTrim(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, bus.Options{Dir: dir})
	publish(t, b, "a", "b", "c", "d")
	if err := b.Trim(t.Context(), 9); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("trimming what is not there gave %v", err)
	}
	if err := b.Trim(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if got := texts(readAll(t, b, 0)); got != "3=c 4=d" {
		t.Errorf("read %s", got)
	}
	if err := b.Trim(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	if got := texts(readAll(t, b, 0)); got != "" {
		t.Errorf("read %s", got)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = open(t, bus.Options{Dir: dir})
	if s, _ := b.State(t.Context()); s.Last != 4 || s.Messages != 0 {
		t.Errorf("after all was trimmed and reopened: %+v", s)
	}
	if seq := publish(t, b, "e"); seq != 5 {
		t.Errorf("went on at %d", seq)
	}
}

// TestTrimOfMuch removes more than is removed at once.
func TestTrimOfMuch(t *testing.T) {
	t.Parallel()
	b := open(t, bus.Options{Dir: t.TempDir()})
	payload := strings.Repeat("x", 2<<20)
	const n = 40
	for range n {
		publish(t, b, payload)
	}
	if err := b.Trim(t.Context(), n-3); err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, b, 0); len(got) != 3 || got[0].Seq != n-2 || len(got[0].Data) != len(payload) {
		t.Errorf("%d messages are left", len(got))
	}
	if s, err := b.State(t.Context()); err != nil || s.First != n-2 || s.Last != n || s.Messages != 3 {
		t.Errorf("%+v, %v", s, err)
	}
	if seq := publish(t, b, "next"); seq != n+1 {
		t.Errorf("went on at %d", seq)
	}
}

func TestFullLogKeepsTheOld(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, bus.Options{Dir: dir, MaxBytes: 256 << 10})
	payload := bytes.Repeat([]byte("x"), 32<<10)
	var err error
	var n uint64
	for n = 0; err == nil && n < 100; n++ {
		_, err = b.Publish(t.Context(), payload)
	}
	if f := fault.From(err); f.Reason != "bus.full" || f.Code != fault.Unavailable || f.Next == "" {
		t.Fatalf("after %d: %v", n, err)
	}
	if got := readAll(t, b, 0); len(got) != int(n-1) || got[0].Seq != 1 {
		t.Errorf("%d messages left of %d", len(got), n-1)
	}
	if err := b.Trim(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if seq, err := b.Publish(t.Context(), payload); err != nil || seq != n {
		t.Errorf("after trimming: %d, %v", seq, err)
	}
	_ = b.Close()
	b = open(t, bus.Options{Dir: dir, MaxBytes: 8 << 20}) // a new limit takes effect
	for range 10 {
		publish(t, b, string(payload))
	}
}

func TestCloseAndReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for round := range uint64(4) {
		b := open(t, bus.Options{Dir: dir})
		if seq := publish(t, b, "m"); seq != round+1 {
			t.Errorf("round %d: number %d", round, seq)
		}
		r, err := b.Read(t.Context(), round+1)
		if err != nil {
			t.Fatal(err)
		}
		waiting := make(chan error, 1)
		go func() {
			_, err := r.Next(t.Context(), 1, 1, soon)
			waiting <- err
		}()
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-waiting; fault.From(err).Reason != "bus.closed" {
			t.Errorf("a waiting reader got %v", err)
		}
		if _, err := b.Publish(t.Context(), []byte("late")); fault.From(err).Reason != "bus.closed" {
			t.Errorf("publishing after closing gave %v", err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	if got := texts(readAll(t, open(t, bus.Options{Dir: dir}), 0)); got != "1=m 2=m 3=m 4=m" {
		t.Errorf("read %s", got)
	}
}

// blocks lists the files that hold messages.
func blocks(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".blk") {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("blocks %v, %v", files, err)
	}
	return files
}

// TestDamagedTail takes a log whose last file was cut off or overwritten, as a disk may leave it: what is before the
// damage is read, and no number is given twice.
func TestDamagedTail(t *testing.T) {
	t.Parallel()
	damages := map[string]func(content []byte) []byte{
		"cut in the last message": func(b []byte) []byte { return b[:len(b)-10] },
		"cut in the middle":       func(b []byte) []byte { return b[:len(b)/2] },
		"cut to nothing":          func([]byte) []byte { return nil },
		"last bytes overwritten":  func(b []byte) []byte { return append(b[:len(b)-20], make([]byte, 20)...) },
		"middle overwritten": func(b []byte) []byte {
			copy(b[len(b)/2:], bytes.Repeat([]byte{0xff}, 64))
			return b
		},
		"rubbish appended": func(b []byte) []byte { return append(b, bytes.Repeat([]byte("rubbish "), 9)...) },
	}
	const n = 20
	for name, damage := range damages {
		for _, clean := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", index kept ", clean), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				b := open(t, bus.Options{Dir: dir})
				for i := range n {
					publish(t, b, fmt.Sprint("message ", i))
				}
				if err := b.Close(); err != nil {
					t.Fatal(err)
				}
				file := blocks(t, dir)[0]
				content, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, damage(content), 0o600); err != nil {
					t.Fatal(err)
				}
				if !clean { // as after a kill
					_ = os.Remove(filepath.Join(filepath.Dir(file), "index.db"))
				}
				b = open(t, bus.Options{Dir: dir, Floor: n})
				left := readAll(t, b, 0)
				t.Logf("%d of %d left", len(left), n)
				for _, m := range left {
					if want := fmt.Sprint("message ", m.Seq-1); string(m.Data) != want {
						t.Errorf("message %d is %q, not %q", m.Seq, m.Data, want)
					}
				}
				if seq := publish(t, b, "new"); seq <= n {
					t.Errorf("the number %d was given again", seq)
				}
				if got := readAll(t, b, n); len(got) != 1 || string(got[0].Data) != "new" {
					t.Errorf("behind the damage: %s", texts(got))
				}
			})
		}
	}
}

func TestFloor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, bus.Options{Dir: dir, Floor: 1_000_000}) // the whole log is gone
	if seq := publish(t, b, "a"); seq != 1_000_001 {
		t.Errorf("went on at %d", seq)
	}
	_ = b.Close()
	b = open(t, bus.Options{Dir: dir, Floor: 1_000_100})
	if seq := publish(t, b, "b"); seq != 1_000_101 {
		t.Errorf("went on at %d", seq)
	}
	if got := texts(readAll(t, b, 5)); got != "1000001=a 1000101=b" {
		t.Errorf("read %s", got)
	}
}

func TestDamagedStreamIsNotBegunAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, bus.Options{Dir: dir})
	publish(t, b, "a")
	_ = b.Close()
	for _, name := range []string{"meta.inf", "meta.sum"} {
		for _, file := range blocks(t, dir) {
			if err := os.WriteFile(filepath.Join(filepath.Dir(filepath.Dir(file)), name), []byte("rubbish"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, err := bus.Open(t.Context(), bus.Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if fault.From(err).Reason != "bus.damaged" {
		t.Errorf("got %v", err)
	}
}

func BenchmarkPublish(b *testing.B) {
	for _, size := range []int{500, 20_000, 200_000} {
		for _, many := range []int{1, 2, 8} {
			b.Run(fmt.Sprintf("%d bytes by %d", size, many), func(b *testing.B) {
				l, err := bus.Open(b.Context(), bus.Options{Dir: b.TempDir(), Log: slog.New(slog.DiscardHandler)})
				if err != nil {
					b.Fatal(err)
				}
				defer func() { _ = l.Close() }()
				payload := bytes.Repeat([]byte("x"), size)
				b.SetBytes(int64(size))
				work := make(chan struct{})
				var g sync.WaitGroup
				for range many {
					g.Go(func() {
						for range work {
							if _, err := l.Publish(b.Context(), payload); err != nil {
								b.Error(err)
							}
						}
					})
				}
				for b.Loop() {
					work <- struct{}{}
				}
				close(work)
				g.Wait()
			})
		}
	}
}

// TestCutOffWhileItWasMade opens what a kill leaves of a log that was on its way, and leaves alone one that holds anything.
func TestCutOffWhileItWasMade(t *testing.T) {
	t.Parallel()
	cut := func(o bus.Options, content []byte) (block string) {
		t.Helper()
		if err := open(t, o).Close(); err != nil {
			t.Fatal(err)
		}
		sums, err := filepath.Glob(filepath.Join(o.Dir, "jetstream", "*", "streams", "*", "meta.sum"))
		if err != nil || len(sums) != 1 {
			t.Fatal(sums, err)
		}
		stream := filepath.Dir(sums[0])
		block = filepath.Join(stream, "msgs", "1.blk")
		for _, err := range []error{
			os.Remove(sums[0]), os.WriteFile(filepath.Join(stream, "meta.sum.tmp"), nil, 0o600), os.RemoveAll(filepath.Dir(block)), os.Mkdir(filepath.Dir(block), 0o700),
			os.WriteFile(block, content, 0o600),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		return block
	}
	o := bus.Options{Dir: t.TempDir(), Floor: 41}
	cut(o, nil)
	if seq := publish(t, open(t, o), "first"); seq != 42 {
		t.Errorf("the first number behind 41 is %d", seq)
	}
	o = bus.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)}
	block := cut(o, []byte("something"))
	_, err := bus.Open(t.Context(), o)
	if f := fault.From(err); f.Code != fault.Internal || !strings.Contains(f.Error(), "cannot be read") {
		t.Errorf("%v", err)
	}
	if b, err := os.ReadFile(block); err != nil || string(b) != "something" {
		t.Errorf("what was there is %q now: %v", b, err)
	}
}
