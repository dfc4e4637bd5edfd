package profile

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/profile/graph"
	"github.com/dangol/dangol/internal/store"
)

// seenEvery is how often the hours in which identities were seen are written, and seenBlocks how many blocks of them at once.
const (
	seenEveryUS = 1_000_000
	seenBlocks  = 128
)

// step is what is written in one transaction, beside the changes of the graph.
type step struct {
	seq      uint64       // offset reached; 0 where it stays
	facts    []event.Fact // of which the changes speak
	who, why string       // of changes that no fact made
	cause    string
	contacts contacts
	acts     []act
	restate  []uint32 // origins whose consents are told anew
	entries  []Entry  // told before all others
	again    []uint32 // origins of which the warehouse is told once more
	told     []message
	audits   []audit
	undone   bool // the origins to restate were one person before
	also     func(ctx context.Context, tx *store.Tx) error
}

// audit is a change that a person made.
type audit struct {
	who, what string
	subject   int64 // an origin, -1 for none
	why       string
}

// message is an event of ours.
type message struct {
	name       string
	key        uint32
	properties map[string]any
}

// writing is one run of the transaction; on PostgreSQL there may be several.
type writing struct {
	*Registry
	*step
	tx       *store.Tx
	nowUS    int64
	counters map[string]int64
	values   map[uint32]string // of identities that are new
	told     []message
	restate  []uint32
	touched  []uint32 // origins that an import must settle
	seen     []uint32 // blocks
	fresh    uint32   // origins from here on are new
}

// commit writes the changes of the graph and the step; the caller holds the lock.
func (r *Registry) commit(ctx context.Context, s *step) error {
	w := &writing{Registry: r, step: s}
	err := r.store.In(ctx, func(tx *store.Tx) error {
		*w = writing{
			Registry: r, step: s, tx: tx, nowUS: r.clock().UnixMicro(), counters: maps.Clone(r.counters),
			told: slices.Clone(s.told), restate: slices.Clone(s.restate), fresh: uint32(r.counters[counterOrigin]),
		}
		return w.write(ctx)
	})
	if err != nil {
		r.lost()
		return err
	}
	r.counters = w.counters
	r.written = maps.Clone(w.counters)
	for o := range s.contacts {
		r.graph.SetMark(o, s.contacts[o].mark, s.contacts[o].hour)
	}
	for i := range s.acts {
		for _, o := range s.acts[i].scope {
			r.consenting.Add(o)
		}
	}
	for _, block := range w.seen {
		delete(r.graph.Changes.SeenBlocks, block)
		r.seenUS = w.nowUS
	}
	if r.importing != nil {
		r.importing.touched = append(r.importing.touched, w.touched...)
	}
	r.outbox = r.outbox || len(w.told) > 0
	if len(r.graph.Changes.Gone)+len(r.graph.Changes.Moved) > 0 {
		r.epoch.Add(1)
	}
	r.graph.Reset()
	return nil
}

