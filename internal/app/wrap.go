package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
)

// Handler is the whole house for callers over TCP; loopback says that only this machine can reach it.
func (a *App) Handler(loopback bool) http.Handler {
	return a.gated(a.decided(loopback, a.logged("tcp", headers(compressed(a.identify(loopback, a.served()))))))
}

// OwnerHandler is the whole house for whoever holds the data folder.
func (a *App) OwnerHandler() http.Handler {
	return a.logged("folder", asOwner(a.served()))
}

// served is the innermost handler: the routes, counted.
func (a *App) served() http.Handler { return a.counted(a.mux) }

// answer remembers what was sent, for the log and the metrics.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader notes the status.
func (w *answer) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes the size.
func (w *answer) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *answer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// logged writes one line a request and turns a panic into a problem.
func (a *App) logged(via string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := a.Clock()
		out := &answer{ResponseWriter: w}
		ctx, failure := rest.WithFailure(r.Context())
		defer func() {
			err := failure.Err()
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // panics carry exactly this value
					a.logLine(r, via, out, a.Clock().Sub(started), err)
					panic(p)
				}
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				if out.status == 0 {
					rest.WriteProblem(out, err)
				}
			}
			a.logLine(r, via, out, a.Clock().Sub(started), err)
		}()
		next.ServeHTTP(out, r.WithContext(ctx))
	})
}

func (a *App) logLine(r *http.Request, via string, out *answer, took time.Duration, err error) {
	level := slog.LevelInfo
	if via == "folder" || !strings.HasPrefix(r.URL.Path, "/v1/") || strings.HasPrefix(r.URL.Path, "/v1/jobs/") {
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{
		slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", out.status),
		slog.Int64("bytes", out.bytes), slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("via", via),
	}
	switch {
	case err == nil:
	case errors.Is(err, context.Canceled):
		attrs = append(attrs, slog.String("error", "the caller went away"))
	case fault.CodeOf(err) == fault.Internal:
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", causes(err)))
	default:
		attrs = append(attrs, slog.String("reason", fault.From(err).Reason))
	}
	a.Log.LogAttrs(context.WithoutCancel(r.Context()), level, "request", attrs...)
}

// causes is what the operator needs and the caller is not shown.
func causes(err error) string {
	var f *fault.Fault
	if errors.As(err, &f) && f.Unwrap() != nil {
		return err.Error() + ": " + f.Unwrap().Error()
	}
	return err.Error()
}

const contentPolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// headers sets what tells a browser to trust nothing but this server.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			h.Set("Cache-Control", "no-store") // people's data; an operation may say otherwise
		}
		next.ServeHTTP(w, r)
	})
}
