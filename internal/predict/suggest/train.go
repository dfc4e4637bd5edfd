package suggest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/models/recommend"
)

// Bounds of what is held in memory while a model learns. A shop with more is represented by customers drawn by their keys, so that it is
// the same ones each time.
const (
	triedPeople, triedLines     = 25_000, 600_000    // settings are tried on
	learntPeople, learntLines   = 200_000, 3_000_000 // the chosen one learns from
	leastDays                   = 3                  // with a purchase, of those who are judged
	leastJudged                 = 50                 // people, below whom no choice means anything
	pairsOfEach, pairsInBaskets = 20, 5
)

// Train chooses a model as of a day (day.Unknown: the last one), keeps it as the next version, tells beforehand what each customer will
// buy next, and lets it answer from then on.
func (s *Service) Train(ctx context.Context, asked day.Day, seed int64, p *job.Progress) (*Card, error) {
	began := s.clock()
	s.training.Lock()
	defer s.training.Unlock()
	asOf, err := s.days.AsOf(ctx, asked)
	if err != nil {
		return nil, err
	}
	if seed == 0 {
		seed = defaultSeed
	}
	p.Stage("reading purchases", "steps", 5)
	bought, err := begin(ctx, s.warehouse, asOf)
	if err != nil {
		return nil, err
	}
	defer bought.reading.Close()
	t := &trial{purchases: bought, seed: seed, p: p, card: newCard(asOf, seed), tries: s.tries}
	if err := t.run(ctx); err != nil {
		return nil, err
	}
	t.card.TrainedAt = began.UTC().Truncate(time.Microsecond)
	made, err := s.keep(ctx, t)
	if err != nil {
		return nil, err
	}
	if err := s.fill(ctx, made, bought, nil, p); err != nil {
		return nil, err
	}
	return s.Card(ctx, made.version)
}

// trial is a model on its way.
type trial struct {
	*purchases
	seed  int64
	p     *job.Progress
	card  *Card
	model *recommend.Model
	pairs *recommend.Pairs
	share int // of the customers that the model has learnt from
	tries func(items int) []recommend.Options
}

func (t *trial) run(ctx context.Context) error {
	e, err := t.extent(ctx)
	if err != nil {
		return err
	}
	if e.Lines == 0 {
		return fault.New(fault.Invalid, "suggest.no_purchases", "nobody has bought anything that has a product id").
			Then("Import orders with a column of products, or send Order Completed events with products.")
	}
	tried, learnt := shareOf(e, triedPeople, triedLines), shareOf(e, learntPeople, learntLines)
	in, err := t.interactions(ctx, tried)
	if err != nil {
		return err
	}
	t.card.measure(e, in, tried)
	t.p.Stage("trying models on days held back", "steps", 5)
	t.p.Set(1, 0)
	options, err := t.choose(ctx, in)
	if err != nil {
		return err
	}
	t.p.Stage("learning from everything", "steps", 5)
	t.p.Set(3, 0)
	if learnt != tried {
		if in, err = t.interactions(ctx, learnt); err != nil {
			return err
		}
	}
	t.share = learnt
	t.card.Data.LearntFrom = int64(in.Users())
	options.Catalogue, options.Workers = t.goods.catalogue(), 0
	if t.model, err = recommend.Fit(in, options); err != nil {
		return fmt.Errorf("recommendations: %w", err)
	}
	if t.pairs, err = recommend.BoughtTogether(in, recommend.Together{Least: pairsInBaskets, PerItem: pairsOfEach}); err != nil {
		return fmt.Errorf("bought together: %w", err)
	}
	return ctx.Err()
}

// shareOf is how many of the parts hold about so many people and lines.
func shareOf(e extent, people, lines int64) int {
	share := min(parts*people/max(e.Customers, 1), parts*lines/max(e.Lines, 1))
	return int(min(max(share, 1), parts))
}

// choose finds settings on the day before the last of each customer, and judges the best of each kind on the last.
func (t *trial) choose(ctx context.Context, in *recommend.Interactions) (recommend.Options, error) {
	plain := recommend.Options{Kind: recommend.Popularity, Seed: uint64(t.seed)}
	past, cases, err := in.SplitLast(leastDays)
	if err != nil {
		return plain, err
	}
	if len(cases) < leastJudged {
		t.card.tooFew(len(cases))
		return plain, nil
	}
	judgement := recommend.Judgement{Seed: uint64(t.seed)}
	choice, err := recommend.Choose(past, recommend.Backtest{Judgement: judgement, Seed: uint64(t.seed), Candidates: t.tries(len(in.Items()))})
	if err != nil {
		t.card.tooFew(len(cases))
		return plain, nil //nolint:nilerr // too little to choose by; what is popular is told instead
	}
	t.p.Stage("judging the best on days never looked at", "steps", 5)
	t.p.Set(2, 0)
	best := map[recommend.Kind]recommend.Trial{}
	for _, one := range choice.Trials {
		t.card.tried(one)
		if b, met := best[one.Options.Kind]; !met || one.Quality.NDCG.Value > b.Quality.NDCG.Value {
			best[one.Options.Kind] = one
		}
	}
	best[choice.Options.Kind] = choice.Trials[choice.Winner]
	var judged []verdict
	for kind, one := range best {
		if ctx.Err() != nil {
			return plain, ctx.Err()
		}
		m, err := recommend.Fit(past, one.Options)
		if err != nil {
			return plain, fmt.Errorf("recommendations: %w", err)
		}
		q, err := recommend.Evaluate(m, cases, judgement)
		if errors.Is(err, recommend.ErrNothingToJudge) { // the last day of all was of things that had never been sold
			t.card.tooFew(0)
			return plain, nil
		}
		if err != nil {
			return plain, fmt.Errorf("recommendations: %w", err)
		}
		judged = append(judged, verdict{one, q, kind == choice.Options.Kind})
	}
	slices.SortFunc(judged, func(a, b verdict) int {
		return cmp.Or(cmp.Compare(b.quality.NDCG.Value, a.quality.NDCG.Value), cmp.Compare(a.trial.Name, b.trial.Name))
	})
	t.card.judge(judged, choice)
	return choice.Options, nil
}

// verdict is how a model did on the days held back.
type verdict struct {
	trial   recommend.Trial
	quality *recommend.Quality
	chosen  bool
}

// mostExact is for how many products the matrix of EASE is held: 4 bytes for each two of them.
const mostExact = 6000

// leastFactored is for how many products factors can say more than EASE, which holds each pair of them exactly.
const leastFactored = 300

// candidates are those of the library that this process has room for, and that can tell so many products apart.
func candidates(items int) []recommend.Options {
	return slices.DeleteFunc(recommend.Candidates(items), func(o recommend.Options) bool {
		return o.Kind == recommend.Linear && items > mostExact || o.Kind == recommend.Factors && items < leastFactored
	})
}

// errNoModel says that nothing can be recommended yet.
func errNoModel() error {
	return fault.New(fault.NotFound, "predict.no_model", "no model of what customers buy next has been trained yet").Then("Run `dangol train recommend`.")
}

var errDamaged = errors.New("the file is damaged or of another format")
