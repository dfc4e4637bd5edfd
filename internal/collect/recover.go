package collect

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/store"
)

// Recover settles what a crash left open: an import whose lines are in the warehouse is done, any other never was.
// It refuses records that are not those of this warehouse.
func (s *Service) Recover(ctx context.Context) error {
	if err := s.checkPair(ctx); err != nil {
		return err
	}
	if err := s.settleOpen(ctx); err != nil {
		return err
	}
	return s.sweepUploads()
}

// checkPair compares the imports that records and warehouse know. Customers have their keys from the records and their orders
// from the warehouse: with those of another folder, or of another day, orders would go to the wrong people.
func (s *Service) checkPair(ctx context.Context) error {
	states := map[int64]string{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, "collect.EachState", nil, func(scan store.Scan) error {
			var id int64
			var state string
			err := scan(&id, &state)
			states[id] = state
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("recover imports: %w", err)
	}
	here, err := s.warehouse.Imports(ctx)
	if err != nil {
		return err
	}
	mixed := func(id int64, where string) error {
		return fault.Newf(fault.Conflict, "collect.mixed_folders", "the records and the warehouse do not belong together: import %d is only in the %s", id, where).
			At(fault.Place{File: s.folder}).Then("Open the folder with the record store it was made with (DANGOL_STORE, or the store in dangol.conf), or restore both of one backup.")
	}
	for _, id := range here {
		if _, known := states[id]; !known {
			return mixed(id, "warehouse")
		}
	}
	for id, state := range states {
		if _, found := slices.BinarySearch(here, id); state == "done" && !found {
			return mixed(id, "records")
		}
	}
	return nil
}

// settleOpen ends the records of imports that are still running; it is called when none is.
func (s *Service) settleOpen(ctx context.Context) error {
	type open struct {
		id     int64
		result string
	}
	var left []open
	err := s.store.View(ctx, func(tx *store.Tx) error {
		var err error
		left, err = store.Collect(ctx, tx, "collect.EachUnfinished", nil, func(scan store.Scan) (o open, err error) {
			err = scan(&o.id, &o.result)
			return o, err
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("recover imports: %w", err)
	}
	for _, o := range left {
		if err := s.settleOne(ctx, o.id, o.result, "the process ended before the import was done; nothing was kept"); err != nil {
			return err
		}
		s.log.Warn("an interrupted import is settled", "import", o.id)
	}
	return nil
}

// settleOne ends a record by what the warehouse says. Where a step fails the record stays open, and is settled before the next
// import or at the next start: customers of an import that never was must not outlive it.
func (s *Service) settleOne(ctx context.Context, id int64, result, problem string) error {
	taken, done, err := s.warehouse.TakenBy(ctx, id)
	if err != nil {
		return err
	}
	if !done {
		if err := s.registry.Forget(ctx, id); err != nil {
			return err
		}
		if err := dropFile(s.rejectsPath(id)); err != nil {
			return err
		}
		return s.end(ctx, id, "failed", "", problem)
	}
	var r Result
	if err := json.Unmarshal([]byte(result), &r); err != nil {
		return fmt.Errorf("recover import %d: %w", id, err)
	}
	r.settle(taken)
	if err := s.registry.Done(ctx, id); err != nil {
		return err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("recover import %d: %w", id, err)
	}
	return s.end(ctx, id, "done", string(text), "")
}
