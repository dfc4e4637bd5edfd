package profile

import (
	"context"
	"embed"
	"fmt"
	"strings"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/warehouse"
)

//go:embed queries.sql
var queries string

//go:embed migrations
var migrations embed.FS

// Schema is what the room keeps in the record store.
var Schema = store.Schema{Room: "profile", Queries: queries, Migrations: migrations}

// People resolves the customers of one import: known ids to their keys, new ids to new keys.
// It is used by one goroutine.
type People struct {
	keys  map[string]uint32
	next  uint32
	fresh []warehouse.Person
}

// Registry keeps the customers.
type Registry struct {
	store *store.Store
	clock clock.Clock
}

// NewRegistry returns the registry over st.
func NewRegistry(st *store.Store, c clock.Clock) *Registry { return &Registry{store: st, clock: c} }

// People loads the dictionary of customers.
func (r *Registry) People(ctx context.Context) (*People, error) {
	p := &People{keys: map[string]uint32{}}
	err := r.store.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, "profile.EachCustomerKey", nil, func(scan store.Scan) error {
			var key int64
			var id string
			if err := scan(&key, &id); err != nil {
				return err
			}
			p.keys[id] = uint32(key)
			p.next = max(p.next, uint32(key)+1)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("load customers: %w", err)
	}
	return p, nil
}

// Key returns the key of the line's customer, giving a new one to a customer never met.
func (p *People) Key(l *event.OrderLine) uint32 {
	if key, ok := p.keys[l.Customer]; ok {
		return key
	}
	id := strings.Clone(l.Customer)
	key := p.next
	p.next++
	p.keys[id] = key
	p.fresh = append(p.fresh, warehouse.Person{
		Key: key, ID: id, Name: strings.Clone(l.Name), Email: strings.Clone(l.Email), Phone: strings.Clone(l.Phone),
	})
	return key
}

// Known counts the customers the dictionary holds.
func (p *People) Known() int { return len(p.keys) }

// Fresh returns the customers met for the first time.
func (p *People) Fresh() []warehouse.Person { return p.fresh }

// Keep writes the customers that came with an import, before its lines commit.
func (r *Registry) Keep(ctx context.Context, importID int64, people []warehouse.Person) error {
	now := r.clock().UnixMicro()
	err := r.store.In(ctx, func(tx *store.Tx) error {
		b, err := tx.Batch(ctx, "profile.InsertCustomer")
		if err != nil {
			return err
		}
		for i := range people {
			p := &people[i]
			if err := b.Add(int64(p.Key), p.ID, p.Name, p.Email, p.Phone, importID, now); err != nil {
				return err
			}
		}
		return b.Close()
	})
	if err != nil {
		return fmt.Errorf("keep customers: %w", err)
	}
	return nil
}

// Forget takes back the customers of an import that did not commit.
func (r *Registry) Forget(ctx context.Context, importID int64) error {
	err := r.store.In(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "profile.DeleteImportCustomers", importID)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget customers: %w", err)
	}
	return nil
}
