package recall

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/cockroachdb/pebble/v2"
)

// heavyBytes is how long a record may be. Longer ones are those of machines and test accounts: they are not kept, and whoever
// evaluates rules asks the warehouse about these few.
const heavyBytes = 512 << 10

// nobody is the key of no customer.
const nobody = 1<<32 - 1

// Commit gathers what changes together. It is begun and ended by one goroutine; no other begins meanwhile.
type Commit struct {
	r       *Recall
	nowUS   int64
	batch   *pebble.Batch
	added   []addition
	arena   []byte
	sorted  bool
	whole   map[uint32]*rewritten
	members map[uint32]*change
	owners  map[uint32]uint32
	heavy   map[uint32]bool // who became so by this commit
	offsets Offsets
	told    uint64
	ended   bool
}

// addition is a fact in the arena.
type addition struct {
	customer uint32
	from, to uint32
}

// rewritten is a record that is written whole: what of the stored one stays.
type rewritten struct {
	payload []byte
	chain   []link
}

// Begin starts a commit at an instant. It waits for the one before to end.
func (r *Recall) Begin(nowUS int64) *Commit {
	r.writing.Lock()
	return &Commit{
		r: r, nowUS: nowUS, batch: r.db.NewBatch(), whole: map[uint32]*rewritten{}, members: map[uint32]*change{}, owners: map[uint32]uint32{}, heavy: map[uint32]bool{},
		offsets: r.offsets, told: r.told,
	}
}

// Discard ends a commit without keeping anything. After Keep it does nothing.
func (c *Commit) Discard() {
	if c.ended {
		return
	}
	c.ended = true
	_ = c.batch.Close() // nothing was applied
	c.r.writing.Unlock()
}

// Follow says how far the commit brings what is here.
func (c *Commit) Follow(o Offsets) { c.offsets = o }

// Add adds a fact to what a customer did.
func (c *Commit) Add(customer uint32, f *Fact) {
	if customer == nobody || c.IsHeavy(customer) {
		return
	}
	from := len(c.arena)
	c.arena = appendFact(c.arena, customer, f)
	c.added = append(c.added, addition{customer, uint32(from), uint32(len(c.arena))})
	c.sorted = false
}

// IsHeavy tells whoever makes commits that a customer's record is not kept.
func (c *Commit) IsHeavy(customer uint32) bool { return c.heavy[customer] || c.r.isHeavy(customer) }

// weigh says that a customer's record is kept no more.
func (c *Commit) weigh(customer uint32) {
	if !c.IsHeavy(customer) {
		c.heavy[customer] = true
		c.Enter(Heavy, customer)
	}
}

func (r *Recall) isHeavy(customer uint32) bool {
	m := r.members[Heavy]
	return m != nil && m.bits.Contains(customer)
}

// Owner is who has the facts of an origin, after what this commit moves.
func (c *Commit) Owner(origin uint32) uint32 {
	if to, ok := c.owners[origin]; ok {
		return to
	}
	return c.r.owner(origin)
}

// Own says that an origin's facts are a customer's, without moving any.
func (c *Commit) Own(origin, customer uint32) {
	if c.Owner(origin) != customer {
		c.owners[origin] = customer
	}
}

// DisownAll says that the facts of every origin are its own again.
func (c *Commit) DisownAll() {
	for origin := range c.r.owners {
		c.owners[origin] = origin
	}
}

// Sort brings what was added into the order in which it is found. After it several goroutines may Load at once, until something changes.
func (c *Commit) Sort() {
	if c.sorted {
		return
	}
	slices.SortFunc(c.added, func(a, b addition) int { // by the arena they stay in the order in which they were added
		return cmp.Or(cmp.Compare(a.customer, b.customer), cmp.Compare(a.from, b.from))
	})
	c.sorted = true
}

// additions are the facts added for one customer so far.
func (c *Commit) additions(customer uint32) []addition {
	c.Sort()
	from, found := slices.BinarySearchFunc(c.added, customer, func(a addition, k uint32) int { return cmp.Compare(a.customer, k) })
	if !found {
		return nil
	}
	to := from
	for to < len(c.added) && c.added[to].customer == customer {
		to++
	}
	return c.added[from:to]
}

