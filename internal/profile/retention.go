package profile

import (
	"context"
	"fmt"
	"slices"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/store"
)

// Retention says how long the events of one name are kept.
type Retention struct {
	Event string `json:"event" maxLength:"256" doc:"name of the event; * for all that have no rule of their own"`
	Days  int    `json:"days" minimum:"1" maximum:"36500"`
}

// anyEvent is the rule for events without one of their own.
const anyEvent = "*"

const dayUS = 24 * hourUS

// Retainer deletes the events of a name that were received before an instant, and says how many.
type Retainer func(ctx context.Context, event string, beforeUS int64) (int64, error)

// Overdue are events that have been kept long enough.
type Overdue struct {
	Event    string
	BeforeUS int64
}

// Retention lists how long events are kept; what no rule names is kept for ever.
func (r *Registry) Retention(ctx context.Context) ([]Retention, error) {
	list := []Retention{}
	err := r.store.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, "profile.EachRetention", nil, func(scan store.Scan) error {
			var n Retention
			err := scan(&n.Event, &n.Days)
			list = append(list, n)
			return err
		})
	})
	return list, wrap("retention", err)
}

// PutRetention replaces the rules.
func (r *Registry) PutRetention(ctx context.Context, rules []Retention, who string) error {
	seen := map[string]bool{}
	for i, n := range rules {
		place := fault.Place{Field: fmt.Sprintf("rules[%d]", i), Value: n.Event}
		switch {
		case n.Event == "" || n.Days < 1 || n.Days > 36500:
			return fault.New(fault.Invalid, "profile.bad_retention", "a rule names an event and a number of days from 1 to 36500").At(place).
				Then(`Write e.g. {"event":"Page Viewed","days":400}.`)
		case seen[n.Event]:
			return fault.Newf(fault.Invalid, "profile.bad_retention", "there are two rules for %q", n.Event).At(place).Then("Leave one.")
		}
		seen[n.Event] = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return err
	}
	s := step{audits: []audit{{who: who, what: "retention", subject: -1}}, also: func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, "profile.ClearRetention"); err != nil {
			return err
		}
		for _, n := range rules {
			if _, err := tx.Exec(ctx, "profile.InsertRetention", n.Event, n.Days); err != nil {
				return err
			}
		}
		return nil
	}}
	return wrap("keep retention", r.commit(ctx, &s))
}

// Due lists the events that have been kept long enough. names are those there are.
func (r *Registry) Due(ctx context.Context, names []string) ([]Overdue, error) {
	rules, err := r.Retention(ctx)
	if err != nil {
		return nil, err
	}
	days, others := map[string]int{}, 0
	for _, n := range rules {
		if n.Event == anyEvent {
			others = n.Days
		} else {
			days[n.Event] = n.Days
		}
	}
	now := r.clock().UnixMicro()
	var due []Overdue
	for _, name := range names {
		d, found := days[name]
		if !found {
			d = others
		}
		if d > 0 {
			due = append(due, Overdue{name, now - int64(d)*dayUS})
		}
	}
	slices.SortFunc(due, func(a, b Overdue) int { return int(a.BeforeUS/dayUS - b.BeforeUS/dayUS) })
	return due, nil
}

// Enforce deletes the events that have been kept long enough, and says how many.
func (s *Service) Enforce(ctx context.Context) (int64, error) {
	if s.joined.Retain == nil {
		return 0, nil
	}
	sheet, err := s.sheet(ctx, "event names", `SELECT name FROM event_name`)
	if err != nil {
		return 0, err
	}
	var names []string
	for _, row := range sheet.Rows {
		if name, ok := row[0].(string); ok {
			names = append(names, name)
		}
	}
	due, err := s.registry.Due(ctx, names)
	if err != nil {
		return 0, err
	}
	var all int64
	for _, d := range due {
		n, err := s.joined.Retain(ctx, d.Event, d.BeforeUS)
		all += n
		if err != nil {
			return all, wrap("enforce retention", err)
		}
	}
	return all, nil
}
