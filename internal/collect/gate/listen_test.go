package gate_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dangol/dangol/internal/collect/gate"
)

// listening is a server whose listener the gate wraps, or none.
func listening(t *testing.T, h *house, limits *gate.Limits) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for _, p := range gate.Paths() {
		mux.Handle(p, h.gate.Handler())
	}
	mux.HandleFunc("/elsewhere", func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%s %d bytes", r.Method, len(text))
	})
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	if limits != nil {
		l = h.gate.Listen(t.Context(), l, *limits)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		if d, ok := l.(*gate.Listener); ok {
			d.Wait(context.Background())
		}
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

var longLimits = &gate.Limits{Header: 10 * time.Second, Idle: time.Minute}

// noMore instead of a piece says that nothing else comes.
const noMore = "\x00"

// exchange writes pieces to a new connection and reads so many answers.
func exchange(t *testing.T, addr string, answers int, pieces ...string) (all []string) {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for i, p := range pieces {
		if i > 0 {
			time.Sleep(5 * time.Millisecond) // so that it comes by itself
		}
		if p == noMore {
			_ = c.(*net.TCPConn).CloseWrite()
			continue
		}
		if _, err := io.WriteString(c, p); err != nil {
			t.Fatal(err)
		}
	}
	in := bufio.NewReader(c)
	for range answers {
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			all = append(all, err.Error())
			break
		}
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		for _, name := range []string{"Date", "X-Request-Id"} { // another each time
			if r.Header.Get(name) != "" {
				r.Header.Set(name, "some")
			}
		}
		all = append(all, fmt.Sprintf("%s %d %v %s", r.Status, r.ContentLength, r.Header, text))
	}
	return all
}

func request(path, body string, header ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: shop.example\r\n", path)
	for _, h := range header {
		b.WriteString(h + "\r\n")
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return b.String()
}

// TestTheListenerAnswersAsNetHTTPDoes: whatever is sent, the answers are the same, and so is what is in the log.
func TestTheListenerAnswersAsNetHTTPDoes(t *testing.T) {
	t.Parallel()
	var packed strings.Builder
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(single))
	_ = z.Close()
	ok := request("/v1/track", single)
	chunked := fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(single), single)
	large := request("/v1/batch", `{"writeKey":"wk","batch":[{"type":"track","userId":"u","event":"E","properties":{"t":"`+strings.Repeat("x", 20_000)+`"}}]}`)
	middle := request("/v1/batch", `{"writeKey":"wk","batch":[{"type":"track","userId":"u","event":"E","properties":{"t":"`+strings.Repeat("x", 9_000)+`"}}]}`)
	for name, c := range map[string]struct {
		answers int
		pieces  []string
	}{
		"one":                    {1, []string{ok}},
		"one after the other":    {3, []string{ok, ok, ok}},
		"two at once":            {2, []string{ok + ok}},
		"one and a half":         {2, []string{ok + ok[:40], ok[40:]}},
		"in pieces":              {1, []string{ok[:3], ok[3:20], ok[20 : len(ok)-4], ok[len(ok)-4:]}},
		"elsewhere":              {1, []string{request("/elsewhere", "abc")}},
		"here, then elsewhere":   {3, []string{ok, request("/elsewhere", "abc"), ok}},
		"at once":                {3, []string{ok + request("/elsewhere", "abc") + ok}},
		"another method":         {1, []string{"GET /v1/track HTTP/1.1\r\nHost: a\r\n\r\n"}},
		"a shorter method":       {1, []string{"PUT /v1/track HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"}},
		"no HTTP":                {1, []string{"hello\r\n\r\n"}},
		"older HTTP":             {1, []string{strings.Replace(ok, "HTTP/1.1", "HTTP/1.0", 1)}},
		"with a query":           {1, []string{request("/v1/track?x=1", single)}},
		"unknown address":        {1, []string{request("/v1/nothing", single)}},
		"figures of the client":  {1, []string{request("/v1/m", "{}")}},
		"bearer":                 {1, []string{request("/v1/track", `{"userId":"u","event":"E"}`, "authorization:  Bearer wk ")}},
		"basic":                  {1, []string{request("/v1/t", `{"userId":"u","event":"E"}`, "AUTHORIZATION: Basic d2s6")}},
		"an unknown key":         {1, []string{request("/v1/track", `{"userId":"u","event":"E"}`, "Authorization: Bearer no")}},
		"an unknown key, again":  {2, []string{request("/v1/track", `{"userId":"u","event":"E"}`, "Authorization: Bearer no") + ok}},
		"no key":                 {1, []string{request("/v1/track", `{"userId":"u","event":"E"}`)}},
		"two keys":               {1, []string{request("/v1/track", `{"userId":"u","event":"E"}`, "Authorization: Bearer no", "Authorization: Bearer wk")}},
		"no JSON":                {2, []string{request("/v1/track", `{"userId":`) + ok}},
		"no batch":               {1, []string{request("/v1/batch", single)}},
		"nothing":                {1, []string{request("/v1/track", "")}},
		"large":                  {2, []string{large + ok}},
		"middle":                 {2, []string{middle[:5000], middle[5000:] + ok}},
		"gzip":                   {1, []string{request("/v1/track", packed.String(), "Content-Encoding: gzip")}},
		"of a page":              {1, []string{request("/v1/track", single, "Origin: https://shop.example", "User-Agent: Browser")}},
		"named":                  {1, []string{request("/v1/track", single, "X-Request-Id: mine")}},
		"other fields":           {1, []string{request("/v1/track", single, "User-Agent: analytics-node/2", "Accept: */*", "Content-Type: application/json", "Connection: Keep-Alive", "sec-fetch-mode: cors")}},
		"the last":               {2, []string{request("/v1/track", single, "Connection: close")}},
		"in chunks":              {1, []string{"POST /v1/track HTTP/1.1\r\nHost: a\r\n" + chunked}},
		"two lengths":            {1, []string{strings.Replace(ok, "Host", "Content-Length: 3\r\nHost", 1)}},
		"a length and chunks":    {1, []string{"POST /v1/track HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n" + chunked}},
		"a length that is none":  {1, []string{strings.Replace(ok, "Content-Length: ", "Content-Length: +", 1)}},
		"without a host":         {1, []string{strings.Replace(ok, "Host: shop.example\r\n", "", 1)}},
		"no host's name":         {1, []string{strings.Replace(ok, "shop.example", "a/ b", 1)}},
		"two hosts":              {1, []string{strings.Replace(ok, "Host", "Host: b\r\nHost", 1)}},
		"a field without a name": {1, []string{strings.Replace(ok, "Host", ": b\r\nHost", 1)}},
		"a space before a colon": {1, []string{strings.Replace(ok, "Content-Length:", "Content-Length :", 1)}},
		"a folded field":         {1, []string{strings.Replace(ok, "Content-Length", "X: a\r\n b\r\nContent-Length", 1)}},
		"lines end with LF":      {1, []string{strings.ReplaceAll(ok, "\r\n", "\n")}},
		"an empty line before":   {1, []string{"\r\n" + ok}},
		"a long head":            {1, []string{request("/v1/track", single, "Cookie: "+strings.Repeat("c", 30_000))}},
		"a line between":         {2, []string{ok + "\r\n" + ok}},
		"a line between, later":  {2, []string{ok + "\r\n", ok}},
		"lines, then elsewhere":  {2, []string{ok + "\r\n", request("/elsewhere", "abc")}},
		"an empty key first":     {1, []string{request("/v1/track", `{"userId":"u","event":"E"}`, "Authorization: ", "Authorization: Bearer wk")}},
		"a body cut off":         {1, []string{ok[:len(ok)-5], noMore}},
		"a large one cut off":    {1, []string{middle[:6000], noMore}},
		"a head cut off":         {1, []string{ok[:30], noMore}},
		"nothing at all":         {1, []string{noMore}},
		"two large ones":         {3, []string{middle + middle + ok}},
		"large, then elsewhere":  {2, []string{middle + request("/elsewhere", strings.Repeat("x", 9_000))}},
		"waits for go":           {2, []string{strings.Replace(ok, "Host", "Expect: 100-continue\r\nHost", 1)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs, ours := open(t, nil), open(t, nil)
			want := exchange(t, listening(t, theirs, nil), c.answers, c.pieces...)
			got := exchange(t, listening(t, ours, longLimits), c.answers, c.pieces...)
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
			if a, b := theirs.facts(t), ours.facts(t); len(a) != len(b) {
				t.Errorf("%d events, and %d", len(a), len(b))
			}
		})
	}
}

