package app

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/predict/suggest"
)

const (
	decidePath    = "/v1/decide"
	decideBytes   = 16 << 10         // of a question; longer ones go the long way
	trustedFor    = 2 * time.Second  // a revoked key is known to be so after this at the latest
	mostTrusted   = 1024             // callers remembered
	decideTimeout = 10 * time.Second // for the body to come
)

// decided answers questions what to show before everything else: pages wait for them, and they are too many for a line of log and a
// look into the records each. It takes only what is certain to be answered: a caller who was let in a moment ago, a question that reads
// as it should. All others go the long way, which has the words for what is wrong.
func (a *App) decided(loopback bool, next http.Handler) http.Handler {
	foreign := http.NewCrossOriginProtection()
	known := &trusted{until: map[string]time.Time{}}
	a.trusted = append(a.trusted, known)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != decidePath || r.Method != http.MethodPost || r.Header.Get("Origin") != "" || r.Header.Get("Cookie") != "" || r.Header.Get("Content-Encoding") != "" {
			next.ServeHTTP(w, r)
			return
		}
		key, now := r.Host+"\x00"+r.Header.Get("Authorization"), a.Clock()
		if !known.holds(key, now) {
			caller, err := a.caller(r, loopback, foreign)
			if err != nil || rest.Allow(rest.WithPrincipal(r.Context(), caller), rest.Read) != nil {
				next.ServeHTTP(w, r)
				return
			}
			known.keep(key, now)
		} else if loopback && r.Header.Get("Authorization") == "" && certainlyLocal(r) != nil {
			next.ServeHTTP(w, r)
			return
		}
		a.decide(w, r, next)
	})
}

// decision is the memory of one request, used again by later ones.
type decision struct {
	text   bytes.Buffer
	answer bytes.Buffer
}

var (
	decisions   = sync.Pool{New: func() any { return &decision{} }}
	contentJSON = []string{"application/json"}
	unkept      = []string{"no-store"}
	unsniffed   = []string{"nosniff"}
)

func (a *App) decide(w http.ResponseWriter, r *http.Request, next http.Handler) {
	d, _ := decisions.Get().(*decision)
	defer decisions.Put(d)
	d.text.Reset()
	d.answer.Reset()
	if r.ContentLength < 0 || r.ContentLength > decideBytes {
		next.ServeHTTP(w, r)
		return
	}
	if r.ContentLength > 2<<10 { // what is small came with the header, most often
		_ = http.NewResponseController(w).SetReadDeadline(a.Clock().Add(decideTimeout))
	}
	if _, err := d.text.ReadFrom(r.Body); err != nil {
		next.ServeHTTP(w, r)
		return
	}
	var q suggest.Question
	read := json.NewDecoder(bytes.NewReader(d.text.Bytes()))
	read.DisallowUnknownFields()
	if read.Decode(&q) != nil || read.More() || !q.Sound() {
		r.Body = io.NopCloser(bytes.NewReader(bytes.Clone(d.text.Bytes())))
		next.ServeHTTP(w, r)
		return
	}
	answer, err := a.rooms.suggest.Decide(r.Context(), &q)
	if err == nil {
		err = json.NewEncoder(&d.answer).Encode(answer)
	}
	if err != nil {
		rest.WriteProblem(w, err)
		return
	}
	h := w.Header()
	h["Content-Type"], h["Cache-Control"], h["X-Content-Type-Options"] = contentJSON, unkept, unsniffed
	_, _ = w.Write(d.answer.Bytes())
}

// trusted remembers for a moment who was let in.
type trusted struct {
	mu    sync.RWMutex
	until map[string]time.Time
}

func (t *trusted) holds(key string, now time.Time) bool {
	t.mu.RLock()
	until, ok := t.until[key]
	t.mu.RUnlock()
	return ok && now.Before(until) && !now.Before(until.Add(-trustedFor)) // a clock that was set back must not prolong it
}

func (t *trusted) keep(key string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.until) >= mostTrusted {
		clear(t.until)
	}
	t.until[key] = now.Add(trustedFor)
}

func (t *trusted) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.until)
}
