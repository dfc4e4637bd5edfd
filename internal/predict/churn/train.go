package churn

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/predict/churn/say"
	"github.com/dangol/dangol/models/calibrate"
	"github.com/dangol/dangol/models/classify"
)

// The limits of a training.
const (
	leastCustomers = 200     // of a population, to learn from and to judge on
	leastOfAKind   = 20      // who left, and who stayed, on the cut that judges
	fewCustomers   = 1000    // below, figures are told with a warning
	trainRows      = 100_000 // are learnt from; more customers are drawn
	judgeRows      = 100_000
	driverRows     = 20_000
	// lightLearner is the weight, against the heaviest, below which a learner is left out of what scores: it costs time and tells nothing.
	lightLearner = 0.3
)

// training is one run of it.
type training struct {
	b       *book
	asOf    int32
	seed    uint64
	d       Definition
	stage   func(string)
	from    func(list []happening, cut, window int32, scale float64) (facts, bool) // see view
	paces   map[int32]*pace
	card    Card
	cuts    []int32
	frames  []*frame                   // of cuts
	classes map[string]*classify.Model // by candidate
	rules   map[string]*baseline
	ending  ending // of the winner, by the end of what is paid for
	model   *model
}

// learn makes a model of everything that happened up to a day, or says on its card why there is none.
func learn(ctx context.Context, b *book, asOf int32, set wish, seed uint64, stage func(string)) (*model, Card, error) {
	t := &training{b: b, asOf: asOf, seed: seed, stage: stage, paces: map[int32]*pace{}}
	return t.run(ctx, set)
}

func (t *training) run(ctx context.Context, set wish) (*model, Card, error) {
	first, some := t.b.begins()
	if !some {
		first = t.asOf
	}
	var short int
	t.d, short = define(t.b, t.asOf, set)
	t.card = Card{
		Kind: "churn", Status: TooFew, AsOf: day.Day(t.asOf), Seed: t.seed, Definition: t.d, Candidates: []Candidate{}, Fairness: []Fairness{}, Drivers: []Driver{},
		Limits: []Limit{}, Missing: []Limit{}, Evidence: []Evidence{}, Versions: []VersionView{}, Drift: unknownDrift(),
		Data: Data{FirstDay: day.Day(first), LastDay: day.Day(t.asOf), Cuts: []Cut{}, Sampled: 1},
	}
	if t.d.paid() {
		if _, first = t.b.usualTerm(t.asOf); t.d.UsualTerm == 0 {
			return t.lacking(Limit{"paid_until", say.MissingTerms()})
		}
	}
	if short > 0 {
		return t.lacking(Limit{"history", t.d.leaving().MissingDays(short)})
	}
	t.cuts = cutsOf(first, t.asOf, t.d.span())
	if err := t.look(ctx); err != nil {
		return nil, t.card, err
	}
	if missing := t.enough(); missing != nil {
		return t.lacking(*missing)
	}
	if err := t.compete(ctx); err != nil {
		return nil, t.card, err
	}
	if err := t.finish(ctx); err != nil {
		return nil, t.card, err
	}
	t.caution()
	t.card.Sentences = t.card.words()
	return t.model, t.card, nil
}

func (t *training) lacking(l Limit) (*model, Card, error) {
	t.card.Missing = append(t.card.Missing, l)
	t.card.Sentences = l.Sentences
	return nil, t.card, nil
}

// paceAt fits when people buy, once a day. Those who pay for a time do not buy at one of their own.
func (t *training) paceAt(cut int32) *pace {
	if t.paces[cut] == nil {
		var p pace
		if !t.d.paid() {
			p = paces(t.b, cut)
		}
		t.paces[cut] = &p
	}
	return t.paces[cut]
}

func (t *training) seasonAt(cut int32) season {
	then := cut - year
	if first, some := t.b.begins(); !some || then-first < int32(t.d.HorizonDays) {
		return nil
	}
	return seasons(t.b, then, int32(t.d.HorizonDays), t.paceAt(then))
}

