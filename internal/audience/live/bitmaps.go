package live

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"
)

// bitmaps reads the answer of render.Rules: who is in each of n rules.
func bitmaps(ctx context.Context, ask func(context.Context, string, ...any) (*sql.Rows, error), n int, text string, args []any) (_ []*roaring.Bitmap, err error) {
	rows, err := ask(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var key uint32
	bits := make([]uint64, (n+63)/64)
	dest := []any{&key}
	for i := range bits {
		dest = append(dest, &bits[i])
	}
	lists := make([][]uint32, n)
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, fmt.Errorf("evaluate rules: %w", err)
		}
		for i := range n {
			if bits[i/64]>>(i%64)&1 == 1 {
				lists[i] = append(lists[i], key)
			}
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("evaluate rules: %w", err)
	}
	out := make([]*roaring.Bitmap, n)
	for i, list := range lists {
		out[i] = roaring.New()
		out[i].AddMany(list)
		out[i].RunOptimize()
	}
	return out, nil
}
