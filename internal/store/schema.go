package store

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// Dialect is the SQL engine behind a store.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// Schema is what one room keeps: the text of its queries.sql and a file system that holds its migrations,
// at the root or in the folder "migrations".
type Schema struct {
	Room       string
	Queries    string
	Migrations fs.FS
}

// Kind says what a named query gives back.
type Kind string

// The kinds of query.
const (
	One  Kind = "one"
	Many Kind = "many"
	Exec Kind = "exec"
)

// Query is one named query of a room, in the text that its engine runs.
type Query struct {
	Name string // room.Name
	Kind Kind
	Why  string // the comment line under the name
	SQL  string
}

var (
	nameLine    = regexp.MustCompile(`^--\s*name:\s*([A-Z][A-Za-z0-9]*)\s+:(one|many|exec)\s*$`)
	dialectLine = regexp.MustCompile(`^--\s*dialect:\s*(\w+)\s*$`)
	commentLine = regexp.MustCompile(`^--\s*(.*)$`)
	roomName    = regexp.MustCompile(`^[a-z]+$`)
)

// Parse reads the room's queries for one dialect, in their order.
func (s Schema) Parse(d Dialect) ([]Query, error) {
	if !roomName.MatchString(s.Room) {
		return nil, fmt.Errorf("store: room name %q is not one lower-case word", s.Room)
	}
	p := queryParser{room: s.Room, dialect: d, seen: map[string]bool{}}
	for i, line := range strings.Split(s.Queries, "\n") {
		if err := p.line(strings.TrimRight(line, " \t\r")); err != nil {
			return nil, fmt.Errorf("store: %s/queries.sql line %d: %w", s.Room, i+1, err)
		}
	}
	if err := p.end(); err != nil {
		return nil, fmt.Errorf("store: %s/queries.sql: %w", s.Room, err)
	}
	return p.queries, nil
}

type queryParser struct {
	room     string
	dialect  Dialect
	queries  []Query
	seen     map[string]bool
	open     bool
	current  Query
	base     strings.Builder
	override strings.Builder
	in       Dialect // which text the lines belong to
}

func (p *queryParser) line(line string) error {
	if m := nameLine.FindStringSubmatch(line); m != nil {
		if err := p.end(); err != nil {
			return err
		}
		if p.seen[m[1]] {
			return fmt.Errorf("the name %s stands twice", m[1])
		}
		p.seen[m[1]] = true
		p.open, p.in = true, SQLite
		p.current = Query{Name: p.room + "." + m[1], Kind: Kind(m[2])}
		return nil
	}
	if m := dialectLine.FindStringSubmatch(line); m != nil {
		if !p.open || Dialect(m[1]) != Postgres || p.in == Postgres {
			return fmt.Errorf("%q: only one override, for postgres, may follow a query", line)
		}
		p.in = Postgres
		return nil
	}
	if m := commentLine.FindStringSubmatch(line); m != nil {
		if p.current.Why == "" {
			p.current.Why = m[1]
		}
		return nil
	}
	if line == "" {
		return nil
	}
	if !p.open {
		return fmt.Errorf("text before the first \"-- name:\" line")
	}
	text := &p.base
	if p.in == Postgres {
		text = &p.override
	}
	text.WriteString(line)
	text.WriteByte('\n')
	return nil
}

func (p *queryParser) end() error {
	if !p.open {
		return nil
	}
	text := p.base.String()
	if p.dialect == Postgres && p.override.Len() > 0 {
		text = p.override.String()
	}
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), ";"))
	switch {
	case text == "":
		return fmt.Errorf("the query %s has no text", p.current.Name)
	case p.current.Why == "":
		return fmt.Errorf("the query %s has no comment line saying why", p.current.Name)
	}
	p.current.SQL = text
	p.queries = append(p.queries, p.current)
	p.open = false
	p.base.Reset()
	p.override.Reset()
	return nil
}
