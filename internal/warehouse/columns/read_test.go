package columns_test

import (
	"context"
	"errors"
	"testing"

	"github.com/dangol/dangol/internal/query/rule/pass"
	"github.com/dangol/dangol/internal/warehouse/columns"
)

const many = `SELECT i::UINTEGER, i::BIGINT, 'text number ' || i FROM range(400000) r(i)`

// TestAnAnswerIsReadWhole although the engine is ahead of who reads.
func TestAnAnswerIsReadWhole(t *testing.T) {
	t.Parallel()
	conn := open(t, "SELECT 1")
	seen, sum := 0, int64(0)
	err := columns.Read(t.Context(), conn, many, nil, func(b *pass.Block) error {
		for i := range b.Len {
			sum += b.Columns[1].I64[i]
			if len(b.Columns[2].Text[i]) < len("text number 0") {
				t.Fatalf("%q", b.Columns[2].Text[i])
			}
		}
		seen += b.Len
		return nil
	})
	if err != nil || seen != 400_000 || sum != 400_000*399_999/2 {
		t.Errorf("%d rows that sum up to %d, %v", seen, sum, err)
	}
}

// TestAnAnswerIsLeft in its middle, by who reads and by who asked; the connection can be asked again.
func TestAnAnswerIsLeft(t *testing.T) {
	t.Parallel()
	conn := open(t, "SELECT 1")
	enough := errors.New("enough")
	for range 20 {
		if err := columns.Read(t.Context(), conn, many, nil, func(*pass.Block) error { return enough }); !errors.Is(err, enough) {
			t.Fatalf("%v", err)
		}
		ctx, stop := context.WithCancel(t.Context())
		err := columns.Read(ctx, conn, many, nil, func(*pass.Block) error { stop(); return nil })
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("%v", err)
		}
	}
	n := 0
	if err := columns.Read(t.Context(), conn, `SELECT 1::BIGINT`, nil, func(b *pass.Block) error { n += b.Len; return nil }); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
	if err := columns.Read(t.Context(), conn, `SELECT error('late')::BIGINT + i FROM range(100000) r(i)`, nil, func(*pass.Block) error { return nil }); err == nil {
		t.Error("an error of the engine is lost")
	}
}
