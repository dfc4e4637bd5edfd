package recommend

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"
)

// The format, version 1. All numbers are little-endian.
//
//	8 bytes   "DANGOLRC"
//	uint16    version
//	sections  4 bytes of name, uint64 length, payload
//	"END."    uint64 4, uint32 CRC-32C of everything before these four bytes
//
// Sections come in this order; those in brackets only where the model has them.
// A list is a uint32 length and its members; a string is a list of bytes; a
// sparse matrix is uint32 rows and columns and the lists start (int32), column
// (int32) and value (float32).
//
//	HEAD    JSON: options, numbers of items, mean scores, rhythm, ALS constants
//	ITEM    list of strings;  SEGM  list of strings
//	SALE    lists day, start, item (int32), count, total (float32), then a list
//	        of float32 for each segment
//	RHYT    lists mean, spread, share (float32), seen (int32), an item each
//	[EASE]  list of float32: B by rows, items × items
//	[ALSF]  lists of float32: item factors by rows, the weighted Gramian by rows
//	[NEAR]  sparse matrix, items × items
//	[SHLF]  categories, category of each item (int32), attributes, items ×
//	        attributes (sparse), likeness of cold items (sparse), cold items
const (
	magic   = "DANGOLRC"
	version = 1
)

// head is the JSON part.
type head struct {
	Options     Options             `json:"options"`
	Warm        int                 `json:"warm"`
	Known       int                 `json:"known"`
	Means       map[Feature]float64 `json:"means"`
	Rhythm      [4]float64          `json:"rhythm"` // mean, item, person, within
	Intervals   int                 `json:"intervals"`
	Width       int                 `json:"als_width,omitempty"`
	Scale       float64             `json:"als_scale,omitempty"`
	Others      int                 `json:"als_items,omitempty"`
	SegmentSums []float64           `json:"segment_sums"`
	Sum         float64             `json:"sum"`
}

// WriteTo saves the model. What is read again answers exactly as this does.
func (m *Model) WriteTo(w io.Writer) (int64, error) {
	out := &saver{w: w}
	out.raw([]byte(magic))
	out.raw(binary.LittleEndian.AppendUint16(nil, version))
	o := m.options
	o.Catalogue, o.Workers = nil, 0
	r := m.renewal
	h := head{
		Options: o, Warm: m.warm, Known: m.known, Means: m.means, Rhythm: [4]float64{r.Mean, r.Item, r.Person, r.Within}, Intervals: r.Intervals,
		SegmentSums: m.sales.segsum, Sum: m.sales.sum,
	}
	if m.als != nil {
		h.Width, h.Scale, h.Others = m.als.f, m.als.scale, m.als.known
	}
	text, err := json.Marshal(h)
	if err != nil {
		return 0, fmt.Errorf("recommend: save: %w", err)
	}
	out.section("HEAD", text)
	out.section("ITEM", appendStrings(nil, m.items))
	out.section("SEGM", appendStrings(nil, m.segments))
	s := m.sales
	b := appendInts(appendInts(appendInts(nil, s.day), s.start), s.item)
	b = appendFloats(appendFloats(b, s.count), s.total)
	for _, g := range s.segment {
		b = appendFloats(b, g)
	}
	out.section("SALE", b)
	out.section("RHYT", appendInts(appendFloats(appendFloats(appendFloats(nil, r.mean), r.spread), r.share), r.seen))
	if m.ease != nil {
		b = binary.LittleEndian.AppendUint32(nil, uint32(m.ease.n*m.ease.n))
		b = slices.Grow(b, 4*m.ease.n*m.ease.n)
		for i := range m.ease.n {
			b = appendRow(b, m.ease.w[i*m.ease.ld:i*m.ease.ld+m.ease.n])
		}
		out.section("EASE", b)
	}
	if m.als != nil {
		out.section("ALSF", appendFloats(appendFloats(nil, m.als.item[:m.warm*m.als.f]), m.als.gram))
	}
	if m.near != nil {
		out.section("NEAR", m.near.appendTo(nil))
	}
	if c := m.shelf; c != nil {
		b = appendStrings(appendInts(appendStrings(nil, c.categories), c.category), c.attributes)
		out.section("SHLF", appendInts(c.alike.appendTo(c.has.appendTo(b)), c.cold))
	}
	out.raw([]byte("END."))
	out.raw(binary.LittleEndian.AppendUint64(nil, 4))
	out.raw(binary.LittleEndian.AppendUint32(nil, out.sum))
	return out.n, out.err
}

