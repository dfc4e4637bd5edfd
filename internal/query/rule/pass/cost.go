package pass

import (
	"slices"
	"time"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/render"
)

// What an event costs by the clock on two cores: its own columns; its properties, which are unpacked and parsed; and being put in order with
// what else its customer did. By BenchmarkEach in test/bench/segments, of 4.4M events: 115, 870 and 1,480 ms.
const (
	eventNS    = 26
	propertyNS = 175
	orderedNS  = 300
)

// Cost foretells how long those conditions of a set take together that are not known, as far as it is long because of events: enough to tell a second
// from a tenth. events says how many there are of a need's name in a span of time.
func (m *Memory) Cost(s *rule.Set, q render.Ask, events func(n *rule.Need, fromUS, toUS int64) int64) time.Duration {
	_, missing, _ := m.look(s, q)
	r := newRun(s, nil, q, 0, 64, false)
	r.wantAll(missing)
	var total time.Duration
	for _, of := range r.levels {
		for _, d := range r.readings(of) {
			if d.many && !d.lastOnly() {
				total += time.Duration(events(&r.needs[d.need], d.wanted.From, r.now.AtUS) * r.eventCost(d))
			}
		}
	}
	return total
}

// eventCost is what each event of a reading costs, in nanoseconds.
func (r *run) eventCost(d *reading) int64 {
	ns := int64(eventNS)
	for _, c := range d.consumers {
		if c.prop.Name != "" || len(r.set.Selections[c.sel].Filters) > 0 {
			ns = max(ns, propertyNS)
		}
	}
	if slices.ContainsFunc(d.consumers, func(c consumer) bool { _, is := c.fold.(*step); return is }) {
		ns += orderedNS - eventNS
	}
	return ns
}
