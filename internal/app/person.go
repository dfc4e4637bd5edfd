package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dangol/dangol/internal/profile"
)

// retainEvery is how often events that were kept long enough are deleted.
const retainEvery = 24 * time.Hour

// joinPeople gives profile what it needs of the other rooms: how they export and forget a person.
func (r *rooms) joinPeople() {
	r.profile.Join(profile.Joined{
		Erasers:   []profile.Eraser{r.eraseFromWarehouse, r.eraseAside, r.eraseFromAudience, r.eraseFromLog},
		Exporters: []profile.Exporter{r.exportFromWarehouse},
		Retain:    r.deleteOld,
		Memberships: func(ctx context.Context, customer uint32) ([]profile.Membership, error) {
			in, err := r.audience.SegmentsOf(ctx, customer)
			list := make([]profile.Membership, len(in))
			for i, one := range in {
				list[i] = profile.Membership(one)
			}
			return list, err
		},
	})
}

// deleteOld deletes events that were kept long enough; what counted them counts anew.
func (r *rooms) deleteOld(ctx context.Context, event string, beforeUS int64) (rows int64, err error) {
	rows, err = r.warehouse.Retain(ctx, event, beforeUS)
	if rows > 0 {
		r.audience.Deleted(event)
	}
	return rows, err
}

// eraseFromWarehouse waits until the warehouse has followed the journal that tells of the erasure.
func (r *rooms) eraseFromWarehouse(ctx context.Context, e profile.Erasing) (f profile.Forgot, err error) {
	if err := r.live.flow.Follow(ctx, e.Journal); err != nil {
		return f, err
	}
	counts, err := r.warehouse.ErasedRows(ctx, e.Origins)
	if err != nil {
		return f, err
	}
	for _, table := range slices.Sorted(maps.Keys(counts)) {
		f.Erased = append(f.Erased, profile.Erased{Store: "warehouse", Table: table, Rows: counts[table]})
	}
	n, err := r.warehouse.ForgetState(ctx, e.Keys)
	if n > 0 {
		f.Erased = append(f.Erased, profile.Erased{Store: "warehouse", Table: "customer_state", Rows: n})
	}
	return f, err
}

// eraseAside forgets what was set aside and what hooks remember of her orders.
func (r *rooms) eraseAside(ctx context.Context, e profile.Erasing) (f profile.Forgot, err error) {
	n, err := r.live.flow.Erase(ctx, e.Identities)
	if err != nil {
		return f, err
	}
	f.Erased = append(f.Erased, profile.Erased{Store: "records", Table: "flow_quarantine", Rows: n})
	table, n, err := r.live.hooks.Erase(ctx, e.Identities)
	f.Erased = append(f.Erased, profile.Erased{Store: "records", Table: table, Rows: n})
	return f, err
}

// eraseFromAudience takes her out of the lists kept by hand. What recall knew of her went with the journal; what its files
// still hold of it is overwritten.
func (r *rooms) eraseFromAudience(ctx context.Context, e profile.Erasing) (f profile.Forgot, err error) {
	chosen, chunks, err := r.audience.ForgetPerson(ctx, slices.Concat(e.Keys, e.Origins))
	f.Erased = append(f.Erased, profile.Erased{Store: "records", Table: "audience_chosen", Rows: chosen}, profile.Erased{Store: "recall", Table: "people", Rows: chunks})
	return f, err
}

// eraseFromLog drops everything that is through from the log: her events stand in messages with those of others, which are
// in the warehouse.
func (r *rooms) eraseFromLog(ctx context.Context, _ profile.Erasing) (f profile.Forgot, err error) {
	if err := r.live.flow.Drain(ctx); err != nil {
		return f, err
	}
	if err := r.live.flow.Trim(ctx); err != nil {
		return f, err
	}
	f.Trimmed, _ = r.live.flow.Settled()
	f.Notes = []string{
		"Backups made before still hold her; delete them, or erase her again after restoring one.",
		"Files of rejected lines of imports (rejects/) are not searched; they hold lines that were never taken in.",
	}
	return f, nil
}

func (r *rooms) exportFromWarehouse(ctx context.Context, e profile.Exporting) ([]profile.Sheet, error) {
	sheets, err := r.warehouse.Export(ctx, e.Key)
	if err != nil {
		return nil, err
	}
	out := make([]profile.Sheet, len(sheets))
	for i, s := range sheets {
		out[i] = profile.Sheet(s)
	}
	return out, nil
}

// retain deletes what was kept long enough, at the start and once a day.
func (a *App) retain(ctx context.Context) error {
	tick := time.NewTicker(retainEvery)
	defer tick.Stop()
	for {
		n, err := a.rooms.profile.Enforce(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			a.Log.ErrorContext(ctx, "retention periods could not be enforced", "error", err.Error(), "cause", fmt.Sprint(err))
		case n > 0:
			a.Log.InfoContext(ctx, "events were kept long enough and are deleted", "events", n)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
