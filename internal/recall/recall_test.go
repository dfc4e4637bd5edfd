package recall_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/recall"
)

// open opens a memory that is closed at the end of the test.
func open(t testing.TB, folder string) *recall.Recall {
	t.Helper()
	r, err := recall.Open(context.Background(), folder, recall.Options{CacheMB: 16})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestClaimIsExactAndForEver(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		folder := t.TempDir()
		options := recall.Options{CacheMB: 16}.WithRuns(rapid.SampledFrom([]int{7, 50, 1000}).Draw(rt, "run"))
		r, err := recall.Open(context.Background(), folder, options)
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		most := rapid.SampledFrom([]int{60, 2000}).Draw(rt, "ids")
		firsts, place := map[string]uint64{}, uint64(0)
		type call struct {
			ids    []string
			places []uint64
			want   []bool
		}
		var calls []call
		claim := func(rt *rapid.T, c call) {
			got := make([]bool, len(c.ids))
			n, err := r.Claim(c.ids, c.places, got)
			if err != nil {
				rt.Fatal(err)
			}
			if !slices.Equal(got, c.want) {
				rt.Fatalf("claim %v at %v: %v, want %v", c.ids, c.places, got, c.want)
			}
			for _, d := range c.want {
				if d {
					n--
				}
			}
			if n != 0 {
				rt.Fatal("the count is off")
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"claim": func(rt *rapid.T) {
				var c call
				for range rapid.IntRange(1, 20).Draw(rt, "n") {
					id := "id" + strconv.Itoa(rapid.IntRange(0, most).Draw(rt, "id"))
					place++
					first, known := firsts[id]
					if !known {
						first = place
						firsts[id] = place
					}
					c.ids, c.places, c.want = append(c.ids, id), append(c.places, place), append(c.want, first != place)
				}
				calls = append(calls, c)
				claim(rt, c)
			},
			"again": func(rt *rapid.T) { // the log is read again after a crash
				if len(calls) > 0 {
					for _, c := range calls[rapid.IntRange(0, len(calls)-1).Draw(rt, "from"):] {
						claim(rt, c)
					}
				}
			},
			"reopen": func(rt *rapid.T) {
				if err := r.Close(); err != nil {
					rt.Fatal(err)
				}
				if r, err = recall.Open(context.Background(), folder, options); err != nil {
					rt.Fatal(err)
				}
			},
		})
	})
}

// model is what a memory should hold.
type model struct {
	facts   map[uint32][]recall.Fact
	owners  map[uint32]uint32
	members map[uint32]map[uint32]int64
	offset  recall.Offsets
	told    []string
}

func (m *model) owner(origin uint32) uint32 {
	if to, ok := m.owners[origin]; ok {
		return to
	}
	return origin
}

const strands = 3

func slots() *recall.Slots { return &recall.Slots{At: []int32{0, 1, 2, 3}} }

// held are slots that tell which strand is in which, so that a record is read only where it has them.
func held() *recall.Slots {
	var s recall.Slots
	for i := range strands {
		s.Hold(uint32(i+1), i)
	}
	return &s
}

func (m *model) check(t *rapid.T, r *recall.Recall) {
	if got := r.Offsets(); got != m.offset {
		t.Fatalf("offsets %v, want %v", got, m.offset)
	}
	var rec recall.Record
	for customer := range uint32(12) {
		if err := r.Read(customer, slots(), strands, &rec); err != nil {
			t.Fatal(err)
		}
		m.checkRecord(t, customer, &rec)
		if r.Owner(customer) != m.owner(customer) {
			t.Fatalf("owner of %d is %d, want %d", customer, r.Owner(customer), m.owner(customer))
		}
	}
	for segment := range uint32(3) {
		want := m.members[segment+16]
		if got := r.Members(segment + 16).ToArray(); !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
			t.Fatalf("segment %d: %v, want %v", segment, got, want)
		}
		for who, at := range want {
			since, known, err := r.Since(segment+16, who)
			if err != nil || known != (at != 0) || since != at {
				t.Fatalf("%d in %d since %d %v, want %d: %v", who, segment, since, known, at, err)
			}
		}
	}
	var told []string
	if _, err := r.Told(1000, func(b []byte) error { told = append(told, string(b)); return nil }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(told, m.told) {
		t.Fatalf("told %v, want %v", told, m.told)
	}
}

