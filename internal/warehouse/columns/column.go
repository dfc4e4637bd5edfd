package columns

import (
	"fmt"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/dangol/dangol/internal/query/rule/pass"
)

// fill makes a block of a chunk, whose memory it looks at.
func fill(b *pass.Block, chunk bindings.DataChunk, res *bindings.Result, n int) error {
	b.Len = n
	count := int(bindings.DataChunkGetColumnCount(chunk))
	for len(b.Columns) < count {
		b.Columns = append(b.Columns, pass.Column{})
	}
	b.Columns = b.Columns[:count]
	for i := range b.Columns {
		c := &b.Columns[i]
		vector := bindings.DataChunkGetVector(chunk, bindings.IdxT(i))
		data, texts := bindings.VectorGetData(vector), c.Text[:0]
		*c = pass.Column{}
		if valid := bindings.VectorGetValidity(vector); valid != nil {
			c.Valid = view[uint64](valid, (n+63)/64)
		}
		switch t := bindings.ColumnType(res, bindings.IdxT(i)); t {
		case bindings.TypeUTinyInt:
			c.U8 = view[uint8](data, n)
		case bindings.TypeUInteger:
			c.U32 = view[uint32](data, n)
		case bindings.TypeUBigInt:
			c.U64 = view[uint64](data, n)
		case bindings.TypeBigInt:
			c.I64 = view[int64](data, n)
		case bindings.TypeDouble:
			c.F64 = view[float64](data, n)
		case bindings.TypeVarchar:
			c.Text = appendTexts(texts, view[text](data, n), c)
		default:
			return fmt.Errorf("read blocks: column %d has a type %d that is not read", i+1, t)
		}
	}
	return nil
}

// view looks at an array of the engine.
func view[T any](data unsafe.Pointer, n int) []T {
	return unsafe.Slice((*T)(data), n) //nolint:gosec // the engine says how many there are; blocks are valid until take returns
}

// text is how the engine holds a text: up to twelve bytes in place, more elsewhere, with the first four in place.
type text struct {
	size   uint32
	prefix [4]byte
	rest   [8]byte
}

const inPlace = 12

// appendTexts makes texts that look at the engine's memory.
func appendTexts(to []string, from []text, c *pass.Column) []string {
	for i := range from {
		t := &from[i]
		switch {
		case !c.Has(i) || t.size == 0:
			to = append(to, "")
		case t.size <= inPlace:
			to = append(to, unsafe.String(&t.prefix[0], int(t.size))) //nolint:gosec // prefix and rest are twelve bytes beside each other
		default:
			to = append(to, unsafe.String(*(**byte)(unsafe.Pointer(&t.rest)), int(t.size))) //nolint:gosec // what the engine points at lives as long as the chunk
		}
	}
	return to
}