func (t *training) viewAt(cut int32) view {
	v := t.d.view(cut)
	v.pace, v.season, v.labels, v.from = t.paceAt(cut), t.seasonAt(cut), true, t.from
	return v
}

// look takes the population of each cut, a part of it where it is large.
func (t *training) look(ctx context.Context) error {
	t.stage("looking back from past days")
	each := float64(trainRows) / float64(max(1, len(t.cuts)-1))
	last := t.d.view(t.cuts[0])
	population := float64(t.b.population(&last))
	t.card.Data.Sampled = min(1, each/max(population, 1))
	who := map[int32]bool{}
	for k, cut := range t.cuts {
		if err := ctx.Err(); err != nil {
			return err
		}
		v := t.viewAt(cut)
		if k == 0 {
			v.keep = drawn(t.seed, judgeRows/max(population, 1))
		} else {
			v.keep = drawn(t.seed, t.card.Data.Sampled)
		}
		f := t.b.look(v)
		if err := leak(t.b, &v, f); err != nil {
			return err
		}
		t.frames = append(t.frames, f)
		t.card.Data.Rows += f.rows()
		t.card.Data.Cuts = append(t.card.Data.Cuts, Cut{Day: day.Day(cut), Rows: f.rows(), Churned: share(f.left), Judged: k == 0})
		for _, i := range f.who {
			who[i] = true
		}
	}
	t.card.Data.Customers = len(who)
	return nil
}

// drawn takes about a share of all customers, the same at each cut.
func drawn(seed uint64, part float64) func(uint32) bool {
	if part >= 1 {
		return nil
	}
	limit := uint64(part * math.MaxUint64)
	return func(key uint32) bool { return mixed(uint64(key)^seed*0x9e3779b97f4a7c15) < limit }
}