func (m *model) checkRecord(t *rapid.T, customer uint32, rec *recall.Record) {
	for strand := range uint32(strands) {
		var want []rule.Moment
		for _, f := range m.facts[customer] {
			if f.Strand == strand+1 {
				want = append(want, rule.Moment{AtUS: f.AtUS, Place: f.Place, Values: f.Values})
			}
		}
		slices.SortStableFunc(want, func(a, b rule.Moment) int {
			return cmp.Or(cmp.Compare(a.AtUS, b.AtUS), cmp.Compare(a.Place, b.Place))
		})
		if got := rec.Moments(int(strand)); len(got)+len(want) > 0 && !gocmp.Equal(got, want, cmpopts.EquateEmpty()) {
			t.Fatalf("customer %d, strand %d: %s", customer, strand, gocmp.Diff(want, got))
		}
	}
}

// commitOne draws a commit and applies it to the model as well.
func (m *model) commitOne(t *rapid.T, r *recall.Recall, place *uint64) error {
	now := int64(1 + rapid.IntRange(0, 1e6).Draw(t, "now"))
	c := r.Begin(now)
	defer c.Discard()
	if rapid.IntRange(0, 3).Draw(t, "moving") == 0 {
		origin, to := rapid.Uint32Range(0, 11).Draw(t, "origin"), rapid.Uint32Range(0, 11).Draw(t, "to")
		from, err := c.Move(origin, to)
		if err != nil || from != m.owner(origin) {
			return errors.Join(err, fmt.Errorf("moved from %d, want %d", from, m.owner(origin)))
		}
		m.move(origin, to)
	}
	if rapid.IntRange(0, 9).Draw(t, "forgetting") == 0 {
		origin := rapid.Uint32Range(0, 11).Draw(t, "origin")
		if _, err := c.Forget(origin); err != nil {
			return err
		}
		owner := m.owner(origin)
		m.facts[owner] = slices.DeleteFunc(m.facts[owner], func(f recall.Fact) bool { return f.Origin == origin })
		delete(m.owners, origin)
	}
	if rapid.IntRange(0, 5).Draw(t, "clearing") == 0 {
		who := rapid.Uint32Range(0, 11).Draw(t, "who")
		if err := c.Clear(who, func(strand uint32) bool { return strand == 2 }); err != nil {
			return err
		}
		m.facts[who] = slices.DeleteFunc(m.facts[who], func(f recall.Fact) bool { return f.Strand == 2 })
	}
	for range rapid.IntRange(0, 8).Draw(t, "facts") {
		*place++
		origin := rapid.Uint32Range(0, 11).Draw(t, "origin")
		f := recall.Fact{Strand: 1 + rapid.Uint32Range(0, strands-1).Draw(t, "strand"), AtUS: int64(rapid.IntRange(-5, 50).Draw(t, "at")), Place: *place, Origin: origin}
		if f.Strand == 3 {
			f.Values = []rule.Value{rule.ValueOf(rapid.StringN(0, 90, 200).Draw(t, "text")), {}}
		}
		c.Add(c.Owner(origin), &f)
		m.facts[m.owner(origin)] = append(m.facts[m.owner(origin)], f)
	}
	m.moveMembers(t, c, now)
	if rapid.Bool().Draw(t, "telling") {
		what := "told" + strconv.FormatUint(*place, 10)
		if err := c.Tell([]byte(what)); err != nil {
			return err
		}
		m.told = append(m.told, what)
	}
	m.offset = recall.Offsets{Log: m.offset.Log + 1, Journal: m.offset.Journal + 2}
	c.Follow(m.offset)
	var rec recall.Record
	for customer := range uint32(12) { // as it will be
		how, latest := slots(), rapid.Bool().Draw(t, "latest")
		if rapid.Bool().Draw(t, "held") {
			how = held()
		}
		if err := c.Load(customer, how, strands, latest, &rec); err != nil {
			return err
		}
		if latest && rec.Facts > 0 && rec.LastUS != m.lastUS(customer) {
			t.Fatalf("customer %d: the latest at %d, want %d", customer, rec.LastUS, m.lastUS(customer))
		}
		m.checkRecord(t, customer, &rec)
		if err := r.Sound(&rec); err != nil {
			return err
		}
	}
	if rapid.Bool().Draw(t, "soon") {
		return c.EndSoon()
	}
	return c.End()
}

