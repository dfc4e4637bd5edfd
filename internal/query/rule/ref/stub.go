package ref

import "github.com/dangol/dangol/internal/query/rule"

type Person interface {
	Key() uint32
	Moments(n *rule.Need) []rule.Moment
	State(column string) any
	In(segment string) bool
}

type Condition struct {
	Place, Sentence string
	Value           any
	Holds           bool
}

func Holds(b *rule.Bound, p Person, asOfUS int64) bool                       { return false }
func Explain(b *rule.Bound, p Person, asOfUS int64, lang string) []Condition { return nil }
func Value(b *rule.Bound, p Person, asOfUS int64) any                        { return nil }

type Evaluator struct{}

func New(s *rule.Set) *Evaluator                  { return &Evaluator{} }
func (e *Evaluator) Begin(p Person, asOfUS int64) {}
func (e *Evaluator) Holds(i int) bool             { return false }
func (e *Evaluator) Bits(into []uint64)           {}
