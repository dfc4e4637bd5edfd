package clv

import (
	"errors"
	"fmt"

	"github.com/dangol/dangol/models/btyd"
)

// Options of a fit. The zero value is right for nearly everyone.
type Options struct {
	// Ordering is the model under the trees; empty means ParetoNBD, the only
	// one of the three under which one-time buyers leave at any moment.
	Ordering btyd.Model
	// Level of the intervals; 0 means 0.8.
	Level float64
	// Traits, if given, adds columns to the features.
	Traits Traits
	// MostRows is how many customers of a cut are learnt from; the others are
	// left out at random. 0 means 100,000.
	MostRows int
	Seed     uint64
}

func (o Options) filled() (Options, error) {
	if o.Ordering == "" {
		o.Ordering = btyd.ParetoNBD
	}
	if o.Level == 0 {
		o.Level = 0.8
	}
	if o.MostRows == 0 {
		o.MostRows = 100_000
	}
	if !(o.Level > 0 && o.Level < 1) {
		return o, &Error{InvalidOption, fmt.Sprintf("the level of intervals is %v; it lies between 0 and 1", o.Level), -1}
	}
	if o.MostRows < fewestRows {
		return o, &Error{InvalidOption, fmt.Sprintf("at most %d customers are to be learnt from; allow %d or more", o.MostRows, fewestRows), -1}
	}
	return o, nil
}

// fewestRows and fewestReturns are how many customers, and orders of theirs in
// the windows, trees need: below, they would learn noise.
const (
	fewestRows    = 500
	fewestReturns = 200
)

// Model predicts orders and spending in the Horizon days after any day that is
// not long after Until, the end of what it was fitted to. It is JSON, and the
// same after saving and loading.
type Model struct {
	Until   int32   `json:"until"`
	Horizon int32   `json:"horizon"`
	Level   float64 `json:"level"`
	// Ordering is the buy-till-you-die model under the trees.
	Ordering *btyd.Fitted `json:"ordering"`
	// Spending is the Gamma-Gamma model, nil where it could not be fitted.
	Spending *btyd.FittedSpend `json:"spending,omitempty"`
	// MeanAmount of an order, 0 where amounts are unknown.
	MeanAmount float64 `json:"mean_amount"`
	// Orders and Spend are how predictions are made. Spend is nil where amounts
	// are unknown.
	Orders *Blend `json:"orders"`
	Spend  *Blend `json:"spend,omitempty"`
	Notes  []Note `json:"notes"`
}

// Note says why a figure should be read with care.
type Note struct {
	Reason  Reason `json:"reason"`
	Message string `json:"message"` // one sentence for people
}

// Reasons of notes.
const (
	// NoDropout: leaving cannot be seen in the orders; the ordering model is
	// the plain NBD, and PAlive says nothing.
	NoDropout Reason = "clv.no_dropout"
	// OrderingKept: on the earlier cut nothing predicted better than the
	// ordering model alone, which is therefore what predicts.
	OrderingKept Reason = "clv.ordering_kept"
	// NotLearnt: too few customers or days for trees; the ordering model
	// predicts.
	NotLearnt Reason = "clv.not_learnt"
	// ShortHistory: the history is too short to have seen whole horizons; what
	// was learnt in shorter windows is carried over.
	ShortHistory Reason = "clv.short_history"
	// LessThanAYear: no season was seen twice; sums may be off by the season.
	LessThanAYear Reason = "clv.less_than_a_year"
)

// Fit learns from all that came up to the end of day until to predict the
// horizon days after it. Days later than until are not looked at, save by the
// caller's Traits.
//
// It returns an *Error, or a *btyd.Error where the model of ordering cannot be
// fitted.
func Fit(customers []History, until, horizon int32, opts Options) (*Model, error) {
	opts, err := opts.filled()
	if err != nil {
		return nil, err
	}
	if horizon < 1 {
		return nil, &Error{InvalidOption, fmt.Sprintf("the horizon is %d days; it is at least 1", horizon), -1}
	}
	if err := check(customers); err != nil {
		return nil, err
	}
	now, err := survey(customers, until, opts.Ordering)
	if err != nil {
		return nil, err
	}
	m := &Model{Until: until, Horizon: horizon, Level: opts.Level, Ordering: now.ordering, Spending: now.spend, MeanAmount: now.amount, Orders: &Blend{Shares: Shares{Ordering: 1}}}
	if customers[0].Amounts != nil && now.amount > 0 {
		m.Spend = &Blend{Shares: Shares{Ordering: 1}}
	}
	f := &fitting{customers: customers, opts: opts, first: opening(customers, until), surveys: map[int32]*ground{until: now}}
	if err := f.learn(m); err != nil {
		return nil, err
	}
	m.note(f)
	return m, nil
}

