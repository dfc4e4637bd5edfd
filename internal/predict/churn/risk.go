package churn

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/predict/churn/say"
)

// Risk is who may leave, worth how much, and why.
type Risk struct {
	AsOf        day.Day           `json:"as_of" format:"date"`
	Version     int64             `json:"version"`
	Horizon     int               `json:"horizon_days"`
	Definition  Definition        `json:"definition"`
	Customers   int64             `json:"customers" doc:"who may leave"`
	Leaving     float64           `json:"expected_to_leave" doc:"the sum of their chances"`
	Sentences   map[string]string `json:"sentences"`
	Drives      map[string]string `json:"drives" doc:"of a segment: what drives its people away oftener than others; empty where no segment was asked for"`
	ValueAtRisk market.Money      `json:"value_at_risk"`
	Bands       []RiskBand        `json:"bands"`
	Reasons     []RiskReason      `json:"reasons" doc:"of those whose risk is medium or high"`
	Markets     []RiskMarket      `json:"markets"`
	Histogram   []RiskBin         `json:"histogram"`
	Findings    []Finding         `json:"findings" doc:"what makes customers leave, by what they did"`
}

// RiskBand is the customers of one band.
type RiskBand struct {
	Band        string       `json:"band" enum:"low,medium,high"`
	From        float64      `json:"from"`
	To          float64      `json:"to"`
	Customers   int64        `json:"customers"`
	MeanRisk    float64      `json:"mean_risk"`
	Value       market.Money `json:"value"`
	ValueAtRisk market.Money `json:"value_at_risk"`
}

// RiskReason is the customers whose first reason is one.
type RiskReason struct {
	Code        string            `json:"code" doc:"empty: nothing raises their chance noticeably"`
	Kind        string            `json:"kind" enum:"cause,sign,context,"`
	Labels      map[string]string `json:"labels"`
	Customers   int64             `json:"customers"`
	Share       float64           `json:"share"`
	AmongAll    *float64          `json:"share_among_all" doc:"of a segment: its share among all of the market, or of every market, to compare with; null where no segment was asked for"`
	Oftener     bool              `json:"oftener" doc:"of a segment: it comes first here clearly oftener than among the others"`
	ValueAtRisk market.Money      `json:"value_at_risk"`
	Sentences   map[string]string `json:"sentences"`
}

// RiskMarket is the customers of one market.
type RiskMarket struct {
	Market      string       `json:"market"`
	Customers   int64        `json:"customers"`
	MeanRisk    float64      `json:"mean_risk"`
	High        int64        `json:"high"`
	ValueAtRisk market.Money `json:"value_at_risk"`
	TopReason   string       `json:"top_reason" doc:"the most frequent first reason of those whose risk is medium or high"`
}

// RiskBin is the customers with similar chances.
type RiskBin struct {
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
	Customers int64   `json:"customers"`
}

// riskBins is how many bins the histogram has.
const riskBins = 20

// each calls row with every row of an answer.
func (s *Service) each(ctx context.Context, text string, args []any, row func(*sql.Rows) error) error {
	rows, err := s.Warehouse.Ask(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return fmt.Errorf("churn: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("churn: %w", err)
	}
	return nil
}

// scored is the model and the scoring that lists are made of; a fault where there is none.
func (s *Service) scored(ctx context.Context) (*model, run, error) {
	m, err := s.model(ctx)
	if err == nil && m == nil {
		err = noModel()
	}
	if err != nil {
		return nil, run{}, err
	}
	r, found, err := s.lastRun(ctx)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "predict.no_scores", "nobody has been scored yet").Then("Run `dangol score`.")
	}
	return m, r, err
}

// Risk gathers the picture of a crowd.
func (s *Service) Risk(ctx context.Context, who Crowd) (*Risk, error) {
	m, last, err := s.scored(ctx)
	if err != nil {
		return nil, err
	}
	currency, err := s.Workspace.Currency(ctx)
	if err != nil {
		return nil, err
	}
	r := &Risk{
		AsOf: day.Day(last.asOf), Version: last.version, Horizon: m.Definition.HorizonDays, Definition: m.Definition.shown(), ValueAtRisk: market.Zero(currency),
		Drives: map[string]string{}, Reasons: []RiskReason{}, Markets: []RiskMarket{}, Histogram: make([]RiskBin, riskBins),
	}
	crowd, err := s.of(who)
	if err != nil {
		return nil, err
	}
	for _, part := range []func(context.Context, *Risk, asked, string) error{s.riskBands, s.riskReasons, s.riskMarkets, s.riskHistogram} {
		if err := part(ctx, r, crowd, currency); err != nil {
			return nil, err
		}
	}
	if who.Segment != "" {
		if err := s.besideAll(ctx, r, who.Market, currency); err != nil {
			return nil, err
		}
	}
	r.Sentences = r.Definition.leaving().Risk(&say.Risked{Customers: r.Customers, Leaving: r.Leaving, Money: r.ValueAtRisk, Segment: who.Segment != ""})
	r.Findings, err = s.Findings(ctx, who)
	return r, err
}

