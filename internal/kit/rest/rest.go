// Package rest turns typed operations into HTTP routes with a permission each, one error shape
// (application/problem+json) and an OpenAPI 3.1 description. Rooms register operations here and
// see no other HTTP.
package rest

import (
	"context"
	"net/http"
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/dangol/dangol/internal/kit/fault"
)

// Scope is what a caller may do; each operation needs one.
type Scope string

// The scopes, from least to most.
const (
	Public Scope = "public" // no key needed: health, docs
	// Collect may send events and nothing else: its key stands in web pages, where everybody can read it.
	Collect Scope = "collect"
	Read    Scope = "read"
	Write   Scope = "write"
	Admin   Scope = "admin"
)

var rank = map[Scope]int{Public: 0, Collect: 0, Read: 1, Write: 2, Admin: 3}

// Principal is who calls.
type Principal struct {
	ID    string // of the key; empty for callers without one
	Name  string
	Scope Scope
	// Local callers share this machine and its files (command line or socket in the data folder),
	// so they may name a file by its path.
	Local bool
}

type principalKey struct{}

// WithPrincipal returns a context that carries the caller.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// Caller returns who calls; without one the scope is Public.
func Caller(ctx context.Context) Principal {
	if p, ok := ctx.Value(principalKey{}).(Principal); ok {
		return p
	}
	return Principal{Name: "nobody", Scope: Public}
}

// Op describes one operation.
type Op struct {
	ID           string // stable, kebab-case; names the generated client's function
	Method       string
	Path         string
	Tag          string
	Summary      string
	Description  string
	Needs        Scope
	Status       int   // success status; 0 means 200 (or 204 without a body)
	MaxBodyBytes int64 // 0 means 1 MiB
	RawBody      bool  // the body is a stream of bytes of any length, read by the input's resolver
	// Bodies are the kinds of body among which the caller chooses, each with a value of its shape, a string for text. The
	// input has them as RawBody []byte, with the header Content-Type, and checks them itself.
	Bodies map[string]any
}

// API collects operations.
type API struct {
	Huma   huma.API
	routes []Op
}

// New returns an API over mux that describes itself at /v1/openapi.json and /docs.
func New(mux *http.ServeMux, version string) *API {
	config := huma.DefaultConfig("Dangol", version)
	config.Info.Description = "Customer retention: orders in; who is valuable, who leaves, and what to do, out."
	config.OpenAPIPath = "/v1/openapi"
	config.DocsPath = ""
	config.SchemasPath = "/v1/schemas"
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	config.CreateHooks = nil // no $schema links in answers: they would differ by host
	return &API{Huma: humago.New(mux, config)}
}

// Routes lists what was registered, for the permission matrix test.
func (a *API) Routes() []Op { return a.routes }

// Register adds an operation. The handler's fault becomes a problem; the scope is checked before input is read.
func Register[I, O any](a *API, op Op, handle func(context.Context, *I) (*O, error)) {
	if _, known := rank[op.Needs]; !known {
		panic("rest: operation " + op.ID + " needs no known scope")
	}
	a.routes = append(a.routes, op)
	limit := op.MaxBodyBytes
	if limit == 0 {
		limit = 1 << 20
	}
	h := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: op.Description,
		Tags: []string{op.Tag}, DefaultStatus: op.Status, MaxBodyBytes: limit,
		// A deadline for the body would stay on the connection and cancel operations that work longer than it.
		BodyReadTimeout: -1,
		Middlewares:     huma.Middlewares{guard(a.Huma, op.Needs)},
		Extensions:      map[string]any{"x-scope": string(op.Needs)},
	}
	if op.RawBody {
		h.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		}}
	}
	if len(op.Bodies) > 0 {
		h.RequestBody, h.SkipValidateBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}, true
		for kind, shape := range op.Bodies {
			h.RequestBody.Content[kind] = &huma.MediaType{Schema: huma.SchemaFromType(a.Huma.OpenAPI().Components.Schemas, reflect.TypeOf(shape))}
		}
	}
	huma.Register(a.Huma, h, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			note(ctx, err)
			return nil, problemOf(err)
		}
		return out, nil
	})
}

func guard(api huma.API, needs Scope) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if err := Allow(ctx.Context(), needs); err != nil {
			p := problemOf(err)
			_ = huma.WriteErr(api, ctx, p.GetStatus(), p.Detail, p)
			return
		}
		next(ctx)
	}
}

// Allow reports whether the caller in ctx has the scope.
func Allow(ctx context.Context, needs Scope) error {
	p := Caller(ctx)
	if rank[p.Scope] >= rank[needs] {
		return nil
	}
	if p.Scope == Public {
		return fault.New(fault.Unauthenticated, "rest.no_key", "this needs an API key").
			Then("Send the header \"Authorization: Bearer KEY\"; make a key with `dangol key create`.")
	}
	return fault.Newf(fault.Forbidden, "rest.scope", "this needs the %s scope; the key %q has %s", needs, p.Name, p.Scope).
		Then("Use a key with more scope, or ask an admin for one.")
}

// shared packages hold words of the whole API, so their types go by their own names.
var shared = map[string]bool{"rest": true, "market": true, "day": true, "fault": true}

// schemaName puts the room before the type, so that two rooms may use one word: predict.Interval is PredictInterval,
// job.Job is Job.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	room := path.Base(t.PkgPath())
	if t.Name() == "" || t.PkgPath() == "" || shared[room] || strings.HasPrefix(strings.ToLower(name), room) {
		return name
	}
	return strings.ToUpper(room[:1]) + room[1:] + name
}
