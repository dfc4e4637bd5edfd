package churn

import (
	"context"
	"net/http"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/predict/records"
)

const tag = "Predictions"

type modelsOutput struct {
	Body struct {
		Models []records.View `json:"models"`
	}
}

type churnVersionInput struct {
	Version int64 `query:"version" minimum:"0" doc:"0 is the active one, or the newest where none is"`
}

type cardOutput struct{ Body *Card }

type churnTrainInput struct {
	Body struct {
		AsOf    string `json:"as_of,omitempty" format:"date" doc:"learn from the orders up to this day; that of the last analysis when absent"`
		Horizon int    `json:"horizon_days,omitempty" doc:"who orders nothing for so many days has left; of subscriptions, who leaves within so many days is told; proposed from the orders when absent"`
		Basis   string `json:"basis,omitempty" doc:"by what leaving goes: orders, or subscription, the end of what orders pay for; proposed from the orders when absent"`
		Seed    uint64 `json:"seed,omitempty" doc:"1 when absent"`
	} `required:"false"`
}

type jobOutput struct{ Body job.Job }

type churnActivateInput struct {
	Body struct {
		Version int64 `json:"version" minimum:"1"`
	}
}

type personPath struct {
	ID string `path:"id" maxLength:"512" doc:"any of her identities: 42 or user:42, email:kim@example.com, phone:+821012345678, anon:…, key:7"`
}

type whatIfInput struct {
	ID   string `path:"id" maxLength:"512" doc:"any of her identities"`
	Body struct {
		Set map[string]float64 `json:"set" doc:"by trait; GET /v1/models/churn/levers lists them"`
	}
}

type peopleOutput struct {
	Body struct {
		People []RiskPerson `json:"people"`
		Next   string       `json:"next" doc:"cursor of the next page; empty on the last"`
		Total  int64        `json:"total"`
	}
}

// Register adds the room's operations.
func Register(api *rest.API, s *Service, jobs *job.Line) {
	s.registerModels(api, jobs)
	s.registerPeople(api)
}

