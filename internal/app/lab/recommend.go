package lab

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/models/recommend"
)

// RecommendOptions of a question what each buys next. Column names are as in the file.
type RecommendOptions struct {
	User, Item, At string
	Order          string // what was bought together; "" is all of a day
	Quantity       string // rows at or below 0 are left out
	Again          bool   // items that the person has bought may be recommended
	Seed           uint64
}

// RecommendReport is how good lists of ten are, each person's last day with a purchase being held back, and settings being chosen on
// the day before it.
type RecommendReport struct {
	File      string         `json:"file"`
	Rows      int            `json:"rows"`
	SetAside  map[string]int `json:"set_aside"`
	Users     int            `json:"users"`
	Items     int            `json:"items"`
	Held      int            `json:"held_back"` // people with three days or more
	Judged    int            `json:"judged"`    // of these, those who bought something new on the last
	Malformed int64          `json:"malformed_rows"`
	Model     string         `json:"model"`
	Reason    string         `json:"reason"`
	NDCG      float64        `json:"ndcg_at_10"`
	Interval  [2]float64     `json:"ndcg_interval"`
	HitRate   float64        `json:"hit_rate_at_10"`
	MAP       float64        `json:"map_at_10"`
	Recall    float64        `json:"recall_at_10"`
	Coverage  float64        `json:"coverage"`
	Seconds   float64        `json:"seconds"`
	// Trials are the best settings of each kind, on the people judged.
	Trials   []RecommendTrial `json:"trials"`
	Together []recommend.Pair `json:"bought_together"`
}

// RecommendTrial is a kind of model with the settings that were best before.
type RecommendTrial struct {
	Model    string     `json:"model"`
	NDCG     float64    `json:"ndcg_at_10"`
	Interval [2]float64 `json:"ndcg_interval"`
	HitRate  float64    `json:"hit_rate_at_10"`
}

const (
	leastDays  = 3
	pairsShown = 10
	leastPairs = 20 // baskets with both
)

