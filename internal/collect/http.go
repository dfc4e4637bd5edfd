package collect

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dangol/dangol/internal/collect/orders"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/kit/rest"
)

// previewBudget bounds the rows a preview reads, so that the browser answers while a large file is looked at.
const previewBudget = 200_000

// source names the file of a request: an upload, or for callers on this machine a path.
type source struct {
	Upload  string  `json:"upload,omitempty" maxLength:"64" doc:"id from POST /v1/uploads"`
	Path    string  `json:"path,omitempty" maxLength:"4096" doc:"a file on the server; only for callers on the same machine"`
	Options Options `json:"options,omitempty"`
	Whole   bool    `json:"whole,omitempty" doc:"preview: read the whole file, however large"`
}

type sourceInput struct{ Body source }

type uploadInput struct {
	Name string `query:"name" required:"true" maxLength:"255" doc:"file name, e.g. orders.csv"`
	body io.Reader
}

// Resolve keeps the body as a stream: an upload may be larger than memory.
func (in *uploadInput) Resolve(ctx huma.Context) []error {
	in.body = ctx.BodyReader()
	return nil
}

type importsOutput struct {
	Body struct {
		Items []Record `json:"items"`
	}
}

func (s *Service) locate(ctx context.Context, src source) (path, name string, err error) {
	switch {
	case src.Upload != "":
		return s.uploaded(src.Upload)
	case src.Path == "":
		return "", "", fault.New(fault.Invalid, "collect.no_source", "the request names neither an upload nor a path").Then("Send the file to POST /v1/uploads first.")
	case !rest.Caller(ctx).Local:
		return "", "", fault.New(fault.Forbidden, "collect.path_is_local", "a path can be named only by a caller on the same machine").Then("Send the file to POST /v1/uploads first.")
	}
	return src.Path, filepath.Base(src.Path), nil
}

// Register adds the room's operations.
func Register(api *rest.API, s *Service, jobs *job.Line) {
	rest.Register(api, rest.Op{ID: "upload-file", Method: http.MethodPost, Path: "/v1/uploads", Tag: "Import", Summary: "Send a file to import; the body is the file as it is", Needs: rest.Write, Status: http.StatusCreated, RawBody: true},
		func(_ context.Context, in *uploadInput) (*struct{ Body Upload }, error) {
			u, err := s.Receive(in.Name, in.body)
			return &struct{ Body Upload }{u}, err
		})
	rest.Register(api, rest.Op{ID: "preview-import", Method: http.MethodPost, Path: "/v1/imports/preview", Tag: "Import", Summary: "What an import would do: mapping, samples, totals and problems; changes nothing", Needs: rest.Read},
		func(ctx context.Context, in *sourceInput) (*struct{ Body *orders.Preview }, error) {
			path, name, err := s.locate(ctx, in.Body)
			if err != nil {
				return nil, err
			}
			budget := int64(previewBudget)
			if in.Body.Whole {
				budget = 0
			}
			p, err := s.Preview(ctx, path, name, in.Body.Options, budget)
			return &struct{ Body *orders.Preview }{p}, err
		})
	rest.Register(api, rest.Op{ID: "start-import", Method: http.MethodPost, Path: "/v1/imports", Tag: "Import", Summary: "Take a file of orders in, whole or not at all", Needs: rest.Write, Status: http.StatusAccepted},
		func(ctx context.Context, in *sourceInput) (*struct{ Body job.Job }, error) {
			path, name, err := s.locate(ctx, in.Body)
			if err != nil {
				return nil, err
			}
			j := jobs.Start("import", func(ctx context.Context, p *job.Progress) (any, error) {
				r, err := s.Import(ctx, path, name, in.Body.Options, p)
				if err == nil && in.Body.Upload != "" {
					s.discard(in.Body.Upload)
				}
				return r, err
			})
			return &struct{ Body job.Job }{j}, nil
		})
	rest.Register(api, rest.Op{ID: "list-imports", Method: http.MethodGet, Path: "/v1/imports", Tag: "Import", Summary: "Imports, newest first", Needs: rest.Read},
		func(ctx context.Context, in *struct {
			Limit int `query:"limit" default:"50" minimum:"1" maximum:"500"`
		},
		) (*importsOutput, error) {
			out := &importsOutput{}
			var err error
			out.Body.Items, err = s.History(ctx, in.Limit)
			return out, err
		})
	rest.Register(api, rest.Op{ID: "download-rejects", Method: http.MethodGet, Path: "/v1/imports/{id}/rejects", Tag: "Import", Summary: "The rows set aside, with line, column, value and reason, as CSV", Needs: rest.Read},
		func(ctx context.Context, in *struct {
			ID int64 `path:"id"`
		},
		) (*huma.StreamResponse, error) {
			f, err := s.Rejects(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			header := map[string]string{
				"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": `attachment; filename="import-` + strconv.FormatInt(in.ID, 10) + `-rejects.csv"`,
			}
			return rest.Download(header, func(_ context.Context, w io.Writer) (err error) {
				defer func() { err = errors.Join(err, f.Close()) }()
				_, err = io.Copy(w, f)
				return err
			}), nil
		})
}
