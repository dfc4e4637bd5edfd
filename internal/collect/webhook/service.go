package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/id"
	"github.com/dangol/dangol/internal/store"
)

// Options are what the hooks need of the house.
type Options struct {
	Records *store.Store
	Clock   clock.Clock
	Log     *slog.Logger
	// Put makes events durable; source is the hook's id.
	Put func(ctx context.Context, source string, events [][]byte) error
	// Catalogue takes what shops say of their products; nil where nobody wants to know.
	Catalogue func(ctx context.Context, source string, products []Product) error
	// SetAside keeps a delivery that cannot be read for somebody to mend; Replay takes its Raw back.
	SetAside func(ctx context.Context, a Aside) error
}

// Aside is a delivery that was set aside.
type Aside struct {
	Source                 string // the hook's id
	Reason, Sentence, Next string
	Raw                    []byte // JSON: what the headers said, and the body
}

// Service takes deliveries in.
type Service struct {
	Options
	records *store.Store

	mu     sync.RWMutex
	hooks  map[string]*Hook // nil until they are read
	order  []string
	noted  map[string]time.Time
	noting sync.Mutex
}

// New returns the hooks over records that were opened with Schema.
func New(o Options) *Service {
	return &Service{Options: o, records: o.Records, noted: map[string]time.Time{}}
}

const notePause = time.Minute

func pathOf(hook string) string { return "/v1/hooks/" + hook }

func (s *Service) load(ctx context.Context) error {
	s.mu.RLock()
	loaded := s.hooks != nil
	s.mu.RUnlock()
	if loaded {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.read(ctx)
}

// read fills the memory; s.mu is held.
func (s *Service) read(ctx context.Context) error {
	var list []*Hook
	err := s.records.View(ctx, func(tx *store.Tx) (err error) {
		list, err = store.Collect(ctx, tx, "webhook.Hooks", nil, scanHook)
		return err
	})
	if err != nil {
		return fmt.Errorf("hooks: %w", err)
	}
	s.hooks, s.order = map[string]*Hook{}, nil
	for _, h := range list {
		s.hooks[h.ID] = h
		s.order = append(s.order, h.ID)
	}
	return nil
}

// List returns the hooks, newest first.
func (s *Service) List(ctx context.Context) ([]Hook, error) {
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := make([]Hook, 0, len(s.order))
	for _, key := range s.order {
		list = append(list, *s.hooks[key])
	}
	return list, nil
}

// Find returns one hook.
func (s *Service) Find(ctx context.Context, key string) (Hook, error) {
	if err := s.load(ctx); err != nil {
		return Hook{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	h, ok := s.hooks[key]
	if !ok {
		return Hook{}, fault.New(fault.NotFound, "webhook.unknown", "there is no hook with this id").At(fault.Place{Field: "id", Value: key}).
			Then("List them with `dangol webhook list`.")
	}
	return *h, nil
}

// Draft is a hook as somebody wants it.
type Draft struct {
	Name    string
	Kind    Kind
	Secret  string // empty: made here, or left as it is
	Mapping json.RawMessage
	Enabled bool
}

// Create makes a hook; the secret it returns is empty unless it was made here, and can be had only now.
func (s *Service) Create(ctx context.Context, d Draft) (Hook, string, error) {
	now := s.Clock().UTC().Truncate(time.Microsecond)
	h := Hook{ID: id.New("hook", now), Name: strings.TrimSpace(d.Name), Kind: d.Kind, Enabled: d.Enabled, Mapping: trimmed(d.Mapping), CreatedAt: now, secret: strings.TrimSpace(d.Secret)}
	h.URL = pathOf(h.ID)
	if !contains([]string{string(Shopify), string(WooCommerce), string(Cafe24), string(Generic)}, string(h.Kind)) {
		return Hook{}, "", fault.New(fault.Invalid, "webhook.kind", "the kind is not one of shopify, woocommerce, cafe24, generic").At(fault.Place{Field: "kind", Value: string(h.Kind)}).
			Then("Use generic, with a mapping, for anything else that sends signed JSON.")
	}
	if err := h.check(); err != nil {
		return Hook{}, "", err
	}
	made := ""
	if h.secret == "" {
		if h.Kind == Shopify || h.Kind == Cafe24 {
			return Hook{}, "", fault.Newf(fault.Invalid, "webhook.secret", "%s signs with a secret of its own, which the hook needs", h.Kind).At(fault.Place{Field: "secret"}).
				Then("Copy it from the shop: Shopify shows it below the list of webhooks, Cafe24 in the app's webhook settings.")
		}
		made = id.Secret()
		h.secret = made
	}
	err := s.change(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "webhook.AddHook", h.ID, h.Name, string(h.Kind), h.secret, string(h.Mapping), number(h.Enabled), now.UnixMicro())
		return err
	})
	return h, made, err
}

func trimmed(mapping json.RawMessage) json.RawMessage {
	if text := bytes.TrimSpace(mapping); string(text) != "null" {
		return text
	}
	return nil
}

// Change changes a hook; its kind stays, and its secret where none is given.
func (s *Service) Change(ctx context.Context, key string, d Draft) (Hook, error) {
	h, err := s.Find(ctx, key)
	if err != nil {
		return Hook{}, err
	}
	if d.Kind != "" && d.Kind != h.Kind {
		return Hook{}, fault.New(fault.Invalid, "webhook.kind", "the kind of a hook cannot change").At(fault.Place{Field: "kind", Value: string(d.Kind)}).Then("Make another hook.")
	}
	h.Name, h.Mapping, h.Enabled, h.plan, h.shop = strings.TrimSpace(d.Name), trimmed(d.Mapping), d.Enabled, nil, ShopOptions{}
	if secret := strings.TrimSpace(d.Secret); secret != "" {
		h.secret = secret
	}
	if err := h.check(); err != nil {
		return Hook{}, err
	}
	err = s.change(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "webhook.ChangeHook", h.ID, h.Name, h.secret, string(h.Mapping), number(h.Enabled))
		return err
	})
	return h, err
}