// mixed spreads a number over all others: the finaliser of SplitMix64.
func mixed(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// enough says what is missing for learning and judging.
func (t *training) enough() *Limit {
	judge, learnt := t.frames[0], 0
	for _, f := range t.frames[1:] {
		learnt += f.rows()
	}
	left := share(judge.left) * float64(judge.rows())
	var l Limit
	switch stayed := float64(judge.rows()) - left; {
	case judge.rows() < leastCustomers:
		l = Limit{"customers", say.MissingCustomers(judge.rows(), t.cuts[0], leastCustomers)}
	case learnt < leastCustomers:
		l = Limit{"customers", say.MissingCustomers(learnt, t.cuts[1], leastCustomers)}
	case left < leastOfAKind || stayed < leastOfAKind:
		l = Limit{"labels", say.MissingKinds(int(left), int(stayed), leastOfAKind)}
	case t.d.paid():
		return renewedEnough(judge)
	default:
		return nil
	}
	return &l
}

// compete lets the candidates learn from all cuts but the last, and judges them on that.
func (t *training) compete(ctx context.Context) error {
	t.classes = map[string]*classify.Model{}
	rows := joined(t.frames[1:])
	judge := t.frames[0]
	names := []string{stack}
	if rows.rows() < leanRows {
		names = append(names, lean)
	}
	for _, name := range names {
		if err := t.classify(ctx, name, rows); err != nil {
			return err
		}
	}
	t.stage("judging the baselines")
	t.rules = map[string]*baseline{}
	for _, name := range t.d.rules() {
		rule, err := fitBaseline(name, rows)
		if err != nil {
			continue // of a sample so odd that no line can be drawn: it does not stand
		}
		t.rules[name] = rule
		if err := t.judge(name, rule.chances(judge)); err != nil {
			return err
		}
	}
	slices.SortStableFunc(t.card.Candidates, func(a, b Candidate) int {
		switch {
		case a.LogLoss < b.LogLoss:
			return -1
		case a.LogLoss > b.LogLoss:
			return 1
		}
		return 0
	})
	if len(t.card.Candidates) == 0 {
		return fmt.Errorf("churn: no candidate could be judged")
	}
	t.card.Candidates[0].Chosen = true
	t.card.Winner = t.card.Candidates[0].Name
	return nil
}

// classify lets regression and trees learn, of all columns or of the few that a small shop can learn from, and judges them.
func (t *training) classify(ctx context.Context, name string, rows *frame) error {
	t.stage("learning who left: " + label(name))
	o := classify.Options{Seed: t.seed, Groups: groupsOf(rows), MaxRows: trainRows + trainRows/10, Progress: func(int, int) bool { return ctx.Err() == nil }}
	table := columnsOf(name, t.b.table(rows, 0, rows.rows()))
	m, err := classify.Train(table, rows.left, o)
	var unfit *classify.Error
	switch {
	case errors.As(err, &unfit):
		return nil // it does not stand: a card without it says as much
	case err != nil:
		return errors.Join(err, ctx.Err())
	}
	t.classes[name] = m
	judged, err := classify.Refit(m, table, rows.left, lightLearner, o)
	if err != nil {
		return err
	}
	p, err := (&model{Stack: judged}).chances(t.b, t.frames[0])
	if err != nil {
		return err
	}
	return t.judge(name, p)
}

// leanRows is from how many rows on the columns that tell little are learnt from as well as any: below, few columns have their own stand.
const leanRows = 6000

// leanColumns are those that a few hundred rows tell something of: the rhythm, what is paid for, what happened, and where.
var leanColumns = []string{
	numberNames[rhythm], numberNames[silenceRatio], numberNames[lateShare], numberNames[lastLate], numberNames[lateOfThree], numberNames[refundSince], numberNames[couponShare], wordNames[place],
	numberNames[paidLeft], numberNames[term], numberNames[renewals], numberNames[renewalsDue],
}

// columnsOf are the columns that a candidate learns from.
func columnsOf(name string, table []classify.Column) []classify.Column {
	if name != lean {
		return table
	}
	return slices.DeleteFunc(table, func(c classify.Column) bool { return !slices.Contains(leanColumns, c.Name) })
}

// judge measures a candidate on the last cut.
func (t *training) judge(name string, p []float64) error {
	m, err := calibrate.Measure(p, t.frames[0].left)
	if err != nil {
		return fmt.Errorf("churn: %s: %w", name, err)
	}
	t.card.Candidates = append(t.card.Candidates, Candidate{
		Name: name, Label: t.d.label(name), AUC: finite(m.AUC.Value), AUCLow: finite(m.AUC.Low), AUCHigh: finite(m.AUC.High), LogLoss: m.LogLoss, Brier: m.Brier, ECE: m.ECE,
		Baseline: name != stack && name != lean,
	})
	if best := t.card.Quality; best == nil || m.LogLoss < best.LogLoss {
		t.card.Quality, err = qualityOf(m, p, t.frames[0].left)
		t.card.Fairness = fairness(t.b, t.frames[0], p)
		t.ending = endingOf(t.frames[0], p)
	}
	return err
}

func qualityOf(m *calibrate.Measured, p, y []float64) (*Quality, error) {
	q := &Quality{
		AUC: finite(m.AUC.Value), AUCLow: finite(m.AUC.Low), AUCHigh: finite(m.AUC.High), LogLoss: m.LogLoss, Brier: m.Brier, ECE: m.ECE, Slope: finite(m.Slope), Rows: m.Rows,
		Churned: m.Share, Lift: []Lift{},
	}
	var err error
	if q.Reliability, err = reliable(p, y); err != nil {
		return nil, err
	}
	slices10, err := calibrate.Lift(p, y, 10)
	if err != nil {
		return nil, err
	}
	for i, s := range slices10 {
		q.Lift = append(q.Lift, Lift{Decile: i + 1, Rows: s.Rows, Actual: s.Rate, Lift: s.Lift, Gain: s.Gain})
	}
	return q, nil
}

// reliable are ten equally wide parts of the chances.
func reliable(p, y []float64) ([]Reliable, error) {
	const parts = 10
	var px, yx [parts][]float64
	for i, x := range p {
		k := min(int(x*parts), parts-1)
		px[k], yx[k] = append(px[k], x), append(yx[k], y[i])
	}
	list := []Reliable{}
	for k := range px {
		if len(px[k]) == 0 {
			continue
		}
		bins, err := calibrate.Reliability(px[k], yx[k], 1, calibrate.EqualMass, 0.95)
		if err != nil {
			return nil, err
		}
		list = append(list, Reliable{
			Low: float64(k) / parts, High: float64(k+1) / parts, Rows: bins[0].Rows, Predicted: bins[0].Predicted, Actual: bins[0].Observed, ActualLow: bins[0].Low, ActualHigh: bins[0].High,
		})
	}
	return list, nil
}

// fairRows is how many customers a market needs to be told apart.
const fairRows = 30

func fairness(b *book, f *frame, p []float64) []Fairness {
	list := []Fairness{}
	for code, name := range b.markets.words {
		var px, yx []float64
		for i, w := range f.word[place] {
			if int(w) == code {
				px, yx = append(px, p[i]), append(yx, f.left[i])
			}
		}
		if len(px) < fairRows {
			continue
		}
		one := Fairness{Market: name, Rows: len(px), Predicted: share(px), Actual: share(yx)}
		if m, err := calibrate.Measure(px, yx); err == nil {
			one.AUC, one.ECE = finite(m.AUC.Value), m.ECE
		}
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b Fairness) int { return b.Rows - a.Rows })
	return list
}

