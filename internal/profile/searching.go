package profile

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/kit/rest"
)

// searching is the search for duplicates in the line of jobs.
type searching struct {
	registry *Registry
	jobs     *job.Line
	mu       sync.Mutex
	id       string // of the last that was begun
}

// Searched is what a search for duplicates found.
type Searched struct {
	Found int `json:"found" doc:"pairs who may be one"`
}

// running is the search that waits or runs; nil when none does.
func (s *searching) running() *job.Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current()
}

func (s *searching) current() *job.Job {
	if s.id == "" {
		return nil
	}
	j, err := s.jobs.Find(s.id)
	if err != nil || j.State == job.Done || j.State == job.Failed {
		return nil
	}
	return &j
}

// begin puts a search into the line, unless one waits or runs already.
func (s *searching) begin() job.Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j := s.current(); j != nil {
		return *j
	}
	j := s.jobs.Start("duplicates", func(ctx context.Context, p *job.Progress) (any, error) {
		n, err := s.registry.Suggest(ctx, p)
		return Searched{n}, err
	})
	s.id = j.ID
	return j
}

type duplicatesOutput struct {
	Body struct {
		Items  []Duplicate `json:"items"`
		MadeAt *time.Time  `json:"made_at" doc:"when these were found; null when nobody has searched yet"`
		Stale  bool        `json:"stale" doc:"customers have come, gone or changed since"`
		Job    *job.Job    `json:"job" doc:"the search that waits or runs now; null when none does"`
	}
}

func registerDuplicates(api *rest.API, s *Service, jobs *job.Line) {
	search := &searching{registry: s.registry, jobs: jobs}
	rest.Register(api, rest.Op{
		ID: "list-duplicates", Method: http.MethodGet, Path: "/v1/duplicates", Tag: "Customers", Summary: "Customers who may be one, as the last search found them, the surest first",
		Description: "Found by a phone number, an e-mail address or a mailbox in common, and by a birthday with similar names. Nothing is merged before a person does it with POST /v1/merges. " +
			"Answers at once with what the last search found; POST /v1/duplicates/search searches again.", Needs: rest.Read,
	},
		func(ctx context.Context, in *struct {
			Limit int `query:"limit" default:"100" minimum:"1" maximum:"5000"`
		},
		) (*duplicatesOutput, error) {
			out := &duplicatesOutput{}
			var err error
			out.Body.Job = search.running() // before the rest, so that what it finds is not missed
			if out.Body.MadeAt, out.Body.Stale, err = s.registry.Searched(ctx); err != nil {
				return nil, err
			}
			out.Body.Items, err = s.registry.Duplicates(ctx, in.Limit)
			return out, err
		})
	rest.Register(api, rest.Op{
		ID: "search-duplicates", Method: http.MethodPost, Path: "/v1/duplicates/search", Tag: "Customers", Summary: "Look for customers who may be one",
		Description: "Gives a job; one that waits or runs already is given again. What it finds replaces what was found before.", Needs: rest.Write, Status: http.StatusAccepted,
	},
		func(context.Context, *struct{}) (*body[job.Job], error) { return &body[job.Job]{search.begin()}, nil })
	rest.Register(api, rest.Op{
		ID: "dismiss-duplicate", Method: http.MethodPost, Path: "/v1/duplicates/{id}/dismiss", Tag: "Customers", Summary: "They are two people; do not suggest it again",
		Needs: rest.Write, Status: http.StatusNoContent,
	},
		func(ctx context.Context, in *struct {
			ID string `path:"id" maxLength:"64"`
		},
		) (*struct{}, error) {
			return nil, s.registry.Dismiss(ctx, in.ID, who(ctx))
		})
}
