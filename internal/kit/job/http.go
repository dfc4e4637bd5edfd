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

type jobInput struct {
	ID string `path:"id" maxLength:"64"`
}

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
		func(_ context.Context, in *jobInput) (*jobOutput, error) {
			j, err := l.Find(in.ID)
			return &jobOutput{Body: j}, err
		})
	rest.Register(api, rest.Op{
		ID: "cancel-job", Method: http.MethodPost, Path: "/v1/jobs/{id}/cancel", Tag: "Jobs", Summary: "Ask work that waits or runs to stop",
		Description: "Answers at once. The work undoes what it began and then ends as failed, with a problem of the type job.stopped; work that was about to be done may still end as done.",
		Needs:       rest.Write, Status: http.StatusAccepted,
	},
		func(_ context.Context, in *jobInput) (*jobOutput, error) {
			j, err := l.Cancel(in.ID)
			return &jobOutput{Body: j}, err
		})
}
