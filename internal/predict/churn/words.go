package churn

import "github.com/dangol/dangol/internal/predict/churn/say"

func told(en, ko, th string) map[string]string { return say.Told(en, ko, th) }

// leaving is a definition as sentences need it.
func (d *Definition) leaving() *say.Leaving {
	return &say.Leaving{Paid: d.paid(), Horizon: d.HorizonDays, Active: d.ActiveDays, Usual: d.UsualGap, Proposed: d.Proposed, Grace: d.GraceDays, Term: d.UsualTerm}
}

// describe says a reason with her own values.
func (f *facts) describe(b *book, window int32, w weighed) map[string]string {
	n := &f.number
	said := say.Figures{
		Window: window, Silence: n[silence], Gap: n[gap], Recent: n[recentDays], Earlier: n[earlierDays], Days: n[days], Tenure: n[tenure], Orders: f.orders,
		Deliveries: f.deliveries, Late: f.late, LateOfThree: f.lateThree, OfThree: f.ofThree, LateDays: f.lateDays, LastLate: n[lastLate],
		Refunds: f.refunds, RefundRate: n[refundRate], RefundSince: n[refundSince], CouponShare: n[couponShare], LastCoupon: n[lastCoupon], ValueRatio: n[valueRatio],
		Market: b.markets.words[f.word[place]], Channel: b.channels.words[f.word[channel]], Category: b.categories.words[f.word[category]],
		PaidUntil: f.paidUntil, PaidLeft: n[paidLeft], Renewals: n[renewals],
	}
	return said.Reason(w.code)
}

// caution says what to know before believing.
func (t *training) caution() {
	add := func(code string, sentences map[string]string) {
		t.card.Limits = append(t.card.Limits, Limit{code, sentences})
	}
	if q := t.card.Quality; q.Rows < fewCustomers {
		add("few", say.Few(q.Rows, q.AUCLow, q.AUCHigh))
	}
	if t.card.Status == Baseline {
		add("baseline", told("Nothing told better who leaves than the baseline, so that scores.", "기준 규칙보다 나은 모델이 없어 기준 규칙으로 점수를 냅니다.", "ไม่มีแบบจำลองใดดีกว่ากฎพื้นฐาน จึงใช้กฎพื้นฐาน"))
	}
	if !t.d.paid() && t.seasonAt(t.asOf) == nil {
		add("season", told("The orders do not reach back a year and a horizon: the season is not known to the model.", "주문 기록이 1년과 기준 기간에 못 미쳐 계절 효과를 알 수 없습니다.", "ข้อมูลยังไม่ครบหนึ่งปี แบบจำลองจึงไม่รู้ฤดูกาล"))
	}
	if t.ending.beyond >= worthSaying {
		add("paid_beyond", say.PaidBeyond(t.ending.beyond, t.ending.auc))
	}
	if classes := t.classes[t.card.Winner]; classes != nil && !t.d.paid() { // what is paid for tells who cannot leave, and is meant to
		for _, n := range classes.Notes {
			if n.Reason == "classify.tell_tale" {
				add("tell_tale", told(n.Message, n.Message, n.Message))
			}
		}
	}
	add("orders_only", t.d.leaving().Unseen())
}

// words is the card in a sentence.
func (c *Card) words() map[string]string {
	q := c.Quality
	return c.Definition.leaving().Card(c.Definition.label(c.Winner), q.AUC, q.Rows, meanOf(q), q.Churned)
}

// meanOf is the mean chance that was given.
func meanOf(q *Quality) float64 {
	sum, n := 0.0, 0
	for _, r := range q.Reliability {
		sum += r.Predicted * float64(r.Rows)
		n += r.Rows
	}
	return sum / float64(max(n, 1))
}

// words is a prediction in a sentence.
func (p *Prediction) words(f *facts) map[string]string {
	switch {
	case p.Status == noSubscription:
		return say.NoSubscription()
	case p.Risk == nil && p.Definition.paid():
		return say.Lapsed(f.paidUntil)
	case p.Risk == nil:
		return say.Silent(f.number[silence])
	}
	var reason map[string]string
	if len(p.Reasons) > 0 && p.Reasons[0].Part >= noticeable {
		reason = p.Reasons[0].Sentences
	}
	return p.Definition.leaving().Chance(*p.Risk, reason)
}

func unknownDrift() Drift {
	return Drift{Status: "unknown", Features: []FeatureDrift{}, Calibration: []Reliable{}}
}
