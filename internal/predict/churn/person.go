package churn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/predict"
	"github.com/dangol/dangol/internal/predict/churn/say"
	"github.com/dangol/dangol/models/btyd"
)

// Prediction is what is foreseen of one customer.
type Prediction struct {
	Customer    string            `json:"customer"`
	AsOf        day.Day           `json:"as_of" format:"date"`
	Horizon     int               `json:"horizon_days"`
	Version     int64             `json:"version"`
	Status      string            `json:"status" enum:"at_risk,left,no_subscription" doc:"left: she has left by the definition, and no chance is given; no_subscription: leaving goes by subscriptions, and no order of hers pays for any time"`
	Risk        *float64          `json:"risk"`
	RiskLow     *float64          `json:"risk_low"`
	RiskHigh    *float64          `json:"risk_high"`
	Band        string            `json:"band" enum:"low,medium,high,"`
	BaseRisk    float64           `json:"base_risk" doc:"of the average customer; reasons lead from here to hers"`
	Reasons     []Reason          `json:"reasons"`
	Waterfall   []Step            `json:"waterfall"`
	Survival    []Survival        `json:"survival"`
	LeavingDay  *day.Day          `json:"expected_leaving_day" format:"date" doc:"when she is likelier gone than not; null where that lies beyond two years"`
	NextOrder   *NextOrder        `json:"next_order" doc:"if she orders again; null where nothing is known of her rhythm"`
	PaidUntil   *day.Day          `json:"paid_until" format:"date" doc:"the last day that she has paid for; null where leaving does not go by that"`
	Value       *ValueRange       `json:"value" doc:"of the next 12 months; null when the data do not support it"`
	AtRisk      *market.Money     `json:"value_at_risk"`
	History     []RiskDay         `json:"history"`
	Definition  Definition        `json:"definition"`
	Sentence    string            `json:"sentence"`
	Sentences   map[string]string `json:"sentences"`
	Explanation string            `json:"scale" doc:"of part: log_odds"`
}

// Reason is why a chance is what it is.
type Reason struct {
	Code      string            `json:"code"`
	Kind      string            `json:"kind" enum:"cause,sign,context"`
	Part      float64           `json:"part" doc:"in log-odds; the parts and the base add up to the chance"`
	Effect    float64           `json:"effect" doc:"how much lower the chance would be without it"`
	Raises    bool              `json:"raises"`
	Labels    map[string]string `json:"labels"`
	Sentences map[string]string `json:"sentences"`
	Traits    []string          `json:"traits"`
}

// Step of a waterfall leads from one chance to the next.
type Step struct {
	Code   string            `json:"code" doc:"base, a reason, or risk"`
	Labels map[string]string `json:"labels"`
	From   float64           `json:"from"`
	To     float64           `json:"to"`
}

// Survival is the chance of still being a customer so many days on.
type Survival struct {
	Days    int     `json:"days"`
	PActive float64 `json:"p_active"`
}

// NextOrder is when she will order, if she does: the middle, and between which days four in five would.
type NextOrder struct {
	Day  day.Day `json:"day" format:"date"`
	Low  day.Day `json:"low" format:"date"`
	High day.Day `json:"high" format:"date"`
}

// ValueRange is an amount with the bounds within which it lies four times in five.
type ValueRange struct {
	Amount market.Money  `json:"amount"`
	Low    *market.Money `json:"low"`
	High   *market.Money `json:"high"`
}

// RiskDay is what the model would have said on a past day, from what had happened by then.
type RiskDay struct {
	Day  day.Day `json:"day" format:"date"`
	Risk float64 `json:"risk"`
}

// someone is one customer as the model sees her today.
type someone struct {
	key uint32
	id  string
	b   *book
	m   *model
	v   view
	f   facts
	// status says whether she may leave.
	status string
}

