package audience

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/kit/answers"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/query"
)

// Filter chooses and orders customers.
type Filter struct {
	Q         string  `query:"q" maxLength:"200" doc:"part of the id, name, e-mail or phone"`
	Group     string  `query:"group" maxLength:"40" doc:"RFM group"`
	Lifecycle string  `query:"lifecycle" maxLength:"40" enum:"new,active,slipping,at_risk,one_time,lost,"`
	Segment   string  `query:"segment" maxLength:"64" doc:"of a segment built in, or of the workspace's own: those of its members who have ordered; GET /v1/segments/{slug}/members has all"`
	Market    string  `query:"market" maxLength:"100"`
	MinPAlive float64 `query:"min_p_alive" default:"-1"`
	MaxPAlive float64 `query:"max_p_alive" default:"2"`
	MinRisk   float64 `query:"min_p_no_order_90d" default:"-1"`
	MinSpend  float64 `query:"min_spend" default:"-1" doc:"in major units of the workspace's currency"`
	R         int     `query:"r" minimum:"0" maximum:"5" doc:"recency score; 0 means any"`
	F         int     `query:"f" minimum:"0" maximum:"5" doc:"frequency score; 0 means any"`
	Late      string  `query:"last_delivery_late" enum:"true,false,"`
	Sort      string  `query:"sort" default:"spend" enum:"spend,orders,last_order,first_order,expected_value,value_at_risk,p_alive,risk,id" doc:"value_at_risk: whom it costs most to lose, so whom to turn to first"`
	Order     string  `query:"order" default:"desc" enum:"asc,desc"`
}

// Customer is one row of the customers table.
type Customer struct {
	ID            string        `json:"id"`
	Name          string        `json:"name"`
	Email         string        `json:"email"`
	Phone         string        `json:"phone"`
	Market        string        `json:"market"`
	Orders        int64         `json:"orders"`
	Spend         market.Money  `json:"spend" doc:"all purchases, gross of refunds"`
	Refunds       market.Money  `json:"refunds"`
	AverageOrder  market.Money  `json:"average_order_value"`
	FirstOrderAt  day.Day       `json:"first_order_at" format:"date"`
	LastOrderAt   day.Day       `json:"last_order_at" format:"date"`
	DaysSinceLast int64         `json:"days_since_last"`
	PAlive        *float64      `json:"p_alive" doc:"probability of still being a customer; null when the data do not tell"`
	PNoOrder90d   *float64      `json:"p_no_order_90d" doc:"probability of no order in the next 90 days"`
	Expected      *float64      `json:"expected_orders" doc:"purchase days in the next 365 days"`
	ExpectedValue *market.Money `json:"expected_value" doc:"discounted, next 12 months"`
	ValueAtRisk   *market.Money `json:"value_at_risk" doc:"expected_value times p_no_order_90d: what is expected to be lost with her; null where either is"`
	RFM           string        `json:"rfm"`
	Group         string        `json:"group"`
	Lifecycle     string        `json:"lifecycle"`
}

var sorts = map[string]string{
	"spend": "s.spend", "orders": "s.orders", "last_order": "s.last_order_day", "first_order": "s.first_order_day",
	"expected_value": "s.expected_value_minor", "value_at_risk": "s.expected_value_minor * s.p_no_order_90d", "p_alive": "s.p_alive", "risk": "s.p_no_order_90d", "id": "c.id",
}

const customerColumns = `SELECT c.id, coalesce(c.name, ''), coalesce(c.email, ''), coalesce(c.phone, ''), s.last_market, s.orders, s.spend, s.refunds, s.avg_order_value, s.first_order_day, s.last_order_day,
 s.days_since_last_order, s.p_alive, s.p_no_order_90d, s.expected_orders_12m, s.expected_value_minor, s.r, s.f, s.m, s.rfm_group, s.lifecycle`

const customerTables = ` FROM customer_state s JOIN customer c ON c.key = s.customer_key`

// dialled is what a telephone number has in common with itself in other notations: its digits without the zeros that stand for a
// country or an area, and of a number with its country the last ones, which are the same without it. It is empty for what is no number.
func dialled(q string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, q)
	if digits = strings.TrimLeft(digits, "0"); len(digits) < 6 || strings.Trim(q, "0123456789 +-().") != "" {
		return ""
	}
	if abroad := strings.HasPrefix(strings.TrimSpace(q), "+") || strings.HasPrefix(strings.TrimSpace(q), "00"); abroad && len(digits) > withoutCountry {
		return digits[len(digits)-withoutCountry:]
	}
	return digits
}