// castagnoli is CRC-32C.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// saver writes and keeps the checksum.
type saver struct {
	w   io.Writer
	n   int64
	sum uint32
	err error
}

func (s *saver) raw(b []byte) {
	if s.err != nil {
		return
	}
	n, err := s.w.Write(b)
	s.n, s.err = s.n+int64(n), err
	s.sum = crc32.Update(s.sum, castagnoli, b)
}

func (s *saver) section(name string, payload []byte) {
	s.raw([]byte(name))
	s.raw(binary.LittleEndian.AppendUint64(nil, uint64(len(payload))))
	s.raw(payload)
}

func appendStrings(b []byte, list []string) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(list)))
	for _, s := range list {
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(s))), s...)
	}
	return b
}

func appendInts(b []byte, list []int32) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(list)))
	for _, v := range list {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return b
}

func appendFloats(b []byte, list []float32) []byte {
	return appendRow(binary.LittleEndian.AppendUint32(b, uint32(len(list))), list)
}

func appendRow(b []byte, list []float32) []byte {
	for _, v := range list {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func (m *sparse) appendTo(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(m.rows))
	b = binary.LittleEndian.AppendUint32(b, uint32(m.cols))
	return appendFloats(appendInts(appendInts(b, m.start), m.col), m.value)
}

// Read loads what WriteTo saved. Anything else is an error, and no size is
// believed before as many bytes were there.
func Read(r io.Reader) (*Model, error) {
	m, err := read(r)
	if err != nil {
		return nil, fmt.Errorf("recommend: load: %w", err)
	}
	return m, nil
}

func read(r io.Reader) (*Model, error) {
	l := &loader{r: r}
	start := l.take(10)
	if l.err != nil {
		return nil, l.err
	}
	if string(start[:8]) != magic {
		return nil, errors.New("this is no saved recommendation model: it does not begin with " + magic)
	}
	if v := binary.LittleEndian.Uint16(start[8:]); v != version {
		return nil, fmt.Errorf("the model was saved in version %d of the format, this program reads %d", v, version)
	}
	sections, err := l.sections()
	if err != nil {
		return nil, err
	}
	return assemble(sections)
}

// loader reads and keeps the checksum.
type loader struct {
	r   io.Reader
	sum uint32
	err error
}

func (l *loader) take(n uint64) []byte {
	if l.err != nil {
		return nil
	}
	var b bytes.Buffer
	if n > math.MaxInt32*8 {
		l.err = fmt.Errorf("a section claims %d bytes", n)
		return nil
	}
	got, err := io.Copy(&b, io.LimitReader(l.r, int64(n)))
	if err == nil && uint64(got) < n {
		err = io.ErrUnexpectedEOF
	}
	l.err = err
	l.sum = crc32.Update(l.sum, castagnoli, b.Bytes())
	return b.Bytes()
}

// sections reads up to the checksum.
func (l *loader) sections() (map[string][]byte, error) {
	found := map[string][]byte{}
	for {
		start := l.take(12)
		if l.err != nil {
			return nil, l.err
		}
		name, n := string(start[:4]), binary.LittleEndian.Uint64(start[4:])
		want := l.sum
		payload := l.take(n)
		if l.err != nil {
			return nil, fmt.Errorf("section %q: %w", name, l.err)
		}
		if name == "END." {
			if len(payload) != 4 || binary.LittleEndian.Uint32(payload) != want {
				return nil, errors.New("the checksum is wrong: the file is damaged")
			}
			return found, nil
		}
		if _, ok := found[name]; ok {
			return nil, fmt.Errorf("section %q is there twice", name)
		}
		found[name] = payload
	}
}
