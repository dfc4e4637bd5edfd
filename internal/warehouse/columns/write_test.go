package columns_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/dangol/dangol/internal/warehouse/columns"
)

func open(t *testing.T, create string) *sql.Conn {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.ExecContext(t.Context(), create); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestWhatIsWrittenIsRead writes texts of every length around those that lie in place, across several chunks, while the collector
// runs, and NULLs in between.
func TestWhatIsWrittenIsRead(t *testing.T) {
	conn := open(t, `CREATE TEMP TABLE kept (u8 UTINYINT, u32 UINTEGER, u64 UBIGINT, i32 INTEGER, i64 BIGINT, f DOUBLE, t VARCHAR, b BLOB)`)
	w, err := columns.NewWriter(conn, "kept")
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	const rows = 5000
	texts, blobs := make([]string, rows), make([][]byte, rows)
	for i := range rows {
		texts[i] = strings.Repeat("단골", random.IntN(9)) + strings.Repeat("x", random.IntN(20))
		if i%1000 == 7 {
			texts[i] = strings.Repeat("ลูกค้า", 40_000) // beyond one slab
		}
		blobs[i] = bytes.Repeat([]byte{0, 255, byte(i)}, random.IntN(8))
		w.U8(0, uint8(i))
		w.U32(1, uint32(i)<<12)
		w.U64(2, uint64(i)<<50)
		w.I32(3, -int32(i))
		w.I64(4, -int64(i)<<40)
		w.F64(5, float64(i)/3)
		if err := w.Text(6, texts[i]); err != nil {
			t.Fatal(err)
		}
		w.Blob(7, blobs[i])
		if i%5 == 0 {
			w.Null(6)
			w.Null(i % 5)
		}
		if err := w.Next(); err != nil {
			t.Fatal(err)
		}
		if i%500 == 0 {
			runtime.GC()
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	read(t, conn, texts, blobs)
}

func read(t *testing.T, conn *sql.Conn, texts []string, blobs [][]byte) {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), `SELECT u8, u32, u64, i32, i64, f, t, b FROM kept ORDER BY rowid`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	i := 0
	for ; rows.Next(); i++ {
		var u8 sql.NullByte
		var u32 uint32
		var u64 uint64
		var i32 int32
		var i64 int64
		var f float64
		var text sql.NullString
		var blob []byte
		if err := rows.Scan(&u8, &u32, &u64, &i32, &i64, &f, &text, &blob); err != nil {
			t.Fatal(err)
		}
		null := i%5 == 0
		if null != !u8.Valid || null != !text.Valid || !null && (u8.Byte != uint8(i) || text.String != texts[i]) {
			t.Fatalf("row %d: %v, %.80v", i, u8, text)
		}
		if u32 != uint32(i)<<12 || u64 != uint64(i)<<50 || i32 != -int32(i) || i64 != -int64(i)<<40 || f != float64(i)/3 || !bytes.Equal(blob, blobs[i]) {
			t.Fatalf("row %d: %d %d %d %d %g %x", i, u32, u64, i32, i64, f, blob)
		}
	}
	if err := rows.Err(); err != nil || i != len(texts) {
		t.Fatalf("%d of %d rows, %v", i, len(texts), err)
	}
}

// TestRowsAreChecked: what the engine would take for something else is refused, and an abandoned row is not there.
func TestRowsAreChecked(t *testing.T) {
	conn := open(t, `CREATE TABLE kept (small UTINYINT, text VARCHAR, bytes BLOB, real DOUBLE)`)
	for _, c := range []struct {
		row  []any
		want string
	}{
		{[]any{256, "a", []byte{1}, 1.0}, "256 has no room in column 1"},
		{[]any{-1, "a", []byte{1}, 1.0}, "-1 has no room in column 1"},
		{[]any{1, "a\xff", []byte{1}, 1.0}, "column 2 is no UTF-8 text"},
		{[]any{1, []byte("b\xff"), []byte{1}, 1.0}, "column 2 is no UTF-8 text"},
		{[]any{1, "a", []byte{1}, true}, "column 4 is given a bool"},
		{[]any{1, "a", []byte{1}, 1}, "column 4 of type"},
		{[]any{1, "a"}, "2 values for 4 columns"},
	} {
		w, err := columns.NewWriter(conn, "kept")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Row(7, "good", nil, nil); err != nil {
			t.Fatal(err)
		}
		if err := w.Row(c.row...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v; want %q", c.row, err, c.want)
		}
		if err := w.Abandon(); err != nil {
			t.Fatal(err)
		}
	}
	var n int
	if err := conn.QueryRowContext(t.Context(), `SELECT count(*) FROM kept`).Scan(&n); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	if _, err := columns.NewWriter(conn, "nowhere"); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Fatal(err)
	}
}

func BenchmarkWrite(b *testing.B) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	conn, err := db.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(b.Context(), `CREATE TABLE kept (a UBIGINT, b BIGINT, c BIGINT, d UINTEGER, e UINTEGER, t VARCHAR)`); err != nil {
		b.Fatal(err)
	}
	w, err := columns.NewWriter(conn, "kept")
	if err != nil {
		b.Fatal(err)
	}
	text := fmt.Sprint("order-", 1234567890)
	for i := 0; b.Loop(); i++ {
		w.U64(0, uint64(i))
		w.I64(1, int64(i))
		w.I64(2, int64(i))
		w.U32(3, uint32(i))
		w.U32(4, uint32(i))
		if err := w.Text(5, text); err != nil {
			b.Fatal(err)
		}
		if err := w.Next(); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
}
