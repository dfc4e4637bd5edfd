package app

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/profile"
)

// retainEvery is how often events that were kept long enough are deleted.
const retainEvery = 24 * time.Hour

// joinPeople gives profile what it needs of the other rooms: how they export and forget a person. rejects is the folder of rows that
// imports set aside.
func (r *rooms) joinPeople(rejects string) {
	fromFiles := func(ctx context.Context, e profile.Erasing) (profile.Forgot, error) {
		return r.eraseFromFiles(ctx, rejects, e)
	}
	r.profile.Join(profile.Joined{
		Erasers:   []profile.Eraser{r.eraseFromWarehouse, r.eraseAside, fromFiles, r.eraseFromAudience, r.eraseFromSuggestions, r.eraseFromLog},
		Exporters: []profile.Exporter{r.exportFromWarehouse, r.exportAside},
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
	if err != nil {
		return f, err
	}
	if n, err = r.churn.Forget(ctx, e.Keys); n > 0 {
		f.Erased = append(f.Erased, profile.Erased{Store: "warehouse", Table: "prediction", Rows: n})
	}
	return f, err
}

// named finds her in texts, however they write her identities.
func (r *rooms) named(ctx context.Context, keys []uint32, identities []event.Identity) (*event.Named, error) {
	spelling, err := r.registry.Spelling(ctx)
	if err != nil {
		return nil, err
	}
	identities = slices.Clone(identities)
	for _, key := range keys {
		identities = append(identities, event.Identity{Kind: event.KindKey, Value: strconv.FormatUint(uint64(key), 10)})
	}
	return event.NewNamed(identities, spelling), nil
}

// eraseAside forgets what was set aside and what hooks remember of her orders. Events of hers that are on their way are nobody's and
// are set aside, too, so that the log is drained before.
func (r *rooms) eraseAside(ctx context.Context, e profile.Erasing) (f profile.Forgot, err error) {
	if err := r.live.flow.Drain(ctx); err != nil {
		return f, err
	}
	who, err := r.named(ctx, e.Keys, e.Identities)
	if err != nil {
		return f, err
	}
	n, err := r.live.flow.Erase(ctx, who)
	if err != nil {
		return f, err
	}
	f.Erased = append(f.Erased, profile.Erased{Store: "records", Table: "flow_quarantine", Rows: n})
	table, n, err := r.live.hooks.Erase(ctx, e.Identities)
	f.Erased = append(f.Erased, profile.Erased{Store: "records", Table: table, Rows: n})
	return f, err
}

// eraseFromFiles takes the rows that name her out of those that imports set aside.
func (r *rooms) eraseFromFiles(ctx context.Context, folder string, e profile.Erasing) (f profile.Forgot, err error) {
	who, err := r.named(ctx, e.Keys, e.Identities)
	if err != nil {
		return f, err
	}
	imports, err := r.warehouse.Imports(ctx) // of one under way the file is being written
	if err != nil {
		return f, err
	}
	rows := int64(0)
	for _, id := range imports {
		n, err := dropRows(filepath.Join(folder, "import-"+strconv.FormatInt(id, 10)+".csv"), who)
		if err != nil {
			return f, fmt.Errorf("rejects: %w", err)
		}
		rows += n
	}
	f.Erased = append(f.Erased, profile.Erased{Store: "files", Table: rejectsName, Rows: rows})
	return f, nil
}

// eraseFromAudience takes her out of the lists kept by hand, and drops the samples of what events hold, of which nobody knows whose
// they were. What recall knew of her went with the journal; what its files still hold of it is overwritten.
func (r *rooms) eraseFromAudience(ctx context.Context, e profile.Erasing) (f profile.Forgot, err error) {
	if err := r.audience.Engine().DropSamples(); err != nil {
		return f, err
	}
	chosen, chunks, err := r.audience.ForgetPerson(ctx, slices.Concat(e.Keys, e.Origins))
	f.Erased = append(f.Erased, profile.Erased{Store: "records", Table: "audience_chosen", Rows: chosen}, profile.Erased{Store: "recall", Table: "people", Rows: chunks})
	return f, err
}

// eraseFromLog drops everything that is through from the log: her events stand in messages with those of others, which are
// in the warehouse. That is brought into its file first, for what is only in its engine's log could be lost with a crash.
func (r *rooms) eraseFromLog(ctx context.Context, _ profile.Erasing) (f profile.Forgot, err error) {
	if err := r.live.flow.Drain(ctx); err != nil {
		return f, err
	}
	dropped, err := r.warehouse.Checkpoint(ctx)
	if err != nil {
		return f, err
	}
	if dropped > 0 {
		f.Erased = append(f.Erased, profile.Erased{Store: "files", Table: "damaged log of the warehouse", Rows: dropped})
	}
	if f.Trimmed, err = r.live.flow.Trim(ctx); err != nil {
		return f, err
	}
	f.Notes = []string{
		"Backups made before still hold her; delete them, or erase her again after restoring one.",
		"The warehouse's file holds the bytes of deleted rows, which no question reaches, until its engine writes over them; a backup made from now on holds none of them.",
		"Files of rejected rows of imports (rejects/) were searched for her ids, addresses and numbers; a row that names her in another way stays.",
	}
	return f, nil
}

// dropRows writes a file of rejected rows anew without those that name somebody, and returns how many went.
func dropRows(path string, who *event.Named) (gone int64, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return 0, err
	}
	stay := slices.DeleteFunc(rows, func(row []string) bool {
		return slices.ContainsFunc(row, func(cell string) bool { return who.In([]byte(cell)) })
	})
	if gone = int64(len(rows) - len(stay)); gone == 0 {
		return 0, nil
	}
	var left bytes.Buffer
	if err := csv.NewWriter(&left).WriteAll(stay); err != nil {
		return 0, err
	}
	return gone, replaceFile(path, left.Bytes())
}

// replaceFile puts another content in a file's place, durably.
func replaceFile(path string, content []byte) error {
	next := path + ".next" // of one that was cut off the next erasure writes over it
	f, err := os.OpenFile(next, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	return os.Rename(next, path)
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

// exportAside gives what an erasure would drop of hers that was set aside.
func (r *rooms) exportAside(ctx context.Context, e profile.Exporting) ([]profile.Sheet, error) {
	who, err := r.named(ctx, e.Origins, e.Identities)
	if err != nil {
		return nil, err
	}
	kept, err := r.live.flow.KeptOf(ctx, who)
	if err != nil {
		return nil, err
	}
	out := profile.Sheet{Name: "set_aside", Columns: []string{"place", "received_at", "source", "name", "reason", "sentence", "content", "note"}}
	for _, k := range kept {
		out.Rows = append(out.Rows, []any{k.Place, k.ReceivedAt, k.Source, k.Name, k.Reason, k.Sentence, k.Content, k.Note})
	}
	return []profile.Sheet{out}, nil
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