func (m *model) lastUS(customer uint32) (last int64) {
	for _, f := range m.facts[customer] {
		last = max(last, f.AtUS)
	}
	return last
}

func (m *model) move(origin, to uint32) {
	from := m.owner(origin)
	if from == to {
		return
	}
	var stay []recall.Fact
	for _, f := range m.facts[from] {
		if f.Origin == origin {
			m.facts[to] = append(m.facts[to], f)
		} else {
			stay = append(stay, f)
		}
	}
	m.facts[from], m.owners[origin] = stay, to
	if origin == to {
		delete(m.owners, origin)
	}
}

func (m *model) moveMembers(t *rapid.T, c *recall.Commit, now int64) {
	for i := range uint32(3) {
		segment := i + 16
		if m.members[segment] == nil {
			m.members[segment] = map[uint32]int64{}
		}
		in := m.members[segment]
		switch rapid.IntRange(0, 8).Draw(t, "membership") {
		case 0:
			clear(in)
			c.Drop(segment)
		case 1:
			clear(in)
			b := roaring.New()
			for range 3 {
				who := rapid.Uint32Range(0, 11).Draw(t, "first")
				in[who] = 0
				b.Add(who)
			}
			c.Start(segment, b)
		case 2, 3, 4, 5:
			for _, who := range slices.Compact(slices.Sorted(slices.Values(rapid.SliceOfN(rapid.Uint32Range(0, 11), 0, 5).Draw(t, "who")))) {
				if _, there := in[who]; there {
					delete(in, who)
					c.Leave(segment, who)
				} else {
					in[who] = now
					c.Enter(segment, who)
				}
			}
		}
	}
}

func TestRemembersAsTheModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		folder := t.TempDir()
		r := open(t, folder)
		defer func() { _ = r.Close() }()
		m := &model{facts: map[uint32][]recall.Fact{}, owners: map[uint32]uint32{}, members: map[uint32]map[uint32]int64{}}
		place := uint64(0)
		rt.Repeat(map[string]func(*rapid.T){
			"commit": func(rt *rapid.T) {
				if err := m.commitOne(rt, r, &place); err != nil {
					rt.Fatal(err)
				}
			},
			"tell": func(rt *rapid.T) {
				n := rapid.IntRange(0, 3).Draw(rt, "n")
				upTo, err := r.Told(n, func([]byte) error { return nil })
				if err == nil {
					err = r.DropTold(upTo)
				}
				if err != nil {
					rt.Fatal(err)
				}
				m.told = m.told[min(n, len(m.told)):]
			},
			"reopen": func(rt *rapid.T) {
				if err := r.Close(); err != nil {
					rt.Fatal(err)
				}
				r = open(t, folder)
			},
			"": func(rt *rapid.T) { m.check(rt, r) },
		})
	})
}