// open makes the record of a customer one that is written whole, and shows what is stored of it.
func (c *Commit) open(customer uint32) (*rewritten, error) {
	if w := c.whole[customer]; w != nil {
		return w, nil
	}
	stored, chain, err := c.r.people.read(customer, nil, nil)
	if err != nil {
		return nil, c.r.damaged(err)
	}
	w := &rewritten{chain: chain}
	if w.payload, err = loose(nil, stored, chain); err != nil {
		return nil, c.r.damaged(err)
	}
	c.whole[customer] = w
	return w, nil
}

// filter keeps those facts of a stored record that stay.
func (w *rewritten) filter(customer uint32, stays func(f *packed) bool) error {
	var f packed
	kept := w.payload[:0]
	for at := 0; at < len(w.payload); at = f.to {
		if !f.next(w.payload, at, customer) {
			return errDamaged
		}
		if stays(&f) {
			kept = append(kept, w.payload[f.from:f.to]...)
		}
	}
	w.payload = kept
	return nil
}

// Move gives everything of an origin to a customer. Moves come before anything is added to those they touch.
func (c *Commit) Move(origin, to uint32) (from uint32, err error) {
	from = c.Owner(origin)
	if from == to {
		return from, nil
	}
	c.owners[origin] = to
	target, err := c.open(to)
	if err != nil {
		return from, err
	}
	if c.IsHeavy(from) { // what she did is in no record: of whom it is now the warehouse must be asked, too
		c.weigh(to)
		target.payload = nil
		return from, nil
	}
	w, err := c.open(from)
	if err != nil {
		return from, err
	}
	heavy := c.IsHeavy(to)
	return from, c.r.damaged(w.filter(from, func(f *packed) bool {
		if f.origin != origin {
			return true
		}
		if !heavy {
			target.payload = moveFact(target.payload, f, to)
		}
		return false
	}))
}

// moveFact writes a packed fact anew for another customer.
func moveFact(b []byte, f *packed, to uint32) []byte {
	b = binary.AppendUvarint(b, uint64(f.strand))
	b = binary.AppendVarint(b, f.atUS)
	b = binary.AppendUvarint(b, f.place)
	if f.origin == to {
		b = append(b, 0)
	} else {
		b = binary.AppendUvarint(b, uint64(f.origin)+1)
	}
	b = binary.AppendUvarint(b, uint64(len(f.values)))
	return append(b, f.values...)
}

// Forget drops everything of an origin and tells who had it.
func (c *Commit) Forget(origin uint32) (owner uint32, err error) {
	owner = c.Owner(origin)
	w, err := c.open(owner)
	if err != nil {
		return owner, err
	}
	if owner != origin {
		c.owners[origin] = origin
	}
	return owner, c.r.damaged(w.filter(owner, func(f *packed) bool { return f.origin != origin }))
}

// Clear drops what a customer has on some strands, before it is added anew.
func (c *Commit) Clear(customer uint32, on func(strand uint32) bool) error {
	if c.IsHeavy(customer) {
		return nil
	}
	w, err := c.open(customer)
	if err != nil {
		return err
	}
	return c.r.damaged(w.filter(customer, func(f *packed) bool { return !on(f.strand) }))
}

// Load shows what a customer did, with what this commit adds. What is stored is read when something of it is asked for, or at once
// where latest is wanted: only then LastUS is that of all.
func (c *Commit) Load(customer uint32, slots *Slots, count int, latest bool, into *Record) error {
	into.begin(customer, slots, count)
	w := c.whole[customer]
	switch {
	case w != nil:
		into.payload = append(into.payload, w.payload...)
		if err := into.take(0, len(into.payload)); err != nil {
			return c.r.damaged(err)
		}
	case latest:
		if err := into.load(c.r.people); err != nil {
			return c.r.damaged(err)
		}
	default:
		if err := into.postpone(c.r.people); err != nil {
			return c.r.damaged(err)
		}
	}
	from := len(into.payload)
	for _, a := range c.additions(customer) {
		into.payload = append(into.payload, c.arena[a.from:a.to]...)
	}
	return c.r.damaged(into.take(from, len(into.payload)))
}

