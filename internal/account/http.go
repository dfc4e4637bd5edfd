package account

import (
	"context"
	"net/http"

	"github.com/dangol/dangol/internal/kit/rest"
)

type keyList struct {
	Body struct {
		Items []Key `json:"items"`
	}
}

type newKey struct {
	Body struct {
		Name  string     `json:"name" doc:"who or what will use it" example:"warehouse sync" maxLength:"200"`
		Scope rest.Scope `json:"scope" enum:"collect,read,write,admin" default:"read" required:"false"`
	}
}

type createdKey struct {
	Body struct {
		Key    Key    `json:"key"`
		Secret string `json:"secret" doc:"shown this once; send it as Authorization: Bearer SECRET"`
	}
}

type keyPath struct {
	ID string `path:"id" maxLength:"64"`
}

// Register adds the operations on keys.
func Register(api *rest.API, s *Service) {
	rest.Register(api, rest.Op{ID: "list-keys", Method: http.MethodGet, Path: "/v1/keys", Tag: "Keys", Summary: "API keys, newest first", Needs: rest.Admin},
		func(ctx context.Context, _ *struct{}) (*keyList, error) {
			keys, err := s.Keys(ctx)
			out := &keyList{}
			out.Body.Items = append([]Key{}, keys...)
			return out, err
		})
	rest.Register(api, rest.Op{
		ID: "create-key", Method: http.MethodPost, Path: "/v1/keys", Tag: "Keys", Summary: "Make an API key",
		Description: "The secret is in this answer and nowhere else.", Needs: rest.Admin, Status: http.StatusCreated,
	},
		func(ctx context.Context, in *newKey) (*createdKey, error) {
			key, secret, err := s.CreateKey(ctx, in.Body.Name, in.Body.Scope)
			out := &createdKey{}
			out.Body.Key, out.Body.Secret = key, secret
			return out, err
		})
	rest.Register(api, rest.Op{ID: "revoke-key", Method: http.MethodDelete, Path: "/v1/keys/{id}", Tag: "Keys", Summary: "End an API key at once", Needs: rest.Admin},
		func(ctx context.Context, in *keyPath) (*struct{}, error) {
			return nil, s.RevokeKey(ctx, in.ID)
		})
}