// TestAConnectionThatSaysNothingEnds: neither a new one, nor one that was answered, nor half a request is waited for without end.
func TestAConnectionThatSaysNothingEnds(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	addr := listening(t, h, &gate.Limits{Header: 50 * time.Millisecond, Idle: 80 * time.Millisecond})
	for _, said := range []string{"", request("/v1/track", single)} {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c, said); err != nil {
			t.Fatal(err)
		}
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		text, err := io.ReadAll(c)
		if err != nil || strings.HasPrefix(string(text), "HTTP/1.1 200") != (said != "") {
			t.Errorf("after %q: %q, %v", said, text, err)
		}
		_ = c.Close()
	}
}

// TestAStopAnswersWhoIsUnderWay: a request that waits for the log is answered, one that is idle is closed, and nobody comes in any more.
func TestAStopAnswersWhoIsUnderWay(t *testing.T) {
	t.Parallel()
	d := &dam{open: make(chan struct{}), at: make(chan int, 10)}
	h := open(t, func(o *gate.Options) { d.behind, o.Bus = o.Bus, d })
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	direct := h.gate.Listen(t.Context(), l, *longLimits)
	s := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Second}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(direct) }()
	dial := func() net.Conn {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		return c
	}
	idle, busy, half := dial(), dial(), dial()
	said := request("/v1/track", single)
	if _, err := io.WriteString(half, said[:len(said)-3]); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(busy, request("/v1/track", single)); err != nil {
		t.Fatal(err)
	}
	<-d.at
	time.Sleep(20 * time.Millisecond) // for what is half there to be read
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	waited := make(chan struct{})
	go func() { direct.Wait(context.Background()); close(waited) }()
	if text, err := io.ReadAll(idle); err != nil || len(text) > 0 {
		t.Errorf("idle: %q, %v", text, err)
	}
	select {
	case <-waited:
		t.Error("a request that is under way was not waited for")
	case <-time.After(20 * time.Millisecond):
	}
	close(d.open)
	if text, err := io.ReadAll(busy); err != nil || !strings.HasPrefix(string(text), "HTTP/1.1 200") {
		t.Errorf("under way: %q, %v", text, err)
	}
	if _, err := io.WriteString(half, said[len(said)-3:]); err != nil {
		t.Error(err)
	}
	if text, err := io.ReadAll(half); err != nil || !strings.HasPrefix(string(text), "HTTP/1.1 200") || !strings.Contains(string(text), "\r\nConnection: close\r\n") {
		t.Errorf("begun: %q, %v", text, err)
	}
	<-waited
	if c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String()); err == nil {
		_ = c.Close()
		t.Error("somebody came in")
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}
