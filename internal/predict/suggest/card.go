package suggest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/predict/records"
	"github.com/dangol/dangol/models/recommend"
)

const defaultSeed = 42

// The states of a model.
const (
	ready    = "ready"
	baseline = "baseline" // nothing was surely better than what is popular
	tooFew   = "too_few"  // to choose by
)

// Card is everything that is said about a model.
type Card struct {
	Kind      string            `json:"kind"`
	Version   int64             `json:"version" doc:"0 in what is kept; filled in when it is shown"`
	Active    bool              `json:"active"`
	Status    string            `json:"status"`
	TrainedAt time.Time         `json:"trained_at"`
	AsOf      day.Day           `json:"as_of"`
	Seed      int64             `json:"seed"`
	Winner    string            `json:"winner"`
	Label     string            `json:"winner_label"`
	Sentence  string            `json:"sentence"`
	Sentences map[string]string `json:"sentences"`
	Protocol  map[string]string `json:"protocol"`
	Data      CardData          `json:"data"`
	Quality   *CardQuality      `json:"quality"`
	Gain      *Interval         `json:"gain"`
	Trials    []CardTrial       `json:"trials" doc:"the best settings of each kind, judged on days never looked at"`
	Tried     []CardTrial       `json:"settings_tried" doc:"all settings, on the day before those"`
	Weights   []CardWeight      `json:"weights" doc:"what each part of a blend is worth"`
	Limits    []CardLimit       `json:"limits"`
	Missing   string            `json:"missing,omitempty"`
	Drift     CardDrift         `json:"drift"`
	Lists     int64             `json:"lists" doc:"customers of whom it was told beforehand what they buy next"`
	Versions  []CardVersion     `json:"versions"`
}

// CardData is what was learnt from.
type CardData struct {
	Customers  int64   `json:"customers"`
	Lines      int64   `json:"lines"`
	Items      int     `json:"items"`
	Tried      int64   `json:"tried_on"`
	LearntFrom int64   `json:"learnt_from"`
	First      day.Day `json:"first_day"`
	Last       day.Day `json:"last_day"`
}

// Interval is a figure with its bootstrap interval over people.
type Interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// CardQuality is how good lists of ten are, on each customer's last day.
type CardQuality struct {
	People   int      `json:"people"`
	NDCG     Interval `json:"ndcg_at_10"`
	HitRate  Interval `json:"hit_rate_at_10"`
	MAP      Interval `json:"map_at_10"`
	Recall   Interval `json:"recall_at_10"`
	MRR      Interval `json:"mrr"`
	Coverage float64  `json:"coverage"`
	Novelty  float64  `json:"novelty"`
}

// CardTrial is one model that was tried.
type CardTrial struct {
	Name     string  `json:"name" enum:"popularity,trending,habit,item_item,ease,als,blend"`
	Label    string  `json:"label"`
	NDCG     float64 `json:"ndcg"`
	Low      float64 `json:"ndcg_low"`
	High     float64 `json:"ndcg_high"`
	HitRate  float64 `json:"hit_rate"`
	Coverage float64 `json:"coverage"`
	Chosen   bool    `json:"chosen"`
	Baseline bool    `json:"baseline"`
}

// CardVersion is one of the versions kept.
type CardVersion struct {
	Version   int64     `json:"version"`
	TrainedAt time.Time `json:"trained_at"`
	AsOf      day.Day   `json:"as_of" format:"date"`
	Active    bool      `json:"active"`
	NDCG      *float64  `json:"ndcg_at_10"`
}

// CardWeight is what a part of a blend is worth.
type CardWeight struct {
	Feature  string  `json:"feature"`
	Weight   float64 `json:"weight"`
	StdError float64 `json:"std_error"`
}

// CardLimit is something the model does not know.
type CardLimit struct {
	Sentences map[string]string `json:"sentences"`
}

func newCard(asOf day.Day, seed int64) *Card {
	return &Card{
		Kind: records.Recommend, Status: ready, AsOf: asOf, Seed: seed, Protocol: protocol, Limits: limits,
		Trials: []CardTrial{}, Tried: []CardTrial{}, Weights: []CardWeight{}, Versions: []CardVersion{}, Drift: unknownDrift(),
	}
}

func (c *Card) measure(e extent, in *recommend.Interactions, share int) {
	first, last := in.Span()
	c.Data = CardData{Customers: e.Customers, Lines: e.Lines, Items: len(in.Items()), Tried: int64(in.Users()), First: day.Day(first), Last: day.Day(last)}
	if share < parts {
		c.Limits = append(slices.Clone(c.Limits), CardLimit{sampled(c.Data.Tried, e.Customers)})
	}
}

func (c *Card) tooFew(people int) {
	c.Status, c.Winner, c.Label = tooFew, string(recommend.Popularity), labels[recommend.Popularity]
	c.Sentences = fewSentences(people)
	c.Sentence = c.Sentences["en"]
	c.Missing = fmt.Sprintf("customers who bought on %d days or more: %d, and %d are needed", leastDays, people, leastJudged)
}

func (c *Card) tried(t recommend.Trial) {
	c.Tried = append(c.Tried, trialOf(t, t.Quality, false))
}

