package snippet

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
)

const largest = 4 << 10 // bytes, packed

func TestItIsSmall(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(script); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if b.Len() > largest {
		t.Errorf("the snippet has %d bytes packed, at most %d", b.Len(), largest)
	}
	t.Logf("%d bytes, %d packed", len(script), b.Len())
}

func TestHandler(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	Mount(mux)
	ask := func(path string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w
	}
	w := ask("/dangol.js")
	tag := w.Header().Get("ETag")
	if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), script) || tag == "" || w.Header().Get("Cross-Origin-Resource-Policy") != "cross-origin" || !strings.Contains(w.Header().Get("Cache-Control"), "max-age=3600") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := ask("/dangol.js", "If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("unchanged: %d", w.Code)
	}
	if w := ask(Path()); !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("by version: %v", w.Header())
	}
	if w := ask("/dangol.js?v=older"); strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("by another version: %v", w.Header())
	}
}

// TestItIsBuilt holds the committed script against its source, where there is a Node to build it.
func TestItIsBuilt(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("SKIPPED, NOT PASSED: no node")
	}
	out, err := exec.CommandContext(t.Context(), node, "build.mjs", "--check").CombinedOutput()
	if bytes.Contains(out, []byte("Cannot find module")) {
		t.Skip("SKIPPED, NOT PASSED: web/node_modules is not installed")
	}
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
