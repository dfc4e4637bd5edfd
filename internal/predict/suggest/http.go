package suggest

import (
	"context"
	"net/http"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/kit/rest"
)

type recommendInput struct {
	ID       string `path:"id" maxLength:"512" doc:"any of her identities: 42 or user:42, email:kim@example.com, phone:+821012345678, anon:…, key:7"`
	Count    int    `query:"count" default:"10" minimum:"1" maximum:"100"`
	Bought   string `query:"bought" default:"exclude" enum:"exclude,due,allow" doc:"what may become of what she has bought: never again here, when she needs it again, or as if it were new"`
	Category string `query:"category" maxLength:"200"`
}

type togetherInput struct {
	ID    string `path:"id" maxLength:"512"`
	Count int    `query:"count" default:"10" minimum:"1" maximum:"20"`
}

// Register adds the room's operations.
func Register(api *rest.API, s *Service, jobs *job.Line) {
	rest.Register(api, rest.Op{
		ID: "customer-recommendations", Method: http.MethodGet, Path: "/v1/customers/{id}/recommendations", Tag: "Recommendations",
		Summary: "What one customer will buy next, and why; what she will need again, and when", Needs: rest.Read,
	},
		func(ctx context.Context, in *recommendInput) (*struct{ Body *Recommended }, error) {
			r, err := s.Recommend(ctx, Asking{in.ID, in.Count, in.Bought, in.Category})
			return &struct{ Body *Recommended }{r}, err
		})
	rest.Register(api, rest.Op{
		ID: "bought-together", Method: http.MethodGet, Path: "/v1/products/{id}/together", Tag: "Recommendations",
		Summary: "What is bought together with a product, surest first", Needs: rest.Read,
	},
		func(ctx context.Context, in *togetherInput) (*struct{ Body *Together }, error) {
			t, err := s.Together(ctx, in.ID, in.Count)
			return &struct{ Body *Together }{t}, err
		})
	registerSlots(api, s)
	registerModel(api, s, jobs)
}

type learnFromInput struct {
	Body struct {
		AsOf string `json:"as_of,omitempty" format:"date" doc:"the last day in the data when left out"`
		Seed int64  `json:"seed,omitempty" doc:"42 when left out; the same orders and seed give the same model"`
	} `required:"false"`
}

func registerModel(api *rest.API, s *Service, jobs *job.Line) {
	rest.Register(api, rest.Op{ID: "recommend-model", Method: http.MethodGet, Path: "/v1/models/recommend", Tag: "Predictions", Summary: "The card of the model of what customers buy next", Needs: rest.Read},
		func(ctx context.Context, in *struct {
			Version int64 `query:"version" minimum:"0" doc:"the active one when left out"`
		},
		) (*struct{ Body *Card }, error) {
			c, err := s.Card(ctx, in.Version)
			return &struct{ Body *Card }{c}, err
		})
	rest.Register(api, rest.Op{
		ID: "train-recommend", Method: http.MethodPost, Path: "/v1/models/recommend/train", Tag: "Predictions",
		Summary: "Choose and train the model of what customers buy next; the job's result is its card", Needs: rest.Write, Status: http.StatusAccepted,
	},
		func(_ context.Context, in *learnFromInput) (*struct{ Body job.Job }, error) {
			asOf := day.Unknown
			if in.Body.AsOf != "" {
				var err error
				if asOf, err = day.Parse(in.Body.AsOf); err != nil {
					return nil, fault.New(fault.Invalid, "suggest.bad_day", err.Error()).At(fault.Place{Field: "as_of", Value: in.Body.AsOf}).Then("Write it as YYYY-MM-DD.")
				}
			}
			j := jobs.Start("training", func(ctx context.Context, p *job.Progress) (any, error) { return s.Train(ctx, asOf, in.Body.Seed, p) })
			return &struct{ Body job.Job }{j}, nil
		})
	rest.Register(api, rest.Op{
		ID: "activate-recommend", Method: http.MethodPost, Path: "/v1/models/recommend/activate", Tag: "Predictions",
		Summary: "Let another version of the model of what customers buy next answer", Needs: rest.Admin,
	},
		func(ctx context.Context, in *struct {
			Body struct {
				Version int64 `json:"version" minimum:"1"`
			}
		},
		) (*struct{ Body *Card }, error) {
			c, err := s.Activate(ctx, in.Body.Version)
			return &struct{ Body *Card }{c}, err
		})
}
