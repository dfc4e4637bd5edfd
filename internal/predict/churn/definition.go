package churn

import (
	"fmt"
	"math"
	"slices"
)

// Definition says who counts as leaving.
type Definition struct {
	HorizonDays int               `json:"horizon_days" doc:"who orders nothing for so many days has left"`
	ActiveDays  int               `json:"active_days" doc:"who ordered within so many days is a customer who may leave"`
	UsualGap    int               `json:"usual_gap_days" doc:"nine in ten repeat orders come within so many days of the one before; 0 where nobody ordered twice"`
	Proposed    bool              `json:"proposed" doc:"the horizon follows from the orders; false: it was set"`
	Sentences   map[string]string `json:"sentences"`
}

// horizons are those that are proposed.
var horizons = []int32{30, 45, 60, 90, 120, 180, 365}

// The limits of a horizon that is set.
const (
	leastHorizon = 7
	mostHorizon  = 730
	// wantedSpans is how many horizons of history a proposed horizon leaves room for: one to learn what people are like, two to learn from
	// what they did then, and one to judge on.
	wantedSpans = 4
	leastSpans  = 3
	// gapsLooked bounds the gaps that the horizon is proposed from.
	gapsLooked = 2_000_000
)

// define proposes a definition from the orders up to a day, or takes the horizon that was set. short is how many days of history are missing.
func define(b *book, asOf int32, set int) (d Definition, short int) {
	first, _ := b.begins()
	usual := usualGap(b, asOf)
	d.UsualGap = int(usual)
	history := asOf - first
	if d.Proposed = set == 0; d.Proposed {
		d.HorizonDays = int(propose(usual, history))
	} else {
		d.HorizonDays = set
	}
	d.ActiveDays = 2 * d.HorizonDays
	d.Sentences = d.words()
	return d, max(0, leastSpans*d.HorizonDays-int(history))
}

// propose takes the horizon nearest to the gap that nine in ten repeat orders stay within, of those that leave room for several cuts.
func propose(usual, history int32) int32 {
	best := horizons[0]
	for _, h := range horizons[1:] {
		if h*wantedSpans > history {
			break
		}
		if math.Abs(math.Log(float64(h)/float64(max(usual, 1)))) < math.Abs(math.Log(float64(best)/float64(max(usual, 1)))) {
			best = h
		}
	}
	return best
}

// usualGap is the ninth tenth of the gaps between purchase days; 0 where there are none.
func usualGap(b *book, asOf int32) int32 {
	var gaps []int32
	every := max(1, len(b.list)/gapsLooked)
	for i := 0; i < len(b.keys); i += every {
		before := int32(never)
		for _, h := range until(b.of(i), asOf) {
			if h.refund || h.day == before {
				continue
			}
			if before != never {
				gaps = append(gaps, h.day-before)
			}
			before = h.day
		}
	}
	if len(gaps) == 0 {
		return 0
	}
	slices.Sort(gaps)
	return gaps[min(len(gaps)-1, len(gaps)*9/10)]
}

func (d *Definition) words() map[string]string {
	why := map[string]string{"en": "as it was set", "ko": "설정한 기준입니다", "th": "ตามที่ตั้งไว้"}
	if d.Proposed && d.UsualGap > 0 {
		why = map[string]string{
			"en": fmt.Sprintf("nine in ten repeat orders come within %d days of the one before", d.UsualGap),
			"ko": fmt.Sprintf("재주문 열 건 중 아홉 건은 앞 주문 뒤 %d일 안에 들어옵니다", d.UsualGap),
			"th": fmt.Sprintf("เก้าในสิบของการซื้อซ้ำเกิดขึ้นภายใน %d วันหลังครั้งก่อน", d.UsualGap),
		}
	} else if d.Proposed {
		why = map[string]string{"en": "nobody has ordered twice yet", "ko": "아직 두 번 주문한 고객이 없습니다", "th": "ยังไม่มีใครซื้อซ้ำ"}
	}
	return map[string]string{
		"en": fmt.Sprintf("A customer leaves who orders nothing for %d days: %s. Told for those who ordered within the last %d days.", d.HorizonDays, why["en"], d.ActiveDays),
		"ko": fmt.Sprintf("%d일 동안 주문이 없으면 이탈로 봅니다. %s. 최근 %d일 안에 주문한 고객을 대상으로 합니다.", d.HorizonDays, why["ko"], d.ActiveDays),
		"th": fmt.Sprintf("ถือว่าลูกค้าจากไปเมื่อไม่สั่งซื้อเลย %d วัน: %s คำนวณเฉพาะผู้ที่สั่งซื้อภายใน %d วันที่ผ่านมา", d.HorizonDays, why["th"], d.ActiveDays),
	}
}

// mostCuts is how many cuts are learnt from.
const mostCuts = 5

// cutsOf are the days on which a training stands, the last one first: that one judges. Labels of all lie before asOf; those of the others end
// at the first or before. They lie a horizon apart, and closer where few would fit.
func cutsOf(first, asOf, horizon int32) []int32 {
	for _, parts := range []int32{1, 2, 4} {
		step := max(1, horizon/parts)
		cuts := []int32{asOf - horizon}
		for c := asOf - 2*horizon; c-first >= horizon && len(cuts) < mostCuts; c -= step {
			cuts = append(cuts, c)
		}
		if len(cuts) >= 4 || parts == 4 {
			return cuts
		}
	}
	return nil
}
