package store

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// batchArgs is how many arguments go into one statement, as measured: on PostgreSQL a statement is a round trip, on
// SQLite the driver's work grows with the square of the arguments.
var batchArgs = map[Dialect]int{SQLite: 128, Postgres: 4096}

// Batch puts many rows through one INSERT … VALUES query, several rows a statement.
type Batch struct {
	tx     *Tx
	ctx    context.Context //nolint:containedctx // a batch lives within one call of In, whose context this is
	name   string
	shape  insertShape
	size   int // rows a statement
	args   []any
	held   int
	sent   int64
	closed bool
}

// Batch opens a batch for the named INSERT query. It must be closed before the transaction's function returns.
func (tx *Tx) Batch(ctx context.Context, name string) (*Batch, error) {
	q, err := tx.query(name, Exec)
	if err != nil {
		return nil, err
	}
	shape, err := parseInsert(q.SQL)
	if err != nil {
		return nil, fmt.Errorf("store: %s: %w", name, err)
	}
	shape.anonymous = tx.store.dialect == SQLite
	size := max(1, batchArgs[tx.store.dialect]/len(shape.refs))
	return &Batch{tx: tx, ctx: ctx, name: name, shape: shape, size: size, args: make([]any, 0, size*shape.args)}, nil
}

// Add takes one row. With ON CONFLICT DO UPDATE one batch must not hold the same key twice.
func (b *Batch) Add(args ...any) error {
	if len(args) != b.shape.args {
		return fmt.Errorf("store: %s takes %d values, was given %d", b.name, b.shape.args, len(args))
	}
	if b.shape.anonymous {
		for _, n := range b.shape.refs {
			b.args = append(b.args, args[n-1])
		}
	} else {
		b.args = append(b.args, args...)
	}
	b.held++
	b.tx.unsent++
	if b.held == b.size {
		return b.flush()
	}
	return nil
}

func (b *Batch) flush() error {
	if b.held == 0 {
		return nil
	}
	result, err := b.tx.exec(b.ctx, b.shape.text(b.held), b.args)
	if err != nil {
		return fmt.Errorf("store: %s: %w", b.name, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("store: %s: %w", b.name, err)
	}
	b.sent += n
	b.tx.unsent -= b.held
	b.held, b.args = 0, b.args[:0]
	return nil
}

// Close sends what is still held.
func (b *Batch) Close() error {
	if b.closed {
		return nil
	}
	b.closed = true
	return b.flush()
}

// Rows tells how many rows the engine has inserted or updated so far.
func (b *Batch) Rows() int64 { return b.sent }

// insertShape is an INSERT cut at its tuple of values, so that the tuple can be repeated.
type insertShape struct {
	head, tail string
	parts      []string // text of the tuple around its arguments
	refs       []int    // the argument after each part but the last
	args       int
	// SQLite's driver finds numbered arguments by comparing names, all with all, so there they go by position.
	anonymous bool
	texts     map[int]string
}

var (
	valuesWord  = regexp.MustCompile(`(?i)\bVALUES\s*\(`)
	placeholder = regexp.MustCompile(`\$(\d+)`)
)

func parseInsert(text string) (insertShape, error) {
	at := valuesWord.FindStringIndex(text)
	if at == nil || !strings.HasPrefix(strings.ToUpper(text), "INSERT") {
		return insertShape{}, fmt.Errorf("a batch needs INSERT … VALUES (…)")
	}
	open := at[1] - 1
	end := closingParen(text, open)
	if end < 0 {
		return insertShape{}, fmt.Errorf("the tuple after VALUES has no end")
	}
	s := insertShape{head: text[:open], tail: text[end+1:], texts: map[int]string{}}
	if placeholder.MatchString(s.head) || placeholder.MatchString(s.tail) {
		return insertShape{}, fmt.Errorf("a batch may have arguments in its tuple of values only")
	}
	tuple, last := text[open:end+1], 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(tuple, -1) {
		n, err := strconv.Atoi(tuple[m[2]:m[3]])
		if err != nil || n < 1 {
			return insertShape{}, fmt.Errorf("%s is no argument", tuple[m[0]:m[1]])
		}
		s.parts = append(s.parts, tuple[last:m[0]])
		s.refs = append(s.refs, n)
		s.args = max(s.args, n)
		last = m[1]
	}
	s.parts = append(s.parts, tuple[last:])
	if s.args == 0 {
		return insertShape{}, fmt.Errorf("a batch needs arguments in its tuple of values")
	}
	return s, nil
}

func closingParen(text string, open int) int {
	depth, quoted := 0, false
	for i := open; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// text is the statement for a number of rows.
func (s insertShape) text(rows int) string {
	if t, ok := s.texts[rows]; ok {
		return t
	}
	var b strings.Builder
	b.WriteString(s.head)
	for r := range rows {
		if r > 0 {
			b.WriteString(", ")
		}
		for i, part := range s.parts {
			b.WriteString(part)
			switch {
			case i == len(s.refs):
			case s.anonymous:
				b.WriteByte('?')
			default:
				b.WriteByte('$')
				b.WriteString(strconv.Itoa(r*s.args + s.refs[i]))
			}
		}
	}
	b.WriteString(s.tail)
	t := b.String()
	s.texts[rows] = t
	return t
}
