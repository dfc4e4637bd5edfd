package churn

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"

	"github.com/dangol/dangol/internal/market"
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

// What is asked of evidence: enough people on both sides, a ratio worth telling, and a z that chance reaches once in a thousand, for several
// things and markets are looked at.
const (
	evidenceRows  = 40
	evidenceRatio = 1.15
	evidenceZ     = 3.3
)

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
				e := Evidence{Code: code, Market: place, With: int(n1), Without: int(n0)}
				if e.compare(n1, n1*s.left[1]/max(s.rows[1], 1), n0, n0*s.left[0]/max(s.rows[0], 1)) {
					list = append(list, e)
				}
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Evidence) int { return int(math.Copysign(1, b.Z-a.Z)) })
	return list
}

// compare fills in the ratio of two shares with its interval (Katz, on the logarithm), and says whether it is worth telling.
func (e *Evidence) compare(n1, left1, n0, left0 float64) bool {
	if n1 < evidenceRows || n0 < evidenceRows || left1 == 0 || left0 == 0 {
		return false
	}
	e.Left, e.LeftNot = left1/n1, left0/n0
	e.Ratio = e.Left / e.LeftNot
	spread := math.Sqrt(1/left1 - 1/n1 + 1/left0 - 1/n0)
	e.Low, e.High = e.Ratio*math.Exp(-1.96*spread), e.Ratio*math.Exp(1.96*spread)
	pooled := (left1 + left0) / (n1 + n0)
	e.Z = (e.Left - e.LeftNot) / math.Sqrt(pooled*(1-pooled)*(1/n1+1/n0))
	return e.Ratio >= evidenceRatio && e.Z >= evidenceZ
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

// Findings tells what makes customers leave, the most money first; of one market, or of all with the markets' own where they differ.
func (s *Service) Findings(ctx context.Context, place string) ([]Finding, error) {
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
		if place != "" && e.Market != place {
			continue
		}
		f := Finding{Evidence: e, ValueAtRisk: market.Zero(currency), Filter: map[string]string{"reason": e.Code}}
		if e.Market != "" {
			f.Filter["market"] = e.Market
		}
		err := s.each(ctx, `SELECT count(*), coalesce(sum(s.value_at_risk_minor), 0)::BIGINT`+riskSQL+` AND p.reason = $2 AND p.band <> 'low'`, []any{e.Market, e.Code}, func(rows *sql.Rows) error {
			return rows.Scan(&f.Customers, &f.ValueAtRisk.Minor)
		})
		if err != nil {
			return nil, err
		}
		if f.Customers == 0 {
			continue
		}
		f.Sentences = f.words(m.Definition.HorizonDays)
		f.Sentence = f.Sentences["en"]
		list = append(list, f)
	}
	slices.SortStableFunc(list, func(a, b Finding) int { return int(math.Copysign(1, float64(b.ValueAtRisk.Minor-a.ValueAtRisk.Minor))) })
	return list, nil
}

var happenedTo = map[string]map[string]string{
	lateDelivery: told("whose last order came late", "마지막 주문이 늦게 온", "ที่คำสั่งซื้อล่าสุดมาช้า"),
	refunded:     told("whose last order was refunded", "마지막 주문이 환불된", "ที่คำสั่งซื้อล่าสุดถูกคืนเงิน"),
}

func (f *Finding) words(horizon int) map[string]string {
	in := told("Customers", "고객 중", "ลูกค้า")
	if f.Market != "" {
		in = told(fmt.Sprintf("In %s customers", f.Market), fmt.Sprintf("%s 고객 중", f.Market), fmt.Sprintf("ใน %s ลูกค้า", f.Market))
	}
	with, n := happenedTo[f.Code], market.FormatNumber(f.Customers)
	return told(
		fmt.Sprintf("%s %s leave %.1f× as often as others (%s against %s ordered nothing for %d days); %s of them, with %s at risk, can still be reached.",
			in["en"], with["en"], f.Ratio, percent(f.Left), percent(f.LeftNot), horizon, n, f.ValueAtRisk.Compact(market.English)),
		fmt.Sprintf("%s %s 고객은 다른 고객보다 %.1f배 자주 떠납니다(%d일 무주문 %s 대 %s). 아직 붙잡을 수 있는 고객 %s명, 위험 금액 %s.",
			in["ko"], with["ko"], f.Ratio, horizon, percent(f.Left), percent(f.LeftNot), n, f.ValueAtRisk.Compact(market.Korean)),
		fmt.Sprintf("%s%s จากไปบ่อยกว่าคนอื่น %.1f เท่า (ไม่สั่งซื้อ %d วัน: %s เทียบกับ %s) ยังติดต่อได้ %s คน มูลค่าที่เสี่ยง %s",
			in["th"], with["th"], f.Ratio, horizon, percent(f.Left), percent(f.LeftNot), n, f.ValueAtRisk.Compact(market.Thai)))
}
