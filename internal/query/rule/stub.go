package rule

import "errors"

var errStub = errors.New("rule: not yet")

func Schema() []byte                                     { return []byte("{}") }
func BuiltIn() []Named                                   { return nil }
func Sentence(r *Rule, c *Catalog, lang string) string   { return "" }
func (t *Trait) Sentence(c *Catalog, lang string) string { return "" }

type Ask struct {
	AsOfUS    int64
	Customers []uint32
	Members   string
}

type Dialect interface{ Name() string }
type DuckDB struct{}
type ClickHouse struct{}

func (DuckDB) Name() string     { return "duckdb" }
func (ClickHouse) Name() string { return "clickhouse" }

func Render(bs []*Bound, q Ask, d Dialect) (string, []any, error)   { return "", nil, errStub }
func RenderCount(b *Bound, q Ask, d Dialect) (string, []any, error) { return "", nil, errStub }
func NeedSQL(n Need, q Ask, d Dialect) (string, []any)              { return "", nil }
