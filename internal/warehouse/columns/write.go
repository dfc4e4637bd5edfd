package columns

import (
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"unicode/utf8"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// Writer appends rows to a table by writing the engine's own columns: a value costs a few nanoseconds, where the driver's rows
// cost an allocation each and a call into C for each text. Rows are filled in any order of columns and finished by Next; every
// column of a row is set: what is not holds what lay there.
//
// It is used by one goroutine at a time, inside of the connection's transaction, and ends by Close or Abandon.
type Writer struct {
	table    string
	appender bindings.Appender
	chunk    bindings.DataChunk
	types    []bindings.LogicalType
	columns  []written
	heap     heap
	n, room  int
}

// written is a column of the chunk that is being filled.
type written struct {
	data  unsafe.Pointer
	kind  bindings.Type
	valid []uint64 // nil while it holds no NULL
}

// NewWriter opens a table, or a temporary one, for writing.
func NewWriter(conn *sql.Conn, table string) (*Writer, error) {
	w := &Writer{table: table}
	err := conn.Raw(func(raw any) error {
		handle, err := native(raw)
		if err != nil {
			return err
		}
		if bindings.AppenderCreate(handle, "", table, &w.appender) == bindings.StateError {
			return w.failed()
		}
		return nil
	})
	if err != nil {
		bindings.AppenderDestroy(&w.appender)
		return nil, fmt.Errorf("append to %s: %w", table, err)
	}
	for i := range bindings.AppenderColumnCount(w.appender) {
		w.types = append(w.types, bindings.AppenderColumnType(w.appender, i))
	}
	w.chunk = bindings.CreateDataChunk(w.types)
	w.columns = make([]written, len(w.types))
	for i := range w.types {
		w.columns[i].kind = bindings.GetTypeId(w.types[i])
	}
	w.room = int(bindings.VectorSize())
	w.begin()
	return w, nil
}

// begin looks up where the columns of the emptied chunk lie.
func (w *Writer) begin() {
	w.n = 0
	w.heap.reset()
	for i := range w.columns {
		w.columns[i].data = bindings.VectorGetData(bindings.DataChunkGetVector(w.chunk, bindings.IdxT(i)))
		w.columns[i].valid = nil
	}
}

// Next ends a row.
func (w *Writer) Next() error {
	if w.n++; w.n < w.room {
		return nil
	}
	return w.hand()
}

// hand gives the chunk to the engine, which copies it.
func (w *Writer) hand() error {
	if w.n == 0 {
		return nil
	}
	bindings.DataChunkSetSize(w.chunk, bindings.IdxT(w.n))
	if bindings.AppendDataChunk(w.appender, w.chunk) == bindings.StateError {
		return fmt.Errorf("append to %s: %w", w.table, w.failed())
	}
	bindings.DataChunkReset(w.chunk)
	w.begin()
	return nil
}

func (w *Writer) failed() error {
	data := bindings.AppenderErrorData(w.appender)
	defer bindings.DestroyErrorData(&data)
	if text := bindings.ErrorDataMessage(data); text != "" {
		return errors.New(text)
	}
	return errors.New("the engine does not say why")
}

// Close writes what is left into the table.
func (w *Writer) Close() error {
	err := w.hand()
	if err == nil && bindings.AppenderFlush(w.appender) == bindings.StateError {
		err = fmt.Errorf("append to %s: %w", w.table, w.failed())
	}
	if err != nil {
		return errors.Join(err, w.Abandon())
	}
	return w.free()
}

// Abandon forgets the rows that the table has not got yet; the others go when the transaction is rolled back.
func (w *Writer) Abandon() error {
	if w.appender.Ptr == nil {
		return nil
	}
	var err error
	if bindings.AppenderClear(w.appender) == bindings.StateError {
		err = fmt.Errorf("abandon rows of %s: %w", w.table, w.failed())
	}
	return errors.Join(err, w.free())
}

func (w *Writer) free() error {
	bindings.DestroyDataChunk(&w.chunk)
	for i := range w.types {
		bindings.DestroyLogicalType(&w.types[i])
	}
	w.types = nil
	w.heap.free()
	if bindings.AppenderDestroy(&w.appender) == bindings.StateError {
		return fmt.Errorf("append to %s: the engine's writer did not close", w.table)
	}
	return nil
}

// at is where the row's value of a column lies.
func at[T any](w *Writer, column int, kind bindings.Type) *T {
	c := &w.columns[column]
	if c.kind != kind {
		panic(fmt.Sprintf("column %d of %s has type %d, not %d", column+1, w.table, c.kind, kind)) // the tables are ours
	}
	var one T
	return (*T)(unsafe.Add(c.data, uintptr(w.n)*unsafe.Sizeof(one)))
}

// U8 sets a UTINYINT, U32 a UINTEGER and so on.
func (w *Writer) U8(column int, v uint8) { *at[uint8](w, column, bindings.TypeUTinyInt) = v }

// U32 sets a UINTEGER.
func (w *Writer) U32(column int, v uint32) { *at[uint32](w, column, bindings.TypeUInteger) = v }

// U64 sets a UBIGINT.
func (w *Writer) U64(column int, v uint64) { *at[uint64](w, column, bindings.TypeUBigInt) = v }

// I32 sets an INTEGER.
func (w *Writer) I32(column int, v int32) { *at[int32](w, column, bindings.TypeInteger) = v }

// I64 sets a BIGINT.
func (w *Writer) I64(column int, v int64) { *at[int64](w, column, bindings.TypeBigInt) = v }

// F64 sets a DOUBLE.
func (w *Writer) F64(column int, v float64) { *at[float64](w, column, bindings.TypeDouble) = v }

// Text sets a VARCHAR to a copy of v, which must be UTF-8; the engine relies on it.
func (w *Writer) Text(column int, v string) error {
	if !utf8.ValidString(v) {
		return fmt.Errorf("append to %s: column %d is no UTF-8 text: %.60q", w.table, column+1, v)
	}
	w.heap.set(at[text](w, column, bindings.TypeVarchar), v)
	return nil
}

// Bytes is Text for a text that lies in bytes.
func (w *Writer) Bytes(column int, v []byte) error {
	return w.Text(column, unsafe.String(unsafe.SliceData(v), len(v))) //nolint:gosec // copied here and now
}

// Blob sets a BLOB to a copy of v.
func (w *Writer) Blob(column int, v []byte) {
	w.heap.set(at[text](w, column, bindings.TypeBlob), unsafe.String(unsafe.SliceData(v), len(v))) //nolint:gosec // read here and now
}

// Null sets any column to NULL.
func (w *Writer) Null(column int) {
	c := &w.columns[column]
	if c.valid == nil {
		vector := bindings.DataChunkGetVector(w.chunk, bindings.IdxT(column))
		bindings.VectorEnsureValidityWritable(vector)
		c.valid = view[uint64](bindings.VectorGetValidity(vector), (w.room+63)/64)
	}
	c.valid[w.n/64] &^= 1 << (w.n % 64)
	if c.kind == bindings.TypeVarchar || c.kind == bindings.TypeBlob {
		*at[text](w, column, c.kind) = text{} // what a NULL holds is never looked at, and points nowhere all the same
	}
}

// Row writes a row of values, nil being NULL: for tables of few rows, and for those whose values are told apart only here.
func (w *Writer) Row(values ...any) error {
	if len(values) != len(w.columns) {
		return fmt.Errorf("append to %s: %d values for %d columns", w.table, len(values), len(w.columns))
	}
	for i, v := range values {
		var err error
		switch v := v.(type) {
		case nil:
			w.Null(i)
		case string:
			err = w.Text(i, v)
		case []byte:
			if w.columns[i].kind == bindings.TypeBlob {
				w.Blob(i, v)
			} else {
				err = w.Bytes(i, v)
			}
		case float64:
			w.F64(i, v)
		case int:
			err = w.integer(i, int64(v))
		case int32:
			err = w.integer(i, int64(v))
		case int64:
			err = w.integer(i, v)
		case uint8:
			err = w.integer(i, int64(v))
		case uint32:
			err = w.integer(i, int64(v))
		case uint64:
			w.U64(i, v)
		default:
			err = fmt.Errorf("append to %s: column %d is given a %T", w.table, i+1, v)
		}
		if err != nil {
			return err
		}
	}
	return w.Next()
}

// integer sets a column of any integer type.
func (w *Writer) integer(i int, v int64) error {
	var fits bool
	switch kind := w.columns[i].kind; kind {
	case bindings.TypeUTinyInt:
		w.U8(i, uint8(v))
		fits = v == int64(uint8(v))
	case bindings.TypeUInteger:
		w.U32(i, uint32(v))
		fits = v == int64(uint32(v))
	case bindings.TypeUBigInt:
		w.U64(i, uint64(v))
		fits = v >= 0
	case bindings.TypeInteger:
		w.I32(i, int32(v))
		fits = v == int64(int32(v))
	case bindings.TypeBigInt:
		w.I64(i, v)
		fits = true
	default:
		return fmt.Errorf("append to %s: column %d of type %d is given an integer", w.table, i+1, kind)
	}
	if !fits {
		return fmt.Errorf("append to %s: %d has no room in column %d", w.table, v, i+1)
	}
	return nil
}

// heap holds the texts of a chunk that have no room in place, until the engine has copied them. The engine's memory points here,
// so it is pinned.
type heap struct {
	slabs [][]byte
	pins  runtime.Pinner
	using int // slab that is being filled
}

const (
	slabSize  = 256 << 10
	mostSlabs = 32 // kept for the next chunk
)

func (h *heap) set(t *text, v string) {
	t.size = uint32(len(v))
	if len(v) <= inPlace {
		clear(t.prefix[:])
		clear(t.rest[:])
		copy(unsafe.Slice(&t.prefix[0], inPlace), v) //nolint:gosec // prefix and rest are twelve bytes beside each other
		return
	}
	to := h.take(len(v))
	copy(to, v)
	copy(t.prefix[:], v)
	*(*uintptr)(unsafe.Pointer(&t.rest)) = uintptr(unsafe.Pointer(&to[0])) //nolint:gosec // pinned until the engine has copied it
}

// take gives n bytes that stay where they are.
func (h *heap) take(n int) []byte {
	for ; h.using < len(h.slabs); h.using++ {
		if s := &h.slabs[h.using]; cap(*s)-len(*s) >= n {
			*s = (*s)[:len(*s)+n]
			return (*s)[len(*s)-n:]
		}
	}
	s := make([]byte, n, max(n, slabSize))
	h.pins.Pin(&s[0])
	h.slabs = append(h.slabs, s)
	return s
}

func (h *heap) reset() {
	if len(h.slabs) > mostSlabs {
		h.free()
	}
	for i := range h.slabs {
		h.slabs[i] = h.slabs[i][:0]
	}
	h.using = 0
}

func (h *heap) free() {
	h.pins.Unpin()
	h.slabs, h.using = nil, 0
}
