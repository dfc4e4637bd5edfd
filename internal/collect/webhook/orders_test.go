package webhook

import (
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/collect/commerce"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/market"
)

// decoded reads the events as the pipeline does.
func decoded(t testing.TB, events [][]byte, from uint64) (facts []event.Fact) {
	t.Helper()
	for i, raw := range events {
		f, trouble := event.Decode(event.Header{ReceivedUS: received.UnixMicro(), Source: "hook_1"}, raw, from+uint64(i))
		if trouble != nil {
			t.Fatalf("%s: %+v", raw, trouble)
		}
		if len(f.Identities) == 0 {
			t.Fatalf("%s: nobody's", raw)
		}
		facts = append(facts, f)
	}
	return facts
}

// TestWhatOrdersComeTo holds the recorded deliveries against what the shops' own reports would say of the orders.
func TestWhatOrdersComeTo(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]map[string][2]string{ // order → bought, given back
		"shopify/order":        {"820982911946154508": {"81.00 CAD", "27.00 CAD"}},
		"shopify/cancelled":    {"#1042": {"81.00 CAD", "81.00 CAD"}},
		"shopify/tax-included": {"5511223344556": {"100.00 EUR", "100.00 EUR"}}, // the second refund is of what the first left
		"woocommerce/order":    {"727": {"841.12 THB", "841.12 THB"}},
		"woocommerce/guest":    {"800": {"841.12 THB", "841.12 THB"}, "804": {"841.12 THB", "0.00 XXX"}},
		"cafe24/order":         {"20260601-0000042": {"46000 KRW", "46000 KRW"}},
		"cafe24/transfer":      {"20260601-0000043": {"46000 KRW", "46000 KRW"}},
		"generic/order":        {"S1-1001": {"48000 KRW", "0.00 XXX"}},
	} {
		r := readRecorded(t, "testdata/"+path+".txtar")
		changes, seen, place := map[string][]commerce.Change{}, map[string]bool{}, uint64(0)
		r.each(func(_ string, tr Translation) {
			for _, f := range decoded(t, tr.Events, place) {
				place = f.Place + 1
				if seen[f.MessageID] {
					continue
				}
				seen[f.MessageID] = true
				c, is, trouble := commerce.Orders(&f, commerce.Defaults{})
				if trouble != nil {
					t.Errorf("%s: %+v", path, trouble)
				}
				if is {
					changes[c.OrderID] = append(changes[c.OrderID], c)
				}
			}
		})
		for id, amounts := range want {
			folded := commerce.Fold(changes[id], nil)
			got := [2]string{worth(folded.Purchases), worth(folded.Refunds)}
			if got != amounts {
				t.Errorf("%s: order %s is %v, want %v", path, id, got, amounts)
			}
			delete(changes, id)
		}
		for id := range changes {
			if bought := brought(changes[id]); bought != "0.00 XXX" {
				t.Errorf("%s: order %s brought %s", path, id, bought)
			}
		}
	}
}

// brought is what an order came to.
func brought(changes []commerce.Change) string { return worth(commerce.Fold(changes, nil).Purchases) }

func worth(lines []event.OrderLine) string {
	sum := market.Zero("")
	for _, l := range lines {
		sum = market.New(sum.Minor+l.AmountMinor, l.Currency)
	}
	return sum.String()
}

func TestALargeOrderFits(t *testing.T) {
	t.Parallel()
	line := `{"id":866550311766439020,"product_id":632910392,"sku":"TOTE-NATURAL-LARGE","title":"Canvas Tote with a rather long name","variant_title":"Natural / Large","vendor":"Atelier Nord","price":"30.00","quantity":1,"discount_allocations":[],"tax_lines":[]}`
	body := `{"id":1,"email":"a@example.com","currency":"EUR","subtotal_price":"6000.00","created_at":"2026-06-01T09:15:39Z","line_items":[` + strings.Repeat(line+",", 199) + line + `]}`
	h := Hook{ID: "hook_1", Name: "test", Kind: Shopify}
	tr := h.translate(Delivery{Topic: "orders/create", At: received, Body: []byte(body)}, nil)
	for _, f := range decoded(t, tr.Events, 1) {
		if c, is, trouble := commerce.Orders(&f, commerce.Defaults{}); is && (trouble != nil || len(c.Lines) != 200 || worth(c.Lines) != "6000.00 EUR") {
			t.Errorf("%d lines, %+v", len(c.Lines), trouble)
		}
	}
}

// FuzzShops changes recorded bodies: whatever comes, nothing panics, and what is told can be read by the pipeline.
func FuzzShops(f *testing.F) {
	for _, path := range paths(f) {
		r := readRecorded(f, path)
		for _, file := range r.archive.Files {
			if _, topic, _ := strings.Cut(file.Name, " "); topic != "want" {
				f.Add(string(r.hook.Kind), topic, file.Data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, kind, topic string, body []byte) {
		h := Hook{ID: "hook_1", Name: "fuzz", Kind: Kind(kind)}
		if h.Kind == Generic || len(body) > 20_000 {
			return
		}
		known := func(shop, order string) (buyer, bool) {
			return buyer{shop: shop, order: order, kind: "shop", value: "x", version: "1", taxed: true}, len(order)%2 == 0
		}
		for _, m := range []memory{nil, known} {
			tr := h.translate(Delivery{Topic: topic, Shop: "shop.example.com", At: received, Body: body}, m)
			for i, raw := range tr.Events {
				_, trouble := event.Decode(event.Header{ReceivedUS: received.UnixMicro(), Source: "hook_1"}, raw, uint64(i))
				if trouble != nil && trouble.Reason == event.BadJSON {
					t.Fatalf("%s: %+v", raw, trouble)
				}
			}
		}
	})
}
