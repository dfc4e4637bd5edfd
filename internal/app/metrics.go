package app

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/dangol/dangol/internal/kit/rest"
)

// counted measures each route.
func (a *App) counted(next http.Handler) http.Handler {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "http_request_seconds", Help: "Time from request to the end of the answer.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, []string{"route", "status"})
	// Both handlers of the house are counted together.
	if err := a.metrics.Register(seconds); err != nil {
		if already, ok := err.(prometheus.AlreadyRegisteredError); ok { //nolint:errorlint // returned unwrapped
			if v, ok := already.ExistingCollector.(*prometheus.HistogramVec); ok {
				seconds = v
			}
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := a.Clock()
		out := &answer{ResponseWriter: w}
		next.ServeHTTP(out, r)
		seconds.WithLabelValues(r.Pattern, strconv.Itoa(out.status)).Observe(a.Clock().Sub(started).Seconds())
	})
}

func (a *App) metricsHandler() http.Handler {
	a.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	a.metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "job_active", Help: "Jobs that wait or run."},
		func() float64 { return float64(a.jobs.Active()) }))
	serve := promhttp.HandlerFor(a.metrics, promhttp.HandlerOpts{DisableCompression: true})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := rest.Allow(r.Context(), rest.Read); err != nil {
			rest.WriteProblem(w, err)
			return
		}
		serve.ServeHTTP(w, r)
	})
}