// TestErasedIsNotOnTheDisk looks for what somebody did in the files, after she was forgotten.
func TestErasedIsNotOnTheDisk(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	r := open(t, folder)
	for i := range 30 {
		c := r.Begin(int64(i))
		for who := range uint32(40) {
			c.Add(who, &recall.Fact{Strand: 3, AtUS: int64(i), Place: uint64(i)<<12 | uint64(who), Origin: who, Values: []rule.Value{rule.ValueOf(fmt.Sprintf("secret-of-%02d", who))}})
		}
		if err := c.End(); err != nil {
			t.Fatal(err)
		}
	}
	c := r.Begin(31)
	if _, err := c.Move(7, 8); err != nil {
		t.Fatal(err)
	}
	if err := c.End(); err != nil {
		t.Fatal(err)
	}
	c = r.Begin(32)
	if _, err := c.Forget(7); err != nil {
		t.Fatal(err)
	}
	if err := c.End(); err != nil {
		t.Fatal(err)
	}
	if n, err := r.Scrub(t.Context(), []uint32{7, 8}); err != nil || n == 0 {
		t.Fatal(n, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folder, "people", "index")); err != nil { // so that all is read again
		t.Fatal(err)
	}
	r = open(t, folder)
	defer func() { _ = r.Close() }()
	var rec recall.Record
	for who, want := range map[uint32]int{6: 30, 7: 0, 8: 30} {
		if err := r.Read(who, slots(), strands, &rec); err != nil || len(rec.Moments(2)) != want {
			t.Errorf("%d has %d facts: %v", who, len(rec.Moments(2)), err)
		}
	}
	err := filepath.WalkDir(folder, func(name string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the index deletes files of its own while it is open
		}
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		if bytes.Contains(b, []byte("secret-of-07")) {
			t.Errorf("it is in %s", name)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestHistoryCountsByTheHour(t *testing.T) {
	t.Parallel()
	r := open(t, t.TempDir())
	defer func() { _ = r.Close() }()
	const hour = int64(3600 * 1e6)
	for i, step := range []struct {
		at            int64
		entered, left []uint32
	}{{10, []uint32{1, 2, 3}, nil}, {20, []uint32{4}, []uint32{1}}, {3*hour + 5, nil, []uint32{2, 3}}} {
		c := r.Begin(step.at)
		for _, who := range step.entered {
			c.Enter(20, who)
		}
		for _, who := range step.left {
			c.Leave(20, who)
		}
		c.Follow(recall.Offsets{Log: uint64(i)})
		if err := c.End(); err != nil {
			t.Fatal(err)
		}
	}
	var got []recall.Hour
	if err := r.History(20, 0, func(h recall.Hour) error { got = append(got, h); return nil }); err != nil {
		t.Fatal(err)
	}
	want := []recall.Hour{{StartUS: 0, Size: 3, Entered: 4, Left: 1}, {StartUS: 3 * hour, Size: 1, Entered: 0, Left: 2}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestDamageIsSaidAndMended(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]string{"record": "people/facts-*", "engine": "index/MANIFEST-*", "log": "index/*.log", "claims": "claims/run-*"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(t.TempDir(), "recall")
			r, err := recall.Open(t.Context(), folder, recall.Options{CacheMB: 16}.WithRuns(5000))
			must(t, err)
			fill(t, r)
			spoil(t, filepath.Join(folder, damage))
			r, err = recall.Open(t.Context(), folder, recall.Options{})
			if err == nil { // found when it is read
				var rec recall.Record
				for customer := range uint32(2000) {
					err = errors.Join(err, r.Read(customer, slots(), strands, &rec))
				}
				ids := make([]string, 40_000)
				for i := range ids {
					ids[i] = fmt.Sprintf("id%d", i)
				}
				_, e := r.Claim(ids, make([]uint64, len(ids)), make([]bool, len(ids)))
				_ = errors.Join(err, r.Close())
				err = errors.Join(err, e)
			}
			var f *fault.Fault
			if !errors.As(err, &f) || f.Reason != "recall.corrupt" && f.Reason != "recall.open" {
				t.Fatalf("opened after damage: %v", err)
			}
			if err := recall.Discard(folder); err != nil {
				t.Fatal(err)
			}
			r = open(t, folder)
			if got := r.Offsets(); got != (recall.Offsets{}) {
				t.Errorf("%v", got)
			}
			fill(t, r)
		})
	}
}

// fill writes some of everything and closes.
func fill(t *testing.T, r *recall.Recall) {
	t.Helper()
	for i := range 40 {
		ids, places := make([]string, 1000), make([]uint64, 1000)
		c := r.Begin(int64(i))
		for j := range ids {
			place := uint64(i)<<12 | uint64(j)
			ids[j], places[j] = fmt.Sprintf("id%d", i*1000+j), place
			c.Add(uint32(j), &recall.Fact{Strand: 3, AtUS: int64(i), Place: place, Origin: uint32(j), Values: []rule.Value{rule.ValueOf("something bought")}})
		}
		if n, err := r.Claim(ids, places, make([]bool, 1000)); err != nil || n != 0 {
			t.Fatal(n, err)
		}
		c.Enter(16, uint32(i))
		c.Follow(recall.Offsets{Log: uint64(i)})
		if err := c.End(); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}
