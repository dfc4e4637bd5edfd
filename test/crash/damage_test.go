package crash

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// newest is the file last written of those that match, empty for none.
func newest(t *testing.T, data, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(data, pattern))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(files, func(a, b string) int { return written(a).Compare(written(b)) })
	if len(files) == 0 {
		return ""
	}
	return files[len(files)-1]
}

func written(file string) time.Time {
	i, err := os.Stat(file)
	if err != nil {
		return time.Time{}
	}
	return i.ModTime()
}

// harm is what a failing disk does to the end of a file.
type harm struct {
	name string
	do   func(f *os.File, size int64) error
}

func harms() []harm {
	return []harm{
		{"cut", func(f *os.File, size int64) error { return f.Truncate(size - min(size, 1+rand.Int64N(20_000))) }},
		{"flipped", func(f *os.File, size int64) error {
			for range 4 {
				at := size - 1 - rand.Int64N(min(size, 20_000))
				one := []byte{0}
				if _, err := f.ReadAt(one, at); err != nil {
					return err
				}
				one[0] ^= 1 << rand.IntN(8)
				if _, err := f.WriteAt(one, at); err != nil {
					return err
				}
			}
			return nil
		}},
	}
}

// TestDamagedTail harms the end of the file that one engine wrote last before the server was killed. The server starts, what
// remains is consistent, and whatever is lost of the log itself is told.
func TestDamagedTail(t *testing.T) {
	binary := build(t)
	for _, target := range []struct{ name, pattern string }{
		{"log", "log/jetstream/*/streams/log/msgs/*.blk"},
		{"warehouse", "warehouse.duckdb.wal"},
		{"recall", "recall/index/*.log"},
		{"records", "records.db-wal"},
	} {
		for _, h := range harms() {
			t.Run(target.name+" "+h.name, func(t *testing.T) {
				data := filepath.Join(t.TempDir(), "data")
				s := serve(t, binary, data)
				f := newFlood(4, 50)
				f.start(t, s.url)
				time.Sleep(time.Duration(500+rand.IntN(500)) * time.Millisecond)
				s.kill()
				f.end(t)
				harmed(t, newest(t, data, target.pattern), h)
				s = serve(t, binary, data)
				defer func() { s.kill() }()
				s.settled(t)
				told := strings.Contains(s.said(), "damaged")
				f.start(t, s.url) // it goes on, and numbers are not given twice
				time.Sleep(300 * time.Millisecond)
				f.end(t)
				c := s.settled(t)
				people := s.people(t)
				s.stop(t)
				found := f.count(t, data)
				t.Logf("%+v %+v; the server said:\n%s", found, c, s.said())
				if found.doubled > 0 || c.DeadLetters > 0 || c.Quarantined > 0 {
					t.Errorf("%d events are there twice; %+v", found.doubled, c)
				}
				if target.name != "log" && found.missing > 0 {
					t.Errorf("%d of %d acknowledged events are missing, though the log is whole", found.missing, found.acknowledged)
				}
				if found.missing > 0 && !told {
					t.Errorf("%d of %d acknowledged events are gone with the log's end, and nobody is told", found.missing, found.acknowledged)
				}
				if people != found.people {
					t.Errorf("%d customers have events, and %d are known", found.people, people)
				}
			})
		}
	}
}

func harmed(t *testing.T, file string, h harm) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	i, err := f.Stat()
	if err == nil {
		err = h.do(f, i.Size())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (s *server) people(t *testing.T) int {
	t.Helper()
	var c struct {
		People int `json:"people"`
	}
	s.get(t, "/v1/events/summary", &c)
	return c.People
}
