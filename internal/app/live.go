package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/dangol/dangol/internal/audience"
	moving "github.com/dangol/dangol/internal/audience/live"
	"github.com/dangol/dangol/internal/bus"
	"github.com/dangol/dangol/internal/collect/flow"
	"github.com/dangol/dangol/internal/collect/gate"
	"github.com/dangol/dangol/internal/collect/webhook"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/profile"
	"github.com/dangol/dangol/internal/recall"
	"github.com/dangol/dangol/internal/warehouse"
)

const (
	logName    = "log"    // the folder of the event log
	recallName = "recall" // the folder of what is found by person; made again from the warehouse when it is lost
)

// localSource is the source of events that came without a key, while none exists.
const localSource = "local"

// live is the part of the house that takes events as they happen.
type live struct {
	recall *recall.Recall
	bus    *bus.Bus
	gate   *gate.Gate
	flow   *flow.Flow
	hooks  *webhook.Service
}

// openRecall opens what is found by person; a folder that is damaged or of another version is made again from the warehouse.
func (a *App) openRecall(ctx context.Context) (*recall.Recall, error) {
	dir, o := a.Config.path(recallName), recall.Options{Log: a.Log}
	r, err := recall.Open(ctx, dir, o)
	switch fault.From(err).Reason {
	case "recall.format":
		a.Log.InfoContext(ctx, "the index of people was written by another version of Dangol, and is made again from the warehouse")
	case "recall.corrupt":
		a.Log.WarnContext(ctx, "the index of people is damaged and is made again from the warehouse", "error", err.Error())
	default:
		return r, err
	}
	if err := recall.Discard(dir); err != nil {
		return nil, err
	}
	return recall.Open(ctx, dir, o)
}

// openLive opens the log and joins the stages behind it. It is called when the rooms are there.
func (a *App) openLive(ctx context.Context, r *rooms) error {
	known, err := r.registry.Offset(ctx)
	if err != nil {
		return err
	}
	kept, err := r.warehouse.Offset(ctx)
	if err != nil {
		return err
	}
	r.live.bus, err = bus.Open(ctx, bus.Options{Dir: filepath.Join(a.Config.Data, logName), Floor: max(known, kept, r.live.recall.Offsets().Log), Log: a.Log})
	if err != nil {
		return err
	}
	a.onClose(r.live.bus.Close)
	g := gate.New(gate.Options{Bus: r.live.bus, Keys: a.sender, Clock: a.Clock, Log: a.Log, Dir: a.Config.Data})
	a.onClose(g.Close)
	r.live.gate = g
	a.accounts.Changed = func() {
		g.Forget()
		for _, t := range a.trusted {
			t.forget()
		}
	}
	tell := func(ctx context.Context, events [][]byte) error { return g.Put(ctx, event.OwnSource, events) }
	r.registry.Announce(tell)
	r.live.flow = flow.New(flow.Options{
		Bus: r.live.bus, Warehouse: r.warehouse, Records: a.records, Workspace: r.workspace, People: flowPeople{r.registry}, Journal: flowJournal{r.registry},
		Audience: flowAudience{r.live.recall, r.audience, r}, Put: g.Put, Clock: a.Clock, Log: a.Log, Room: a.roomForStep, Waiting: g.Waiting,
		Again: func(ctx context.Context, source string, raw []byte) error {
			return again(ctx, r.live.hooks, source, raw)
		},
	})
	r.live.hooks = webhook.New(webhook.Options{Records: a.records, Clock: a.Clock, Log: a.Log, Put: g.Put, Catalogue: r.keepProducts, SetAside: r.setAside})
	if err := r.audience.GoLive(ctx, audience.LiveOptions{Recall: r.live.recall, Log: a.Log, Announce: tell}); err != nil {
		return err
	}
	r.collect.Imported = func(context.Context) error {
		r.audience.Engine().Imported()
		r.suggest.Imported()
		return nil
	}
	a.background("segments", r.audience.Engine().Run)
	a.background("events", r.live.flow.Run)
	a.background("watch", a.watch)
	return nil
}

// setAside keeps a delivery that a hook could not read.
func (r *rooms) setAside(ctx context.Context, w webhook.Aside) error {
	return r.live.flow.SetAside(ctx, flow.Aside{Source: w.Source, Reason: w.Reason, Sentence: w.Sentence, Next: w.Next, Raw: w.Raw})
}

// again lets a hook take a delivery anew that was set aside.
func again(ctx context.Context, hooks *webhook.Service, source string, raw []byte) error {
	done, err := hooks.Replay(ctx, source, raw)
	if err != nil || len(done.Problems) == 0 {
		return err
	}
	p := done.Problems[0]
	return fault.New(fault.Invalid, "app.still_unmapped", p.Sentence).At(fault.Place{Field: p.Path}).Then(p.Next)
}

// keepProducts lets shops name their products.
func (r *rooms) keepProducts(ctx context.Context, _ string, products []webhook.Product) error {
	list := make([]warehouse.Product, 0, len(products))
	for i := range products {
		if p := &products[i]; !p.Deleted {
			list = append(list, warehouse.Product{ID: p.ID, Name: p.Name, Category: p.Category})
		}
	}
	return r.warehouse.PutProducts(ctx, list)
}

