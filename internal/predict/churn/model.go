package churn

import (
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"sync"

	"github.com/dangol/dangol/internal/predict/churn/renewal"
	"github.com/dangol/dangol/models/calibrate"
	"github.com/dangol/dangol/models/classify"
)

// modelFormat is the version of a saved model; a change of meaning raises it.
const modelFormat = 1

// model is what scores: the winner of a training, as it is kept.
type model struct {
	Format     int                  `json:"format"`
	Definition Definition           `json:"definition"`
	Winner     string               `json:"winner"`
	Stack      *classify.Model      `json:"stack,omitempty"`
	Rule       *baseline            `json:"rule,omitempty"`
	Doubt      *calibrate.VennAbers `json:"doubt,omitempty"` // of the rule
	Base       float64              `json:"base"`            // log-odds of an average customer
	Profile    profile              `json:"profile"`
	Words      vocabulary           `json:"words"`
	Evidence   []Evidence           `json:"evidence"`
	Renewal    *renewal.Law         `json:"renewal,omitempty"` // of subscriptions
	AsOf       int32                `json:"as_of"`             // the last day it has learnt from
	Seed       uint64               `json:"seed"`

	version int64
}

func (m *model) horizon() int32 { return int32(m.Definition.HorizonDays) }

// view is how the model looks at people on a day, by what the last scoring left.
func (m *model) view(cut int32, st *state) view {
	v := m.Definition.view(cut)
	v.pace, v.season = &st.pace, st.season
	return v
}

func readModel(body []byte, version int64) (*model, error) {
	m := &model{version: version}
	if err := json.Unmarshal(body, m); err != nil {
		return nil, fmt.Errorf("model %d: %w", version, err)
	}
	if m.Format != modelFormat || (m.Stack == nil) == (m.Rule == nil) {
		return nil, fmt.Errorf("model %d: format %d", version, m.Format)
	}
	return m, nil
}

// said is what a model says of one customer: her chance of leaving, between which others it lies, and what each column adds to its log-odds.
type said struct {
	risk, low, high float64
	base            float64
	parts           [numbers + words]float64
	paid            bool // by the end of what is paid for
}

// scoreBlock is how many rows are scored at once by one core.
const scoreBlock = 4096

// chances of leaving, of every row.
func (m *model) chances(b *book, f *frame) ([]float64, error) {
	if m.Rule != nil {
		return m.Rule.chances(f), nil
	}
	p := make([]float64, f.rows())
	err := blocks(f.rows(), func(from, to int) error {
		some, err := m.Stack.Predict(b.table(f, from, to))
		copy(p[from:to], some)
		return err
	})
	return p, err
}

// say explains every row to take, which is called by several goroutines, each with rows of its own.
func (m *model) say(b *book, f *frame, take func(i int, s *said)) error {
	if m.Rule != nil {
		return m.sayRule(f, take)
	}
	columns := m.columns()
	return blocks(f.rows(), func(from, to int) error {
		why, err := m.Stack.Explain(b.table(f, from, to))
		if err != nil {
			return err
		}
		for k := range why {
			s := said{risk: why[k].Probability, base: why[k].Base, paid: m.Definition.paid()}
			s.low, s.high = m.Stack.Interval(s.risk)
			for j, c := range why[k].Contributions {
				s.parts[columns[j]] = c
			}
			take(from+k, &s)
		}
		return nil
	})
}

// sayRule gives all of a rule's chance to what it looks at.
func (m *model) sayRule(f *frame, take func(i int, s *said)) error {
	for i, p := range m.Rule.chances(f) {
		s := said{risk: p, base: m.Base, paid: m.Definition.paid()}
		_, s.low, s.high = m.Doubt.Interval(p)
		s.low, s.high = min(s.low, p), max(s.high, p)
		at := silence
		switch {
		case s.paid:
			at = paidLeft
		case f.number[days][i] == 1 && m.Winner != recency:
			at = days
		}
		s.parts[at] = odds(p) - m.Base
		take(i, &s)
	}
	return nil
}

// columns are the places of the stack's columns among ours.
func (m *model) columns() []int {
	at := map[string]int{}
	for j, name := range numberNames {
		at[name] = j
	}
	for j, name := range wordNames {
		at[name] = numbers + j
	}
	names := m.Stack.Columns()
	out := make([]int, len(names))
	for j, name := range names {
		out[j] = at[name]
	}
	return out
}

// blocks shares rows among the cores.
func blocks(rows int, work func(from, to int) error) error {
	next := make(chan int, rows/scoreBlock+1)
	for from := 0; from < rows; from += scoreBlock {
		next <- from
	}
	close(next)
	failed := make([]error, runtime.NumCPU())
	var all sync.WaitGroup
	for w := range failed {
		all.Go(func() {
			for from := range next {
				if err := work(from, min(from+scoreBlock, rows)); err != nil {
					failed[w] = err
					return
				}
			}
		})
	}
	all.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

// finite keeps JSON writable.
func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}