// Recommend chooses a recommender by backtest and judges it.
func Recommend(ctx context.Context, s *Sheet, o RecommendOptions, c clock.Clock) (*RecommendReport, error) {
	began := c()
	r := &RecommendReport{File: s.Name, Rows: len(s.Lines), Malformed: s.Malformed, SetAside: map[string]int{}, Together: []recommend.Pair{}}
	in, err := r.purchases(s, o)
	if err != nil {
		return nil, err
	}
	r.Users, r.Items = in.Users(), len(in.Items())
	past, cases, err := in.SplitLast(leastDays)
	if err != nil {
		return nil, unsuited(s, err)
	}
	judgement := recommend.Judgement{Seed: o.Seed}
	if o.Again {
		judgement.Rules.Bought = recommend.AllowBought
	}
	r.Held = len(cases)
	choice, err := within(ctx, func() (*recommend.Choice, error) {
		return recommend.Choose(past, recommend.Backtest{Judgement: judgement, Seed: o.Seed})
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, unsuited(s, err)
	}
	r.Reason = choice.Reason
	if err := r.judge(past, cases, choice, judgement); err != nil {
		return nil, unsuited(s, err)
	}
	if pairs, err := recommend.BoughtTogether(in, recommend.Together{Least: leastPairs}); err == nil {
		r.Together = append(r.Together, pairs.Top(pairsShown)...)
	}
	r.Seconds = c().Sub(began).Seconds()
	return r, nil
}

// judge fits the best settings of each kind on everything but the last days, and asks for these.
func (r *RecommendReport) judge(past *recommend.Interactions, cases []recommend.Case, choice *recommend.Choice, j recommend.Judgement) error {
	best := map[recommend.Kind]recommend.Trial{}
	for _, t := range choice.Trials {
		if b, met := best[t.Options.Kind]; !met || t.Quality.NDCG.Value > b.Quality.NDCG.Value {
			best[t.Options.Kind] = t
		}
	}
	for kind, t := range best {
		options := t.Options
		if kind == choice.Options.Kind {
			options = choice.Options
		}
		m, err := recommend.Fit(past, options)
		if err != nil {
			return err
		}
		q, err := recommend.Evaluate(m, cases, j)
		if err != nil {
			return err
		}
		r.Trials = append(r.Trials, RecommendTrial{string(kind), q.NDCG.Value, [2]float64{q.NDCG.Low, q.NDCG.High}, q.HitRate.Value})
		if kind == choice.Options.Kind {
			r.Model, r.Judged = string(kind), q.People
			r.NDCG, r.Interval = q.NDCG.Value, [2]float64{q.NDCG.Low, q.NDCG.High}
			r.HitRate, r.MAP, r.Recall, r.Coverage = q.HitRate.Value, q.MAP.Value, q.Recall.Value, q.Coverage
		}
	}
	slices.SortFunc(r.Trials, func(a, b RecommendTrial) int {
		return cmp.Or(cmp.Compare(b.NDCG, a.NDCG), cmp.Compare(a.Model, b.Model))
	})
	return nil
}

// purchases reads the rows that name a person, an item and a time.
func (r *RecommendReport) purchases(s *Sheet, o RecommendOptions) (*recommend.Interactions, error) {
	at := map[string]int{}
	for _, c := range []struct{ flag, name string }{{"--user", o.User}, {"--item", o.Item}, {"--at", o.At}, {"--order", o.Order}, {"--quantity", o.Quantity}} {
		if at[c.flag] = -1; c.name == "" {
			continue
		}
		j, err := s.column(c.name, c.flag)
		if err != nil {
			return nil, err
		}
		at[c.flag] = j
	}
	var b recommend.Builder
	for i := range s.Lines {
		cell := func(flag string) string { return s.Cells[at[flag]][i] }
		user, item := cell("--user"), cell("--item")
		day, dated := dayOf(cell("--at"))
		quantity := 1.0
		if at["--quantity"] >= 0 {
			quantity, _ = number(cell("--quantity"))
		}
		switch {
		case hole(user):
			r.SetAside["no_user"]++
		case hole(item):
			r.SetAside["no_item"]++
		case !dated:
			r.SetAside["no_date"]++
		case quantity <= 0:
			r.SetAside["not_bought"]++
		default:
			p := recommend.Purchase{User: user, Item: item, Day: day}
			if at["--order"] >= 0 {
				p.Order = cell("--order")
			}
			if err := b.Add(p); err != nil {
				return nil, unsuited(s, err)
			}
		}
	}
	if r.SetAside["no_date"] > len(s.Lines)/2 {
		f := fault.Newf(fault.Invalid, "lab.no_date", "most of column %q is no date", s.Names[at["--at"]]).At(fault.Place{File: s.Name, Field: s.Names[at["--at"]]})
		return nil, f.Then("Dates are written like 2026-03-31 or 2026-03-31 14:05:00, as seconds since 1970, or as the number of a day.")
	}
	in, err := b.Build()
	if err != nil {
		return nil, unsuited(s, err)
	}
	return in, nil
}

// secondsFrom is above any number of a day.
const secondsFrom = 10_000_000

// dayOf reads a date, seconds since 1970, or the number of a day.
func dayOf(cell string) (int32, bool) {
	days, ok := dateNumber(cell)
	if !ok {
		if days, ok = number(cell); ok && days > secondsFrom {
			days /= 86400
		}
	}
	if !ok || math.Abs(days) > secondsFrom {
		return 0, false
	}
	return int32(math.Floor(days)), true
}

// unsuited is what the models say of purchases, for people.
func unsuited(s *Sheet, err error) error {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f
	}
	return fault.New(fault.Invalid, "lab.cannot_recommend", err.Error()).At(fault.Place{File: s.Name}).Then("Purchases of at least some dozen people on three days or more are needed.")
}