func trialOf(t recommend.Trial, q *recommend.Quality, chosen bool) CardTrial {
	kind := t.Options.Kind
	return CardTrial{
		Name: nameOf(kind), Label: t.Name, NDCG: q.NDCG.Value, Low: q.NDCG.Low, High: q.NDCG.High, HitRate: q.HitRate.Value, Coverage: q.Coverage, Chosen: chosen,
		Baseline: kind == recommend.Popularity || kind == recommend.Trending,
	}
}

// nameOf is a kind's name in cards.
func nameOf(k recommend.Kind) string {
	if k == recommend.ItemItem {
		return "item_item"
	}
	return string(k)
}

func (c *Card) judge(judged []verdict, choice *recommend.Choice) {
	var popular float64
	for _, v := range judged {
		c.Trials = append(c.Trials, trialOf(v.trial, v.quality, v.chosen))
		if v.trial.Options.Kind == recommend.Popularity {
			popular = v.quality.NDCG.Value
		}
		if q := v.quality; v.chosen {
			c.Winner, c.Label = nameOf(v.trial.Options.Kind), labels[v.trial.Options.Kind]
			c.Quality = &CardQuality{
				People: q.People, NDCG: Interval(q.NDCG), HitRate: Interval(q.HitRate), MAP: Interval(q.MAP), Recall: Interval(q.Recall), MRR: Interval(q.MRR),
				Coverage: q.Coverage, Novelty: q.Novelty,
			}
		}
	}
	gain := Interval(choice.Gain)
	c.Gain = &gain
	if mix := choice.Options.Mix; choice.Options.Kind == recommend.Blend && mix != nil {
		for _, t := range mix.New {
			c.Weights = append(c.Weights, CardWeight{string(t.Feature), t.Weight, t.StdError})
		}
	}
	if choice.Options.Kind == recommend.Popularity {
		c.Status = baseline
	}
	c.Sentences = verdictSentences(c, popular)
	c.Sentence = c.Sentences["en"]
}

// Summary is what a list of models shows.
type Summary struct {
	Status    string            `json:"status"`
	Winner    string            `json:"winner"`
	Label     string            `json:"winner_label"`
	Rows      int64             `json:"rows"`
	NDCG      *float64          `json:"ndcg_at_10"`
	HitRate   *float64          `json:"hit_rate_at_10"`
	Sentence  string            `json:"sentence"`
	Sentences map[string]string `json:"sentences"`
	Drift     records.DriftView `json:"drift"`
}

func (c *Card) summary() Summary {
	s := Summary{
		Status: c.Status, Winner: c.Winner, Label: c.Label, Rows: c.Data.Lines, Sentence: c.Sentence, Sentences: c.Sentences, Drift: records.DriftView{Status: c.Drift.Status, PSI: c.Drift.PSI},
	}
	if c.Quality != nil {
		s.NDCG, s.HitRate = &c.Quality.NDCG.Value, &c.Quality.HitRate.Value
	}
	return s
}

// Card is what is said of a version; 0 is the active one.
func (s *Service) Card(ctx context.Context, version int64) (*Card, error) {
	var r records.Record
	var err error
	if version == 0 {
		var found bool
		if r, found, err = s.records.Active(ctx, records.Recommend); err == nil && !found {
			err = errNoModel()
		}
	} else {
		r, err = s.records.Get(ctx, records.Recommend, version)
	}
	if err != nil {
		return nil, err
	}
	c := &Card{Drift: unknownDrift()}
	if err := json.Unmarshal(r.Card, c); err != nil {
		return nil, fmt.Errorf("card: %w", err)
	}
	c.Version, c.Active, c.Versions = r.Version, r.Active, []CardVersion{}
	list, err := s.records.List(ctx, records.Recommend)
	for i := range list {
		v := &list[i]
		var sum Summary
		if err := json.Unmarshal(v.Summary, &sum); err != nil {
			return nil, fmt.Errorf("card: %w", err)
		}
		c.Versions = append(c.Versions, CardVersion{v.Version, v.TrainedAt, v.AsOf, v.Active, sum.NDCG})
	}
	if a := s.now.Load(); a != nil && a.brain.version == r.Version {
		c.Lists = int64(len(a.lists.keys))
	}
	return c, err
}

// View is the model in the list of all.
func (s *Service) View(ctx context.Context) (records.View, error) {
	v := records.View{Kind: records.Recommend, Status: "none", Drift: records.DriftView{Status: "unknown"}, Sentences: untrained, Sentence: untrained["en"]}
	r, found, err := s.records.Active(ctx, records.Recommend)
	if err != nil || !found {
		return v, err
	}
	var sum Summary
	if err := json.Unmarshal(r.Summary, &sum); err != nil {
		return v, fmt.Errorf("summary: %w", err)
	}
	v.Version, v.Active, v.Status, v.TrainedAt, v.AsOf = r.Version, r.Active, sum.Status, r.TrainedAt.Format(time.RFC3339Nano), &r.AsOf
	v.Winner, v.WinnerLabel, v.Rows, v.Sentence, v.Sentences = sum.Winner, sum.Label, sum.Rows, sum.Sentence, sum.Sentences
	if sum.Drift.Status != "" { // cards of before did not know it
		v.Drift = sum.Drift
	}
	return v, nil
}
