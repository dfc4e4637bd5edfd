// Package job runs long work one piece at a time and tells how far it is.
package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/heap"
	"github.com/dangol/dangol/internal/kit/id"
)

// State is where a job stands.
type State string

// The states of a job.
const (
	Queued  State = "queued"
	Running State = "running"
	Done    State = "done"
	Failed  State = "failed"
)

// Problem is why a job failed, in the words of a fault.
type Problem struct {
	Type   string       `json:"type"`
	Code   fault.Code   `json:"code"`
	Detail string       `json:"detail"`
	Next   string       `json:"next,omitempty"`
	Where  *fault.Place `json:"where,omitempty"`
}

// Job is a snapshot of a piece of work.
type Job struct {
	ID         string     `json:"id"`
	Kind       string     `json:"kind" doc:"import, analysis or duplicates"`
	State      State      `json:"state" enum:"queued,running,done,failed"`
	Stage      string     `json:"stage" doc:"what it is doing now"`
	Done       int64      `json:"done"`
	Total      int64      `json:"total" doc:"0 when not known"`
	Unit       string     `json:"unit" doc:"bytes, rows or customers"`
	Rows       int64      `json:"rows" doc:"rows read so far, for imports"`
	RatePerS   float64    `json:"rate_per_s" doc:"rows (or units) a second"`
	RemainingS float64    `json:"remaining_s"`
	StartedAt  *time.Time `json:"started_at,omitempty"`
	FinishedAt *time.Time `json:"finished_at,omitempty"`
	Problem    *Problem   `json:"problem,omitempty"`
	Result     any        `json:"result,omitempty"`
}

// Progress is where the work says how far it is. All methods are safe from any goroutine.
type Progress struct {
	stage             atomic.Pointer[string]
	unit              atomic.Pointer[string]
	done, total, rows atomic.Int64
}

// Stage names what is being done now, in words for people, and starts a new count of total units.
func (p *Progress) Stage(name, unit string, total int64) {
	p.stage.Store(&name)
	p.unit.Store(&unit)
	p.done.Store(0)
	p.total.Store(total)
}

// Set says how many units are done, and how many rows that was.
func (p *Progress) Set(done, rows int64) {
	p.done.Store(done)
	p.rows.Store(rows)
}

// Work does the job; what it returns is the job's result.
type Work func(ctx context.Context, p *Progress) (any, error)

type entry struct {
	job      Job
	progress *Progress
	finished chan struct{}
	ctx      context.Context //nolint:containedctx // the life of the work, which outlasts the request that began it
	cancel   context.CancelFunc
}

const kept = 200 // finished jobs remembered

// Line runs jobs in the order they came, one at a time.
type Line struct {
	clock   clock.Clock
	log     *slog.Logger
	mu      sync.Mutex
	entries map[string]*entry
	order   []string
	turn    chan struct{}
	ctx     context.Context //nolint:containedctx // the life of the line, not of a request
	stop    context.CancelFunc
	running sync.WaitGroup
}

// NewLine returns an empty line of jobs.
func NewLine(c clock.Clock, log *slog.Logger) *Line {
	ctx, stop := context.WithCancel(context.Background())
	l := &Line{clock: c, log: log, entries: map[string]*entry{}, turn: make(chan struct{}, 1), ctx: ctx, stop: stop}
	return l
}

// Close cancels what runs and waits for it to end.
func (l *Line) Close() {
	l.stop()
	l.running.Wait()
}

// Start puts work in the line and returns at once.
func (l *Line) Start(kind string, work Work) Job {
	e := &entry{progress: &Progress{}, finished: make(chan struct{})}
	e.ctx, e.cancel = context.WithCancel(l.ctx)
	e.job = Job{ID: id.New("job", l.clock()), Kind: kind, State: Queued}
	l.mu.Lock()
	l.entries[e.job.ID] = e
	l.order = append(l.order, e.job.ID)
	if len(l.order) > kept {
		l.forgetOldest()
	}
	snapshot := e.job
	l.mu.Unlock()
	l.running.Add(1)
	go l.run(e, work)
	return snapshot
}

func (l *Line) forgetOldest() {
	for i, key := range l.order {
		if s := l.entries[key].job.State; s == Done || s == Failed {
			delete(l.entries, key)
			l.order = append(l.order[:i:i], l.order[i+1:]...)
			return
		}
	}
}

