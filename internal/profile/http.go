package profile

import (
	"context"
	"net/http"

	"github.com/dangol/dangol/internal/kit/rest"
)

// Register adds the room's operations.
func Register(api *rest.API, s *Service) {
	rest.Register(api, rest.Op{ID: "get-customer", Method: http.MethodGet, Path: "/v1/customers/{id}", Tag: "Customers", Summary: "Everything about one customer", Needs: rest.Read},
		func(ctx context.Context, in *struct {
			ID string `path:"id" maxLength:"512" doc:"the source's customer id"`
		},
		) (*struct{ Body *Page }, error) {
			p, err := s.Page(ctx, in.ID)
			return &struct{ Body *Page }{p}, err
		})
}
