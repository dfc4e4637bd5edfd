package insight

import (
	"context"
	"net/http"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/query"
)

// AsOfInput is the day and the market of every question. It is exported because the router fills only
// exported fields, embedded ones too.
type AsOfInput struct {
	AsOf   string `query:"as_of" format:"date" doc:"count everything on or before this day; the last day in the data by default"`
	Market string `query:"market" maxLength:"100" doc:"count only orders of this market"`
}

type kpiInput struct {
	AsOfInput
	From   string `query:"from" format:"date" doc:"first day of the period; the first day in the data by default"`
	To     string `query:"to" format:"date" doc:"last day of the period; as_of by default"`
	Bucket string `query:"bucket" enum:"day,week,month," doc:"step of the series; chosen by the period's length by default"`
}

type overviewInput struct {
	AsOfInput
	Days int `query:"days" default:"90" minimum:"1" maximum:"3650" doc:"length of the period that ends on as_of"`
}

type cohortsInput struct {
	AsOfInput
	Category string `query:"category" maxLength:"200" doc:"only customers whose first product category this is"`
	By       string `query:"by" default:"none" enum:"none,market,category" doc:"compare by the market or category of the first order"`
	Unit     string `query:"unit" default:"month" enum:"month"`
}

type output[T any] struct{ Body T }

type definitionList struct {
	Items []Definition `json:"items"`
}

// Register adds the room's operations.
func Register(api *rest.API, s *Service) {
	registerForecast(api, s)
	get := func(id, path, summary string) rest.Op {
		return rest.Op{ID: id, Method: http.MethodGet, Path: path, Tag: "Insight", Summary: summary, Needs: rest.Read}
	}
	rest.Register(api, get("get-kpi", "/v1/kpi", "Figures of a period, of the one before, and their course"), func(ctx context.Context, in *kpiInput) (*output[KPI], error) {
		asOf, err := dayOf("as_of", in.AsOf)
		if err != nil {
			return nil, err
		}
		from, err := dayOf("from", in.From)
		if err != nil {
			return nil, err
		}
		to, err := dayOf("to", in.To)
		if err != nil {
			return nil, err
		}
		return answer(s.KPI(ctx, KPIQuestion{From: from, To: to, AsOf: asOf, Market: in.Market, Bucket: query.Bucket(in.Bucket)}))
	})
	rest.Register(api, get("get-overview", "/v1/overview", "The last days, what is expected, and what to do first"), func(ctx context.Context, in *overviewInput) (*output[Overview], error) {
		asOf, err := dayOf("as_of", in.AsOf)
		if err != nil {
			return nil, err
		}
		return answer(s.Overview(ctx, asOf, in.Market, in.Days))
	})
	rest.Register(api, get("get-rfm", "/v1/rfm", "Customers by recency, frequency and money"), func(ctx context.Context, in *AsOfInput) (*output[RFM], error) {
		asOf, err := dayOf("as_of", in.AsOf)
		if err != nil {
			return nil, err
		}
		return answer(s.RFM(ctx, asOf, in.Market))
	})
	rest.Register(api, get("get-cohorts", "/v1/cohorts", "How customers hold, by the month of their first order"), func(ctx context.Context, in *cohortsInput) (*output[Cohorts], error) {
		asOf, err := dayOf("as_of", in.AsOf)
		if err != nil {
			return nil, err
		}
		return answer(s.Cohorts(ctx, CohortQuestion{AsOf: asOf, Market: in.Market, Category: in.Category, By: query.Split(in.By)}))
	})
	rest.Register(api, get("list-metric-definitions", "/v1/metrics/definitions", "What each figure means"), func(context.Context, *struct{}) (*output[definitionList], error) {
		return &output[definitionList]{definitionList{Definitions()}}, nil
	})
}

func answer[T any](v T, err error) (*output[T], error) {
	if err != nil {
		return nil, err
	}
	return &output[T]{v}, nil
}

// dayOf reads a day of the query; "" is day.Unknown.
func dayOf(field, value string) (day.Day, error) {
	if value == "" {
		return day.Unknown, nil
	}
	d, err := day.Parse(value)
	if err != nil {
		return d, fault.New(fault.Invalid, "insight.bad_day", "this is not a day").At(fault.Place{Field: field, Value: value}).Then("Write it like 2024-03-31.")
	}
	return d, nil
}
