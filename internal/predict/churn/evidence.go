package churn

import (
	"context"
	"database/sql"
	"math"
	"slices"

	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/predict/churn/compare"
	"github.com/dangol/dangol/internal/predict/churn/say"
)

// Evidence is how much oftener those left to whom something had happened, against the others of their market: what customers did, not what a
// model thinks. Shares are of everybody at every cut; how sure they are goes by the number of
// different customers alone, for one who is seen at several cuts is much the same each time.
type Evidence struct {
	Code    string  `json:"code"`
	Market  string  `json:"market" doc:"empty: of all markets"`
	With    int     `json:"with" doc:"customers to whom it had happened"`
	Without int     `json:"without"`
	Left    float64 `json:"left" doc:"share of those with that left within the horizon"`
	LeftNot float64 `json:"left_without"`
	Ratio   float64 `json:"ratio"`
	Low     float64 `json:"low" doc:"of the interval in which the ratio lies 95 times in 100"`
	High    float64 `json:"high"`
	Z       float64 `json:"z"`
}

// happened says of which rows a cause is true.
var happened = map[string]func(f *frame, i int) (yes, known bool){
	lateDelivery: func(f *frame, i int) (bool, bool) {
		x := f.number[lastLate][i]
		return x == 1, !math.IsNaN(x)
	},
	refunded: func(f *frame, i int) (bool, bool) { return f.number[refundSince][i] == 1, true },
}

// evidence compares, by market and in all.
func evidence(b *book, frames []*frame) []Evidence {
	type sides struct {
		rows, left [2]float64
		who        [2]map[int32]bool
	}
	counts := map[string]*sides{}
	for _, f := range frames {
		for i, who := range f.who {
			for code, of := range happened {
				yes, known := of(f, i)
				if !known {
					continue
				}
				for _, place := range []string{"", b.markets.words[f.word[place][i]]} {
					key := code + "\x00" + place
					if counts[key] == nil {
						counts[key] = &sides{who: [2]map[int32]bool{{}, {}}}
					}
					side := int(indicator(yes))
					counts[key].rows[side]++
					counts[key].left[side] += f.left[i]
					counts[key].who[side][who] = true
				}
			}
		}
	}
	list := []Evidence{}
	for _, code := range []string{lateDelivery, refunded} {
		for _, place := range b.markets.words {
			if s := counts[code+"\x00"+place]; s != nil {
				n1, n0 := float64(len(s.who[1])), float64(len(s.who[0]))
				two := compare.Two{People: n1, True: n1 * s.left[1] / max(s.rows[1], 1), Others: n0, TrueOthers: n0 * s.left[0] / max(s.rows[0], 1)}
				if two.Oftener() {
					e := Evidence{Code: code, Market: place, With: int(n1), Without: int(n0), Left: two.True / n1, LeftNot: two.TrueOthers / n0, Z: two.Z()}
					e.Ratio, e.Low, e.High, _ = two.Ratio()
					list = append(list, e)
				}
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Evidence) int { return int(math.Copysign(1, b.Z-a.Z)) })
	return list
}

// Finding is evidence with the people who can still be reached: those whose first reason it is, and whose risk is medium or high.
type Finding struct {
	Evidence
	Customers   int64             `json:"customers"`
	ValueAtRisk market.Money      `json:"value_at_risk"`
	Filter      map[string]string `json:"filter" doc:"query of GET /v1/risk/people that lists them"`
	Sentence    string            `json:"sentence"`
	Sentences   map[string]string `json:"sentences"`
}

// Findings tells what makes customers leave, the most money first; of one market, or of all with the markets' own where they differ. Of a
// segment the evidence is that of its market, and the people and the money are its own.
func (s *Service) Findings(ctx context.Context, who Crowd) ([]Finding, error) {
	m, err := s.model(ctx)
	if err != nil || m == nil {
		return nil, err
	}
	currency, err := s.Workspace.Currency(ctx)
	if err != nil {
		return nil, err
	}
	list := []Finding{}
	for _, e := range m.Evidence {
		if who.Market != "" && e.Market != who.Market {
			continue
		}
		f := Finding{Evidence: e, ValueAtRisk: market.Zero(currency), Filter: map[string]string{"reason": e.Code, "band": raisedBand}}
		for name, of := range map[string]string{"market": e.Market, "segment": who.Segment} {
			if of != "" {
				f.Filter[name] = of
			}
		}
		crowd, err := s.of(Crowd{Market: e.Market, Segment: who.Segment})
		if err != nil {
			return nil, err
		}
		crowd = crowd.raised().and("p.reason = ?", e.Code)
		err = s.each(ctx, `SELECT count(*), coalesce(sum(s.value_at_risk_minor), 0)::BIGINT`+crowd.text, crowd.args, func(rows *sql.Rows) error {
			return rows.Scan(&f.Customers, &f.ValueAtRisk.Minor)
		})
		if err != nil {
			return nil, err
		}
		if f.Customers == 0 {
			continue
		}
		f.Sentences = m.Definition.leaving().Finding(&say.Found{Code: f.Code, Market: f.Market, Ratio: f.Ratio, Left: f.Left, LeftNot: f.LeftNot, Customers: f.Customers, Money: f.ValueAtRisk, Segment: who.Segment != ""})
		f.Sentence = f.Sentences["en"]
		list = append(list, f)
	}
	slices.SortStableFunc(list, func(a, b Finding) int { return int(math.Copysign(1, float64(b.ValueAtRisk.Minor-a.ValueAtRisk.Minor))) })
	return list, nil
}