// finish lets the winner learn from all cuts, the last one too.
func (t *training) finish(ctx context.Context) error {
	t.stage("learning from all of it")
	rows := joined(t.frames)
	t.model = &model{Format: modelFormat, Definition: t.d, Winner: t.card.Winner, Base: odds(share(rows.left)), Words: t.b.vocabulary(), AsOf: t.asOf, Seed: t.seed, Evidence: evidence(t.b, t.frames)}
	t.card.Evidence = t.model.Evidence
	t.card.Status = Ready
	if t.d.paid() {
		t.model.Renewal = renewalsOf(t.b, t.asOf, int32(t.d.GraceDays))
	}
	if classes := t.classes[t.card.Winner]; classes != nil {
		o := classify.Options{Seed: t.seed, Groups: groupsOf(rows), MaxRows: trainRows + judgeRows}
		var err error
		if t.model.Stack, err = classify.Refit(classes, columnsOf(t.card.Winner, t.b.table(rows, 0, rows.rows())), rows.left, lightLearner, o); err != nil {
			return err
		}
	} else if err := t.finishRule(rows); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return t.describe()
}

func (t *training) finishRule(rows *frame) error {
	t.card.Status = Baseline
	rule, err := fitBaseline(t.card.Winner, rows)
	if err != nil {
		return err
	}
	t.model.Rule = rule
	t.model.Doubt, err = calibrate.FitVennAbers(rule.chances(rows), rows.left)
	return err
}

// describe keeps what the population of the last day looks like to the model, and what moves its chances.
func (t *training) describe() error {
	v := t.viewAt(t.asOf)
	v.labels = false
	v.keep = drawn(t.seed, driverRows/max(float64(t.b.population(&v)), 1))
	now := t.b.look(v)
	p, err := t.model.chances(t.b, now)
	if err != nil {
		return err
	}
	t.model.Profile = profileOf(t.b, now, p)
	t.card.Drivers, err = drivers(t.model, t.b, now)
	return err
}

func joined(frames []*frame) *frame {
	all := &frame{}
	for _, f := range frames {
		all.append(f)
	}
	return all
}

func groupsOf(f *frame) []int {
	groups := make([]int, f.rows())
	for i, w := range f.who {
		groups[i] = int(w)
	}
	return groups
}
