package insight

import (
	"context"
	"net/http"

	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/query"
)

type forecastInput struct {
	AsOfInput
	KPI     string `path:"kpi" maxLength:"100" doc:"revenue, orders, active_customers, new_customers or average_order_value"`
	Unit    string `query:"unit" default:"week" enum:"day,week,month" doc:"length of a step"`
	Horizon int    `query:"horizon" default:"0" minimum:"0" maximum:"365" doc:"steps ahead; 0 for what the history bears, up to 28 days, 13 weeks or 12 months"`
}

func registerForecast(api *rest.API, s *Service) {
	rest.Register(api, rest.Op{
		ID: "get-forecast", Method: http.MethodGet, Path: "/v1/kpis/{kpi}/forecast", Tag: "Insight", Summary: "How a figure will go on, how sure that is, and where it broke", Needs: rest.Read,
	}, func(ctx context.Context, in *forecastInput) (*output[Forecast], error) {
		asOf, err := dayOf("as_of", in.AsOf)
		if err != nil {
			return nil, err
		}
		return answer(s.Forecast(ctx, ForecastQuestion{KPI: in.KPI, Unit: query.Bucket(in.Unit), Horizon: in.Horizon, AsOf: asOf, Market: in.Market}))
	})
}
