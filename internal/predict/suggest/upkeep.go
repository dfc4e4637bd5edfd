package suggest

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/predict/records"
)

// When a model of what customers buy next learns anew: after a month of orders, or after a week when what sells is no longer what it learnt from.
const (
	retrainDays = 30
	apartDays   = 7 // between two trainings that drift asks for
	mixBest     = 20
	mixDays     = 90   // before the last day that it learnt from: what sold then
	mixLines    = 200  // since then, below which nothing is said
	watched     = 0.1  // population stability index
	drifting    = 0.25 // the same
	strange     = 0.1  // share of what sells that the model has never heard of
)

// CardDrift says whether what sells now is what the model learnt from.
type CardDrift struct {
	Status   string   `json:"status" enum:"steady,watch,drifting,unknown"`
	AsOf     *day.Day `json:"as_of" format:"date"`
	PSI      *float64 `json:"psi" doc:"population stability index of the lines of its 20 best sold products, and of all others, between the 90 days that it learnt from last and the days since"`
	NewShare *float64 `json:"new_share" doc:"share of the lines since then that are of products it has never heard of"`
	Lines    int64    `json:"lines" doc:"sold since then"`
}

func unknownDrift() CardDrift { return CardDrift{Status: "unknown"} }

// sold counts lines: of the products that sold best before, of the others that the model knows, and of those that it does not.
type sold struct {
	best           [mixBest]int64
	others, unseen int64
}

func (s *sold) all() int64 {
	sum := s.others + s.unseen
	for _, n := range s.best {
		sum += n
	}
	return sum
}

// drift compares the days since a model learnt with those that it learnt from last.
func (p *purchases) drift(ctx context.Context, b *brain) (CardDrift, error) {
	d := unknownDrift()
	before, since := map[uint32]int64{}, map[uint32]int64{}
	rows, err := p.reading.Ask(ctx, `SELECT product_key, count(*) FILTER (WHERE day <= $1), count(*) FILTER (WHERE day > $1) FROM line WHERE kind = 1 AND day > $2 AND day <= $3 GROUP BY product_key`,
		int32(b.asOf), int32(b.asOf)-mixDays, int32(p.asOf))
	if err != nil {
		return d, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key uint32
		var then, now int64
		if err := rows.Scan(&key, &then, &now); err != nil {
			return d, fmt.Errorf("what sells: %w", err)
		}
		if int(key) < len(p.goods.byKey) && p.goods.byKey[key].id != "" {
			before[key], since[key] = then, now
		}
	}
	if err := rows.Err(); err != nil {
		return d, err
	}
	known := func(key uint32) bool {
		_, there := b.model.Item(p.goods.byKey[key].id)
		return there
	}
	return compare(before, since, known, p.asOf), nil
}

// compare tells drift from the lines of each product before and since.
//
// The population stability index is the sum of (q - p) ln(q / p) over the parts, p and q being their shares before and since, each with half a
// line more so that no share is 0. By convention more than 0.1 is a change and more than 0.25 a large one (N. Siddiqi, Credit Risk
// Scorecards, Wiley 2006).
func compare(before, since map[uint32]int64, known func(uint32) bool, asOf day.Day) CardDrift {
	best := bestOf(before)
	var p, q sold
	for key, n := range before {
		p.put(best, key, n, true)
	}
	for key, n := range since {
		q.put(best, key, n, known(key))
	}
	d := unknownDrift()
	if d.Lines = q.all(); d.Lines < mixLines || p.all() == 0 {
		return d
	}
	cells := float64(len(p.best) + 2)
	part := func(then, now int64) float64 {
		a, b := (float64(then)+0.5)/(float64(p.all())+cells/2), (float64(now)+0.5)/(float64(q.all())+cells/2)
		return (b - a) * math.Log(b/a)
	}
	psi := part(p.others, q.others) + part(p.unseen, q.unseen)
	for i := range p.best {
		psi += part(p.best[i], q.best[i])
	}
	fresh := float64(q.unseen) / float64(q.all())
	d.AsOf, d.PSI, d.NewShare, d.Status = &asOf, &psi, &fresh, "steady"
	switch {
	case psi > drifting || fresh > strange:
		d.Status = "drifting"
	case psi > watched:
		d.Status = "watch"
	}
	return d
}

// bestOf gives the products with most lines their places, of equals the one that is known longer.
func bestOf(lines map[uint32]int64) map[uint32]int {
	best := map[uint32]int{}
	for len(best) < min(mixBest, len(lines)) {
		top, most := uint32(0), int64(-1)
		for key, n := range lines {
			if _, taken := best[key]; !taken && (n > most || n == most && key < top) {
				top, most = key, n
			}
		}
		best[top] = len(best)
	}
	return best
}

func (s *sold) put(best map[uint32]int, key uint32, n int64, known bool) {
	if at, is := best[key]; is {
		s.best[at] += n
	} else if known {
		s.others += n
	} else {
		s.unseen += n
	}
}

// Analysed looks, after an analysis, whether what sells is still what the active model learnt from, writes that on its card, and lets it learn
// anew when that is due. It returns at once.
func (s *Service) Analysed(ctx context.Context, jobs *job.Line) {
	r, found, err := s.records.Active(ctx, records.Recommend)
	if err != nil || !found {
		return
	}
	asOf, err := s.days.AsOf(ctx, day.Unknown)
	if err != nil || asOf <= r.AsOf {
		return
	}
	jobs.Start("drift", func(ctx context.Context, _ *job.Progress) (any, error) {
		d, err := s.drifted(ctx)
		if err != nil {
			return nil, err
		}
		if days := asOf - r.AsOf; days >= retrainDays || days >= apartDays && d.Status == "drifting" {
			jobs.Start("training", func(ctx context.Context, p *job.Progress) (any, error) { return s.Train(ctx, day.Unknown, r.Seed, p) })
		}
		return d, nil
	})
}

// drifted looks at the active model's drift and writes it on its card.
func (s *Service) drifted(ctx context.Context) (CardDrift, error) {
	a, err := s.answering(ctx)
	if err != nil {
		return unknownDrift(), err
	}
	asOf, err := s.days.AsOf(ctx, day.Unknown)
	if err != nil {
		return unknownDrift(), err
	}
	bought, err := begin(ctx, s.warehouse, asOf)
	if err != nil {
		return unknownDrift(), err
	}
	defer bought.reading.Close()
	d, err := bought.drift(ctx, a.brain)
	if err != nil {
		return d, err
	}
	r, err := s.records.Get(ctx, records.Recommend, a.brain.version)
	if err != nil {
		return d, err
	}
	var c Card
	if err := json.Unmarshal(r.Card, &c); err != nil {
		return d, fmt.Errorf("card: %w", err)
	}
	c.Drift = d
	card, err := json.Marshal(&c)
	if err != nil {
		return d, fmt.Errorf("card: %w", err)
	}
	summary, err := json.Marshal(c.summary())
	if err != nil {
		return d, fmt.Errorf("card: %w", err)
	}
	return d, s.records.Amend(ctx, records.Recommend, r.Version, summary, card)
}
