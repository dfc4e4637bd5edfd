package query_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/query/ref"
)

func TestCatalogue(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, tr := range query.BuiltIn() {
		if err := tr.Check(); err != nil {
			t.Errorf("%s: %v", tr.Name, err)
		}
		c := tr.Column()
		if tr.Label == "" || tr.Description == "" || tr.Unit == "" || tr.Says == "" || c.Type == "" {
			t.Errorf("%s lacks a label, description, unit, phrase or type", tr.Name)
		}
		if wants := c.Type != query.TypeFlag; strings.Contains(tr.Says, "%s") != wants {
			t.Errorf("%s: the phrase %q has a place for a value: %v", tr.Name, tr.Says, !wants)
		}
		seen[tr.Name] = true
	}
	for _, c := range query.StateSchema() {
		if !seen[c.Name] && (c.Label == "" || c.Says == "") {
			t.Errorf("%s lacks a label or phrase", c.Name)
		}
	}
}

// TestEveryGroupIsReached also holds GroupOf to the mean of F and M, halves up.
func TestEveryGroupIsReached(t *testing.T) {
	t.Parallel()
	reached := map[query.Group]bool{}
	for r := 1; r <= 5; r++ {
		for f := 1; f <= 5; f++ {
			for m := 1; m <= 5; m++ {
				g := query.GroupOf(r, f, m)
				reached[g] = true
				if g != query.GroupOf(r, m, f) {
					t.Errorf("(%d,%d,%d): F and M do not weigh alike", r, f, m)
				}
			}
		}
	}
	for _, g := range query.Groups() {
		if !reached[g] {
			t.Errorf("no scores make %s", g)
		}
	}
	if got := query.GroupOf(5, 1, 2); got != query.New {
		t.Errorf("(5,1,2) is %s", got)
	}
	if got := query.GroupOf(9, 0, 0); got != query.New {
		t.Errorf("scores out of range: %s", got)
	}
}

func TestSentences(t *testing.T) {
	t.Parallel()
	words := query.Words{
		Money: func(minor int64) string { return fmt.Sprintf("%d.%02d GBP", minor/100, minor%100) },
		Text:  func(_, value string) string { return strings.ReplaceAll(value, "_", " ") },
	}
	for rule, want := range map[string]string{
		`{"and":[{"trait":"spend","op":">=","value":50000},{"trait":"days_since_last_order","op":">","value":90}]}`: "Customers who have spent at least 500.00 GBP and last ordered more than 90 days ago.",
		`{"trait":"rfm_group","op":"in","value":["at_risk","cannot_lose"]}`:                                         "Customers who are in the RFM group at risk or cannot lose.",
		`{"and":[{"trait":"orders","op":"=","value":1},{"or":[{"trait":"last_market","op":"=","value":"KR"},{"trait":"p_alive","op":"<","value":0.4}]}]}`: "Customers who have placed exactly 1 orders and " +
			"(placed their last order in the market KR or are still active with a chance of less than 40 %).",
		`{"not":{"trait":"first_order_day","op":"<","value":"2024-01-01"}}`: "Customers who are not among those who ordered for the first time before 2024-01-01.",
		`{"trait":"last_delivery_late","op":"=","value":true}`:              "Customers who had a late last delivery.",
		`{"trait":"expected_value_minor","op":"is set"}`:                    "Customers who have a known expected value in 12 months.",
	} {
		var c query.Condition
		if err := json.Unmarshal([]byte(rule), &c); err != nil {
			t.Fatal(err)
		}
		if err := query.CheckCondition(c, query.StateSchema()); err != nil {
			t.Errorf("%s: %v", rule, err)
		}
		if got := query.Sentence(c, query.StateSchema(), words); got != want {
			t.Errorf("%s\n got %s\nwant %s", rule, got, want)
		}
	}
}

func TestConditionsAreRefused(t *testing.T) {
	t.Parallel()
	deep := query.Where("orders", query.Gt, 1)
	for range 12 {
		deep = query.Negate(deep)
	}
	for reason, c := range map[string]query.Condition{
		"query.unknown_name":  query.Where("ordrs", query.Gt, 1),
		"query.bad_operator":  query.Where("last_market", query.Lt, "KR"),
		"query.bad_value":     query.Where("orders", query.Eq, "many"),
		"query.bad_list":      query.Where("orders", query.In, []int{}),
		"query.bad_condition": {},
		"query.too_deep":      deep,
	} {
		err := query.CheckCondition(c, query.StateSchema())
		if err == nil || fault.From(err).Reason != reason {
			t.Errorf("%v, want %s", err, reason)
		}
	}
	err := query.CheckCondition(query.Where("ordrs", query.Gt, 1), query.StateSchema())
	if !strings.Contains(err.Error(), "Did you mean orders?") {
		t.Errorf("%v", err)
	}
}

// TestConditionsOverTraits asks random conditions of random customers' traits: the rendered predicate
// and the naive one must pick the same people, and a condition and its negation must share out all of them.
func TestConditionsOverTraits(t *testing.T) {
	e := openEngine(t, "")
	schema := query.Schema{}
	for _, tr := range query.BuiltIn() {
		schema = append(schema, tr.Column())
	}
	rapid.Check(t, func(rt *rapid.T) {
		d := drawData(rt)
		e.load(t, d)
		q := query.Traits{AsOf: origin + 100, Traits: query.BuiltIn()}
		all, err := ref.Answer(q, d)
		if err != nil {
			rt.Fatal(err)
		}
		r, err := query.Render(q, query.DuckDB{})
		if err != nil {
			rt.Fatal(err)
		}
		c := drawCondition(rt, schema, 3)
		var want []int64
		for _, row := range all.Rows {
			if ref.Match(c, schema, func(name string) any {
				for i, col := range all.Columns {
					if col.Name == name {
						return row[i]
					}
				}
				return nil
			}) {
				want = append(want, row[0].(int64))
			}
		}
		where, args, err := query.RenderCondition(c, schema, query.DuckDB{}, "t", len(r.Args)+1)
		if err != nil {
			rt.Fatal(err)
		}
		rows, err := e.db.QueryContext(context.Background(), "SELECT customer_key FROM ("+r.SQL+") t WHERE "+where, append(r.Args, args...)...)
		if err != nil {
			rt.Fatalf("%v in %s", err, where)
		}
		defer func() { _ = rows.Close() }()
		var got []int64
		for rows.Next() {
			var key int64
			if err := rows.Scan(&key); err != nil {
				rt.Fatal(err)
			}
			got = append(got, key)
		}
		if err := rows.Err(); err != nil {
			rt.Fatal(err)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			rt.Fatalf("%+v (%s): DuckDB %v, ref %v", c, where, got, want)
		}
	})
}