// Read shows what a customer did as of the last commit.
func (r *Recall) Read(customer uint32, slots *Slots, count int, into *Record) error {
	r.mu.RLock()
	defer r.mu.RUnlock()
	into.begin(customer, slots, count)
	return r.damaged(into.load(r.people))
}

func (c *Commit) change(segment uint32) *change {
	ch := c.members[segment]
	if ch == nil {
		ch = &change{}
		c.members[segment] = ch
	}
	return ch
}

// Enter puts a customer into a segment that she is not in, Leave takes out one who is in it. A customer moves once a commit.
func (c *Commit) Enter(segment, customer uint32) {
	ch := c.change(segment)
	ch.entered = append(ch.entered, customer)
}

// Leave is the contrary of Enter.
func (c *Commit) Leave(segment, customer uint32) {
	ch := c.change(segment)
	ch.left = append(ch.left, customer)
}

// Start gives a segment its members, instead of those it had, before anybody enters or leaves it by this commit.
func (c *Commit) Start(segment uint32, members *roaring.Bitmap) { c.change(segment).began = members }

// Drop forgets a segment with its history.
func (c *Commit) Drop(segment uint32) { c.change(segment).drop = true }

// Tell puts something into the outbox.
func (c *Commit) Tell(what []byte) error {
	if err := c.batch.Set(numberKey(keyTold, c.told), what, nil); err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	c.told++
	return nil
}

// Keep puts a value under a name; nil removes it.
func (c *Commit) Keep(name string, value []byte) error {
	var err error
	if value == nil {
		err = c.batch.Delete(keptKey("kept/"+name), nil)
	} else {
		err = c.batch.Set(keptKey("kept/"+name), value, nil)
	}
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	return nil
}

// End makes everything durable and visible, or nothing.
func (c *Commit) End() error { return c.end(true) }

// EndSoon is End without waiting for the disk: a later End makes it durable too, and a machine that fails before that loses it
// whole. It is for long work that is begun again after a crash.
func (c *Commit) EndSoon() error { return c.end(false) }

func (c *Commit) end(durable bool) (err error) {
	defer c.Discard()
	w := c.r.people.write()
	defer func() {
		if err != nil {
			c.r.gather = gathering{} // what it thinks it moved may not have been
		}
	}()
	settle, err := c.prepare(w)
	if err == nil && durable {
		err = w.sync()
	} else if err == nil {
		err = w.flush()
	}
	if err != nil {
		return errors.Join(err, w.undo())
	}
	table := w.after()
	options, emptied := pebble.NoSync, []int(nil)
	if durable {
		options, emptied = pebble.Sync, c.r.emptied(&table)
	}
	offsets := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, c.offsets.Log), c.offsets.Journal)
	err = errors.Join(c.batch.Set(keptKey(offsetKept), offsets, nil), c.batch.Set(keptKey(tableKept), table.encode(), nil))
	if err == nil {
		err = c.r.commit(c.batch, options)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("recall: %w", err), w.undo())
	}
	c.settle(w, table, settle)
	return c.r.afterwards(durable, emptied)
}

// settle shows the commit to readers.
func (c *Commit) settle(w *writing, table segmentTable, members func()) {
	r := c.r
	r.mu.Lock()
	defer r.mu.Unlock()
	w.settle(table)
	members()
	for origin, to := range c.owners {
		if origin == to {
			delete(r.owners, origin)
		} else {
			r.owners[origin] = to
		}
	}
	r.offsets, r.told = c.offsets, c.told
}

