package cli

import (
	"context"
	"encoding/json"
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

// work starts a job and waits for its end, showing how far it is.
func (e *env) work(ctx context.Context, c *app.Client, path string, in any) (json.RawMessage, error) {
	var j struct {
		job.Job
		Result json.RawMessage `json:"result"`
	}
	if err := c.Call(ctx, http.MethodPost, path, nil, in, &j); err != nil {
		return nil, err
	}
	bar := e.bar()
	defer bar.end()
	for wait := pollFirst; ; wait = min(2*wait, pollEvery) {
		switch j.State {
		case job.Done:
			return j.Result, nil
		case job.Failed:
			p := j.Problem
			f := fault.New(p.Code, p.Type, p.Detail).Then(p.Next)
			if p.Where != nil {
				f = f.At(*p.Where)
			}
			return nil, f
		case job.Queued, job.Running:
		}
		bar.show(j.Job)
		select {
		case <-ctx.Done():
			if c.Local() {
				return nil, ctx.Err()
			}
			return nil, fmt.Errorf("the server goes on with %s: %w", j.ID, ctx.Err())
		case <-time.After(wait):
		}
		if err := c.Call(ctx, http.MethodGet, "/v1/jobs/"+j.ID, nil, nil, &j); err != nil {
			return nil, err
		}
	}
}

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
