package app

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sys/unix"

	"github.com/dangol/dangol/internal/collect/flow"
	"github.com/dangol/dangol/internal/collect/webhook"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/web/snippet"
)

// LogStatus is how far the events that came are through.
type LogStatus struct {
	flow.State
	LagEvents int64 `json:"lag_events" doc:"about how many events wait, from the size of the messages"`
	DiskFree  int64 `json:"disk_free_bytes"`
}

// The room on disk below which the status warns, and below which stages wait; the gate closes between the two.
const (
	lowDisk  = 1 << 30
	stepDisk = 256 << 20
)

// roomForStep refuses while the disk could become full within one step of the stages.
func (a *App) roomForStep() error {
	var disk unix.Statfs_t
	if err := unix.Statfs(a.Config.Data, &disk); err != nil {
		return fault.New(fault.Unavailable, "app.disk_unknown", "the data folder's disk does not answer").Because(err)
	}
	if free := int64(disk.Bavail) * disk.Bsize; free < stepDisk {
		return fault.Newf(fault.Unavailable, "app.disk_full", "the disk is nearly full (%d MB left), so events wait in the log", free>>20).Then("Free some space or add some.")
	}
	return nil
}

func (a *App) logStatus(ctx context.Context) (LogStatus, error) {
	s := LogStatus{}
	var err error
	if s.State, err = a.rooms.live.flow.State(ctx); err != nil {
		return s, err
	}
	s.LagEvents = s.Lag
	if g := a.rooms.live.gate.Stats(); g.Groups > 0 {
		s.LagEvents = s.Lag * g.Events / g.Groups
	}
	var disk unix.Statfs_t
	if err := unix.Statfs(a.Config.Data, &disk); err == nil {
		s.DiskFree = int64(disk.Bavail) * disk.Bsize
		if s.DiskFree < lowDisk {
			s.State.State = "full"
		}
	}
	return s, nil
}

// Source is a way by which events come in.
type Source struct {
	ID             string         `json:"id"`
	Name           string         `json:"name"`
	Kind           string         `json:"kind" enum:"key,webhook,local"`
	CreatedAt      *time.Time     `json:"created_at"`
	LastEventAt    *time.Time     `json:"last_event_at"`
	Events24h      int64          `json:"events_24h"`
	Quarantined24h int64          `json:"quarantined_24h"`
	Duplicates24h  int64          `json:"duplicates_24h" doc:"since the server started, a day at most"`
	Libraries      []flow.Library `json:"libraries"`
	Health         string         `json:"health" enum:"ok,silent,failing,new" doc:"silent: nothing for a day, though it sent before; failing: more than one in twenty cannot be used"`
}

type sourcesOutput struct {
	Body struct {
		Items []Source `json:"items"`
		Path  string   `json:"snippet_path" doc:"of the browser snippet on this server"`
	}
}

func (a *App) registerLive() {
	f := a.rooms.live.flow
	resolve, names := a.rooms.registry.Find, a.rooms.registry.Names
	flow.Register(a.api, f, resolve, names)
	a.mux.Handle("GET /v1/events/live", flow.Live(f, resolve, names))
	webhook.Register(a.api, a.mux, a.rooms.live.hooks)
	snippet.Mount(a.mux)
	a.mux.HandleFunc("GET /readyz", a.ready)
	rest.Register(a.api, rest.Op{ID: "list-sources", Method: http.MethodGet, Path: "/v1/sources", Tag: "Events", Summary: "Where events come from, and how each source is doing", Needs: rest.Read},
		func(ctx context.Context, _ *struct{}) (*sourcesOutput, error) {
			items, err := a.sources(ctx)
			out := &sourcesOutput{}
			out.Body.Items, out.Body.Path = items, snippet.Path()
			return out, err
		})
	a.countLive()
}

