package app

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/dangol/dangol/internal/account"
	"github.com/dangol/dangol/internal/audience"
	"github.com/dangol/dangol/internal/collect"
	"github.com/dangol/dangol/internal/collect/flow"
	"github.com/dangol/dangol/internal/collect/webhook"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/insight"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/predict"
	"github.com/dangol/dangol/internal/predict/churn"
	"github.com/dangol/dangol/internal/predict/records"
	"github.com/dangol/dangol/internal/predict/suggest"
	"github.com/dangol/dangol/internal/profile"
	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/warehouse"
)

const (
	warehouseName = "warehouse.duckdb"
	rejectsName   = "rejects" // the folder in which collect keeps what imports set aside
	scratchName   = "tmp"     // the folder of exports on their way, and of what the warehouse spills
)

// Schemas lists what every room keeps in the record store.
func Schemas() []store.Schema {
	return []store.Schema{account.Schema, market.Schema, profile.Schema, collect.Schema, audience.Schema, flow.Schema, webhook.Schema, records.Schema, suggest.Schema}
}

// rooms are the features of the house; only this file knows how they are joined.
type rooms struct {
	warehouse *warehouse.Warehouse
	workspace *market.Workspace
	registry  *profile.Registry
	collect   *collect.Service
	audience  *audience.Service
	profile   *profile.Service
	predict   *predict.Service
	suggest   *suggest.Service
	churn     *churn.Service
	live      live
}

// compose opens the remaining engines and joins the rooms. Whatever is opened is given to onClose at once.
func (a *App) compose(ctx context.Context) error {
	w, err := warehouse.Open(ctx, filepath.Join(a.Config.Data, warehouseName), warehouse.Options{Log: a.Log})
	if err != nil {
		return err
	}
	a.onClose(w.Close)
	r := rooms{warehouse: w, workspace: market.NewWorkspace(a.records)}
	r.registry = profile.NewRegistry(a.records, a.Clock)
	r.collect = collect.NewService(w, a.records, r.workspace, people{r.registry}, a.Clock, a.Log, a.Config.Data)
	r.predict = predict.NewService(w)
	r.audience = audience.NewService(w, a.records, r.workspace, r.predict, a.Clock)
	r.churn = churn.New(churn.Options{
		Warehouse: w, Records: records.New(a.records), Audience: r.audience, Workspace: r.workspace, Clock: a.Clock, Log: a.Log, Find: r.registry.Find,
		Announce: func(ctx context.Context, events [][]byte) error { return r.live.gate.Put(ctx, event.OwnSource, events) },
	})
	r.profile = profile.NewService(r.registry, w, r.workspace, predict.Seer{Reports: r.audience})
	if r.live.recall, err = a.openRecall(ctx); err != nil {
		return err
	}
	a.onClose(r.live.recall.Close)
	if err := r.collect.Recover(ctx); err != nil {
		return err
	}
	if err := errors.Join(r.audience.Prepare(ctx), r.churn.Prepare(ctx)); err != nil {
		return err
	}
	a.joinSuggest(&r)
	if err := a.openLive(ctx, &r); err != nil {
		return err
	}
	a.rooms = r
	a.rooms.joinPeople(a.Config.path(rejectsName))
	if err := a.rooms.profile.Resume(ctx); err != nil {
		return err
	}
	a.background("retention", a.retain)
	a.background("risk", r.churn.Live)
	r.audience.Analysed = func() {
		r.churn.Analysed(a.started, a.jobs)
		r.suggest.Analysed(a.started, a.jobs)
	}
	if err := a.adoptCurrency(ctx); err != nil {
		return err
	}
	account.Register(a.api, a.accounts)
	job.Register(a.api, a.jobs)
	collect.Register(a.api, r.collect, a.jobs)
	audience.Register(a.api, r.audience, a.jobs)
	profile.Register(a.api, r.profile, r.audience)
	profile.RegisterPeople(a.api, r.profile, a.jobs)
	audience.RegisterLive(a.api, r.audience, r.registry.Find)
	predict.Register(a.api, r.predict, r.audience, r.workspace)
	churn.Register(a.api, r.churn, a.jobs)
	predict.RegisterValue(a.api, r.predict, r.audience, r.workspace)
	insights := insight.NewService(w, r.audience, r.workspace)
	insights.Foreseen = r.foreseen
	insight.Register(a.api, insights)
	audience.RegisterExport(a.api, r.audience, a.Config.Data)
	a.registerStatus()
	a.registerLive()
	return nil
}

// people lets collect resolve customers through profile without knowing it.
type people struct{ *profile.Registry }

func (p people) Begin(ctx context.Context) (collect.People, error) { return p.People(ctx) }

// snapshots lists what a backup holds besides the record store: a name in the archive and what writes it to a path.
func (a *App) snapshots() []snapshot {
	return []snapshot{{warehouseName, a.rooms.warehouse.Snapshot}, {rejectsName, copyOf(a.Config.path(rejectsName))}, {suggest.Folder, a.rooms.suggest.Snapshot}}
}