// prepare writes records and memberships.
func (c *Commit) prepare(w *writing) (func(), error) {
	if err := c.gather(); err != nil {
		return nil, err
	}
	if err := c.writeRecords(w); err != nil {
		return nil, err
	}
	for origin, to := range c.owners {
		var err error
		if origin == to {
			err = c.batch.Delete(wordKey(keyOwner, origin), nil)
		} else {
			err = c.batch.Set(wordKey(keyOwner, origin), binary.BigEndian.AppendUint32(nil, to), nil)
		}
		if err != nil {
			return nil, fmt.Errorf("recall: %w", err)
		}
	}
	return c.r.keepMembers(c.batch, c.members, c.nowUS)
}

func (c *Commit) writeRecords(w *writing) error {
	c.additions(0)
	var payload []byte
	for i := 0; i < len(c.added); {
		customer := c.added[i].customer
		payload = payload[:0]
		for ; i < len(c.added) && c.added[i].customer == customer; i++ {
			payload = append(payload, c.arena[c.added[i].from:c.added[i].to]...)
		}
		if whole := c.whole[customer]; whole != nil {
			whole.payload = append(whole.payload, payload...)
			continue
		}
		if err := c.append(w, customer, payload); err != nil {
			return err
		}
	}
	for customer, whole := range c.whole {
		if err := c.writeWhole(w, customer, whole); err != nil {
			return err
		}
	}
	return nil
}

// append puts facts behind a customer's chain. A chain that grew long is made short again.
func (c *Commit) append(w *writing, customer uint32, payload []byte) error {
	p := c.r.people
	newest := p.find(customer)
	t, known := p.tails.of(customer, newest)
	light := sizeOf(t.links)+len(payload) < heavyBytes // as far as it is known
	if room := newest.chain() < longestChain && (newest.chain() != 1 || newest.size() > wholeBelow); room && light {
		return w.put(customer, newest, nil, payload)
	}
	if known && light {
		if n := joining(t.links, len(payload)); n <= t.known {
			return c.join(w, customer, t.payload, t.links, n, payload)
		}
	}
	stored, chain, err := p.read(customer, nil, nil)
	if err != nil {
		return c.r.damaged(err)
	}
	if n := joining(chain, len(payload)); n < len(chain) && len(stored)+len(payload) < heavyBytes {
		return c.join(w, customer, stored, chain, n, payload)
	}
	whole := &rewritten{chain: chain}
	if whole.payload, err = loose(make([]byte, 0, len(stored)+len(payload)), stored, chain); err != nil {
		return c.r.damaged(err)
	}
	whole.payload = append(whole.payload, payload...)
	c.whole[customer] = whole
	return nil
}

// joining is how many of the newest chunks of a chain become one with what comes: each that is not much larger, so that a fact is
// written a few times only, however long its record becomes.
func joining(chain []link, size int) (n int) {
	for n < len(chain) && (chain[n].size() <= muchLarger*size || len(chain)-n >= longestChain) {
		size += chain[n].size()
		n++
	}
	return n
}

// join makes one chunk of the newest n of a chain, of which at least these are in stored, and of what comes behind them.
func (c *Commit) join(w *writing, customer uint32, stored []byte, chain []link, n int, payload []byte) error {
	size := sizeOf(chain[:n])
	joined, err := loose(make([]byte, 0, size+len(payload)), stored[:size], chain[:n])
	if err != nil {
		return c.r.damaged(err)
	}
	return w.put(customer, chain[n], chain[:n], append(joined, payload...))
}

func (c *Commit) writeWhole(w *writing, customer uint32, whole *rewritten) error {
	if c.r.retain != nil {
		if err := whole.filter(customer, func(f *packed) bool { return c.r.retain(f.strand, f.atUS) }); err != nil {
			return c.r.damaged(err)
		}
	}
	if len(whole.payload) > heavyBytes {
		c.r.log.Info("recall keeps no record of a customer with this many facts", "customer_key", customer, "bytes", len(whole.payload))
		c.weigh(customer)
	}
	if c.heavy[customer] {
		whole.payload = nil
	}
	if len(whole.payload) == 0 && len(whole.chain) == 0 {
		return nil
	}
	return w.put(customer, 0, whole.chain, whole.payload)
}