// fitting is what the stages of a fit share.
type fitting struct {
	customers []History
	opts      Options
	first     int32
	surveys   map[int32]*ground
}

// survey is remembered: cuts are used by more than one stage.
func (f *fitting) survey(day int32) (*ground, error) {
	if g, ok := f.surveys[day]; ok {
		return g, nil
	}
	g, err := survey(f.customers, day, f.opts.Ordering)
	if err == nil {
		f.surveys[day] = g
	}
	return g, err
}

// gather describes the customers of each window; windows whose ordering model
// cannot be fitted are left out. It is nil where none is left.
func (f *fitting) gather(windows []window) (*rows, []Window, error) {
	var parts []part
	var kept []Window
	for _, w := range windows {
		g, err := f.survey(w.cut)
		var e *btyd.Error
		if errors.As(err, &e) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		most := max(f.opts.MostRows/len(windows), fewestRows)
		parts = append(parts, part{g, w, known(f.customers, w.cut, most, f.opts.Seed)})
		kept = append(kept, Window{w.cut, w.length})
	}
	if len(parts) == 0 {
		return nil, nil, nil
	}
	r, err := describe(f.customers, parts, f.opts.Traits)
	return r, kept, err
}

// enough says whether trees have something to learn from.
func (r *rows) enough() bool {
	if r == nil {
		return false
	}
	returns := 0.0
	for _, v := range r.came {
		returns += v
	}
	return len(r.asOf) >= fewestRows && returns >= fewestReturns
}

// learn chooses on an earlier cut and then fits to everything.
func (f *fitting) learn(m *Model) error {
	windows := plan(f.first, m.Until, m.Horizon)
	if windows == nil {
		return nil
	}
	held, _, err := f.gather(windows[:1])
	if err != nil || held == nil {
		return err
	}
	earlier, _, err := f.gather(plan(f.first, windows[0].cut, m.Horizon))
	if err != nil {
		return err
	}
	var all *rows
	var kept []Window
	for _, t := range m.targets() {
		t.blend.held = t.expected(held)
		if earlier.enough() {
			if err := t.blend.choose(earlier, held, t, f.opts.Seed); err != nil {
				return err
			}
		}
		t.blend.measure(held, t, m.Level)
		if t.blend.Ordering == 1 {
			continue
		}
		if all == nil {
			if all, kept, err = f.gather(windows); err != nil {
				return err
			}
		}
		t.blend.Windows = kept
		if err := t.blend.train(all, t, bag, f.opts.Seed); err != nil {
			return err
		}
	}
	return nil
}

// note tells what a reader of the figures should know.
func (m *Model) note(f *fitting) {
	add := func(reason Reason, format string, args ...any) {
		m.Notes = append(m.Notes, Note{reason, fmt.Sprintf(format, args...)})
	}
	if !m.Ordering.SupportsAlive() {
		add(NoDropout, "the orders do not show that anyone leaves: the ordering model has collapsed to one without leaving, so who is still a customer is not told; expected orders hold")
	}
	switch {
	case len(m.Orders.Tried) == 0:
		add(NotLearnt, "there are too few customers or days to learn from earlier cuts, so the ordering model predicts alone")
	case m.Orders.Ordering == 1:
		add(OrderingKept, "on the earlier cut nothing predicted orders better than the ordering model alone, which therefore predicts")
	}
	if len(m.Orders.Windows) > 0 {
		longest := int32(0)
		for _, w := range m.Orders.Windows {
			longest = max(longest, w.Days)
		}
		if longest < m.Horizon {
			add(ShortHistory, "the history holds windows of %d days at most and the horizon has %d: what was learnt is carried over", longest, m.Horizon)
		}
	}
	if span := m.Until - f.first; span < 365+m.Horizon {
		add(LessThanAYear, "the history has %d days, so no season was seen twice: sums may be off by the season", span)
	}
}
