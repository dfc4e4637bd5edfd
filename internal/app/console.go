package app

import (
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
)

const noConsole = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Dangol</title>
<body style="font:16px/1.5 system-ui;max-width:40em;margin:4em auto;padding:0 1em">
<h1>Dangol is serving</h1><p>This binary was built without the console. Run <code>make build</code> to build it with the console inside;
the API is here already, and <a href="/docs">its documentation</a> too.</p></body></html>
`

// console serves the built files; a path that is none of them is a screen, so it gets index.html.
func console(dist fs.FS, inside bool) http.Handler {
	if !inside {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !isPage(w, r) {
				return
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte(noConsole))
		})
	}
	files := http.FileServerFS(dist)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isPage(w, r) {
			return
		}
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		info, err := fs.Stat(dist, name)
		switch {
		case name != "" && name != "index.html" && err == nil && info.Mode().IsRegular():
			if strings.HasPrefix(name, "assets/") { // names there hold a hash of what is inside
				w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			} else {
				w.Header().Set("Cache-Control", "no-cache")
			}
			files.ServeHTTP(w, r)
		case isFileName(name):
			rest.WriteProblem(w, fault.New(fault.NotFound, "app.no_file", "there is no such file").At(fault.Place{Field: "path", Value: r.URL.Path}))
		default:
			w.Header().Set("Cache-Control", "no-cache")
			http.ServeFileFS(w, r, dist, "index.html")
		}
	})
}

// isPage answers what asks for no page, and says so.
func isPage(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	rest.WriteProblem(w, fault.New(fault.NotFound, "rest.no_route", "there is nothing at this path").
		At(fault.Place{Field: "path", Value: r.URL.Path}).Then("The API is under /v1; see /docs."))
	return false
}

// isFileName tells a missing file from a screen, whose last part may hold a dot too (a customer's id).
func isFileName(name string) bool {
	return strings.HasPrefix(name, "assets/") || (!strings.Contains(name, "/") && path.Ext(name) != "" && name != "index.html")
}
