package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/kit/fault"
)

// stub is a server that answers what a test wants; analysed says that nothing need be analysed first.
type stub map[string]http.HandlerFunc

const analysed = `{"lines":3,"last_day":"2024-03-31","analysis":{"as_of":"2024-03-31"}}`

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if status >= 400 {
			w.Header().Set("Content-Type", "application/problem+json")
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// serve gives the stub's address.
func (s stub) serve(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	for pattern, handle := range s {
		mux.HandleFunc(pattern, handle)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// run runs a command line against the stub.
func (s stub) run(ctx context.Context, t *testing.T, args ...string) (status int, out, talk string) {
	t.Helper()
	url := s.serve(t)
	var stdout, stderr bytes.Buffer
	status = Main(ctx, app.Build{}, append(args, "--server", url), Streams{
		In: strings.NewReader(""), Out: &stdout, Err: &stderr, Env: func(string) string { return "" },
	})
	return status, stdout.String(), stderr.String()
}

// broken sends the beginning of an answer and then breaks the connection.
func broken(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, "id,name\nann,Ann\n")
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func TestBrokenDownloadFails(t *testing.T) {
	t.Parallel()
	s := stub{
		"GET /v1/status": says(200, analysed), "GET /v1/customers.csv": broken, "GET /v1/customers.ndjson": broken, "GET /v1/export/customers": broken,
	}
	file := filepath.Join(t.TempDir(), "out.csv")
	for _, args := range [][]string{
		{"report", "customers", "--csv"},
		{"report", "customers", "--json"},
		{"report", "customers", "--csv", "--limit", "5"},
		{"export", "customers"},
		{"export", "customers", "--out", file},
	} {
		status, _, talk := s.run(t.Context(), t, args...)
		if status != fault.ExitFailure || !strings.Contains(talk, "not the whole") || !strings.Contains(talk, "→ Ask again") {
			t.Errorf("%v: status %d, %q", args, status, talk)
		}
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a file was left: %v", err)
	}
	if status, out, _ := s.run(t.Context(), t, "report", "customers", "--csv", "--limit", "1"); status != 0 || !strings.Contains(out, "ann") {
		t.Errorf("what was asked for came whole, but the status is %d", status)
	}
}

func TestDryRunKeepsTheReason(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(says(200, `{"problems":[{"reason":"collect.ambiguous_date","sentence":"two ways","next":"Say which.","fatal":true,"line":2}]}`))
	defer server.Close()
	e := &env{Streams: Streams{Err: io.Discard}, json: true}
	c, err := app.Dial(t.Context(), app.Target{Server: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.dryRun(t.Context(), c, "orders.csv", importRequest{})
	if f := fault.From(err); f.Reason != "collect.ambiguous_date" || f.Where.File != "orders.csv" || f.Where.Line != 2 {
		t.Errorf("%+v", f)
	}
}

func TestInterruptCancelsTheJob(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithTimeout(t.Context(), time.Minute)
	defer interrupt()
	cancelled := make(chan struct{})
	s := stub{
		"POST /v1/analyses": says(202, `{"id":"job_1","state":"queued"}`),
		"GET /v1/jobs/job_1": func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-cancelled:
				says(200, `{"id":"job_1","state":"failed","problem":{"type":"job.stopped","code":"unavailable","detail":"stopped"}}`)(w, r)
			default:
				interrupt() // as Ctrl-C does while the work runs
				says(200, `{"id":"job_1","state":"running"}`)(w, r)
			}
		},
		"POST /v1/jobs/job_1/cancel": func(w http.ResponseWriter, r *http.Request) {
			close(cancelled)
			says(202, `{"id":"job_1","state":"running"}`)(w, r)
		},
	}
	status, _, talk := s.run(ctx, t, "analyze")
	if status != fault.ExitFailure || !strings.Contains(talk, "nothing of it was kept") {
		t.Errorf("status %d, %q", status, talk)
	}
	select {
	case <-cancelled:
	default:
		t.Error("the job was not cancelled")
	}
}

func TestInterruptThatCameTooLate(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithTimeout(t.Context(), time.Minute)
	defer interrupt()
	s := stub{
		"POST /v1/analyses": func(w http.ResponseWriter, r *http.Request) {
			interrupt()
			says(202, `{"id":"job_1","state":"running"}`)(w, r)
		},
		"GET /v1/jobs/job_1":         says(200, `{"id":"job_1","state":"done","result":{"as_of":"2024-03-31","customers":3}}`),
		"POST /v1/jobs/job_1/cancel": says(409, `{"type":"job.ended","status":409,"code":"conflict","detail":"the work has ended already"}`),
	}
	status, out, talk := s.run(ctx, t, "analyze")
	if status != 0 || !strings.Contains(out, "Analysed 3 customers") {
		t.Errorf("status %d, %q, %q", status, out, talk)
	}
}

func TestNoAnalysisAndNoRightToMakeOne(t *testing.T) {
	t.Parallel()
	const may = `{"type":"rest.scope","status":403,"code":"forbidden","detail":"this needs the write scope","next":"Use a key with more scope."}`
	s := stub{"GET /v1/status": says(200, `{"lines":3,"last_day":"2024-03-31","analysis":null}`), "POST /v1/analyses": says(403, may)}
	for _, args := range [][]string{{"report", "customers"}, {"report", "segments"}, {"report", "rfm"}, {"customer", "ann"}, {"export", "customers"}, {"summary"}} {
		status, _, talk := s.run(t.Context(), t, args...)
		if status != fault.ExitBadInput || !strings.Contains(talk, "no analysis has been made yet") || !strings.Contains(talk, "→ Run `dangol analyze`") {
			t.Errorf("%v: status %d, %q", args, status, talk)
		}
	}
}

func TestTextOfFilesDoesNotSteerTheTerminal(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"문유진": "문유진", "a\x1b[31mb": "a·[31mb", "a\u202eb": "a·b", "ก้": "ก้", "a\nb": "a·b"} {
		if got := left(in).Text(); got != want {
			t.Errorf("%q is shown as %q", in, got)
		}
	}
}
