package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/market"
)

// pollEvery is how often a job is asked how far it is; short work is asked sooner.
const (
	pollFirst = 5 * time.Millisecond
	pollEvery = 200 * time.Millisecond
)

// stopPatience is how long one who pressed Ctrl-C is made to wait for the work to be undone.
const (
	stopPatience = 20 * time.Second
	stopPoll     = 20 * time.Millisecond
)

// jobView is a job whose result is printed as it came.
type jobView struct {
	job.Job
	Result json.RawMessage `json:"result"`
}

func (j *jobView) fault() *fault.Fault {
	p := j.Problem
	f := fault.New(p.Code, p.Type, p.Detail).Then(p.Next)
	if p.Where != nil {
		f = f.At(*p.Where)
	}
	return f
}

// work starts a job and waits for its end, showing how far it is.
func (e *env) work(ctx context.Context, c *app.Client, path string, in any) (json.RawMessage, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	j, err := begin(ctx, c, path, in)
	if err != nil {
		return nil, err
	}
	bar := e.bar()
	defer bar.end()
	for wait := pollFirst; ; wait = min(2*wait, pollEvery) {
		switch j.State {
		case job.Done:
			return j.Result, nil
		case job.Failed:
			return nil, j.fault()
		case job.Queued, job.Running:
		}
		bar.show(j.Job)
		select {
		case <-ctx.Done():
			bar.end()
			return e.halt(ctx, c, j.ID)
		case <-time.After(wait):
		}
		if err := c.Call(ctx, http.MethodGet, "/v1/jobs/"+j.ID, nil, nil, &j); err != nil && ctx.Err() == nil {
			return nil, err
		}
	}
}

// begin starts a job. Ctrl-C meanwhile waits for the answer, without which nobody could say which job to stop.
func begin(ctx context.Context, c *app.Client, path string, in any) (j jobView, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
	defer cancel()
	err = c.Call(ctx, http.MethodPost, path, nil, in, &j)
	return j, err
}

// halt asks the house to stop the work of somebody who pressed Ctrl-C, and waits until it has undone what it began.
// Work that was done before it could be stopped gives its result as always.
func (e *env) halt(ctx context.Context, c *app.Client, id string) (json.RawMessage, error) {
	e.say("Stopping …")
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
	defer cancel()
	var f *fault.Fault
	if err := c.Call(last, http.MethodPost, "/v1/jobs/"+id+"/cancel", nil, nil, nil); err != nil && (!errors.As(err, &f) || f.Reason != "job.ended") {
		return nil, stopped{"stopped waiting, but the server goes on with " + id + ", for it did not take the order to stop: " + err.Error()}
	}
	for {
		var j jobView
		if err := c.Call(last, http.MethodGet, "/v1/jobs/"+id, nil, nil, &j); err != nil {
			return nil, stopped{"stopped waiting; " + id + " was told to stop, but has not ended yet"}
		}
		switch {
		case j.State == job.Done:
			return j.Result, nil
		case j.State == job.Failed && j.Problem.Type == "job.stopped":
			return nil, stopped{"stopped before it was done; nothing of it was kept"}
		case j.State == job.Failed:
			return nil, j.fault()
		}
		select {
		case <-last.Done():
		case <-time.After(stopPoll):
		}
	}
}

// stopped says how far it came with what somebody interrupted.
type stopped struct{ sentence string }

// Error is the sentence.
func (s stopped) Error() string { return s.sentence }

// bar is a progress bar on a terminal, and nothing elsewhere.
type bar struct {
	shown *progressbar.ProgressBar
	stage string
	env   *env
	on    bool
}

func (e *env) bar() *bar { return &bar{env: e, on: !e.quiet && isTerminal(e.Err)} }

func (b *bar) show(j job.Job) {
	if !b.on || j.State != job.Running {
		return
	}
	total := max(j.Total, -1)
	if total == 0 {
		total = -1 // a spinner: how much there is, is not known
	}
	if b.shown == nil || b.stage != j.Stage {
		b.end()
		b.stage = j.Stage
		b.shown = progressbar.NewOptions64(total, progressbar.OptionSetWriter(b.env.Err), progressbar.OptionSetWidth(28),
			progressbar.OptionClearOnFinish(), progressbar.OptionShowBytes(j.Unit == "bytes"), progressbar.OptionUseIECUnits(true),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond))
	}
	text := j.Stage
	if j.Rows > 0 {
		text = fmt.Sprintf("%s: %s rows, %s/s", j.Stage, market.FormatNumber(j.Rows), market.FormatNumber(int64(j.RatePerS)))
	}
	b.shown.Describe(text)
	_ = b.shown.Set64(j.Done) // a bar that cannot be drawn stops no work
}

func (b *bar) end() {
	if b.shown != nil {
		_ = b.shown.Clear()
		b.shown = nil
	}
}