func (w *writing) write(ctx context.Context) error {
	if w.also != nil {
		if err := w.also(ctx, w.tx); err != nil {
			return err
		}
	}
	for _, part := range []func(context.Context) error{w.identities, w.links, w.blocks, w.people, w.consents, w.journal, w.audited, w.count} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// next gives the next number of a counter.
func (w *writing) next(counter string) int64 {
	w.counters[counter]++
	return w.counters[counter]
}

func (w *writing) identities(ctx context.Context) error {
	c := &w.graph.Changes
	if len(c.Fresh) > 0 {
		w.values = make(map[uint32]string, len(c.Fresh))
		b, err := w.tx.Batch(ctx, "profile.InsertIdentity")
		if err != nil {
			return err
		}
		for i := range c.Fresh {
			f := &c.Fresh[i]
			source, at := w.who, w.nowUS
			if f.Fact >= 0 {
				source, at = w.facts[f.Fact].Source, w.facts[f.Fact].ReceivedUS
			}
			w.values[f.Number] = f.Value
			if err := b.Add(int64(f.Number), w.graph.Book().Name(f.Kind), f.Value, source, at); err != nil {
				return err
			}
		}
		if err := b.Close(); err != nil {
			return err
		}
	}
	for _, m := range c.Marks {
		if _, err := w.tx.Exec(ctx, "profile.InsertShared", int64(m.Number), int64(m.From)); err != nil {
			return err
		}
	}
	return w.notes(ctx)
}

// notes keeps what happens to people while an import runs, so that it can be told again when the import has committed.
func (w *writing) notes(ctx context.Context) error {
	if w.importing == nil {
		return nil
	}
	c := &w.graph.Changes
	w.touched = slices.Concat(c.Adopted, c.Moved, erased(w.entries))
	if w.importing.id == 0 {
		return nil // they are kept with its customers
	}
	for _, o := range w.touched {
		if _, err := w.tx.Exec(ctx, "profile.InsertNote", w.importing.id, noteTouched, int64(o), int64(0)); err != nil {
			return err
		}
	}
	return nil
}

func erased(entries []Entry) (origins []uint32) {
	for i := range entries {
		if entries[i].Kind == Erase {
			origins = append(origins, entries[i].Origin)
		}
	}
	return origins
}

func (w *writing) links(ctx context.Context) error {
	links := w.graph.Changes.Links
	if len(links) == 0 {
		return nil
	}
	b, err := w.tx.Batch(ctx, "profile.InsertLink")
	if err != nil {
		return err
	}
	for i := range links {
		l := &links[i]
		id := w.next(counterLink)
		cause, who, why, at := w.cause, w.who, w.why, w.nowUS
		if l.Fact >= 0 {
			f := &w.facts[l.Fact]
			cause, who, why, at = f.Type.String(), f.Source, because(f), f.ReceivedUS
		}
		if err := b.Add(id, int64(l.A), int64(l.B), int64(l.From), int64(l.Into), int64(l.Via), cause, who, why, at); err != nil {
			return err
		}
		if l.From != l.Into {
			w.told = append(w.told, merged(id, l, cause, who, why))
			w.restated(l)
		}
	}
	return b.Close()
}

// because says why a fact joined two people, without naming them.
func because(f *event.Fact) string {
	switch f.Type {
	case event.Alias:
		return "an alias named the one as the other's earlier id"
	case event.Identify:
		return "an identify call named both"
	}
	return cleanText(fmt.Sprintf("the event %q named both", f.Name))
}

func merged(id int64, l *graph.Link, cause, who, why string) message {
	return message{
		name: "Customers Merged", key: l.Into,
		properties: map[string]any{"merge": id, "from": keyText(l.From), "into": keyText(l.Into), "cause": cause, "who": who, "why": why},
	}
}

// restated notes that the consents of a merged person are told anew, where she has any.
func (w *writing) restated(l *graph.Link) {
	if w.consenting.IsEmpty() {
		return
	}
	for _, o := range w.graph.Members(w.graph.Person(l.A)) {
		if w.consenting.Contains(o) {
			w.restate = append(w.restate, l.A)
			return
		}
	}
}

func (w *writing) blocks(ctx context.Context) error {
	c := &w.graph.Changes
	b, err := w.tx.Batch(ctx, "profile.PutBlock")
	if err != nil {
		return err
	}
	for _, block := range slices.Sorted(maps.Keys(c.Blocks)) {
		w.seen = append(w.seen, block)
		if err := b.Add(areaIdentities, int64(block), w.graph.IdentityBlock(block)); err != nil {
			return err
		}
	}
	for _, block := range slices.Sorted(maps.Keys(c.PersonBlocks)) {
		if err := b.Add(areaPeople, int64(block), w.graph.PersonBlock(block)); err != nil {
			return err
		}
	}
	if w.nowUS-w.seenUS < seenEveryUS {
		return b.Close()
	}
	for block := range c.SeenBlocks {
		if _, done := c.Blocks[block]; done {
			continue
		}
		if len(w.seen) == len(c.Blocks)+seenBlocks {
			break
		}
		w.seen = append(w.seen, block)
		if err := b.Add(areaIdentities, int64(block), w.graph.IdentityBlock(block)); err != nil {
			return err
		}
	}
	return b.Close()
}

// journal writes what the warehouse must follow: what is gone and moved, then the rows of those who are there.
func (w *writing) journal(ctx context.Context) error {
	c := &w.graph.Changes
	entries := slices.Clone(w.entries)
	moved := map[uint32]bool{}
	move := func(o uint32) {
		if to := w.graph.Person(o); to != Nobody && !moved[o] {
			moved[o] = true
			entries = append(entries, Entry{Kind: Move, Origin: o, To: to})
		}
	}
	shown := maps.Clone(c.Shown)
	for _, o := range c.Moved {
		move(o)
	}
	for _, o := range w.again {
		switch move(o); w.graph.Person(o) {
		case o:
			shown[o] = struct{}{}
		case Nobody:
			entries = append(entries, Entry{Kind: Erase, Origin: o}, Entry{Kind: Gone, Key: o})
		default:
			entries = append(entries, Entry{Kind: Gone, Key: o})
		}
	}
	for _, key := range c.Gone {
		if w.graph.Person(key) != key {
			entries = append(entries, Entry{Kind: Gone, Key: key})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(shown)) {
		if w.graph.Person(key) != key || w.graph.Provisional(key) {
			continue
		}
		e, err := w.row(ctx, key)
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	rev := w.counters[counterJournal]
	err := writeJournal(ctx, w.tx, &rev, entries)
	w.counters[counterJournal] = rev
	return err
}

func (w *writing) audited(ctx context.Context) error {
	for _, a := range w.audits {
		if _, err := w.tx.Exec(ctx, "profile.InsertAudit", w.next(counterAudit), w.nowUS, a.who, a.what, a.subject, a.why); err != nil {
			return err
		}
	}
	return nil
}

// count writes the events to be told, and the counters that moved.
func (w *writing) count(ctx context.Context) error {
	now := time.UnixMicro(w.nowUS).UTC().Format(time.RFC3339Nano)
	for _, m := range w.told {
		number := w.next(counterOutbox)
		text, err := json.Marshal(map[string]any{
			"type": "track", "event": m.name, "messageId": fmt.Sprintf("dangol:%d:%d", number, w.nowUS), "timestamp": now, "properties": m.properties,
			"context": map[string]any{"externalIds": []map[string]string{{"type": event.KindKey, "id": keyText(m.key)}}},
		})
		if err != nil {
			return err
		}
		if _, err := w.tx.Exec(ctx, "profile.InsertOutbox", number, string(text)); err != nil {
			return err
		}
	}
	if w.seq > 0 {
		w.counters[counterLog] = int64(w.seq)
	}
	w.counters[counterOrigin] = int64(w.graph.Origins())
	b, err := w.tx.Batch(ctx, "profile.PutCounter")
	if err != nil {
		return err
	}
	for name, value := range w.counters {
		if before, found := w.written[name]; found && before == value {
			continue
		}
		if err := b.Add(name, value); err != nil {
			return err
		}
	}
	return b.Close()
}
