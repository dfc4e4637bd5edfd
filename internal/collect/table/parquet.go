package table

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// parquetPass reads the row groups of a Parquet file one after the other, each leaf column a cell.
type parquetPass struct {
	t      *Table
	file   *parquet.File
	done   func() error
	write  []func(dst []byte, v parquet.Value) []byte
	cell   []int // leaf column → cell, -1 for what is not read
	groups []parquet.RowGroup
	rows   parquet.Rows
	buf    []parquet.Row
	line   int64
	names  []string
}

// guard turns a panic of a file format library, which bad bytes can cause, into an error.
func guard(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("the file is damaged: %v", r)
	}
}

func (t *Table) openParquet(ctx context.Context) error {
	t.info.Encoding = "utf-8"
	p, err := t.startParquet(ctx)
	if err != nil {
		return err
	}
	t.info.HasHeader, t.columns = true, p.names
	t.start = func(ctx context.Context) (pass, error) { return t.startParquet(ctx) }
	return p.close()
}

func (t *Table) startParquet(ctx context.Context) (p *parquetPass, err error) {
	defer guard(&err)
	f, done, err := random(ctx, t.path, t.info.Compression, &t.bytesRead)
	if err != nil {
		return nil, err
	}
	file, err := openParquetFile(f)
	if err != nil {
		return nil, errors.Join(err, done())
	}
	p = &parquetPass{t: t, file: file, done: done, groups: file.RowGroups(), buf: make([]parquet.Row, 256)}
	var names []string
	for _, path := range file.Schema().Columns() {
		leaf, ok := file.Schema().Lookup(path...)
		if !ok || leaf.MaxRepetitionLevel > 0 {
			p.cell, p.write = append(p.cell, -1), append(p.write, nil)
			continue
		}
		p.cell, p.write = append(p.cell, len(names)), append(p.write, cellWriter(leaf.Node.Type()))
		names = append(names, strings.Join(path, "."))
	}
	p.names = names
	return p, nil
}