// Drop ends a hook; what it told stays.
func (s *Service) Drop(ctx context.Context, key string) error {
	if _, err := s.Find(ctx, key); err != nil {
		return err
	}
	return s.change(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "webhook.DropHook", key)
		return err
	})
}

// change writes and reads again, so that no delivery sees what was not committed.
func (s *Service) change(ctx context.Context, write func(tx *store.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.records.In(ctx, write); err != nil {
		return fmt.Errorf("hooks: %w", err)
	}
	return s.read(ctx)
}

// Preview translates a sample, changing nothing.
func (s *Service) Preview(ctx context.Context, kind Kind, mapping json.RawMessage, topic string, sample []byte) (Translation, error) {
	h := Hook{ID: "preview", Name: "preview", Kind: kind, Mapping: trimmed(mapping)}
	if err := h.check(); err != nil {
		return Translation{}, err
	}
	d := Delivery{Topic: topic, At: s.Clock(), Body: sample}
	var failed error
	// A sample of a refund may be of an order that is known.
	t := h.translate(d, func(shop, order string) (buyer, bool) {
		b, found, err := s.buyerOf(ctx, shop, order)
		failed = err
		return b, found && err == nil
	})
	return t, failed
}

// Erase forgets which orders were of these identities.
func (s *Service) Erase(ctx context.Context, identities []event.Identity) (table string, rows int64, err error) {
	err = s.records.In(ctx, func(tx *store.Tx) error {
		rows = 0
		for _, i := range identities {
			n, err := tx.Exec(ctx, "webhook.ForgetBuyer", i.Kind, i.Value)
			if err != nil {
				return err
			}
			rows += n
		}
		return nil
	})
	return "collect_webhook_buyer", rows, err
}
