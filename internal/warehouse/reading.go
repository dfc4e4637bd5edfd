package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"

	"github.com/dangol/dangol/internal/query/rule/pass"
	"github.com/dangol/dangol/internal/warehouse/columns"
)

// Reading sees the warehouse at one instant, whatever commits meanwhile.
type Reading struct {
	conn    *sql.Conn
	tx      *sql.Tx
	offsets Offsets
}

// Read begins a reading. The caller closes it.
func (w *Warehouse) Read(ctx context.Context) (*Reading, error) {
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("warehouse read: %w", err)
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("warehouse read: %w", err), conn.Close())
	}
	r := &Reading{conn: conn, tx: tx}
	if r.offsets, err = readOffsets(ctx, tx); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Blocks calls take with the rows of an answer at the reading's instant, column by column, some at a time and in no order.
func (r *Reading) Blocks(ctx context.Context, text string, args []any, take func(*pass.Block) error) error {
	return columns.Read(ctx, r.conn, text, args, take)
}

// Ask runs a rendered question at the reading's instant. The caller closes the rows.
func (r *Reading) Ask(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	rows, err := r.tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("warehouse: %w", err)
	}
	return rows, nil
}

// Offset is the log's message up to which this reading sees.
func (r *Reading) Offset() uint64 { return r.offsets.Log }

// Close ends the reading.
func (r *Reading) Close() {
	_ = r.tx.Rollback() // nothing was written
	_ = r.conn.Close()
}

// Offset is the log's message up to which the warehouse has followed.
func (w *Warehouse) Offset(ctx context.Context) (uint64, error) {
	o, err := w.Followed(ctx)
	return o.Log, err
}

// Names are the events' names with their numbers.
func (w *Warehouse) Names() map[string]uint32 {
	w.names.mu.RLock()
	defer w.names.mu.RUnlock()
	return maps.Clone(w.names.keys)
}
