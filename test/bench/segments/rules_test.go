package segments

import (
	"testing"
	"time"

	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/test/bench/load"
	"github.com/dangol/dangol/test/bench/shop"
)

func catalog() *rule.Catalog {
	c := &rule.Catalog{
		Events: map[string]rule.Event{}, Attributes: map[string]rule.Kind{"plan": rule.Text, "age": rule.Number, "birthday": rule.Time, "country": rule.Text, "newsletter": rule.Flag},
		State: query.StateSchema(), Traits: map[string]rule.Named{}, Segments: map[string]rule.Segment{load.Friends: {Name: "Friends"}}, Markets: []string{"KR", "TH", "DE"},
		Zone: time.UTC, Currency: "EUR", Digits: 2,
	}
	for _, n := range shop.Names {
		c.Events[n.Name] = rule.Event{Key: uint32(n.Key)}
	}
	for _, n := range rule.BuiltIn() {
		c.Traits[n.Name] = n
	}
	return c
}

func bound(tb testing.TB, texts []string) []*rule.Bound {
	tb.Helper()
	c := catalog()
	out := make([]*rule.Bound, len(texts))
	for i, text := range texts {
		r, err := rule.Parse([]byte(text))
		if err == nil {
			out[i], err = rule.Bind(r, c)
		}
		if err != nil {
			tb.Fatalf("%s: %v", text, err)
		}
	}
	return out
}
