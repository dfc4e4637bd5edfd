package webhook

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/dangol/dangol/internal/kit/rest"
)

type draftInput struct {
	Name    string          `json:"name" maxLength:"200" example:"Seoul shop"`
	Kind    Kind            `json:"kind,omitempty" enum:"shopify,woocommerce,cafe24,generic"`
	Secret  string          `json:"secret,omitempty" maxLength:"500" doc:"what the shop signs with; made here when absent, where the shop can take one"`
	Mapping json.RawMessage `json:"mapping,omitempty" doc:"of a generic hook: a Mapping; of a shop: its options"`
	Enabled *bool           `json:"enabled,omitempty" doc:"true when absent"`
}

func (in *draftInput) draft() Draft {
	return Draft{Name: in.Name, Kind: in.Kind, Secret: in.Secret, Mapping: in.Mapping, Enabled: in.Enabled == nil || *in.Enabled}
}

type hookOutput struct{ Body Hook }

type hookList struct {
	Body struct {
		Items []Hook `json:"items"`
	}
}

type createdHook struct {
	Body struct {
		Hook
		Secret string `json:"secret,omitempty" doc:"shown this once, where it was made here"`
	}
}

type hookPath struct {
	ID string `path:"id" maxLength:"64"`
}

type previewInput struct {
	Body struct {
		Kind    Kind            `json:"kind" enum:"shopify,woocommerce,cafe24,generic"`
		Mapping json.RawMessage `json:"mapping,omitempty"`
		Topic   string          `json:"topic,omitempty" maxLength:"200" doc:"as the shop names it, such as orders/create"`
		Sample  json.RawMessage `json:"sample" doc:"a body as it is sent"`
	}
}

type previewOutput struct {
	Body struct {
		Events   []json.RawMessage `json:"events" doc:"calls of the Segment specification"`
		Products []Product         `json:"products"`
		Problems []Problem         `json:"problems"`
		Note     string            `json:"note,omitempty" doc:"why it tells nothing"`
	}
}

// Register adds the operations on hooks, and the address to which others send. It needs no key: the signature is one.
func Register(api *rest.API, mux *http.ServeMux, s *Service) {
	rest.Register(api, rest.Op{ID: "list-webhooks", Method: http.MethodGet, Path: "/v1/webhooks", Tag: "Webhooks", Summary: "Addresses to which shops send, newest first", Needs: rest.Read},
		func(ctx context.Context, _ *struct{}) (*hookList, error) {
			out := &hookList{}
			var err error
			out.Body.Items, err = s.List(ctx)
			return out, err
		})
	rest.Register(api, rest.Op{ID: "get-webhook", Method: http.MethodGet, Path: "/v1/webhooks/{id}", Tag: "Webhooks", Summary: "One address, with its mapping", Needs: rest.Read},
		func(ctx context.Context, in *hookPath) (*hookOutput, error) {
			h, err := s.Find(ctx, in.ID)
			return &hookOutput{h}, err
		})
	rest.Register(api, rest.Op{ID: "create-webhook", Method: http.MethodPost, Path: "/v1/webhooks", Tag: "Webhooks", Summary: "Make an address to which a shop can send", Needs: rest.Admin, Status: http.StatusCreated},
		func(ctx context.Context, in *struct{ Body draftInput }) (*createdHook, error) {
			out := &createdHook{}
			var err error
			out.Body.Hook, out.Body.Secret, err = s.Create(ctx, in.Body.draft())
			return out, err
		})
	rest.Register(api, rest.Op{
		ID: "change-webhook", Method: http.MethodPut, Path: "/v1/webhooks/{id}", Tag: "Webhooks", Summary: "Change name, secret, mapping, or switch it off",
		Description: "The secret stays where none is given.", Needs: rest.Admin,
	},
		func(ctx context.Context, in *struct {
			ID   string `path:"id" maxLength:"64"`
			Body draftInput
		},
		) (*hookOutput, error) {
			h, err := s.Change(ctx, in.ID, in.Body.draft())
			return &hookOutput{h}, err
		})
	rest.Register(api, rest.Op{ID: "delete-webhook", Method: http.MethodDelete, Path: "/v1/webhooks/{id}", Tag: "Webhooks", Summary: "End an address; what it told stays", Needs: rest.Admin},
		func(ctx context.Context, in *hookPath) (*struct{}, error) { return nil, s.Drop(ctx, in.ID) })
	rest.Register(api, rest.Op{ID: "preview-webhook", Method: http.MethodPost, Path: "/v1/webhooks/preview", Tag: "Webhooks", Summary: "What a sample would tell; changes nothing", Needs: rest.Read, MaxBodyBytes: 2 * bodyLimit},
		func(ctx context.Context, in *previewInput) (*previewOutput, error) {
			t, err := s.Preview(ctx, in.Body.Kind, in.Body.Mapping, in.Body.Topic, in.Body.Sample)
			out := &previewOutput{}
			out.Body.Events, out.Body.Products, out.Body.Problems, out.Body.Note = []json.RawMessage{}, append([]Product{}, t.Products...), append([]Problem{}, t.Problems...), t.Note
			for _, e := range t.Events {
				out.Body.Events = append(out.Body.Events, e)
			}
			return out, err
		})
	mux.Handle("POST /v1/hooks/{id}", s)
}
