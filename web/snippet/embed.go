// Package snippet carries the browser snippet: dangol.js, which build.mjs makes of snippet.ts. It is committed, so that building the
// binary needs no Node.
package snippet

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"time"
)

//go:embed dangol.js
var script []byte

var version = func() string {
	sum := sha256.Sum256(script)
	return hex.EncodeToString(sum[:6])
}()

// Path is the address of the script as it is now; browsers may keep it for ever.
func Path() string { return "/dangol.js?v=" + version }

// Handler serves GET /dangol.js to the pages of any site. Without the version in the address browsers keep it for an hour, and then ask whether it changed.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		h.Set("ETag", `"`+version+`"`)
		h.Set("Cache-Control", "public, max-age=3600, stale-while-revalidate=86400")
		if r.URL.Query().Get("v") == version {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		h.Set("Access-Control-Allow-Origin", "*") // for pages that check its integrity
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		h.Del("Content-Security-Policy")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(script))
	})
}

// Mount adds the script to a mux.
func Mount(mux *http.ServeMux) { mux.Handle("GET /dangol.js", Handler()) }
