package rule

import (
	"errors"
	"time"
)

var errStub = errors.New("rule: not yet")

func Schema() []byte                         { return []byte("{}") }
func BuiltIn() []Named                       { return nil }
func Reserved() map[string]Event             { return nil }

func Check(r *Rule, c *Catalog) error                    { return errStub }
func CheckTrait(t *Trait, c *Catalog) (Kind, error)      { return Unknown, errStub }
func Warnings(r *Rule, c *Catalog) []string              { return nil }
func Sentence(r *Rule, c *Catalog, lang string) string   { return "" }
func (t *Trait) Sentence(c *Catalog, lang string) string { return "" }

type Mentions struct{ Segments, Traits, Events, Attributes []string }

func Names(r *Rule) Mentions { return Mentions{} }

type Bound struct{}

type Edge struct {
	Need   Need
	Offset time.Duration
}

func Bind(r *Rule, c *Catalog) (*Bound, error)       { return nil, errStub }
func BindTrait(t *Trait, c *Catalog) (*Bound, error) { return nil, errStub }
func (b *Bound) Needs() []Need                       { return nil }
func (b *Bound) Edges() []Edge                       { return nil }
func (b *Bound) Midnight() bool                      { return false }
func (b *Bound) Analysis() bool                      { return false }
func (b *Bound) ByHand() []string                    { return nil }
func (b *Bound) Rising(n Need) bool                  { return false }
func (b *Bound) Falling(n Need) bool                 { return false }

type Set struct{}

func NewSet(bs ...*Bound) *Set      { return &Set{} }
func (s *Set) Needs() []Need        { return nil }
func (s *Set) Len() int             { return 0 }
func (n *Need) Index() int          { return 0 }
func (n *Need) Covers(m *Need) bool { return false }
func (n *Need) Project(typ uint8, name string, props, context []byte) ([]Value, bool) {
	return nil, false
}
func ValueOf(text string) Value { return Value{} }

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
