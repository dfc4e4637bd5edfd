package suggest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/zeebo/xxh3"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/models/recommend"
)

// A row is what the model would show to one customer: first what is new to her, then whatever she is likeliest to buy. An entry has the
// item and, of something new, the purchase behind it, of something she bought, the day on which it is due.
const (
	newToHer, ofAnything = 24, 12
	entryBytes           = 7
	rowBytes             = (newToHer + ofAnything) * entryBytes
	nothing              = 1<<24 - 1 // no item, no purchase, no day
)

// entry is one place of a row.
type entry struct {
	item int32
	ref  int32 // -1 for none
	code reason
}

func putEntry(row []byte, k int, e entry) {
	b := row[k*entryBytes : (k+1)*entryBytes : (k+1)*entryBytes]
	item, ref := uint32(e.item), uint32(e.ref)
	if e.ref < 0 || e.ref > nothing {
		ref = nothing
	}
	b[0], b[1], b[2] = byte(item), byte(item>>8), byte(item>>16)
	b[3], b[4], b[5], b[6] = byte(ref), byte(ref>>8), byte(ref>>16), byte(e.code)
}

// entryOf reads a place; false where the row has nothing there.
func entryOf(row []byte, k int) (entry, bool) {
	b := row[k*entryBytes : (k+1)*entryBytes : (k+1)*entryBytes]
	e := entry{int32(b[0]) | int32(b[1])<<8 | int32(b[2])<<16, int32(b[3]) | int32(b[4])<<8 | int32(b[5])<<16, reason(b[6])}
	if e.ref == nothing {
		e.ref = -1
	}
	return e, e.item != nothing && int(e.code) < len(codes)
}

// lists are the rows of all customers of one version of the model. But for rows made since, they do not change.
type lists struct {
	version int64
	at      day.Day  // the day that they are for
	keys    []uint32 // customers, rising
	marks   []uint64 // of what each row was made
	rows    []byte

	mu    sync.RWMutex
	since map[uint32][]byte // rows made since; nil of a customer who is gone
}

// row is a customer's; nil where there is none.
func (l *lists) row(customer uint32) []byte {
	l.mu.RLock()
	row, made := l.since[customer]
	l.mu.RUnlock()
	if made {
		return row
	}
	if at, ok := slices.BinarySearch(l.keys, customer); ok {
		return l.rows[at*rowBytes : (at+1)*rowBytes : (at+1)*rowBytes]
	}
	return nil
}

// put takes a row in; nil says that the customer is gone.
func (l *lists) put(customer uint32, row []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.since == nil {
		l.since = map[uint32][]byte{}
	}
	l.since[customer] = row
}

// patron is a customer with what she bought, in the numbers of the model.
type patron struct {
	customer uint32
	mark     uint64
	history  recommend.History
}

// mark sums up purchases, in whatever order they come.
func mark(product uint32, on int32) uint64 {
	var b [8]byte
	binary.LittleEndian.PutUint32(b[:], product)
	binary.LittleEndian.PutUint32(b[4:], uint32(on))
	return xxh3.Hash(b[:])
}

// patrons calls take with every customer who bought something; more is as for purchases.lines.
func (p *purchases) patrons(ctx context.Context, b *brain, more string, take func(*patron) error) error {
	var now *patron
	end := func() error {
		if now == nil {
			return nil
		}
		return take(now)
	}
	err := p.lines(ctx, more, true, func(customer, key uint32, _ uint64, on int32) error {
		if now == nil || now.customer != customer {
			if err := end(); err != nil {
				return err
			}
			now = &patron{customer: customer, history: recommend.History{At: int32(p.asOf) + 1}}
		}
		now.mark += mark(key, on)
		if item := b.item(key); item >= 0 {
			now.history.Events = append(now.history.Events, recommend.Event{Item: item, Day: on})
		}
		return nil
	})
	return errors.Join(err, end())
}

// fillRow asks the model.
func (b *brain) fillRow(row []byte, h recommend.History) error {
	answers, err := b.model.Suggest(h, []int{newToHer, ofAnything}, []recommend.Rules{{}, {Bought: recommend.AllowBought}})
	if err != nil {
		return err
	}
	dues, err := b.model.Rhythms().Due(h, dueLevel)
	if err != nil {
		return err
	}
	for i := range rowBytes {
		row[i] = 0xff
	}
	for i, s := range answers[0] {
		putEntry(row, i, entry{s.Item, s.Because, reasonOf(&s)})
	}
	for i, s := range answers[1] {
		e := entry{s.Item, -1, reasonOf(&s)}
		for _, d := range dues {
			if d.Item == s.Item {
				if e.ref = d.Day; e.code != due {
					e.code = habit
				}
			}
		}
		putEntry(row, newToHer+i, e)
	}
	return nil
}

