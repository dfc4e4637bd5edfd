package rule_test

import (
	"context"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/pass"
	"github.com/dangol/dangol/internal/query/rule/render"
	"github.com/dangol/dangol/internal/warehouse/columns"
)

// direct reads DuckDB's tables column by column and takes them together itself.
type direct struct{ duck }

// Blocks is what package pass reads by.
func (d direct) Blocks(ctx context.Context, text string, args []any, take func(*pass.Block) error) error {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return columns.Read(ctx, conn, text, args, take)
}

// answers gives what answers of the SQL gives; the rules are asked once more one after the other, with a memory.
func (d direct) answers(bs []*rule.Bound, q render.Ask) (map[uint32][]uint64, error) {
	together, err := pass.Evaluate(context.Background(), d, rule.NewSet(bs...), q)
	if err != nil {
		return nil, err
	}
	if err := d.drawn(bs, together, q); err != nil {
		return nil, err
	}
	out := map[uint32][]uint64{}
	memory := pass.NewMemory()
	for i, one := range together {
		alone, err := memory.Evaluate(context.Background(), d, bs[i].Set(), q)
		if err != nil {
			return nil, err
		}
		if !slices.Equal(alone[0], one) { // which of both is wrong is told by ref
			one = alone[0]
		}
		for w, word := range one {
			for ; word != 0; word &= word - 1 {
				key := uint32(w*64 + bits.TrailingZeros64(word))
				if out[key] == nil {
					out[key] = make([]uint64, (len(bs)+63)/64)
				}
				out[key][i/64] |= 1 << (i % 64)
			}
		}
	}
	return out, nil
}

// drawn complains where some who are drawn are answered in another way than among everyone.
func (d direct) drawn(bs []*rule.Bound, together []pass.Bits, q render.Ask) error {
	if q.Customers != nil {
		return nil
	}
	q.OneIn = 2
	memory := pass.NewMemory()
	found, err := memory.Evaluate(context.Background(), d, rule.NewSet(bs...), q)
	if err != nil {
		return err
	}
	for i, some := range found {
		for w, word := range together[i] {
			who, is := uint64(0), uint64(0)
			if w < len(memory.People()) {
				who = memory.People()[w]
			}
			if w < len(some) {
				is = some[w]
			}
			if is != word&who {
				return fmt.Errorf("rule %d: of %b it holds of %b among everyone and of %b where some are drawn", i, who, word&who, is)
			}
		}
	}
	return nil
}

// TestRandomPass asks random rules over random shops; TestScriptsPass runs the scripts.
func TestRandomPass(t *testing.T) { differ(t, direct{openDuck(t).(duck)}, rounds(25), 30) }

func TestScriptsPass(t *testing.T) { scripts(t, direct{openDuck(t).(duck)}) }

// TestAnotherConstant changes what values are compared with, for which they are kept.
func TestAnotherConstant(t *testing.T) {
	e := direct{openDuck(t).(duck)}
	for round := range rounds(10) {
		r := rand.New(rand.NewPCG(seed(t), uint64(round)))
		w := drawWorld(r)
		w.load(t, e)
		var bs []*rule.Bound
		for _, text := range []string{
			`{"attribute":"plan","op":"=","value":"gold"}`, `{"attribute":"plan","op":"is not set"}`, `{"attribute":"plan","op":"!=","value":"free"}`,
			`{"attribute":"email","op":"is set"}`, `{"attribute":"email","op":"contains","value":"kim"}`, `{"attribute":"email","op":"is not set"}`,
			`{"attribute":"born","op":"before","value":"1990-01-01"}`, `{"attribute":"born","op":"anniversary within","value":"30d"}`,
			`{"trait":"spend","op":">=","value":10}`, `{"trait":"spend","op":"<","value":25}`, `{"trait":"avg_order_value","op":">","value":4}`, `{"trait":"avg_order_value","op":"is not set"}`,
			`{"trait":"favourite_category","op":"=","value":"tea"}`, `{"trait":"favourite_category","op":"is set"}`, `{"trait":"favourite_category","op":"=","value":"cups"}`,
			`{"trait":{"take":"days_since_last","of":"*"},"op":">","value":3}`, `{"trait":{"take":"days_since_last","of":"*"},"op":"<","value":30}`,
			`{"did":"*"}`, `{"did":"*","times":{">=":3}}`, `{"did_not":"*"}`, `{"and":[{"did":"*"},{"did":"*","times":{"<":9}}]}`,
			`{"market":["KR"]}`, `{"market":["TH"]}`, `{"rfm":["champions"]}`, `{"rfm":["lost"]}`, `{"score":"p_alive","op":"<","value":0.3}`, `{"score":"p_alive","op":">","value":0.3}`,
		} {
			x, err := rule.Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			b, err := rule.Bind(x, w.catalog)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			bs = append(bs, b)
		}
		w.compare(t, e, bs, render.Ask{AsOfUS: drawAt(r)})
	}
}
