package webhook

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/dangol/dangol/internal/store"
)

//go:embed queries.sql
var queries string

//go:embed migrations
var migrations embed.FS

// Schema is what the hooks keep in the record store.
var Schema = store.Schema{Room: "webhook", Queries: queries, Migrations: migrations}

// buyer is whose order an order was.
type buyer struct {
	shop, order string
	kind, value string // an identity
	version     string // what tells the delivery that told the purchase from later ones; of Shopify, the order's id as events have it
	taxed       bool   // prices include tax
}

func scanHook(scan store.Scan) (*Hook, error) {
	var h Hook
	var mapping string
	var enabled, created, last int64
	if err := scan(&h.ID, &h.Name, &h.Kind, &h.secret, &mapping, &enabled, &created, &last, &h.LastState, &h.LastNote); err != nil {
		return nil, err
	}
	h.Enabled, h.CreatedAt, h.URL = enabled == 1, time.UnixMicro(created).UTC(), pathOf(h.ID)
	if mapping != "" {
		h.Mapping = json.RawMessage(mapping)
	}
	if last > 0 {
		at := time.UnixMicro(last).UTC()
		h.LastAt = &at
	}
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("hook %s: %w", h.ID, err)
	}
	return &h, nil
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// buyerOf finds whose order it was.
func (s *Service) buyerOf(ctx context.Context, shop, order string) (b buyer, found bool, err error) {
	b = buyer{shop: shop, order: order}
	var taxed int64
	err = s.records.View(ctx, func(tx *store.Tx) error {
		found, err = tx.One(ctx, "webhook.FindBuyer", store.Args{shop, order}, &b.kind, &b.value, &b.version, &taxed)
		return err
	})
	b.taxed = taxed == 1
	return b, found, err
}

// keepBuyers is done before the events are told: a refund may come at once.
func (s *Service) keepBuyers(ctx context.Context, buyers []buyer) error {
	if len(buyers) == 0 {
		return nil
	}
	return s.records.In(ctx, func(tx *store.Tx) error {
		for _, b := range buyers {
			if _, err := tx.Exec(ctx, "webhook.PutBuyer", b.shop, b.order, b.kind, b.value, b.version, number(b.taxed)); err != nil {
				return err
			}
		}
		return nil
	})
}
