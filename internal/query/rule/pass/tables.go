package pass

import "context"

// Tables answers rendered questions column by column.
type Tables interface {
	// Blocks calls take with the rows of the answer, some at a time and in no order.
	Blocks(ctx context.Context, text string, args []any, take func(*Block) error) error
}

// Block is some rows of an answer. It is valid until take returns.
type Block struct {
	Len     int
	Columns []Column
}

// Column has the values of one type; the others are nil.
type Column struct {
	U8    []uint8
	U32   []uint32
	U64   []uint64
	I64   []int64
	F64   []float64
	Text  []string
	Valid []uint64 // a bit for each row that is not NULL; nil where none is
}

// Has says whether row i is not NULL.
func (c *Column) Has(i int) bool { return c.Valid == nil || c.Valid[i>>6]>>(i&63)&1 == 1 }
