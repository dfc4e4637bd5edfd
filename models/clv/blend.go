package clv

import (
	"math"

	"github.com/dangol/dangol/models/gbdt"
)

// Shares are the weights of the three ways to predict, which sum to 1.
type Shares struct {
	// Ordering is the expectation of the buy-till-you-die model (for spending,
	// times the expected amount).
	Ordering float64 `json:"ordering"`
	// Residual multiplies that expectation by what trees learnt from its errors
	// at earlier cuts: their margin has its logarithm as offset. For spending it
	// is the blend of orders times the expected amount: amounts are so uneven
	// that trees find little in the errors of their sums.
	Residual float64 `json:"residual"`
	// Direct is of trees that know the expectation as a feature only.
	Direct float64 `json:"direct"`
}

// candidates are the shares that are tried, the simplest first.
var candidates = []Shares{
	{1, 0, 0}, {0, 1, 0}, {0.5, 0.5, 0}, {0, 0.5, 0.5}, {0, 0.75, 0.25}, {0.5, 0, 0.5}, {1. / 3, 1. / 3, 1. / 3}, {0, 0, 1},
}

// Tried is how a combination did on the earlier cut, of which it knew nothing.
type Tried struct {
	Shares
	RMSE float64 `json:"rmse"`
	MAE  float64 `json:"mae"`
	// Sum is what it expected of all customers over what came.
	Sum float64 `json:"sum"`
}

// Blend is a way to predict, and how it was found.
type Blend struct {
	Shares
	// ResidualTrees and DirectTrees are means of a few models that differ in
	// the rows and columns drawn.
	ResidualTrees []*gbdt.Model `json:"residual_trees,omitempty"`
	DirectTrees   []*gbdt.Model `json:"direct_trees,omitempty"`
	// Tried is in the order of trying; empty where trees had too little to
	// learn from.
	Tried []Tried `json:"tried,omitempty"`
	// Windows are those learnt from in the end; Checked is the one after an
	// earlier cut on which the choice was made and the intervals measured.
	Windows []Window `json:"windows,omitempty"`
	Checked *Window  `json:"checked,omitempty"`

	// Bands are by expected orders; empty where nothing could be measured, and
	// intervals are those of the models of ordering and spending.
	Bands []Band `json:"bands,omitempty"`

	held []float64 // predictions for the customers of Checked, made from before it
}

// Window is a past cut and the days after it in which orders were counted.
type Window struct {
	Cut  int32 `json:"cut"`
	Days int32 `json:"days"`
}

// target is what is predicted: orders or, where that is nil, spending.
type target struct {
	blend     *Blend
	objective gbdt.Objective
	orders    *Blend
}

// expected is what the models of ordering and spending expect.
func (t target) expected(r *rows) []float64 {
	if t.counts() {
		return r.orders
	}
	return r.spend
}

// label is what came.
func (t target) label(r *rows) []float64 {
	if t.counts() {
		return r.came
	}
	return r.amount
}

// counts says that the target is a whole number.
func (t target) counts() bool { return t.orders == nil }

// targets of a model, orders first: spending builds on them.
func (m *Model) targets() []target {
	list := []target{{m.Orders, gbdt.Poisson, nil}}
	if m.Spend != nil {
		list = append(list, target{m.Spend, gbdt.Tweedie, m.Orders})
	}
	return list
}

// choose trains on earlier windows, tries each combination on the held one and
// keeps the one with the least squared error, or half of it where it won by
// little.
func (b *Blend) choose(earlier, held *rows, t target, seed uint64) error {
	trial := Blend{Shares: Shares{0, 0.5, 0.5}}
	if err := trial.train(earlier, t, bag-1, seed); err != nil {
		return err
	}
	var orders []float64
	if !t.counts() {
		orders = t.orders.held
	}
	parts, err := trial.parts(held, t, orders)
	if err != nil {
		return err
	}
	truth := t.label(held)
	best := 0
	for i, s := range candidates {
		tried := Tried{Shares: s}
		tried.RMSE, tried.MAE, tried.Sum = errorsOf(s.mix(parts), truth)
		b.Tried = append(b.Tried, tried)
		if tried.RMSE < b.Tried[best].RMSE {
			best = i
		}
	}
	b.Shares = candidates[best]
	b.held = b.mix(parts)
	if !surely(b.held, parts[0], truth) {
		b.Shares = Shares{(1 + b.Ordering) / 2, b.Residual / 2, b.Direct / 2}
		b.held = b.mix(parts)
	}
	return nil
}

