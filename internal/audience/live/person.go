package live

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

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

// columns reads what is said of some people in customer_state and customer, when it is asked first: most batches ask for none.
// What was asked of others before is read with it, for it is the search for the people that costs.
type columns struct {
	ctx    context.Context //nolint:containedctx // of the batch that it lives for
	ask    func(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	people func() []uint32
	top    func() (uint32, error) // the highest key that the last analysis saw
	asked  *[]string              // columns of the state, by any batch so far

	mu    sync.Mutex
	known map[string]map[uint32]any
	err   error // the first; whoever evaluates looks at it in the end
}

func (c *columns) value(column string, customer uint32) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	values, known := c.known[column]
	if !known {
		if c.known == nil {
			c.known = map[string]map[uint32]any{}
		}
		if err := c.read(column); err != nil && c.err == nil {
			c.err = err
		}
		values = c.known[column]
	}
	return values[customer]
}

func (c *columns) read(column string) error {
	people := c.people()
	if own, ok := strings.CutPrefix(column, ref.CustomerColumn); ok {
		return c.from("customer", "key", []string{column}, own, people)
	}
	if !slices.Contains(*c.asked, column) {
		*c.asked = append(*c.asked, column)
	}
	top, err := c.top()
	if err != nil {
		return err
	}
	// Whoever came since has no row to look for.
	people = slices.DeleteFunc(people, func(key uint32) bool { return key > top })
	return c.from("customer_state", "customer_key", *c.asked, strings.Join(*c.asked, ", "), people)
}

// from reads some columns of people's rows.
func (c *columns) from(table, key string, columns []string, list string, people []uint32) error {
	found := make([]map[uint32]any, len(columns))
	for i, column := range columns {
		found[i] = map[uint32]any{}
		c.known[column] = found[i]
	}
	if len(people) == 0 {
		return nil
	}
	rows, err := c.ask(c.ctx, `SELECT `+key+`, `+list+` FROM `+table+` WHERE `+key+` IN (`+keyList(people)+`)`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var who uint32
	values, dest := make([]any, len(columns)), []any{&who}
	for i := range values {
		dest = append(dest, &values[i])
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("state of customers: %w", err)
		}
		for i, v := range values {
			if v != nil {
				found[i][who] = v
			}
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("state of customers: %w", err)
	}
	return nil
}

// seen is the highest key in the state of the last analysis.
type seen struct {
	version int64
	top     uint32
	asked   []string // columns that batches asked for
}

// top tells it, asked again after an analysis. It is called under the lock.
func (e *Engine) top(ctx context.Context) (uint32, error) {
	if now := e.Warehouse.StateVersion(); now != e.seen.version || now == 0 {
		var top sql.Null[uint32]
		if err := one(ctx, e.Warehouse.Ask, `SELECT max(customer_key) FROM customer_state`, &top); err != nil {
			return 0, err
		}
		e.seen.version, e.seen.top = now, top.V
	}
	return e.seen.top, nil
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
