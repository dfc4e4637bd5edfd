// Package records keeps trained models with their cards: versions of each kind, one of them active.
//
// Nouns: record (one trained model), kind (what it predicts), version (counts from 1 within a kind), summary (what a list shows),
// card (everything that is said about it), body (the model itself, or where it lies).
//
// Invariants: a version is never written twice and never changes its body; at most one version of a kind is active; an active version is
// never forgotten.
//
// Tables owned: predict_model. It holds nothing about single people: models are parameters, cards are counts.
package records

import (
	"context"
	"embed"
	"encoding/json"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/store"
)

//go:embed queries.sql
var queries string

//go:embed migrations
var migrations embed.FS

// Schema is what predict keeps in the record store.
var Schema = store.Schema{Room: "predict", Queries: queries, Migrations: migrations}

// Kinds of models.
const (
	Churn     = "churn"
	Value     = "value"
	Recommend = "recommend"
)

// Keep is how many versions of a kind are kept beside the active one.
const Keep = 12

// Record is one trained model.
type Record struct {
	Kind      string
	Version   int64
	TrainedAt time.Time // UTC, whole microseconds
	AsOf      day.Day   // the last day it has learnt from
	Seed      int64
	Active    bool
	Summary   json.RawMessage // what GET /v1/models shows of it
	Card      json.RawMessage // what GET /v1/models/{kind} shows; nil in lists
	Body      []byte          // the model; nil in lists
}

// Records are the models kept in a store.
type Records struct{ store *store.Store }

// New returns the records of a store that was opened with Schema.
func New(s *store.Store) *Records { return &Records{s} }

// Save keeps a model as the next version of its kind and returns that version; Version is given, not read. A record that is Active takes
// the place of the one that was. Versions that lie more than Keep back are forgotten, and returned so that what they left elsewhere can go.
func (r *Records) Save(ctx context.Context, m Record) (version int64, forgotten []int64, err error) {
	err = r.store.In(ctx, func(tx *store.Tx) error {
		forgotten = nil
		var last int64
		if _, err := tx.One(ctx, "predict.LastVersion", store.Args{m.Kind}, &last); err != nil {
			return err
		}
		version = last + 1
		if m.Active {
			if _, err := tx.Exec(ctx, "predict.Rest", m.Kind); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, "predict.AddModel", m.Kind, version, m.TrainedAt.UnixMicro(), int64(m.AsOf), m.Seed, m.Active,
			text(m.Summary), text(m.Card), body(m.Body)); err != nil {
			return err
		}
		forgotten, err = forget(ctx, tx, m.Kind, version-Keep)
		return err
	})
	return version, forgotten, err
}

func forget(ctx context.Context, tx *store.Tx, kind string, upTo int64) ([]int64, error) {
	old, err := store.Collect(ctx, tx, "predict.EachSpent", store.Args{kind, upTo}, func(scan store.Scan) (version int64, err error) {
		return version, scan(&version)
	})
	if err != nil {
		return nil, err
	}
	for _, v := range old {
		if _, err := tx.Exec(ctx, "predict.Forget", kind, v); err != nil {
			return nil, err
		}
	}
	return old, nil
}

// Active is the version of a kind that predicts; found is false where none does.
func (r *Records) Active(ctx context.Context, kind string) (m Record, found bool, err error) {
	return r.one(ctx, "predict.FindActive", store.Args{kind})
}

// Get is one version; a fault where there is none.
func (r *Records) Get(ctx context.Context, kind string, version int64) (Record, error) {
	m, found, err := r.one(ctx, "predict.FindModel", store.Args{kind, version})
	if err == nil && !found {
		err = absent(kind, version)
	}
	return m, err
}

// List has the versions of a kind, the newest first, without cards and bodies. An empty kind asks for all kinds.
func (r *Records) List(ctx context.Context, kind string) (list []Record, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		list, err = store.Collect(ctx, tx, "predict.EachModel", store.Args{kind}, func(scan store.Scan) (m Record, err error) {
			return m, read(&m, scan)
		})
		return err
	})
	return list, err
}

// Activate makes a version the one that predicts: a rollback, or the way back from one. The version is returned as it is then.
func (r *Records) Activate(ctx context.Context, kind string, version int64) (Record, error) {
	err := r.store.In(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, "predict.Rest", kind); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, "predict.Activate", kind, version)
		if err == nil && n == 0 {
			return absent(kind, version)
		}
		return err
	})
	if err != nil {
		return Record{}, err
	}
	return r.Get(ctx, kind, version)
}

// Amend replaces what is said about a version, when more is known: how its predictions came true. Its body stays as it is.
func (r *Records) Amend(ctx context.Context, kind string, version int64, summary, card json.RawMessage) error {
	return r.store.In(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, "predict.PutCard", kind, version, text(summary), text(card))
		if err == nil && n == 0 {
			return absent(kind, version)
		}
		return err
	})
}

func (r *Records) one(ctx context.Context, name string, args store.Args) (m Record, found bool, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		var trained, asOf int64
		var summary, card string
		found, err = tx.One(ctx, name, args, &m.Kind, &m.Version, &trained, &asOf, &m.Seed, &m.Active, &summary, &card, &m.Body)
		m.TrainedAt, m.AsOf = time.UnixMicro(trained).UTC(), day.Day(asOf)
		m.Summary, m.Card = json.RawMessage(summary), json.RawMessage(card)
		return err
	})
	return m, found, err
}

func read(m *Record, scan store.Scan) error {
	var trained, asOf int64
	var summary string
	if err := scan(&m.Kind, &m.Version, &trained, &asOf, &m.Seed, &m.Active, &summary); err != nil {
		return err
	}
	m.TrainedAt, m.AsOf, m.Summary = time.UnixMicro(trained).UTC(), day.Day(asOf), json.RawMessage(summary)
	return nil
}

func absent(kind string, version int64) error {
	return fault.Newf(fault.NotFound, "predict.no_version", "there is no version %d of the model %q", version, kind).
		At(fault.Place{Field: "version"}).Then("`dangol models` lists what there is.")
}

func text(m json.RawMessage) string {
	if m == nil {
		return "{}"
	}
	return string(m)
}

// body keeps NULL out of a column that has none.
func body(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
