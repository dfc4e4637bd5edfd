package profile

import (
	"context"
	"net/http"

	"github.com/dangol/dangol/internal/kit/rest"
)

// Analyses knows of which day the state of customers is; audience is joined here by app.
type Analyses interface {
	// Kept fails unless the state is of the day asked for; "" asks for whichever it is of.
	Kept(ctx context.Context, asOf string) error
}

// Register adds the page of one customer.
func Register(api *rest.API, s *Service, a Analyses) {
	rest.Register(api, rest.Op{ID: "get-customer", Method: http.MethodGet, Path: "/v1/customers/{id}", Tag: "Customers", Summary: "Everything about one customer", Needs: rest.Read},
		func(ctx context.Context, in *struct {
			ID   string `path:"id" maxLength:"512" doc:"any of her identities: 42 or user:42, email:kim@example.com, phone:+821012345678, anon:…, key:7"`
			AsOf string `query:"as_of" format:"date" doc:"the day that the analysis kept must be of; whichever it is of by default. Another day is refused: POST /v1/analyses first"`
		},
		) (*struct{ Body *Page }, error) {
			if err := a.Kept(ctx, in.AsOf); err != nil {
				return nil, err
			}
			p, err := s.Page(ctx, in.ID)
			return &struct{ Body *Page }{p}, err
		})
}
