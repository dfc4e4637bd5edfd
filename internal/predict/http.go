package predict

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/dangol/dangol/internal/audience"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/market"
)

type clvInput struct {
	Model          string `query:"model" default:"auto" enum:"auto,bgnbd,mbgnbd,paretonbd"`
	CalibrateUntil string `query:"calibrate_until" format:"date" doc:"fit on the orders up to this day, judge on the rest"`
	Unit           string `query:"unit" default:"day" enum:"day,week" doc:"of the parameters; a week is seven days"`
	AsOf           string `query:"as_of" format:"date"`
}

// Register adds the room's operations.
func Register(api *rest.API, s *Service, a *audience.Service, ws *market.Workspace) {
	rest.Register(api, rest.Op{ID: "clv-report", Method: http.MethodGet, Path: "/v1/clv", Tag: "Predictions", Summary: "The model behind expected value, with its health", Needs: rest.Read},
		func(ctx context.Context, in *clvInput) (*struct{ Body *Report }, error) {
			r, err := answer(ctx, s, a, ws, in)
			return &struct{ Body *Report }{r}, err
		})
}

func answer(ctx context.Context, s *Service, a *audience.Service, ws *market.Workspace, in *clvInput) (*Report, error) {
	asked, err := parse("as_of", in.AsOf)
	if err != nil {
		return nil, err
	}
	calibrate, err := parse("calibrate_until", in.CalibrateUntil)
	if err != nil {
		return nil, err
	}
	asOf, err := a.AsOf(ctx, asked)
	if err != nil {
		return nil, err
	}
	if in.Model == Auto && calibrate == day.Unknown && in.Unit == "day" {
		if r, err := kept(ctx, a, asOf); r != nil || err != nil {
			return r, err
		}
	}
	currency, err := ws.Currency(ctx)
	if err != nil {
		return nil, err
	}
	return s.Report(ctx, Ask{Model: in.Model, CalibrateUntil: calibrate, Unit: in.Unit, AsOf: asOf}, currency)
}

// kept is the report of the last analysis when it answers the question.
func kept(ctx context.Context, a *audience.Service, asOf day.Day) (*Report, error) {
	latest, found, err := a.Latest(ctx)
	if err != nil || !found || latest.Stale || latest.AsOf != asOf {
		return nil, err
	}
	text, err := a.Report(ctx)
	if err != nil || text == nil {
		return nil, err
	}
	r := &Report{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, err
	}
	return r, nil
}

func parse(field, text string) (day.Day, error) {
	if text == "" {
		return day.Unknown, nil
	}
	d, err := day.Parse(text)
	if err != nil {
		return d, fault.New(fault.Invalid, "predict.bad_day", err.Error()).At(fault.Place{Field: field, Value: text}).Then("Write it as YYYY-MM-DD.")
	}
	return d, nil
}
