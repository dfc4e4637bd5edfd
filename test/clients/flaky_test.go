package clients_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// flaky is a way to a server that is bad at times: of each run of seven posts, the first is refused, and the second
// arrives but its answer is lost. A client must send both again, the second of them though it was taken.
type flaky struct {
	url           string
	refused, lost atomic.Int64
}

func newFlaky(t *testing.T, to string) *flaky {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	f := &flaky{}
	onward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // the settings tell clients this way's address
	}}
	var posts atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || strings.HasSuffix(r.URL.Path, "/m") {
			onward.ServeHTTP(w, r)
			return
		}
		switch posts.Add(1) % 7 {
		case 1:
			f.refused.Add(1)
			refuse(w)
		case 2:
			onward.ServeHTTP(httptest.NewRecorder(), r)
			f.lost.Add(1)
			refuse(w)
		default:
			onward.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	f.url = s.URL
	return f
}

func refuse(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
	w.Header().Set("Retry-After", "1")
	w.WriteHeader(http.StatusServiceUnavailable)
}