// someone finds a person and what is known of her.
func (s *Service) someone(ctx context.Context, ref string) (*someone, error) {
	key, id, err := s.Find(ctx, ref)
	if err != nil {
		return nil, err
	}
	m, err := s.model(ctx)
	if err == nil && m == nil {
		err = noModel()
	}
	if err != nil {
		return nil, err
	}
	st, err := s.stateNow(ctx, m.version)
	if err == nil && st == nil {
		err = fault.New(fault.NotFound, "predict.not_scored", "nobody has been scored by this model yet").Then("Run `dangol score`.")
	}
	if err != nil {
		return nil, err
	}
	now := int32(day.Of(s.Clock())) + 1
	b, err := s.book(ctx, loaded{asOf: max(now, st.asOf), keys: []uint32{key}, words: &m.Words})
	if err != nil {
		return nil, err
	}
	if len(b.keys) == 0 {
		return nil, fault.Newf(fault.NotFound, "predict.never_ordered", "%s has not ordered, so there is nobody to lose", id).At(fault.Place{Field: "id", Value: ref})
	}
	one := &someone{key: key, id: id, b: b, m: m, v: m.view(s.today(st, b), st)}
	var ok bool
	if one.f, ok = b.know(0, &one.v); !ok {
		return nil, fault.Newf(fault.NotFound, "predict.only_refunds", "%s has refunds and no orders, so there is nobody to lose", id).At(fault.Place{Field: "id", Value: ref})
	}
	one.status = one.v.status(&one.f)
	return one, nil
}

// say explains one customer's facts.
func (o *someone) say(f *facts) (out said, err error) {
	one := &frame{who: []int32{0}}
	one.add(f)
	err = o.m.say(o.b, one, func(_ int, s *said) { out = *s })
	return out, err
}

// Predict tells what is foreseen of one customer, and why.
func (s *Service) Predict(ctx context.Context, ref string) (*Prediction, error) {
	o, err := s.someone(ctx, ref)
	if err != nil {
		return nil, err
	}
	p := &Prediction{
		Customer: o.id, AsOf: day.Day(o.v.cut), Horizon: int(o.v.horizon), Version: o.m.version, Status: o.status, BaseRisk: chance(o.m.Base), Reasons: []Reason{}, Waterfall: []Step{},
		Survival: []Survival{}, Definition: o.m.Definition.shown(), Explanation: "log_odds",
	}
	said, err := o.say(&o.f)
	if err != nil {
		return nil, err
	}
	if o.status == atRisk {
		o.tell(p, &said)
	}
	if p.History, err = o.history(); err != nil {
		return nil, err
	}
	if err := s.value(ctx, o, p); err != nil {
		return nil, err
	}
	o.expect(p)
	p.Sentences = p.words(&o.f)
	p.Sentence = p.Sentences["en"]
	return p, nil
}

// tell fills in the chance and its reasons.
func (o *someone) tell(p *Prediction, s *said) {
	p.Risk, p.RiskLow, p.RiskHigh, p.Band, p.BaseRisk = &s.risk, &s.low, &s.high, bandOf(s.risk), chance(s.base)
	list := grouped(s, o.f.number[days] == 1)
	z := odds(s.risk)
	at := s.base
	p.Waterfall = append(p.Waterfall, Step{"base", told("The average customer", "평균 고객", "ลูกค้าทั่วไป"), 0, chance(at)})
	for _, w := range list {
		p.Reasons = append(p.Reasons, Reason{
			Code: w.code, Kind: kinds[w.code], Part: w.part, Effect: s.risk - chance(z-w.part), Raises: w.part > 0, Labels: say.Labels[w.code],
			Sentences: o.f.describe(o.b, o.v.horizon, w), Traits: traitsOf[w.code],
		})
		p.Waterfall = append(p.Waterfall, Step{w.code, say.Labels[w.code], chance(at), chance(at + w.part)})
		at += w.part
	}
	p.Waterfall = append(p.Waterfall, Step{"risk", told("This customer", "이 고객", "ลูกค้ารายนี้"), 0, s.risk})
}

// historySteps is how many past days are looked at, at most.
const historySteps = 60

// history replays what the model would have said on past days.
func (o *someone) history() ([]RiskDay, error) {
	span := o.v.cut - o.f.firstDay
	step := max(1, (span+historySteps-1)/historySteps)
	past, list := &frame{}, []RiskDay{}
	for d := o.f.firstDay; ; d += step {
		d = min(d, o.v.cut)
		v := o.v
		v.cut = d
		if d != o.v.cut {
			v.season = nil // that of the day is not kept
		}
		if f, ok := o.b.know(0, &v); ok && v.mayLeave(&f) {
			past.who = append(past.who, 0)
			past.add(&f)
			list = append(list, RiskDay{Day: day.Day(d)})
		}
		if d == o.v.cut {
			break
		}
	}
	p, err := o.m.chances(o.b, past)
	for i := range p {
		list[i].Risk = p[i]
	}
	return list, err
}

