package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/kit/rest"
)

func newLine(t *testing.T) *job.Line {
	t.Helper()
	l := job.NewLine(clock.System(), slog.New(slog.DiscardHandler))
	t.Cleanup(l.Close)
	return l
}

// endless is work that runs until it is stopped, and then says so as an engine does: in words of its own.
func endless(started chan<- struct{}) job.Work {
	return func(ctx context.Context, _ *job.Progress) (any, error) {
		close(started)
		<-ctx.Done()
		return nil, errors.New("interrupted")
	}
}

func ended(t *testing.T, l *job.Line, key string) job.Job {
	t.Helper()
	j, err := l.Wait(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestCancelStopsWhatRunsAndWhatWaits(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	started := make(chan struct{})
	runs := l.Start("import", endless(started))
	<-started
	waits := l.Start("import", func(context.Context, *job.Progress) (any, error) { return "never", nil })
	after := l.Start("analysis", func(context.Context, *job.Progress) (any, error) { return "kept", nil })
	for _, j := range []job.Job{waits, runs} {
		if _, err := l.Cancel(j.ID); err != nil {
			t.Fatal(err)
		}
		got := ended(t, l, j.ID)
		if got.State != job.Failed || got.Problem == nil || got.Problem.Type != "job.stopped" || got.Result != nil {
			t.Errorf("%s ended as %s with %+v", j.ID, got.State, got.Problem)
		}
	}
	if got := ended(t, l, after.ID); got.State != job.Done {
		t.Errorf("the job after the stopped ones is %s", got.State)
	}
}

func TestCancelOfWhatHasEnded(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	j := l.Start("import", func(context.Context, *job.Progress) (any, error) { return "kept", nil })
	ended(t, l, j.ID)
	if _, err := l.Cancel(j.ID); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("cancelling a job that is done: %v", err)
	}
	if got := ended(t, l, j.ID); got.State != job.Done || got.Result != "kept" {
		t.Errorf("it is now %+v", got)
	}
	if _, err := l.Cancel("job_nonsense"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("cancelling an unknown job: %v", err)
	}
}

func TestCancelNeedsTheWriteScope(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	mux := http.NewServeMux()
	job.Register(rest.New(mux, "test"), l)
	started := make(chan struct{})
	j := l.Start("import", endless(started))
	<-started
	cancel := func(scope rest.Scope) *httptest.ResponseRecorder {
		ctx := rest.WithPrincipal(t.Context(), rest.Principal{Name: "k", Scope: scope})
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, "/v1/jobs/"+j.ID+"/cancel", nil))
		return w
	}
	if w := cancel(rest.Read); w.Code != http.StatusForbidden {
		t.Errorf("a reader cancels: %d", w.Code)
	}
	w := cancel(rest.Write)
	var got job.Job
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusAccepted || got.ID != j.ID {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := ended(t, l, j.ID); got.State != job.Failed {
		t.Errorf("it is %s", got.State)
	}
}
