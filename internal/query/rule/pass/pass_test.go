package pass_test

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/pass"
	"github.com/dangol/dangol/internal/query/rule/render"
	"github.com/dangol/dangol/internal/warehouse"
)

const people = 1000

// shop is a warehouse with a few facts of each of many people. It counts the questions it is asked.
type shop struct {
	*warehouse.Reading
	asked int
}

func (s *shop) Blocks(ctx context.Context, text string, args []any, take func(*pass.Block) error) error {
	s.asked++
	return s.Reading.Blocks(ctx, text, args, take)
}

func open(t *testing.T) *shop {
	t.Helper()
	w, err := warehouse.Open(t.Context(), "", warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = w.Bulk(t.Context(), func(conn *sql.Conn) error {
		for _, text := range []string{
			`INSERT INTO customer SELECT i + 1, 'c' || i, NULL, CASE WHEN i % 3 = 0 THEN 'e' || i END, NULL, 0 FROM range(` + strconv.Itoa(people) + `) r(i)`,
			`INSERT INTO event_name VALUES (16, 'Viewed'), (17, 'Carted'), (18, 'Identified')`,
			`INSERT INTO event SELECT i, 1 + i * 7 % 1000, 1, i * 1000, 0, 16 + hash(i) % 2, 1, 1, '', '{"price":' || i % 90 || ',"cat":"c' || i * i % 7 || '"}', '{}', NULL FROM range(9000) r(i)`,
			`INSERT INTO told SELECT i, 1 + i * 3 % 1000, 1, i * 1000, 18, 4, '{"plan":"p' || i % 5 || '"}', '{}' FROM range(2000) r(i)`,
		} {
			if _, err := conn.ExecContext(t.Context(), text); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rd, err := w.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		rd.Close()
		_ = w.Close()
	})
	return &shop{Reading: rd}
}

func bound(t *testing.T, text string) *rule.Bound {
	t.Helper()
	c := &rule.Catalog{
		Events: map[string]rule.Event{"Viewed": {Key: 16}, "Carted": {Key: 17}}, Attributes: map[string]rule.Kind{"plan": rule.Text}, State: query.StateSchema(),
		Traits: map[string]rule.Named{}, Segments: map[string]rule.Segment{}, Zone: time.UTC, Currency: "EUR", Digits: 2,
	}
	r, err := rule.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	b, err := rule.Bind(r, c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var rules = []string{
	`{"did":"Viewed","times":{">=":5}}`,
	`{"trait":{"take":"sum","of":"Viewed","property":"price"},"op":">","value":200}`,
	`{"trait":{"take":"most_frequent","of":"Carted","property":"cat"},"op":"=","value":"c1"}`,
	`{"trait":{"take":"last","of":"Carted","property":"cat"},"op":"=","value":"c2"}`,
	`{"attribute":"plan","op":"=","value":"p1"}`,
	`{"attribute":"email","op":"is set"}`,
	`{"share":{"percent":20,"salt":"x"}}`,
	`{"sequence":[{"did":"Viewed"},{"did":"Carted"},{"did_not":"Viewed"}]}`,
	`{"did":"Viewed","window":{"since":{"event":"Carted","which":"first"}}}`,
	`{"not":{"did":"Viewed","times":{">=":5}}}`,
}

var asOf = render.Ask{AsOfUS: 1 << 40}

func TestSomeCustomersAtATimeGiveTheSame(t *testing.T) {
	s := open(t)
	var all []*rule.Bound
	for _, text := range rules {
		all = append(all, bound(t, text))
	}
	want, err := pass.Evaluate(t.Context(), s, rule.NewSet(all...), asOf)
	if err != nil {
		t.Fatal(err)
	}
	once := s.asked
	for i, text := range rules {
		if n := want[i].Count(); n == 0 || n == people {
			t.Errorf("%d people: %s", n, text)
		}
	}
	defer pass.WithMemory(40_000)()
	got, err := pass.Evaluate(t.Context(), s, rule.NewSet(all...), asOf)
	if err != nil {
		t.Fatal(err)
	}
	if s.asked-once < 3*once {
		t.Fatalf("%d questions, at once %d", s.asked-once, once)
	}
	for i, text := range rules {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("%d people, not %d: %s", got[i].Count(), want[i].Count(), text)
		}
	}
}

// TestSomeWhoAreDrawn are answered as they are among everyone.
func TestSomeWhoAreDrawn(t *testing.T) {
	s := open(t)
	drawn := asOf
	drawn.OneIn = 4
	for i, text := range slices.Concat(rules, rules) {
		if i == len(rules) {
			defer pass.WithMemory(30_000)() // some customers at a time
		}
		all, some := pass.NewMemory(), pass.NewMemory()
		want, err := all.Evaluate(t.Context(), s, bound(t, text).Set(), asOf)
		if err != nil {
			t.Fatal(err)
		}
		got, err := some.Evaluate(t.Context(), s, bound(t, text).Set(), drawn)
		if err != nil {
			t.Fatal(err)
		}
		if n := some.People().Count(); n < people/4-60 || n > people/4+60 { // four standard errors
			t.Fatalf("%d people are drawn of %d", n, people)
		}
		for w, who := range some.People() {
			if got[0][w] != want[0][w]&who {
				t.Errorf("%s: in word %d it is %b, not %b", text, w, got[0][w], want[0][w]&who)
			}
		}
	}
}

// TestCostIsForetold of what is not known, from how many events are read and how.
func TestCostIsForetold(t *testing.T) {
	s := open(t)
	var from int64
	million := func(_ *rule.Need, fromUS, _ int64) int64 {
		from = fromUS
		return 1_000_000
	}
	m := pass.NewMemory()
	cost := func(text string) time.Duration {
		return m.Cost(bound(t, text).Set(), asOf, million).Truncate(time.Millisecond)
	}
	viewed, tea := `{"did":"Viewed"}`, `{"did":"Viewed","where":[{"property":"cat","op":"=","value":"c1"}],"window":{"last":"5d"}}`
	for text, want := range map[string]time.Duration{
		viewed: 26 * time.Millisecond, tea: 175 * time.Millisecond, `{"and":[` + viewed + `,{"not":` + tea + `}]}`: 175 * time.Millisecond, // in one reading
		`{"sequence":[{"did":"Viewed"},{"did":"Carted"}]}`: 600 * time.Millisecond, `{"attribute":"plan","op":"=","value":"p1"}`: 0, `{"did":"*"}`: 0,
	} {
		if got := cost(text); got != want {
			t.Errorf("%v, not %v: %s", got, want, text)
		}
	}
	if cost(viewed); from != rule.Always {
		t.Errorf("from %d", from)
	}
	if cost(tea); from < asOf.AsOfUS-6*86_400_000_000 {
		t.Errorf("from %d", from)
	}
	if _, err := m.Evaluate(t.Context(), s, bound(t, tea).Set(), asOf); err != nil {
		t.Fatal(err)
	}
	if got := cost(tea); got != 0 {
		t.Errorf("%v, though it is known", got)
	}
}

// What changes while somebody types: a constant costs no question, a condition its own.
func TestOnlyWhatChangedIsAsked(t *testing.T) {
	s := open(t)
	m := pass.NewMemory()
	count := func(text string) (n int64, asked int) {
		before := s.asked
		found, err := m.Evaluate(t.Context(), s, bound(t, text).Set(), asOf)
		if err != nil {
			t.Fatal(err)
		}
		alone, err := pass.Evaluate(t.Context(), s.Reading, bound(t, text).Set(), asOf)
		if err != nil || !slices.Equal(alone[0], found[0]) {
			t.Errorf("%d people, not %d (%v): %s", found[0].Count(), alone[0].Count(), err, text)
		}
		return found[0].Count(), s.asked - before
	}
	sum := `{"trait":{"take":"sum","of":"Viewed","property":"price"},"op":">","value":VALUE}`
	plan := `{"attribute":"plan","op":"=","value":"VALUE"}`
	if n, asked := count(strings.ReplaceAll(sum, "VALUE", "200")); n == 0 || asked == 0 {
		t.Errorf("%d people by %d questions", n, asked)
	}
	if n, asked := count(strings.ReplaceAll(plan, "VALUE", "p1")); n == 0 || asked == 0 {
		t.Errorf("%d people by %d questions", n, asked)
	}
	for _, text := range []string{
		strings.ReplaceAll(sum, "VALUE", "20"), strings.ReplaceAll(sum, "VALUE", "100"), strings.ReplaceAll(plan, "VALUE", "p"), strings.ReplaceAll(plan, "VALUE", "p4"),
		`{"or":[` + strings.ReplaceAll(plan, "VALUE", "p4") + `,{"not":` + strings.ReplaceAll(sum, "VALUE", "20") + `}]}`,
	} {
		if _, asked := count(text); asked != 0 {
			t.Errorf("%d questions: %s", asked, text)
		}
	}
	if _, asked := count(`{"and":[` + strings.ReplaceAll(plan, "VALUE", "p4") + `,{"did":"Carted"}]}`); asked != 2 { // the people, the facts
		t.Errorf("%d questions for one condition", asked)
	}
}

// TestCustomersWhoComeMeanwhile: while somebody types, customers come beyond the last word of every answer that is kept.
func TestCustomersWhoComeMeanwhile(t *testing.T) {
	w, err := warehouse.Open(t.Context(), "", warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	add := func(text string) {
		t.Helper()
		if err := w.Bulk(t.Context(), func(conn *sql.Conn) error { _, err := conn.ExecContext(t.Context(), text); return err }); err != nil {
			t.Fatal(err)
		}
	}
	add(`INSERT INTO customer SELECT i, 'c' || i, NULL, NULL, NULL, 0 FROM range(60) r(i)`)
	add(`INSERT INTO event_name VALUES (16, 'Viewed'), (17, 'Carted'), (18, 'Identified')`)
	add(`INSERT INTO told SELECT i, i, i, 1, 18, 4, '{"plan":"p1"}', '{}' FROM range(10) r(i)`)
	m := pass.NewMemory()
	count := func(text string, want int64) {
		t.Helper()
		rd, err := w.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer rd.Close()
		if found, err := m.Evaluate(t.Context(), rd, bound(t, text).Set(), asOf); err != nil || found[0].Count() != want {
			t.Errorf("%d people, not %d, %v: %s", found[0].Count(), want, err, text)
		}
	}
	plan, carted := `{"attribute":"plan","op":"=","value":"p1"}`, `{"did":"Carted"}`
	count(plan, 10)
	add(`INSERT INTO customer SELECT i, 'c' || i, NULL, NULL, NULL, 0 FROM range(60, 300) r(i)`)
	add(`INSERT INTO event SELECT i, i * 5, i * 5, 1, 0, 17, 1, 1, '', '{}', '{}', NULL FROM range(60) r(i)`)
	count(`{"or":[`+carted+`,`+plan+`]}`, 20)
	count(`{"and":[`+plan+`,`+carted+`]}`, 2)
	count(`{"not":`+carted+`}`, 48)
	count(`{"did_not":"Viewed"}`, 60)
	count(`{"attribute":"plan","op":"is not set"}`, 50)
	add(`DELETE FROM customer WHERE key > 30`)
	count(`{"did":"*","times":{"<":5}}`, 31)
}

func TestItEndsWhenNobodyWaits(t *testing.T) {
	s := open(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := pass.Evaluate(ctx, s, bound(t, rules[0]).Set(), asOf); err == nil {
		t.Fatal("it did not end")
	}
	if _, err := pass.Evaluate(t.Context(), s, bound(t, rules[0]).Set(), asOf); err != nil {
		t.Fatalf("nor can it be asked again: %v", err)
	}
}