func (s *Service) riskBands(ctx context.Context, r *Risk, crowd asked, currency string) error {
	r.Bands = []RiskBand{{Band: lowBand, To: mediumFrom}, {Band: mediumBand, From: mediumFrom, To: highFrom}, {Band: highBand, From: highFrom, To: 1}}
	for i := range r.Bands {
		r.Bands[i].Value, r.Bands[i].ValueAtRisk = market.Zero(currency), market.Zero(currency)
	}
	return s.each(ctx, `SELECT p.band, count(*), avg(p.risk), coalesce(sum(s.expected_value_minor), 0)::BIGINT, coalesce(sum(s.value_at_risk_minor), 0)::BIGINT`+crowd.text+` GROUP BY p.band`,
		crowd.args, func(rows *sql.Rows) error {
			var b RiskBand
			var value, risked int64
			if err := rows.Scan(&b.Band, &b.Customers, &b.MeanRisk, &value, &risked); err != nil {
				return err
			}
			for i := range r.Bands {
				if to := &r.Bands[i]; to.Band == b.Band {
					to.Customers, to.MeanRisk, to.Value, to.ValueAtRisk = b.Customers, b.MeanRisk, market.New(value, currency), market.New(risked, currency)
				}
			}
			r.Customers += b.Customers
			r.Leaving += float64(b.Customers) * b.MeanRisk
			r.ValueAtRisk.Minor += risked
			return nil
		})
}

func (s *Service) riskReasons(ctx context.Context, r *Risk, crowd asked, currency string) error {
	all := int64(0)
	err := s.each(ctx, `SELECT p.reason, count(*), coalesce(sum(s.value_at_risk_minor), 0)::BIGINT`+crowd.raised().text+` GROUP BY p.reason ORDER BY 3 DESC, 2 DESC, 1`,
		crowd.args, func(rows *sql.Rows) error {
			var one RiskReason
			var risked int64
			if err := rows.Scan(&one.Code, &one.Customers, &risked); err != nil {
				return err
			}
			one.Kind, one.Labels, one.ValueAtRisk = kinds[one.Code], say.Labels[one.Code], market.New(risked, currency)
			if one.Sentences = say.Group(one.Labels, one.Customers, one.ValueAtRisk); one.Labels == nil {
				one.Labels = told("No single reason", "뚜렷한 이유 없음", "ไม่มีเหตุผลเดียวที่ชัดเจน")
			}
			all += one.Customers
			r.Reasons = append(r.Reasons, one)
			return nil
		})
	for i := range r.Reasons {
		r.Reasons[i].Share = float64(r.Reasons[i].Customers) / float64(all)
	}
	return err
}

func (s *Service) riskMarkets(ctx context.Context, r *Risk, crowd asked, currency string) error {
	return s.each(ctx, `SELECT s.last_market, count(*), avg(p.risk), count(*) FILTER (p.band = 'high'), coalesce(sum(s.value_at_risk_minor), 0)::BIGINT,
		coalesce(mode(p.reason ORDER BY p.reason) FILTER (p.band <> 'low' AND p.reason <> ''), '')`+crowd.text+` AND s.last_market <> '' GROUP BY s.last_market ORDER BY 2 DESC, 1 LIMIT 60`,
		crowd.args, func(rows *sql.Rows) error {
			var one RiskMarket
			var risked int64
			if err := rows.Scan(&one.Market, &one.Customers, &one.MeanRisk, &one.High, &risked, &one.TopReason); err != nil {
				return err
			}
			one.ValueAtRisk = market.New(risked, currency)
			r.Markets = append(r.Markets, one)
			return nil
		})
}

func (s *Service) riskHistogram(ctx context.Context, r *Risk, crowd asked, _ string) error {
	for i := range r.Histogram {
		r.Histogram[i] = RiskBin{Low: float64(i) / riskBins, High: float64(i+1) / riskBins}
	}
	return s.each(ctx, `SELECT least(floor(p.risk * `+strconv.Itoa(riskBins)+`), `+strconv.Itoa(riskBins-1)+`)::INTEGER, count(*)`+crowd.text+` GROUP BY 1`, crowd.args, func(rows *sql.Rows) error {
		var bin int
		var n int64
		if err := rows.Scan(&bin, &n); err != nil {
			return err
		}
		r.Histogram[bin].Customers = n
		return nil
	})
}

