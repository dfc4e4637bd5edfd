package suggest

import (
	"context"
	"net/http"
	"time"

	"github.com/dangol/dangol/internal/kit/rest"
)

// loadPatience is how long a decision waits for the model to be read, just after a start. Those that pages wait for do not.
const loadPatience = 10 * time.Second

type placeInput struct {
	Slug string `path:"slug" maxLength:"64"`
}

type slotsOutput struct {
	Body struct {
		Items []KeptSlot `json:"items"`
	}
}

func registerSlots(api *rest.API, s *Service) {
	rest.Register(api, rest.Op{
		ID: "decide", Method: http.MethodPost, Path: "/v1/decide", Tag: "Recommendations",
		Summary: "What a place shows to one person now", Needs: rest.Read,
		Description: "Answers from memory, for pages that wait. Somebody unknown is shown what others buy, or what the slot names for that; `fallback` tells. The same question to the same versions of slot and model has the same answer, and the same id, until she does something.",
	},
		func(ctx context.Context, in *struct{ Body Question }) (*struct{ Body *Decision }, error) {
			waiting, done := context.WithTimeout(ctx, loadPatience)
			defer done()
			_, _ = s.answering(waiting) // without a model there is an answer, too
			d, err := s.Decide(ctx, &in.Body)
			return &struct{ Body *Decision }{d}, err
		})
	rest.Register(api, rest.Op{ID: "list-slots", Method: http.MethodGet, Path: "/v1/slots", Tag: "Recommendations", Summary: "Places that show something to people", Needs: rest.Read},
		func(ctx context.Context, _ *struct{}) (*slotsOutput, error) {
			out := &slotsOutput{}
			var err error
			out.Body.Items, err = s.Slots(ctx)
			return out, err
		})
	rest.Register(api, rest.Op{ID: "get-slot", Method: http.MethodGet, Path: "/v1/slots/{slug}", Tag: "Recommendations", Summary: "One slot", Needs: rest.Read},
		func(ctx context.Context, in *placeInput) (*struct{ Body KeptSlot }, error) {
			k, err := s.Slot(ctx, in.Slug)
			return &struct{ Body KeptSlot }{k}, err
		})
	rest.Register(api, rest.Op{ID: "put-slot", Method: http.MethodPut, Path: "/v1/slots/{slug}", Tag: "Recommendations", Summary: "Make a slot, or change it; each change is a version", Needs: rest.Write},
		func(ctx context.Context, in *struct {
			Slug string `path:"slug" maxLength:"64"`
			Body Slot
		},
		) (*struct{ Body KeptSlot }, error) {
			k, err := s.PutSlot(ctx, in.Slug, in.Body)
			return &struct{ Body KeptSlot }{k}, err
		})
	rest.Register(api, rest.Op{ID: "delete-slot", Method: http.MethodDelete, Path: "/v1/slots/{slug}", Tag: "Recommendations", Summary: "End a slot", Needs: rest.Write},
		func(ctx context.Context, in *placeInput) (*struct{}, error) {
			return nil, s.DropSlot(ctx, in.Slug)
		})
}