func openParquetFile(f *os.File) (file *parquet.File, err error) {
	defer guard(&err)
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	var tail [8]byte // the footer's length and the magic: the library trusts a wrong length and asks for gigabytes
	if _, err := f.ReadAt(tail[:], st.Size()-8); err != nil || string(tail[4:]) != "PAR1" || int64(binary.LittleEndian.Uint32(tail[:]))+12 > st.Size() {
		return nil, errors.New("it has no Parquet footer")
	}
	return parquet.OpenFile(f, st.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
}

func (p *parquetPass) next(b *Batch) (err error) {
	defer guard(&err)
	for b.Len() < 4096 {
		if p.rows == nil {
			if len(p.groups) == 0 {
				return io.EOF
			}
			p.rows, p.groups = p.groups[0].Rows(), p.groups[1:]
		}
		n, err := p.rows.ReadRows(p.buf)
		for _, row := range p.buf[:n] {
			p.line++
			p.add(b, row)
		}
		if all := p.file.NumRows(); all > 0 {
			p.t.bytesRead.Store(int64(float64(p.t.info.Bytes) * float64(p.line) / float64(all)))
		}
		if errors.Is(err, io.EOF) || (err == nil && n == 0) {
			err = p.rows.Close()
			p.rows = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add writes one row; when the arena grows, cells cut out before go on pointing at the old one.
func (p *parquetPass) add(b *Batch, row parquet.Row) {
	from := len(b.cells)
	for range p.names {
		b.cells = append(b.cells, "")
	}
	for _, v := range row {
		c := v.Column()
		if c < 0 || c >= len(p.cell) || p.cell[c] < 0 || v.IsNull() {
			continue
		}
		at := len(b.arena)
		b.arena = p.write[c](b.arena, v)
		b.cells[from+p.cell[c]] = mend(view(b.arena[at:]))
	}
	b.lines = append(b.lines, p.line)
}

func (p *parquetPass) close() error {
	var err error
	if p.rows != nil {
		err = p.rows.Close()
	}
	return errors.Join(err, p.done())
}

// cellWriter says how values of a Parquet type are written as text.
func cellWriter(t parquet.Type) func([]byte, parquet.Value) []byte {
	if l := t.LogicalType(); l != nil {
		switch v := l.Value.(type) {
		case *format.DateType:
			return func(dst []byte, v parquet.Value) []byte {
				return time.Unix(int64(v.Int32())*86400, 0).UTC().AppendFormat(dst, time.DateOnly)
			}
		case *format.TimestampType:
			unit, zone := perSecond(v.Unit), ""
			if v.IsAdjustedToUTC {
				zone = "Z"
			}
			return func(dst []byte, v parquet.Value) []byte { return appendInstant(dst, v.Int64(), unit, zone) }
		case *format.DecimalType:
			return decimalWriter(t.Kind(), int(v.Scale))
		case *format.UUIDType:
			return func(dst []byte, v parquet.Value) []byte { return hex.AppendEncode(dst, v.ByteArray()) }
		case *format.IntType:
			if !v.IsSigned && t.Kind() == parquet.Int64 {
				return func(dst []byte, v parquet.Value) []byte { return strconv.AppendUint(dst, v.Uint64(), 10) }
			}
			if !v.IsSigned {
				return func(dst []byte, v parquet.Value) []byte { return strconv.AppendUint(dst, uint64(v.Uint32()), 10) }
			}
		}
	}
	return physicalWriter(t.Kind())
}

func physicalWriter(k parquet.Kind) func([]byte, parquet.Value) []byte {
	switch k {
	case parquet.Boolean:
		return func(dst []byte, v parquet.Value) []byte { return strconv.AppendBool(dst, v.Boolean()) }
	case parquet.Int32:
		return func(dst []byte, v parquet.Value) []byte { return strconv.AppendInt(dst, int64(v.Int32()), 10) }
	case parquet.Int64:
		return func(dst []byte, v parquet.Value) []byte { return strconv.AppendInt(dst, v.Int64(), 10) }
	case parquet.Int96:
		return func(dst []byte, v parquet.Value) []byte {
			x := v.Int96() // nanoseconds of the day, then the Julian day: how Spark and Hive once wrote instants
			nanos := int64(uint64(x[1])<<32 | uint64(x[0]))
			return appendInstant(dst, (int64(x[2])-2440588)*86400e9+nanos, 1e9, "Z")
		}
	case parquet.Float:
		return func(dst []byte, v parquet.Value) []byte { return appendFloat(dst, float64(v.Float()), 32) }
	case parquet.Double:
		return func(dst []byte, v parquet.Value) []byte { return appendFloat(dst, v.Double(), 64) }
	}
	return func(dst []byte, v parquet.Value) []byte { return append(dst, v.ByteArray()...) }
}

// appendFloat writes the shortest digits that give the float back, without an exponent; NaN is an empty cell.
func appendFloat(dst []byte, f float64, bits int) []byte {
	if f != f {
		return dst
	}
	return strconv.AppendFloat(dst, f, 'f', -1, bits)
}

func perSecond(u format.TimeUnit) int64 {
	switch strings.ToUpper(u.String()) {
	case "MILLIS", "MILLISECONDS":
		return 1e3
	case "MICROS", "MICROSECONDS":
		return 1e6
	}
	return 1e9
}

func appendInstant(dst []byte, n, perSecond int64, zone string) []byte {
	sec, rest := n/perSecond, n%perSecond
	if rest < 0 {
		sec, rest = sec-1, rest+perSecond
	}
	t := time.Unix(sec, rest*(1e9/perSecond)).UTC()
	return append(t.AppendFormat(dst, "2006-01-02T15:04:05.999999"), zone...)
}

func decimalWriter(k parquet.Kind, scale int) func([]byte, parquet.Value) []byte {
	return func(dst []byte, v parquet.Value) []byte {
		switch k {
		case parquet.Int32:
			return appendScaled(dst, strconv.FormatInt(int64(v.Int32()), 10), scale)
		case parquet.Int64:
			return appendScaled(dst, strconv.FormatInt(v.Int64(), 10), scale)
		}
		p := v.ByteArray() // big-endian two's complement
		n := new(big.Int).SetBytes(p)
		if len(p) > 0 && p[0]&0x80 != 0 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(p))))
		}
		return appendScaled(dst, n.String(), scale)
	}
}

// appendScaled writes an integer with its last scale digits behind the point.
func appendScaled(dst []byte, digits string, scale int) []byte {
	if strings.HasPrefix(digits, "-") {
		dst, digits = append(dst, '-'), digits[1:]
	}
	if scale <= 0 {
		return append(dst, digits...)
	}
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	dst = append(append(dst, digits[:len(digits)-scale]...), '.')
	return append(dst, digits[len(digits)-scale:]...)
}