// RiskPerson is one customer in a list of those who may leave.
type RiskPerson struct {
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Market       string            `json:"market"`
	Risk         float64           `json:"risk"`
	RiskLow      float64           `json:"risk_low"`
	RiskHigh     float64           `json:"risk_high"`
	Band         string            `json:"band" enum:"low,medium,high"`
	Previous     *float64          `json:"previous" doc:"at the scoring before; null where there was none"`
	Reason       string            `json:"reason"`
	ReasonLabels map[string]string `json:"reason_labels"`
	Reasons      []reasonKept      `json:"reasons"`
	Value        *market.Money     `json:"value"`
	ValueAtRisk  *market.Money     `json:"value_at_risk"`
	LastOrderAt  *day.Day          `json:"last_order_at" format:"date"`
	Orders       int64             `json:"orders"`
}

// RiskPeople asks for such a list.
type RiskPeople struct {
	Crowd
	Band   string `query:"band" enum:"low,medium,high,raised," doc:"raised: medium or high, as reasons are counted"`
	Reason string `query:"reason" maxLength:"40" doc:"code of the first reason; none for those without"`
	Sort   string `query:"sort" default:"value_at_risk" enum:"value_at_risk,risk"`
	Limit  int    `query:"limit" default:"50" minimum:"1" maximum:"500"`
	Cursor string `query:"cursor" maxLength:"20" doc:"next of the page before"`
}

// People lists who may leave, a page at a time.
func (s *Service) People(ctx context.Context, in *RiskPeople) (list []RiskPerson, next string, total int64, err error) {
	if _, _, err := s.scored(ctx); err != nil {
		return nil, "", 0, err
	}
	currency, err := s.Workspace.Currency(ctx)
	if err != nil {
		return nil, "", 0, err
	}
	offset := 0
	if in.Cursor != "" {
		if offset, err = strconv.Atoi(in.Cursor); err != nil || offset < 0 {
			return nil, "", 0, fault.New(fault.Invalid, "predict.bad_cursor", "this is no cursor").At(fault.Place{Field: "cursor", Value: in.Cursor}).Then("Take next of the page before.")
		}
	}
	who, err := s.of(in.Crowd)
	if err != nil {
		return nil, "", 0, err
	}
	switch in.Band {
	case "":
	case raisedBand:
		who = who.raised()
	default:
		who = who.and("p.band = ?", in.Band)
	}
	if in.Reason != "" {
		who = who.and("p.reason = ?", strings.TrimPrefix(in.Reason, "none"))
	}
	if err := s.each(ctx, `SELECT count(*)`+who.text, who.args, func(rows *sql.Rows) error { return rows.Scan(&total) }); err != nil {
		return nil, "", 0, err
	}
	order := "s.value_at_risk_minor DESC NULLS LAST, p.risk DESC"
	if in.Sort == "risk" {
		order = "p.risk DESC, s.value_at_risk_minor DESC NULLS LAST"
	}
	list = []RiskPerson{}
	err = s.each(ctx, `SELECT c.id, coalesce(c.name, ''), coalesce(s.last_market, ''), p.risk, p.risk_low, p.risk_high, p.band, p.previous, p.reason, p.reasons, s.expected_value_minor,
		s.value_at_risk_minor, s.last_order_day, coalesce(s.orders, 0)`+strings.Replace(who.text, " WHERE ", " JOIN customer c ON c.key = p.customer_key WHERE ", 1)+
		` ORDER BY `+order+`, p.customer_key LIMIT `+strconv.Itoa(in.Limit)+` OFFSET `+strconv.Itoa(offset), who.args, func(rows *sql.Rows) error {
		one, err := scanPerson(rows, currency)
		list = append(list, one)
		return err
	})
	if end := offset + len(list); int64(end) < total && len(list) > 0 {
		next = strconv.Itoa(end)
	}
	return list, next, total, err
}

func scanPerson(rows *sql.Rows, currency string) (one RiskPerson, err error) {
	var value, risked sql.NullInt64
	var last sql.NullInt32
	var previous sql.NullFloat64
	var reasons string
	if err := rows.Scan(&one.ID, &one.Name, &one.Market, &one.Risk, &one.RiskLow, &one.RiskHigh, &one.Band, &previous, &one.Reason, &reasons, &value, &risked, &last, &one.Orders); err != nil {
		return one, err
	}
	if err := json.Unmarshal([]byte(reasons), &one.Reasons); err != nil {
		return one, err
	}
	if one.ReasonLabels = say.Labels[one.Reason]; one.ReasonLabels == nil {
		one.ReasonLabels = map[string]string{}
	}
	if previous.Valid {
		one.Previous = &previous.Float64
	}
	if value.Valid {
		m := market.New(value.Int64, currency)
		one.Value = &m
	}
	if risked.Valid {
		m := market.New(risked.Int64, currency)
		one.ValueAtRisk = &m
	}
	if last.Valid {
		d := day.Day(last.Int32)
		one.LastOrderAt = &d
	}
	return one, nil
}
