package predict

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"net/http"

	"github.com/dangol/dangol/internal/audience"
	"github.com/dangol/dangol/internal/kit/answers"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/market"
)

// Value says where the coming year's value lies.
type Value struct {
	AsOf        *day.Day      `json:"as_of" format:"date"`
	Expected    *market.Money `json:"total_expected_12m" doc:"null when the data do not support it"`
	Past        market.Money  `json:"past_total"`
	Customers   int64         `json:"customers"`
	Bins        []ValueBin    `json:"distribution"`
	Pareto      []ParetoPoint `json:"pareto" doc:"share of value held by the most valuable share of customers"`
	TopDecile   float64       `json:"top_decile_share"`
	ByPast      bool          `json:"by_past" doc:"true: expected value is not supported, so past spend is shown instead"`
	ByGroup     []ValuePart   `json:"by_group"`
	ByMarket    []ValuePart   `json:"by_market"`
	ByLifecycle []ValuePart   `json:"by_lifecycle"`
}

// ValueBin is the customers worth from one amount up to another.
type ValueBin struct {
	From      market.Money `json:"from"`
	To        market.Money `json:"to"`
	Customers int64        `json:"customers"`
	Value     market.Money `json:"value"`
}

// ParetoPoint says that the most valuable share_customers hold share_value.
type ParetoPoint struct {
	ShareCustomers float64 `json:"share_customers"`
	ShareValue     float64 `json:"share_value"`
}

// ValuePart is one group's part.
type ValuePart struct {
	Key       string        `json:"key"`
	Customers int64         `json:"customers"`
	Expected  *market.Money `json:"expected_value"`
	Past      market.Money  `json:"past"`
}

// keptValues bounds the pictures held in memory, one a market asked for.
const keptValues = 64

// Value gathers the picture from the last analysis.
func (s *Service) Value(ctx context.Context, a *audience.Service, place, currency string) (*Value, error) {
	key := fmt.Sprintf("%s@%d.%s", place, a.StateVersion(), currency)
	return answers.Of(ctx, s.values, key, func(ctx context.Context) (*Value, error) { return s.value(ctx, a, place, currency) })
}