// surely says that p is better than q by more than one standard error of the
// difference of their squared errors: sums of spending hang on few customers,
// and what won by chance goes only half the way.
func surely(p, q, truth []float64) bool {
	var sum, square float64
	for i, y := range truth {
		d := (q[i]-y)*(q[i]-y) - (p[i]-y)*(p[i]-y)
		sum += d
		square += d * d
	}
	n := float64(len(truth))
	return sum > math.Sqrt(math.Max(square-sum*sum/n, 0))
}

// errorsOf predictions.
func errorsOf(p, truth []float64) (rmse, mae, ratio float64) {
	var square, abs, expected, came float64
	for i, v := range p {
		d := v - truth[i]
		square += d * d
		abs += math.Abs(d)
		expected += v
		came += truth[i]
	}
	n := float64(len(p))
	return math.Sqrt(square / n), abs / n, expected / math.Max(came, 1e-300)
}

// parts are what each way predicts for rows; nil for those not trained. For
// spending they build on the orders predicted.
func (b *Blend) parts(r *rows, t target, orders []float64) (out [3][]float64, err error) {
	out[0] = t.expected(r)
	if len(b.ResidualTrees) > 0 {
		if out[1], err = margins(b.ResidualTrees, r); err != nil {
			return out, err
		}
		for i, v := range out[1] {
			out[1][i] = r.orders[i] * math.Exp(v)
		}
	}
	if !t.counts() {
		out[1] = make([]float64, len(orders))
		for i, v := range orders {
			out[1][i] = v * r.spend[i] / r.orders[i]
		}
	}
	if len(b.DirectTrees) > 0 {
		if out[2], err = margins(b.DirectTrees, r); err != nil {
			return out, err
		}
		for i, v := range out[2] {
			out[2][i] = r.length[i] * math.Exp(v)
		}
	}
	return out, nil
}

// margins are the mean margins of a few models.
func margins(trees []*gbdt.Model, r *rows) ([]float64, error) {
	sum, one := make([]float64, len(r.asOf)), make([]float64, len(r.asOf))
	for _, m := range trees {
		if err := m.Margins(one, r.data); err != nil {
			return nil, err
		}
		for i, v := range one {
			sum[i] += v / float64(len(trees))
		}
	}
	return sum, nil
}

// mix is the weighted mean of the parts.
func (s Shares) mix(parts [3][]float64) []float64 {
	p := make([]float64, len(parts[0]))
	for k, share := range [3]float64{s.Ordering, s.Residual, s.Direct} {
		if share == 0 {
			continue
		}
		for i, v := range parts[k] {
			p[i] += share * v
		}
	}
	return p
}

// bag is how many models are averaged.
const bag = 3

// train fits the trees that have a share, a few of each kind.
func (b *Blend) train(r *rows, t target, few int, seed uint64) error {
	set := gbdt.Set{Data: r.data, Labels: t.label(r)}
	expected := make([]float64, len(r.asOf))
	exposure := make([]float64, len(r.asOf))
	for i, v := range t.expected(r) {
		expected[i] = math.Log(v)
		exposure[i] = math.Log(r.length[i])
	}
	// Few, small and cautious: what there is to add to the ordering model is
	// little, and is learnt from noisy counts.
	o := gbdt.Options{
		Objective: t.objective, Trees: 50, LearningRate: 0.1, MaxLeaves: 8, MinRows: 100, L2: 5,
		MaxBins: 63, RowFraction: 0.7, ColumnFraction: 0.7,
	}
	fit := func(offset []float64) ([]*gbdt.Model, error) {
		set.Offset = offset
		models := make([]*gbdt.Model, few)
		for k := range models {
			var err error
			o.Seed = seed*bag + uint64(k)
			if models[k], err = gbdt.Train(set, o); err != nil {
				return nil, err
			}
		}
		return models, nil
	}
	var err error
	if b.Residual > 0 && t.counts() {
		if b.ResidualTrees, err = fit(expected); err != nil {
			return err
		}
	}
	if b.Direct > 0 {
		if b.DirectTrees, err = fit(exposure); err != nil {
			return err
		}
	}
	return nil
}
