package segments

import (
	"testing"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/ref"
	"github.com/dangol/dangol/test/bench/load"
	"github.com/dangol/dangol/test/bench/shop"
)

// someone has twenty facts, as strands give them.
type someone struct{ moments [][]rule.Moment }

func (someone) Key() uint32                          { return 4711 }
func (someone) State(string) any                     { return nil }
func (someone) In(string) bool                       { return false }
func (s someone) Moments(n *rule.Need) []rule.Moment { return s.moments[n.Index()] }

func twentyFacts(set *rule.Set) someone {
	needs := set.Needs()
	p := someone{make([][]rule.Moment, len(needs))}
	for i := range 20 {
		n := &needs[i%len(needs)]
		values := make([]rule.Value, len(n.Props))
		for j, prop := range n.Props {
			values[j] = rule.ValueOf(map[string]string{"category": "tea", "price": "12.5", "revenue": "250.5", "state": "given", "purpose": "marketing", "channel": "email", "birthday": "1990-11-03", "plan": "gold"}[prop])
		}
		p.moments[n.Index()] = append(p.moments[n.Index()], rule.Moment{AtUS: shop.AsOf.UnixMicro() - int64(40-i)*86400e6, Place: uint64(i), Values: values})
	}
	return p
}

// BenchmarkOnePerson evaluates load.Fifty rules for a person with twenty facts, as it is done for each event that comes.
func BenchmarkOnePerson(b *testing.B) {
	set := rule.NewSet(bound(b, load.Fifty)...)
	p := twentyFacts(set)
	e := ref.New(set)
	bits := make([]uint64, 1)
	b.ReportAllocs()
	before := processors()
	for i := range b.N {
		e.Begin(p, shop.AsOf.UnixMicro()+int64(i))
		e.Bits(bits)
	}
	b.ReportMetric(float64((processors()-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// BenchmarkProject takes what a rule looks at out of an event.
func BenchmarkProject(b *testing.B) {
	needs := bound(b, load.Fifty[4:5])[0].Needs()
	props := []byte(`{"product_id":"p12","category":"tea","brand":"b7","price":12.5,"currency":"KRW"}`)
	b.ReportAllocs()
	for range b.N {
		if _, ok := needs[0].Project(1, "Product Viewed", props, nil); !ok {
			b.Fatal("not a fact of the need")
		}
	}
}