// withoutCountry is how many last digits of a number are its own whatever stands before them.
const withoutCountry = 8

// where renders the filter; args start at $1.
func (s *Service) where(f Filter, scale float64) (string, []any, error) {
	parts, args := []string{"true"}, []any{}
	add := func(text string, v any) {
		args = append(args, v)
		parts = append(parts, strings.ReplaceAll(text, "?", "$"+strconv.Itoa(len(args))))
	}
	if f.Q != "" {
		text := `contains(lower(c.id), lower(?)) OR contains(lower(c.name), lower(?)) OR contains(lower(c.email), lower(?)) OR contains(c.phone, ?)`
		if digits := dialled(f.Q); digits != "" {
			text += ` OR contains(regexp_replace(c.phone, '[^0-9]', '', 'g'), '` + digits + `')`
		}
		add(`(`+text+`)`, f.Q)
	}
	if f.Group != "" {
		if !slices.Contains(query.Groups(), query.Group(f.Group)) {
			return "", nil, fault.Newf(fault.Invalid, "audience.unknown_group", "there is no RFM group %q", f.Group).
				At(fault.Place{Field: "group", Value: f.Group}).Then("See `dangol report rfm` for those there are.")
		}
		add(`s.rfm_group = ?`, f.Group)
	}
	if f.Lifecycle != "" {
		add(`s.lifecycle = ?`, f.Lifecycle)
	}
	if f.Market != "" {
		add(`s.last_market = ?`, f.Market)
	}
	if f.MinPAlive > 0 {
		add(`s.p_alive >= ?`, f.MinPAlive)
	}
	if f.MaxPAlive < 1 {
		add(`s.p_alive <= ?`, f.MaxPAlive)
	}
	if f.MinRisk > 0 {
		add(`s.p_no_order_90d >= ?`, f.MinRisk)
	}
	if f.MinSpend > 0 {
		add(`s.spend >= ?`, int64(min(math.Round(f.MinSpend*scale), math.MaxInt64/2)))
	}
	if f.R > 0 {
		add(`s.r = ?`, f.R)
	}
	if f.F > 0 {
		add(`s.f = ?`, f.F)
	}
	if f.Late != "" {
		add(`s.last_delivery_late = ?`, f.Late == "true")
	}
	if f.Segment != "" {
		text, more, err := s.InSegment(f.Segment, len(args)+1)
		if err != nil {
			return "", nil, err
		}
		parts, args = append(parts, text), append(args, more...)
	}
	return " WHERE " + strings.Join(parts, " AND "), args, nil
}

// InSegment is the condition of SQL under which a row s of customer_state is of a segment, built in or the workspace's own, with what stands
// in it for the arguments from $next on.
func (s *Service) InSegment(slug string, next int) (condition string, args []any, err error) {
	if seg, builtIn := findSegment(slug); builtIn {
		return query.RenderCondition(seg.Rule, query.StateSchema(), s.dialect, "s", next)
	}
	key, found := s.own(slug)
	if !found {
		return "", nil, unknownSegment(slug)
	}
	bits := bitsOf(s.engine.Recall.Members(key))
	return isMember("s.customer_key", "$"+strconv.Itoa(next)+"::BLOB", len(bits)), []any{bits}, nil
}

func unknownSegment(slug string) error {
	return fault.Newf(fault.NotFound, "audience.unknown_segment", "there is no segment %q", slug).
		At(fault.Place{Field: "segment", Value: slug}).Then("See `dangol report segments` for those there are.")
}

// own finds a segment that the workspace defined.
func (s *Service) own(slug string) (key uint32, found bool) {
	if s.engine == nil {
		return 0, false
	}
	return s.engine.Find(slug)
}

// Count counts the customers that match; paging through them counts once.
func (s *Service) Count(ctx context.Context, f Filter) (int64, error) {
	f.Sort, f.Order = "", ""
	revision := uint64(0)
	if key, found := s.own(f.Segment); found {
		revision = s.engine.Recall.Revision(key)
	}
	return answers.Of(ctx, s.answers, fmt.Sprintf("count %+v@%d.%d", f, s.StateVersion(), revision), func(ctx context.Context) (int64, error) { return s.count(ctx, f) })
}