// ready says whether the house takes and follows events.
func (a *App) ready(w http.ResponseWriter, r *http.Request) {
	s, err := a.logStatus(r.Context())
	if err == nil && (s.State.State == "stalled" || s.State.State == "full") {
		err = fault.Newf(fault.Unavailable, "app.not_ready", "events are not followed: the log is %s", s.State.State).Then("See GET /v1/status, and the server's log.")
	}
	if err != nil {
		rest.WriteProblem(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(readiness{s.State.State, s.Lag, s.OldestUnprocessed}) // the caller may be gone
}

// readiness is what GET /readyz answers.
type readiness struct {
	Status            string  `json:"status"`
	Lag               int64   `json:"lag"`
	OldestUnprocessed float64 `json:"oldest_unprocessed_s"`
}

func (a *App) sources(ctx context.Context) ([]Source, error) {
	seen, err := a.rooms.live.flow.Activities(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := a.accounts.Keys(ctx)
	if err != nil {
		return nil, err
	}
	hooks, err := a.rooms.live.hooks.List(ctx)
	if err != nil {
		return nil, err
	}
	list := []Source{}
	for _, k := range keys {
		if seen[k.ID] == nil && (k.Scope != rest.Collect || k.RevokedAt != nil) {
			continue
		}
		made := k.CreatedAt
		list = append(list, Source{ID: k.ID, Name: k.Name, Kind: "key", CreatedAt: &made})
	}
	for _, h := range hooks {
		list = append(list, Source{ID: h.ID, Name: h.Name, Kind: "webhook"})
	}
	for id := range seen {
		if id != event.OwnSource && !slices.ContainsFunc(list, func(s Source) bool { return s.ID == id }) {
			list = append(list, Source{ID: id, Name: id, Kind: "local"})
		}
	}
	now := a.Clock()
	for i := range list {
		list[i].fill(seen[list[i].ID], now)
	}
	slices.SortStableFunc(list, func(x, y Source) int {
		if x.Events24h != y.Events24h {
			return int(min(max(y.Events24h-x.Events24h, -1), 1))
		}
		return 0
	})
	return list, nil
}

func (s *Source) fill(act *flow.Activity, now time.Time) {
	s.Health, s.Libraries = "new", []flow.Library{}
	if act == nil {
		return
	}
	s.Events24h, s.Quarantined24h, s.Duplicates24h, s.Libraries = act.Events, act.Quarantined, act.Duplicates, act.Libraries
	if !act.LastAt.IsZero() {
		at := act.LastAt
		s.LastEventAt = &at
	}
	switch {
	case act.Quarantined*20 > act.Events+act.Quarantined:
		s.Health = "failing"
	case act.LastAt.IsZero():
	case now.Sub(act.LastAt) > 24*time.Hour:
		s.Health = "silent"
	default:
		s.Health = "ok"
	}
}

// sameLook is how long the figures of one look at the metrics take at most.
const sameLook = 50 * time.Millisecond

// countLive adds the log and its stages to the metrics.
func (a *App) countLive() {
	gauge := func(name, help string, value func() float64) {
		a.metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
	}
	counter := func(name, help string, value func() float64) {
		a.metrics.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, value))
	}
	// The figures of one look are asked for one after the other; they come from one answer.
	var mu sync.Mutex
	var seen LogStatus
	var looked time.Time
	state := func(of func(LogStatus) float64) func() float64 {
		return func() float64 {
			mu.Lock()
			defer mu.Unlock()
			if now := a.Clock(); looked.IsZero() || now.Sub(looked) > sameLook || now.Before(looked) {
				s, err := a.logStatus(context.WithoutCancel(a.started))
				if err != nil {
					return -1
				}
				seen, looked = s, now
			}
			return of(seen)
		}
	}
	gauge("flow_lag_messages", "Messages of the log that are not through yet.", state(func(s LogStatus) float64 { return float64(s.Lag) }))
	gauge("flow_oldest_unprocessed_seconds", "Age of the oldest message that is not through.", state(func(s LogStatus) float64 { return s.OldestUnprocessed }))
	gauge("bus_log_bytes", "Size of the event log on disk.", state(func(s LogStatus) float64 { return float64(s.Bytes) }))
	gauge("disk_free_bytes", "Free on the data folder's disk.", state(func(s LogStatus) float64 { return float64(s.DiskFree) }))
	gauge("flow_quarantined", "Events set aside and not mended.", state(func(s LogStatus) float64 { return float64(s.Quarantined) }))
	gauge("flow_dead_letters", "Messages on which a stage failed each time.", state(func(s LogStatus) float64 { return float64(s.DeadLetters) }))
	gauge("flow_stalled", "1 while ingestion is stalled or the disk is full.", state(func(s LogStatus) float64 {
		if s.State.State == "stalled" || s.State.State == "full" {
			return 1
		}
		return 0
	}))
	counter("flow_accepted_total", "Events that went through since the start.", state(func(s LogStatus) float64 { return float64(s.Accepted) }))
	counter("flow_duplicates_total", "Events sent again and stored once, since the start.", state(func(s LogStatus) float64 { return float64(s.Duplicates) }))
	counter("gate_events_total", "Events accepted and on disk since the start.", func() float64 { return float64(a.rooms.live.gate.Stats().Events) })
	counter("gate_bytes_total", "Bytes accepted since the start.", func() float64 { return float64(a.rooms.live.gate.Stats().Bytes) })
}
