package live

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/ref"
	"github.com/dangol/dangol/internal/recall"
)

// person is a customer as the rules of a roster read her.
type person struct {
	record  recall.Record
	columns *columns
	in      func(slug string, customer uint32) bool
}

var _ ref.Person = (*person)(nil)

// Key is the customer's.
func (p *person) Key() uint32 { return p.record.Customer }

// Moments are her facts of a need of the roster's set.
func (p *person) Moments(n *rule.Need) []rule.Moment { return p.record.Moments(n.Index()) }

// State is a column of the last analysis or of the customer's row.
func (p *person) State(column string) any { return p.columns.value(column, p.record.Customer) }

// In says whether she is in a segment by hand.
func (p *person) In(slug string) bool { return p.in(slug, p.record.Customer) }

// columns reads what is said of some people in customer_state and customer, a column at a time, when it is asked first: most
// batches ask for none.
type columns struct {
	ctx    context.Context //nolint:containedctx // of the batch that it lives for
	ask    func(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	people func() []uint32
	list   string
	known  map[string]map[uint32]any
	err    error // the first; whoever evaluates looks at it in the end
}

func (c *columns) value(column string, customer uint32) any {
	values, known := c.known[column]
	if !known {
		var err error
		if values, err = c.read(column); err != nil && c.err == nil {
			c.err = err
		}
		if c.known == nil {
			c.known = map[string]map[uint32]any{}
		}
		c.known[column] = values
	}
	return values[customer]
}

func (c *columns) read(column string) (_ map[uint32]any, err error) {
	if c.list == "" {
		c.list = keyList(c.people())
	}
	text := `SELECT customer_key, ` + column + ` FROM customer_state WHERE customer_key IN (` + c.list + `)`
	if own, ok := strings.CutPrefix(column, ref.CustomerColumn); ok {
		text = `SELECT key, ` + own + ` FROM customer WHERE key IN (` + c.list + `)`
	}
	rows, err := c.ask(c.ctx, text)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	values := map[uint32]any{}
	for rows.Next() {
		var key uint32
		var v any
		if err := rows.Scan(&key, &v); err != nil {
			return nil, fmt.Errorf("state of customers: %w", err)
		}
		if v != nil {
			values[key] = v
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("state of customers: %w", err)
	}
	return values, nil
}

// keyList writes keys for an IN; a list of none holds nobody.
func keyList(keys []uint32) string {
	if len(keys) == 0 {
		return "NULL"
	}
	b := make([]byte, 0, 8*len(keys))
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(k), 10)
	}
	return string(b)
}
