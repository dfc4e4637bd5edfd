package app

import (
	"embed"
	"net/http"
)

//go:embed docs
var docsFiles embed.FS

// docsHandler serves the page that renders the API's own document; it fetches nothing from elsewhere.
func docsHandler() http.Handler {
	files := http.FileServerFS(docsFiles)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		if r.URL.Path == "/docs" {
			http.Redirect(w, r, "/docs/", http.StatusMovedPermanently)
			return
		}
		files.ServeHTTP(w, r)
	})
}