func (s *Service) count(ctx context.Context, f Filter) (int64, error) {
	_, scale, err := s.money(ctx)
	if err != nil {
		return 0, err
	}
	where, args, err := s.where(f, scale)
	if err != nil {
		return 0, err
	}
	tables := customerTables
	if f.Q == "" {
		tables = ` FROM customer_state s`
	}
	rows, err := s.warehouse.Ask(ctx, `SELECT count(*)`+tables+where, args...)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	var n int64
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return 0, fmt.Errorf("count customers: %w", err)
		}
	}
	return n, rows.Err()
}

// Each calls f with each customer that matches, in the order asked for. limit 0 means all.
func (s *Service) Each(ctx context.Context, f Filter, limit, offset int, each func(*Customer) error) error {
	currency, scale, err := s.money(ctx)
	if err != nil {
		return err
	}
	where, args, err := s.where(f, scale)
	if err != nil {
		return err
	}
	column, ok := sorts[f.Sort]
	if !ok {
		column = sorts["spend"]
	}
	direction := "DESC"
	if f.Order == "asc" {
		direction = "ASC"
	}
	text := customerColumns + customerTables + where + ` ORDER BY ` + column + ` ` + direction + ` NULLS LAST, s.customer_key`
	if limit > 0 {
		// The page is found on the state alone; names are joined to the page, not to a million rows.
		if f.Q == "" && f.Sort != "id" {
			text = customerColumns + ` FROM (SELECT * FROM customer_state s` + where + ` ORDER BY ` + column + ` ` + direction + ` NULLS LAST, customer_key LIMIT ` + strconv.Itoa(limit) +
				` OFFSET ` + strconv.Itoa(offset) + `) s JOIN customer c ON c.key = s.customer_key ORDER BY ` + column + ` ` + direction + ` NULLS LAST, s.customer_key`
		} else {
			text += ` LIMIT ` + strconv.Itoa(limit) + ` OFFSET ` + strconv.Itoa(offset)
		}
	}
	rows, err := s.warehouse.Ask(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var c Customer
	for rows.Next() {
		if err := c.scan(rows, currency); err != nil {
			return err
		}
		if err := each(&c); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("customers: %w", err)
	}
	return nil
}

func (s *Service) money(ctx context.Context) (currency string, scale float64, err error) {
	currency, err = s.workspace.Currency(ctx)
	return currency, pow10(market.Digits(currency)), err
}

func pow10(n int) float64 {
	x := 1.0
	for range n {
		x *= 10
	}
	return x
}

func (c *Customer) scan(rows *sql.Rows, currency string) error {
	var spend, refunds, average int64
	var first, last, r, f, m int32
	var value sql.NullInt64
	var alive, risk, expected sql.NullFloat64
	if err := rows.Scan(&c.ID, &c.Name, &c.Email, &c.Phone, &c.Market, &c.Orders, &spend, &refunds, &average, &first, &last, &c.DaysSinceLast,
		&alive, &risk, &expected, &value, &r, &f, &m, &c.Group, &c.Lifecycle); err != nil {
		return fmt.Errorf("customers: %w", err)
	}
	c.Spend, c.Refunds, c.AverageOrder = market.New(spend, currency), market.New(refunds, currency), market.New(average, currency)
	c.FirstOrderAt, c.LastOrderAt = day.Day(first), day.Day(last)
	c.PAlive, c.PNoOrder90d, c.Expected = optional(alive), optional(risk), optional(expected)
	c.ExpectedValue, c.ValueAtRisk = nil, nil
	if value.Valid {
		v := market.New(value.Int64, currency)
		c.ExpectedValue = &v
		if risk.Valid {
			lost := market.New(int64(math.Round(float64(value.Int64)*risk.Float64)), currency)
			c.ValueAtRisk = &lost
		}
	}
	c.RFM = strconv.Itoa(int(r)) + strconv.Itoa(int(f)) + strconv.Itoa(int(m))
	return nil
}

func optional(v sql.NullFloat64) *float64 {
	if !v.Valid {
		return nil
	}
	x := v.Float64
	return &x
}