// background runs work until the house closes, which waits for it.
func (a *App) background(name string, work func(context.Context) error) {
	ctx, stop := context.WithCancel(context.WithoutCancel(a.started))
	var ended sync.WaitGroup
	ended.Go(func() {
		if err := work(ctx); err != nil && ctx.Err() == nil {
			a.Log.ErrorContext(ctx, "work in the background ended", "work", name, "error", err.Error(), "cause", fmt.Sprint(errors.Unwrap(err)))
		}
	})
	a.onClose(func() error {
		stop()
		ended.Wait()
		return nil
	})
}

// watchEvery is how often a stalled log is told again.
const watchEvery = time.Minute

// watch tells the operator when events wait: silence is how ingestion fails elsewhere.
func (a *App) watch(ctx context.Context) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		s, err := a.logStatus(ctx)
		if err != nil || s.State.State == "ok" {
			continue
		}
		a.Log.WarnContext(ctx, "events are not through", "state", s.State.State, "waiting", s.LagEvents, "oldest_s", s.OldestUnprocessed, "disk_free", s.DiskFree, "problem", s.Problem)
	}
}

// sender tells the source of a write key. While no key exists, whoever is on this machine may send.
func (a *App) sender(ctx context.Context, secret string) (string, error) {
	some, err := a.accounts.AnySender(ctx)
	if err != nil {
		return "", err
	}
	if !some && a.Config.Loopback() {
		return localSource, nil
	}
	p, err := a.accounts.Verify(ctx, secret)
	if err != nil {
		return "", err
	}
	if p.Scope == rest.Read {
		return "", fault.Newf(fault.Forbidden, "app.read_key", "the key %q may read and not send", p.Name).Then("Make one with `dangol key create NAME --scope collect`.")
	}
	return p.ID, nil
}

// gated answers the addresses of event clients before everything else: they bring their own kind of key, come from any site,
// and are too many for a line of log each.
func (a *App) gated(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	front := a.noStrangers(a.rooms.live.gate.Handler())
	for _, pattern := range gate.Paths() {
		mux.Handle(pattern, front)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			next.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// noStrangers refuses pages of other sites while no key is needed: any page that this user opens could send otherwise.
func (a *App) noStrangers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if origin := r.Header.Get("Origin"); origin != "" && a.Config.Loopback() && !localOrigin(origin) {
			some, err := a.accounts.AnySender(r.Context())
			if err == nil && !some {
				err = fault.New(fault.Forbidden, "app.foreign_origin", "without a key only pages of this machine may send events").
					At(fault.Place{Field: "Origin", Value: origin}).Then("Make a key with `dangol key create NAME --scope collect` and put it into the page.")
			}
			if err != nil {
				rest.WriteProblem(w, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// flowPeople lets flow resolve people through profile without knowing it.
type flowPeople struct{ *profile.Registry }

func (p flowPeople) Apply(ctx context.Context, seq uint64, facts []event.Fact) ([]flow.Who, error) {
	resolved, err := p.Registry.Apply(ctx, seq, facts)
	if err != nil {
		return nil, err
	}
	whose := make([]flow.Who, len(resolved))
	for i, r := range resolved {
		whose[i] = flow.Who(r)
	}
	return whose, nil
}

// flowJournal hands the journal of customers to the warehouse.
type flowJournal struct{ *profile.Registry }

func (j flowJournal) Steps(ctx context.Context, after uint64, limit int) ([]warehouse.Step, error) {
	entries, err := j.Journal(ctx, after, limit)
	if err != nil {
		return nil, err
	}
	steps := make([]warehouse.Step, len(entries))
	for i, e := range entries {
		steps[i] = warehouse.Step{
			Rev: e.Rev, Kind: warehouse.StepKind(e.Kind), Origin: e.Origin, To: e.To,
			Person: warehouse.Person{Key: e.Key, ID: e.ID, Name: e.Name, Email: e.Email, Phone: e.Phone},
		}
	}
	return steps, nil
}

func (j flowJournal) Drop(ctx context.Context, upTo uint64) error { return j.DropJournal(ctx, upTo) }

// flowAudience lets flow move people between segments.
type flowAudience struct {
	recall   *recall.Recall
	audience *audience.Service
	rooms    *rooms
}

func (f flowAudience) Claim(ids []string, places []uint64, duplicate []bool) (int, error) {
	return f.recall.Claim(ids, places, duplicate)
}

func (f flowAudience) Offsets() (message, revision uint64) {
	o := f.recall.Offsets()
	return o.Log, o.Journal
}

func (f flowAudience) Wanted() bool { return f.audience.Engine().Wanted() }

func (f flowAudience) Follow(ctx context.Context, c flow.Committed) error {
	b := moving.Batch{Log: c.Log, Journal: c.Journal, Facts: c.Facts, Orders: c.Ordered, Bought: c.Bought, Steps: c.Steps, People: make([]moving.Resolved, len(c.Whose))}
	for i, w := range c.Whose {
		b.People[i] = moving.Resolved(w)
	}
	_, err := f.audience.Engine().Follow(ctx, b)
	if err == nil {
		f.rooms.followOrders(&c)
	}
	return err
}

// discardRecall drops the index of people, which is made again from the warehouse at the next start.
func discardRecall(c Config) error {
	if _, err := os.Stat(c.path(recallName)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return recall.Discard(c.path(recallName))
}

// localOrigin reports whether a page of that origin is on this machine.
func localOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && isLoopback(u.Hostname())
}