// batch is some customers on their way through the workers.
type batch struct {
	first   int
	patrons []*patron
}

const batchSize = 256

// made are rows on their way. Rows of which nothing has changed are taken over from before.
type making struct {
	b      *brain
	out    *lists
	before *lists
	mu     sync.Mutex
}

// work makes the rows of batches.
func (m *making) work(in <-chan batch) error {
	var failed error
	for x := range in {
		if failed != nil {
			continue
		}
		rows := make([]byte, len(x.patrons)*rowBytes)
		for i, p := range x.patrons {
			row := rows[i*rowBytes : (i+1)*rowBytes]
			if m.unchanged(p, row) {
				continue
			}
			if err := m.b.fillRow(row, p.history); err != nil {
				failed = err
				break
			}
		}
		m.mu.Lock()
		need := (x.first + len(x.patrons)) * rowBytes
		if need > len(m.out.rows) {
			m.out.rows = slices.Grow(m.out.rows, need-len(m.out.rows))[:need]
		}
		copy(m.out.rows[x.first*rowBytes:need], rows)
		m.mu.Unlock()
	}
	return failed
}

// unchanged takes a row over.
func (m *making) unchanged(p *patron, row []byte) bool {
	if m.before == nil {
		return false
	}
	at, ok := slices.BinarySearch(m.before.keys, p.customer)
	if !ok || m.before.marks[at] != p.mark {
		return false
	}
	copy(row, m.before.rows[at*rowBytes:(at+1)*rowBytes])
	return true
}

// The form of a file of lists, all numbers little-endian:
//
//	8 bytes "DANGOLLI", uint16 1, int64 version of the model, int32 day, uint16 bytes of a row, uint32 customers,
//	customers' keys (uint32, rising), marks (uint64), rows, uint32 CRC-32C of everything before.
const (
	listsMagic  = "DANGOLLI"
	listsHead   = 8 + 2 + 8 + 4 + 2 + 4
	listsFormat = 1
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (l *lists) writeTo(w io.Writer) error {
	head := make([]byte, 0, listsHead)
	head = append(head, listsMagic...)
	head = binary.LittleEndian.AppendUint16(head, listsFormat)
	head = binary.LittleEndian.AppendUint64(head, uint64(l.version))
	head = binary.LittleEndian.AppendUint32(head, uint32(l.at))
	head = binary.LittleEndian.AppendUint16(head, rowBytes)
	head = binary.LittleEndian.AppendUint32(head, uint32(len(l.keys)))
	sum := crc32.New(castagnoli)
	to := io.MultiWriter(w, sum)
	numbers := make([]byte, 0, 12*len(l.keys))
	for _, k := range l.keys {
		numbers = binary.LittleEndian.AppendUint32(numbers, k)
	}
	for _, m := range l.marks {
		numbers = binary.LittleEndian.AppendUint64(numbers, m)
	}
	for _, part := range [][]byte{head, numbers, l.rows} {
		if _, err := to.Write(part); err != nil {
			return err
		}
	}
	_, err := w.Write(binary.LittleEndian.AppendUint32(nil, sum.Sum32()))
	return err
}

func readLists(b []byte) (*lists, error) {
	if len(b) < listsHead+4 || string(b[:8]) != listsMagic || binary.LittleEndian.Uint16(b[8:]) != listsFormat {
		return nil, errDamaged
	}
	end := len(b) - 4
	n := int(binary.LittleEndian.Uint32(b[24:]))
	if binary.LittleEndian.Uint16(b[22:]) != rowBytes || end != listsHead+n*(12+rowBytes) || crc32.Checksum(b[:end], castagnoli) != binary.LittleEndian.Uint32(b[end:]) {
		return nil, errDamaged
	}
	l := &lists{version: int64(binary.LittleEndian.Uint64(b[10:])), at: day.Day(int32(binary.LittleEndian.Uint32(b[18:]))), keys: make([]uint32, n), marks: make([]uint64, n)}
	for i := range n {
		l.keys[i] = binary.LittleEndian.Uint32(b[listsHead+4*i:])
		l.marks[i] = binary.LittleEndian.Uint64(b[listsHead+4*n+8*i:])
	}
	l.rows = b[listsHead+12*n : end : end]
	return l, nil
}

// keepLists writes the file of lists.
func (s *Service) keepLists(l *lists) error {
	_, err := replace(filepath.Join(s.folder, listsName(l.version)), l.writeTo)
	return err
}

func (s *Service) loadLists(version int64) (*lists, error) {
	b, err := os.ReadFile(filepath.Join(s.folder, listsName(version)))
	if err != nil {
		return nil, err
	}
	l, err := readLists(b)
	if err == nil && l.version != version {
		err = errDamaged
	}
	if err != nil {
		return nil, fmt.Errorf("lists: %w", err)
	}
	return l, nil
}
