package churn

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/predict/records"
)

// When a model is looked at as drifting by how its chances came true: the mean is off by more than chance makes it and by offMean at least, or
// the calibration error is above offECE; of dueRows customers or more.
const (
	offMean = 0.04
	offECE  = 0.06
	dueRows = 200
	// retrainDays is how many days of orders a model scores before it learns anew.
	retrainDays = 30
)

// drifted compares the customers of today with those that the model learnt from, and the chances whose horizon is over with what came.
func drifted(b *book, m *model, f *frame, risks []float64, asOf int32) (Drift, error) {
	d := unknownDrift()
	on := day.Day(asOf)
	d.AsOf, d.Status = &on, "steady"
	d.Features, d.PSI = m.Profile.moved(b, f, risks)
	switch {
	case d.PSI > drifting:
		d.Status = "drifting"
	case d.PSI > watched || len(d.Features) > 0 && d.Features[0].PSI > drifting:
		d.Status = "watch"
	}
	cut := asOf - m.Definition.span()
	if cut < m.AsOf {
		return d, nil // it has learnt from what came after that day
	}
	v, _ := viewNow(b, m, cut)
	v.labels = true
	due := b.look(v)
	if due.rows() < dueRows {
		return d, nil
	}
	p, err := m.chances(b, due)
	if err != nil {
		return d, err
	}
	if d.Calibration, err = reliable(p, due.left); err != nil {
		return d, err
	}
	ece := 0.0
	for _, r := range d.Calibration {
		ece += float64(r.Rows) / float64(due.rows()) * math.Abs(r.Predicted-r.Actual)
	}
	d.ECE = &ece
	said, came := share(p), share(due.left)
	if off := math.Abs(said - came); ece > offECE || off > offMean && off > 3*math.Sqrt(came*(1-came)/float64(due.rows())) {
		d.Status = "drifting"
	}
	return d, nil
}

// noteDrift writes it on the card of the version that scores.
func (s *Service) noteDrift(ctx context.Context, version int64, d Drift) error {
	r, err := s.Records.Get(ctx, records.Churn, version)
	if err != nil {
		return err
	}
	var c Card
	if err := json.Unmarshal(r.Card, &c); err != nil {
		return fmt.Errorf("churn: card of version %d: %w", version, err)
	}
	c.Drift = d
	card, err := json.Marshal(&c)
	if err != nil {
		return fmt.Errorf("churn: %w", err)
	}
	summary, err := json.Marshal(summaryOf(&c))
	if err != nil {
		return fmt.Errorf("churn: %w", err)
	}
	return s.Records.Amend(ctx, records.Churn, version, summary, card)
}

// Analysed scores everybody anew after an analysis, where a model is active, and lets it learn anew when that is due: after a month of orders,
// or when the customers are no longer those it learnt from. It returns at once.
func (s *Service) Analysed(ctx context.Context, jobs *job.Line) {
	m, err := s.model(ctx)
	if err != nil || m == nil {
		return
	}
	jobs.Start("score", func(ctx context.Context, p *job.Progress) (any, error) {
		out, err := s.Score(ctx, p)
		if err != nil {
			return nil, err
		}
		if ask, due := s.due(ctx, out); due {
			jobs.Start("train", func(ctx context.Context, p *job.Progress) (any, error) { return s.Train(ctx, ask, p) })
		}
		return out, nil
	})
}

// due says whether to learn anew, and how: by the basis and the horizon that were set, if they were.
func (s *Service) due(ctx context.Context, scored *Scored) (Ask, bool) {
	m, err := s.model(ctx)
	if err != nil || m == nil {
		return Ask{}, false
	}
	ask := Ask{AsOf: day.Unknown, Seed: m.Seed}
	if m.Definition.BasisSet {
		ask.Basis = m.Definition.Basis
	}
	if !m.Definition.Proposed {
		ask.Horizon = m.Definition.HorizonDays
	}
	days := int32(scored.AsOf) - m.AsOf
	return ask, days >= retrainDays || days > 0 && scored.Drift == "drifting"
}