var survivalDays = []int{0, 7, 14, 30, 45, 60, 90, 120, 150, 180, 270, 365, 540, 730}

// expect fills in what follows from her rhythm, or from how people renew: how long she will stay, and when she orders next.
func (o *someone) expect(p *Prediction) {
	if o.v.paid {
		o.expectPaid(p)
		return
	}
	process := o.v.pace.Markets[o.b.markets.words[o.f.word[place]]]
	if process == nil {
		process = o.v.pace.All
	}
	if process == nil {
		return
	}
	pattern, h := o.f.pattern(), float64(o.v.horizon)
	if p.Risk != nil {
		orders := func(t float64) float64 { return process.ConditionalExpected(pattern, t) }
		each := orders(h)
		stays := func(t float64) float64 {
			if each <= 0 {
				return 0
			}
			return min(1, (1-*p.Risk)*(orders(t+h)-orders(t))/each)
		}
		for _, d := range survivalDays {
			p.Survival = append(p.Survival, Survival{d, finite(stays(float64(d)))})
		}
		last := float64(survivalDays[len(survivalDays)-1])
		if stays(last) < 0.5 {
			d := day.Day(o.v.cut) + day.Day(math.Ceil(when(stays, 0.5, last)))
			p.LeavingDay = &d
		}
	}
	ever := process.ProbNoPurchase(pattern, mostAhead)
	if 1-ever < 1e-6 {
		return
	}
	waits := func(t float64) float64 { return (process.ProbNoPurchase(pattern, t) - ever) / (1 - ever) }
	at := func(q float64) day.Day {
		return day.Day(o.v.cut) + day.Day(math.Ceil(when(waits, 1-q, mostAhead)))
	}
	p.NextOrder = &NextOrder{Day: at(0.5), Low: at(0.1), High: at(0.9)}
}

// mostAhead is as far as anything is foreseen, in days.
const mostAhead = 3650

// when a falling function reaches a level, to within a quarter of a day.
func when(f func(float64) float64, level, last float64) float64 {
	low, high := 0.0, last
	if f(0) <= level {
		return 0
	}
	for high-low > 0.25 {
		if mid := (low + high) / 2; f(mid) > level {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}

// valueLevel is how sure the bounds of a value are.
const valueLevel = 0.8

// value takes what the last analysis expects of her, with its bounds.
func (s *Service) value(ctx context.Context, o *someone, p *Prediction) error {
	currency, err := s.Workspace.Currency(ctx)
	if err != nil {
		return err
	}
	rows, err := s.Warehouse.Ask(ctx, `SELECT expected_value_minor FROM customer_state WHERE customer_key = $1::UINTEGER AND expected_value_minor IS NOT NULL`, o.key)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var minor int64
		if err := rows.Scan(&minor); err != nil {
			return fmt.Errorf("churn: %w", err)
		}
		p.Value = &ValueRange{Amount: market.New(minor, currency)}
		if p.Risk != nil {
			risked := market.New(int64(math.Round(float64(minor)**p.Risk)), currency)
			p.AtRisk = &risked
		}
	}
	if err := rows.Err(); err != nil || p.Value == nil {
		return errors.Join(err)
	}
	text, err := s.Audience.Report(ctx)
	if err != nil || text == nil {
		return err
	}
	var r predict.Report
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("churn: %w", err)
	}
	if r.Process != nil && r.Spend != nil && r.Spend.Supported {
		low, high := btyd.ValueInterval(*r.Process, btyd.Spend{P: r.Spend.P, Q: r.Spend.Q, V: r.Spend.V}, o.f.pattern(), o.spent(), 365, valueLevel)
		from, to := market.FromFloat(low, currency), market.FromFloat(high, currency)
		p.Value.Low, p.Value.High = &from, &to
	}
	return nil
}

// spent is the mean of her repeat days.
func (o *someone) spent() btyd.SpendPattern {
	out := btyd.SpendPattern{N: 1}
	if o.f.repeats == 0 {
		return out
	}
	sum := 0.0
	for _, h := range until(o.b.of(0), o.v.cut) {
		if !h.refund && h.day > o.f.firstDay {
			sum += float64(h.minor) / o.b.scale
		}
	}
	out.X, out.Mean = o.f.repeats, sum/float64(o.f.repeats)
	return out
}
