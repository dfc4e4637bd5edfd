package app

import (
	"context"
	"net/http"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/web"
)

// register adds what belongs to no room: health, metrics, the document's page, backups, the console.
func (a *App) register() {
	a.registerBackup()
	a.registerSession()
	a.mux.HandleFunc("GET /healthz", a.health)
	a.mux.Handle("GET /metrics", a.metricsHandler())
	a.mux.Handle("GET /docs", docsHandler())
	a.mux.Handle("GET /docs/", docsHandler())
	a.mux.HandleFunc("/v1/", a.noRoute)
	dist, inside := web.Dist()
	a.mux.Handle("/", console(dist, inside))
}

func (a *App) health(w http.ResponseWriter, r *http.Request) {
	if _, err := a.accounts.AnyKey(r.Context()); err != nil {
		rest.WriteProblem(w, fault.New(fault.Unavailable, "app.unhealthy", "the record store does not answer").Because(err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{\"status\":\"ok\"}\n"))
}

// noRoute answers what no operation took: another method of a known path, or an unknown path.
func (a *App) noRoute(w http.ResponseWriter, r *http.Request) {
	var allowed string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(context.WithoutCancel(r.Context()))
		other.Method = m
		if _, pattern := a.mux.Handler(other); pattern != "/v1/" && pattern != "" {
			if allowed != "" {
				allowed += ", "
			}
			allowed += m
		}
	}
	if allowed != "" {
		w.Header().Set("Allow", allowed)
		p := rest.Problem{
			Type: "rest.method", Title: http.StatusText(http.StatusMethodNotAllowed), Status: http.StatusMethodNotAllowed,
			Detail: "this path takes " + allowed + ", not " + r.Method, Code: fault.Invalid, Next: "See /docs for what each path takes.",
		}
		rest.WriteProblem(w, &p)
		return
	}
	rest.WriteProblem(w, fault.New(fault.NotFound, "rest.no_route", "there is nothing at this path").
		At(fault.Place{Field: "path", Value: r.URL.Path}).Then("See /docs for what there is."))
}