func (s *Service) registerModels(api *rest.API, jobs *job.Line) {
	rest.Register(api, rest.Op{ID: "list-models", Method: http.MethodGet, Path: "/v1/models", Tag: tag, Summary: "The models there are, with their quality and drift", Needs: rest.Read},
		func(ctx context.Context, _ *struct{}) (*modelsOutput, error) {
			out := &modelsOutput{}
			out.Body.Models = []records.View{}
			for _, view := range append([]records.Viewer{s.View, s.valueView}, s.Others...) {
				v, err := view(ctx)
				if err != nil {
					return nil, err
				}
				out.Body.Models = append(out.Body.Models, v)
			}
			return out, nil
		})
	rest.Register(api, rest.Op{ID: "churn-model", Method: http.MethodGet, Path: "/v1/models/churn", Tag: tag, Summary: "The card of the model of who leaves", Needs: rest.Read},
		func(ctx context.Context, in *churnVersionInput) (*cardOutput, error) {
			c, err := s.Card(ctx, in.Version)
			return &cardOutput{c}, err
		})
	rest.Register(api, rest.Op{ID: "value-model", Method: http.MethodGet, Path: "/v1/models/value", Tag: tag, Summary: "The card of the model of expected value", Needs: rest.Read},
		func(ctx context.Context, _ *struct{}) (*struct{ Body *ValueCard }, error) {
			c, err := s.valueCard(ctx)
			return &struct{ Body *ValueCard }{c}, err
		})
	rest.Register(api, rest.Op{ID: "train-churn", Method: http.MethodPost, Path: "/v1/models/churn/train", Tag: tag, Summary: "Learn who leaves, judge that on the last horizon, and score everybody", Needs: rest.Write, Status: http.StatusAccepted},
		func(_ context.Context, in *churnTrainInput) (*jobOutput, error) {
			ask := Ask{AsOf: day.Unknown, Horizon: in.Body.Horizon, Basis: in.Body.Basis, Seed: in.Body.Seed}
			if in.Body.AsOf != "" {
				d, err := day.Parse(in.Body.AsOf)
				if err != nil {
					return nil, fault.New(fault.Invalid, "predict.bad_as_of", err.Error()).At(fault.Place{Field: "as_of", Value: in.Body.AsOf}).Then("Write it as YYYY-MM-DD.")
				}
				ask.AsOf = d
			}
			return &jobOutput{jobs.Start("train", func(ctx context.Context, p *job.Progress) (any, error) { return s.Train(ctx, ask, p) })}, nil
		})
	rest.Register(api, rest.Op{ID: "score-churn", Method: http.MethodPost, Path: "/v1/models/churn/score", Tag: tag, Summary: "Score everybody as of the last analysis", Needs: rest.Write, Status: http.StatusAccepted},
		func(context.Context, *struct{}) (*jobOutput, error) {
			return &jobOutput{jobs.Start("score", func(ctx context.Context, p *job.Progress) (any, error) { return s.Score(ctx, p) })}, nil
		})
	rest.Register(api, rest.Op{ID: "activate-churn", Method: http.MethodPost, Path: "/v1/models/churn/activate", Tag: tag, Summary: "Let another version score, an older one too; it scores everybody at once", Needs: rest.Admin},
		func(ctx context.Context, in *churnActivateInput) (*cardOutput, error) {
			c, err := s.Activate(ctx, in.Body.Version)
			if err == nil {
				jobs.Start("score", func(ctx context.Context, p *job.Progress) (any, error) { return s.Score(ctx, p) })
			}
			return &cardOutput{c}, err
		})
	rest.Register(api, rest.Op{ID: "churn-levers", Method: http.MethodGet, Path: "/v1/models/churn/levers", Tag: tag, Summary: "What may be set to see what would be", Needs: rest.Read},
		func(ctx context.Context, _ *struct{}) (*struct {
			Body struct {
				Levers []Lever `json:"levers"`
			}
		}, error,
		) {
			list, err := s.Levers(ctx)
			out := &struct {
				Body struct {
					Levers []Lever `json:"levers"`
				}
			}{}
			out.Body.Levers = list
			return out, err
		})
}

func (s *Service) registerPeople(api *rest.API) {
	rest.Register(api, rest.Op{ID: "risk", Method: http.MethodGet, Path: "/v1/risk", Tag: tag, Summary: "Who may leave, worth how much, and why", Needs: rest.Read},
		func(ctx context.Context, in *struct{ Crowd }) (*struct{ Body *Risk }, error) {
			r, err := s.Risk(ctx, in.Crowd)
			return &struct{ Body *Risk }{r}, err
		})
	rest.Register(api, rest.Op{ID: "risk-people", Method: http.MethodGet, Path: "/v1/risk/people", Tag: tag, Summary: "The customers who may leave, a page at a time", Needs: rest.Read},
		func(ctx context.Context, in *RiskPeople) (*peopleOutput, error) {
			out := &peopleOutput{}
			var err error
			out.Body.People, out.Body.Next, out.Body.Total, err = s.People(ctx, in)
			return out, err
		})
	rest.Register(api, rest.Op{ID: "customer-predictions", Method: http.MethodGet, Path: "/v1/customers/{id}/predictions", Tag: tag, Summary: "What is foreseen of one customer, and why", Needs: rest.Read},
		func(ctx context.Context, in *personPath) (*struct{ Body *Prediction }, error) {
			p, err := s.Predict(ctx, in.ID)
			return &struct{ Body *Prediction }{p}, err
		})
	rest.Register(api, rest.Op{ID: "customer-what-if", Method: http.MethodPost, Path: "/v1/customers/{id}/what-if", Tag: tag, Summary: "What would be foreseen, were some things different", Needs: rest.Read},
		func(ctx context.Context, in *whatIfInput) (*struct{ Body *WhatIf }, error) {
			w, err := s.WhatIf(ctx, in.ID, in.Body.Set)
			return &struct{ Body *WhatIf }{w}, err
		})
}