func (s *Service) value(ctx context.Context, a *audience.Service, place, currency string) (*Value, error) {
	v := &Value{Bins: []ValueBin{}, Pareto: []ParetoPoint{}, ByGroup: []ValuePart{}, ByMarket: []ValuePart{}, ByLifecycle: []ValuePart{}, Past: market.Zero(currency)}
	latest, found, err := a.Latest(ctx)
	if err != nil || !found {
		return v, err
	}
	v.AsOf = &latest.AsOf
	var past int64
	var expected sql.NullInt64
	err = s.each(ctx, `SELECT count(*), coalesce(sum(spend), 0)::BIGINT, sum(expected_value_minor)::BIGINT FROM customer_state WHERE $1 = '' OR last_market = $1`, place, func(rows *sql.Rows) error {
		return rows.Scan(&v.Customers, &past, &expected)
	})
	if err != nil {
		return nil, err
	}
	v.Past, v.ByPast = market.New(past, currency), !expected.Valid
	column := "expected_value_minor"
	if expected.Valid {
		m := market.New(expected.Int64, currency)
		v.Expected = &m
	} else {
		column = "spend"
	}
	if err := s.distribution(ctx, v, column, place, currency); err != nil {
		return nil, err
	}
	for _, part := range []struct {
		column string
		into   *[]ValuePart
	}{{"rfm_group", &v.ByGroup}, {"last_market", &v.ByMarket}, {"lifecycle", &v.ByLifecycle}} {
		if err := s.parts(ctx, part.into, part.column, place, currency); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (s *Service) each(ctx context.Context, text, place string, row func(*sql.Rows) error) error {
	rows, err := s.ask.Ask(ctx, text, place)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return fmt.Errorf("value: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("value: %w", err)
	}
	return nil
}

func (s *Service) parts(ctx context.Context, into *[]ValuePart, column, place, currency string) error {
	text := `SELECT ` + column + `, count(*), sum(expected_value_minor)::BIGINT, sum(spend)::BIGINT FROM customer_state WHERE $1 = '' OR last_market = $1
		GROUP BY ` + column + ` ORDER BY 4 DESC, 1 LIMIT 40`
	return s.each(ctx, text, place, func(rows *sql.Rows) error {
		var p ValuePart
		var expected sql.NullInt64
		var past int64
		if err := rows.Scan(&p.Key, &p.Customers, &expected, &past); err != nil {
			return err
		}
		p.Past = market.New(past, currency)
		if expected.Valid {
			m := market.New(expected.Int64, currency)
			p.Expected = &m
		}
		*into = append(*into, p)
		return nil
	})
}

// distribution fills bins on a 1-2-5 scale and the Pareto curve at every hundredth of customers.
func (s *Service) distribution(ctx context.Context, v *Value, column, place, currency string) error {
	edges := map[int]*ValueBin{}
	top := 0
	// The k-th bin begins at 1, 2 or 5 times a power of ten major units; bin 0 begins at nothing.
	text := fmt.Sprintf(`WITH x AS (SELECT greatest(%[1]s, 0) AS v, greatest(%[1]s, 0) / %[2]g AS m FROM customer_state WHERE ($1 = '' OR last_market = $1) AND %[1]s IS NOT NULL),
		e AS (SELECT v, m, CASE WHEN m < 1 THEN 0 ELSE floor(log10(m))::INTEGER END AS d FROM x)
		SELECT CASE WHEN m < 1 THEN 0 ELSE 3 * d + CASE WHEN m / pow(10, d) >= 5 THEN 3 WHEN m / pow(10, d) >= 2 THEN 2 ELSE 1 END END AS bin, count(*), sum(v)::BIGINT FROM e GROUP BY bin`,
		column, math.Pow10(market.Digits(currency)))
	err := s.each(ctx, text, place, func(rows *sql.Rows) error {
		var k int
		var n, sum int64
		if err := rows.Scan(&k, &n, &sum); err != nil {
			return err
		}
		edges[k] = &ValueBin{Customers: n, Value: market.New(sum, currency)}
		top = max(top, k)
		return nil
	})
	if err != nil {
		return err
	}
	bottom := top
	for k := range edges {
		bottom = min(bottom, k)
	}
	for k := bottom; k <= top && len(edges) > 0; k++ {
		b := edges[k]
		if b == nil {
			b = &ValueBin{Value: market.Zero(currency)}
		}
		b.From, b.To = market.FromFloat(edge(k), currency), market.FromFloat(edge(k+1), currency)
		v.Bins = append(v.Bins, *b)
	}
	text = fmt.Sprintf(`WITH o AS (SELECT greatest(%[1]s, 0) AS v, row_number() OVER (ORDER BY %[1]s DESC) AS k, count(*) OVER () AS n FROM customer_state WHERE ($1 = '' OR last_market = $1) AND %[1]s IS NOT NULL),
		p AS (SELECT ceil(100.0 * k / n)::INTEGER AS pct, sum(v)::DOUBLE AS v FROM o GROUP BY pct)
		SELECT pct, sum(v) OVER (ORDER BY pct) / greatest(sum(v) OVER (), 1) FROM p ORDER BY pct`, column)
	return s.each(ctx, text, place, func(rows *sql.Rows) error {
		var pct int
		var share float64
		if err := rows.Scan(&pct, &share); err != nil {
			return err
		}
		v.Pareto = append(v.Pareto, ParetoPoint{float64(pct) / 100, share})
		if pct <= 10 || len(v.Pareto) == 1 { // of fewer than ten, the tenth is one
			v.TopDecile = share
		}
		return nil
	})
}

// edge is where the k-th bin begins, in major units.
func edge(k int) float64 {
	if k == 0 {
		return 0
	}
	return math.Pow10((k-1)/3) * []float64{1, 2, 5}[(k-1)%3]
}

// RegisterValue adds the value picture.
func RegisterValue(api *rest.API, s *Service, a *audience.Service, ws *market.Workspace) {
	rest.Register(api, rest.Op{ID: "value-report", Method: http.MethodGet, Path: "/v1/value", Tag: "Predictions", Summary: "Where the value of the next 12 months lies", Needs: rest.Read},
		func(ctx context.Context, in *struct {
			audience.AsOfInput
			Market string `query:"market" maxLength:"100"`
		},
		) (*struct{ Body *Value }, error) {
			if err := a.Kept(ctx, in.AsOf); err != nil {
				return nil, err
			}
			currency, err := ws.Currency(ctx)
			if err != nil {
				return nil, err
			}
			v, err := s.Value(ctx, a, in.Market, currency)
			return &struct{ Body *Value }{v}, err
		})
}
