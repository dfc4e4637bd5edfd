package warehouse

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/zeebo/xxh3"
)

// knownOrders says which order ids are certainly new: most orders that events tell of are, and then nothing is there to look for
// among millions of lines. It is a Bloom filter of the ids of all orders, whoever's they are, with 12 bits an id and 5 probes:
// about one id in 300 is taken for known although it is new, which costs a search and nothing else.
type knownOrders struct {
	version int64 // of the data; another writer's change makes it worthless
	bits    []uint64
	n, room int
}

const (
	orderBits   = 12
	orderProbes = 5
	orderSpare  = 100_000 // ids that find room before the filter is made anew
)

func newKnownOrders(n int) *knownOrders {
	room := n + n/4 + orderSpare
	return &knownOrders{bits: make([]uint64, room*orderBits/64+1), room: room}
}

// probe visits the bits of an id until do says no.
func (k *knownOrders) probe(id string, do func(word *uint64, bit uint64) bool) bool {
	h := xxh3.HashString128(id)
	size := uint64(len(k.bits)) * 64
	for i := range uint64(orderProbes) {
		at := (h.Lo + i*h.Hi) % size
		if !do(&k.bits[at/64], 1<<(at%64)) {
			return false
		}
	}
	return true
}

func (k *knownOrders) has(id string) bool {
	return k.probe(id, func(word *uint64, bit uint64) bool { return *word&bit != 0 })
}

func (k *knownOrders) add(id string) {
	k.n++
	k.probe(id, func(word *uint64, bit uint64) bool {
		*word |= bit
		return true
	})
}

// orderIDs returns the filter, made anew where others changed orders or it is full.
func (w *Warehouse) orderIDs(ctx context.Context, conn *sql.Conn) (*knownOrders, error) {
	if k := w.knownOrders; k != nil && k.version == w.version.Load() && k.n < k.room {
		return k, nil
	}
	var n int
	if err := conn.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM order_change)`).Scan(&n); err != nil {
		return nil, fmt.Errorf("order ids: %w", err)
	}
	k := newKnownOrders(n)
	k.version = w.version.Load()
	err := eachRow(ctx, conn, `SELECT order_id FROM orders UNION ALL SELECT order_id FROM order_change`, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		k.add(id)
		return err
	})
	if err != nil {
		return nil, err
	}
	w.knownOrders = k
	return k, nil
}
