package job

import (
	"context"
	"net/http"

	"github.com/dangol/dangol/internal/kit/rest"
)

type listOutput struct {
	Body struct {
		Items []Job `json:"items"`
	}
}

type jobOutput struct{ Body Job }

// Register adds the operations that tell how work goes.
func Register(api *rest.API, l *Line) {
	rest.Register(api, rest.Op{ID: "list-jobs", Method: http.MethodGet, Path: "/v1/jobs", Tag: "Jobs", Summary: "Work that waits, runs or has ended, newest first", Needs: rest.Read},
		func(_ context.Context, in *struct {
			Limit int `query:"limit" default:"20" minimum:"1" maximum:"200"`
		},
		) (*listOutput, error) {
			out := &listOutput{}
			out.Body.Items = l.List(in.Limit)
			return out, nil
		})
	rest.Register(api, rest.Op{ID: "get-job", Method: http.MethodGet, Path: "/v1/jobs/{id}", Tag: "Jobs", Summary: "How one piece of work stands", Needs: rest.Read},
		func(_ context.Context, in *struct {
			ID string `path:"id" maxLength:"64"`
		},
		) (*jobOutput, error) {
			j, err := l.Find(in.ID)
			return &jobOutput{Body: j}, err
		})
}