func (l *Line) run(e *entry, work Work) {
	defer l.running.Done()
	defer close(e.finished)
	defer e.cancel()
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-e.ctx.Done():
		l.end(e, nil, e.ctx.Err())
		return
	}
	started := l.clock()
	l.mu.Lock()
	e.job.State, e.job.StartedAt = Running, &started
	l.mu.Unlock()
	result, err := l.guarded(e, work)
	l.end(e, result, err)
}

func (l *Line) guarded(e *entry, work Work) (result any, err error) {
	defer heap.Work()()
	defer func() {
		if r := recover(); r != nil {
			l.log.Error("job panicked", "kind", e.job.Kind, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = fmt.Errorf("job panicked: %v", r)
		}
	}()
	return work(e.ctx, e.progress)
}

func (l *Line) end(e *entry, result any, err error) {
	finished := l.clock()
	l.mu.Lock()
	defer l.mu.Unlock()
	e.job.FinishedAt = &finished
	if err == nil {
		e.job.State, e.job.Result = Done, result
		return
	}
	// An engine that is interrupted may say so in words of its own.
	if errors.Is(err, context.Canceled) || e.ctx.Err() != nil {
		err = fault.New(fault.Unavailable, "job.stopped", "the work was stopped before it ended; nothing was kept").Then("Start it again.").Because(err)
	}
	f := fault.From(err)
	if f.Code == fault.Internal {
		l.log.Error("job failed", "kind", e.job.Kind, "error", err)
	}
	e.job.State = Failed
	e.job.Problem = &Problem{Type: f.Reason, Code: f.Code, Detail: f.Sentence, Next: f.Next}
	if f.Where != (fault.Place{}) {
		e.job.Problem.Where = &f.Where
	}
}

// Find returns a snapshot of one job.
func (l *Line) Find(key string) (Job, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.entries[key]
	if !ok {
		return Job{}, fault.Newf(fault.NotFound, "job.unknown", "there is no job %q", key).Then("Jobs are kept until the server stops; see GET /v1/jobs.")
	}
	return l.snapshot(e), nil
}

// Cancel asks a job to stop and returns at once; what it began is undone before it ends as failed. A job that has
// ended stays as it is.
func (l *Line) Cancel(key string) (Job, error) {
	j, err := l.Find(key)
	if err != nil {
		return Job{}, err
	}
	if j.State == Done || j.State == Failed {
		return Job{}, fault.New(fault.Conflict, "job.ended", "the work has ended already").At(fault.Place{Field: "id", Value: key}).
			Then("See what came of it at GET /v1/jobs/" + key + ".")
	}
	l.mu.Lock()
	e := l.entries[key]
	l.mu.Unlock()
	if e != nil {
		e.cancel()
	}
	return j, nil
}

// List returns the newest jobs first.
func (l *Line) List(limit int) []Job {
	l.mu.Lock()
	defer l.mu.Unlock()
	jobs := make([]Job, 0, min(limit, len(l.order)))
	for i := len(l.order) - 1; i >= 0 && len(jobs) < limit; i-- {
		jobs = append(jobs, l.snapshot(l.entries[l.order[i]]))
	}
	return jobs
}

// Active counts the jobs that wait or run.
func (l *Line) Active() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, e := range l.entries {
		if e.job.State == Queued || e.job.State == Running {
			n++
		}
	}
	return n
}

// Wait returns when the job has ended or ctx is done.
func (l *Line) Wait(ctx context.Context, key string) (Job, error) {
	l.mu.Lock()
	e, ok := l.entries[key]
	l.mu.Unlock()
	if ok {
		select {
		case <-e.finished:
		case <-ctx.Done():
			return Job{}, ctx.Err()
		}
	}
	return l.Find(key)
}

func (l *Line) snapshot(e *entry) Job {
	j := e.job
	p := e.progress
	if s := p.stage.Load(); s != nil {
		j.Stage, j.Unit = *s, *p.unit.Load()
	}
	j.Done, j.Total, j.Rows = p.done.Load(), p.total.Load(), p.rows.Load()
	if j.StartedAt == nil {
		return j
	}
	until := l.clock()
	if j.FinishedAt != nil {
		until = *j.FinishedAt
	}
	seconds := until.Sub(*j.StartedAt).Seconds()
	if seconds > 0 {
		units := j.Rows
		if units == 0 {
			units = j.Done
		}
		j.RatePerS = float64(units) / seconds
		if j.State == Running && j.Done > 0 && j.Total > j.Done {
			j.RemainingS = seconds * float64(j.Total-j.Done) / float64(j.Done)
		}
	}
	return j
}

// Now is the stage that the work is in.
func (p *Progress) Now() string {
	if s := p.stage.Load(); s != nil {
		return *s
	}
	return ""
}
