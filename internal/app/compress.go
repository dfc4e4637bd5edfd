package app

import (
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

var zippers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant of the same package
	}
	return z
}}

var zippable = map[string]bool{
	"application/json": true, "application/x-ndjson": true, "application/javascript": true, "application/yaml": true, "image/svg+xml": true,
}

// compressed sends text as gzip to whoever takes it. Short answers that come in one piece stay as they are.
func compressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") || r.Header.Get("Range") != "" {
			next.ServeHTTP(w, r)
			return
		}
		z := &zipWriter{ResponseWriter: w}
		defer z.close()
		next.ServeHTTP(z, r)
	})
}

const zipFrom = 1024 // bytes of a first write that are worth zipping

type zipWriter struct {
	http.ResponseWriter
	zip     *gzip.Writer
	status  int
	decided bool
}

// WriteHeader waits for the first write, which decides.
func (z *zipWriter) WriteHeader(status int) {
	if status < 200 {
		z.ResponseWriter.WriteHeader(status)
		return
	}
	if z.status == 0 {
		z.status = status
	}
}

// Write sends b, zipped where the answer is.
func (z *zipWriter) Write(b []byte) (int, error) {
	if !z.decided {
		z.decide(len(b) >= zipFrom)
	}
	if z.zip != nil {
		return z.zip.Write(b)
	}
	return z.ResponseWriter.Write(b)
}

func (z *zipWriter) decide(worth bool) {
	z.decided = true
	h := z.Header()
	if h.Get("Content-Type") != "" {
		h.Add("Vary", "Accept-Encoding")
	}
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if worth && err == nil && h.Get("Content-Encoding") == "" && (zippable[kind] || strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "+json")) {
		h.Set("Content-Encoding", "gzip")
		h.Del("Content-Length")
		if zip, ok := zippers.Get().(*gzip.Writer); ok {
			zip.Reset(z.ResponseWriter)
			z.zip = zip
		}
	}
	if z.status != 0 {
		z.ResponseWriter.WriteHeader(z.status)
	}
}

// Flush sends what is held, for answers that stream.
func (z *zipWriter) Flush() {
	if !z.decided {
		z.decide(true)
	}
	if z.zip != nil {
		_ = z.zip.Flush() // a caller that is gone shows at the next write
	}
	_ = http.NewResponseController(z.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController reach the connection.
func (z *zipWriter) Unwrap() http.ResponseWriter { return z.ResponseWriter }

func (z *zipWriter) close() {
	if !z.decided && z.status != 0 {
		z.decide(false)
	}
	if z.zip != nil {
		_ = z.zip.Close()
		zippers.Put(z.zip)
		z.zip = nil
	}
}
