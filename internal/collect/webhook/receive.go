package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/store"
)

// envelope is how a delivery waits in quarantine.
type envelope struct {
	Topic    string          `json:"topic,omitempty"`
	Shop     string          `json:"shop,omitempty"`
	Delivery string          `json:"delivery,omitempty"`
	At       time.Time       `json:"received_at"`
	Body     json.RawMessage `json:"body,omitempty"`
	Text     string          `json:"text,omitempty"` // a body that is no JSON
}

// Outcome is what became of a delivery.
type Outcome struct {
	Events   int       `json:"events" doc:"that were made durable"`
	Products int       `json:"products,omitempty"`
	Problems []Problem `json:"problems,omitempty"`
	Note     string    `json:"note,omitempty"`
}

// ServeHTTP takes a delivery: POST /v1/hooks/{id}.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out, err := s.receive(r, w)
	if err != nil {
		rest.WriteProblem(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}

func (s *Service) receive(r *http.Request, w http.ResponseWriter) (Outcome, error) {
	ctx := r.Context()
	h, err := s.Find(ctx, r.PathValue("id"))
	if err != nil {
		return Outcome{}, err
	}
	if !h.Enabled {
		return Outcome{}, fault.New(fault.NotFound, "webhook.disabled", "this hook is switched off").Then("Switch it on, or take the address out of the shop.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return Outcome{}, fault.New(fault.TooLarge, "webhook.too_large", "the delivery is larger than 1 MiB").Then("Send fewer things in one.")
	}
	if err != nil {
		return Outcome{}, fault.New(fault.Invalid, "webhook.cut_off", "the delivery ended before its end").Then("Send it again.").Because(err)
	}
	if h.isPing(r.Header, body) {
		return Outcome{Note: "this hook is ready"}, nil
	}
	now := s.Clock()
	if err := h.verify(r.Header, body, now); err != nil {
		s.note(ctx, &h, now, Refused, fault.From(err).Sentence)
		return Outcome{}, err
	}
	out, err := s.take(ctx, &h, h.deliveryOf(r.Header, body, now))
	if err != nil {
		return Outcome{}, err
	}
	state, note := Told, ""
	switch {
	case len(out.Problems) > 0:
		state, note = SetAside, out.Problems[0].Sentence
	case out.Events+out.Products == 0:
		state, note = Ignored, out.Note
	}
	s.note(ctx, &h, now, state, note)
	return out, nil
}

// take makes durable what a delivery tells, and sets it aside where it cannot be read. Only then may it be acknowledged.
func (s *Service) take(ctx context.Context, h *Hook, d Delivery) (Outcome, error) {
	t, err := s.told(ctx, h, d)
	if err != nil {
		return Outcome{}, err
	}
	if len(t.Problems) > 0 {
		p := t.Problems[0]
		a := Aside{Source: h.ID, Reason: "webhook", Sentence: p.Sentence + " (" + p.Path + ")", Next: p.Next, Raw: d.envelope()}
		if err := s.Options.SetAside(ctx, a); err != nil {
			return Outcome{}, fmt.Errorf("set a delivery aside: %w", err)
		}
	}
	return Outcome{Events: len(t.Events), Products: len(t.Products), Problems: t.Problems, Note: t.Note}, nil
}

// told translates a delivery and puts its events.
func (s *Service) told(ctx context.Context, h *Hook, d Delivery) (Translation, error) {
	var failed error
	t := h.translate(d, func(shop, order string) (buyer, bool) {
		b, found, err := s.buyerOf(ctx, shop, order)
		failed = errors.Join(failed, err)
		return b, found && err == nil
	})
	if failed != nil {
		return t, fmt.Errorf("whose order: %w", failed)
	}
	if err := s.keepBuyers(ctx, t.buyers); err != nil {
		return t, fmt.Errorf("whose order: %w", err)
	}
	if len(t.Events) > 0 {
		if err := s.Put(ctx, h.ID, t.Events); err != nil {
			return t, err
		}
	}
	if len(t.Products) == 0 {
		return t, nil
	}
	if s.Catalogue == nil {
		t.Products, t.Note = nil, "products are not kept"
		return t, nil
	}
	if err := s.Catalogue(ctx, h.ID, t.Products); err != nil {
		return t, fmt.Errorf("products: %w", err)
	}
	return t, nil
}

// Replay takes a delivery again that was set aside, by the hook as it is now. Problems that are left are returned, and nothing is set aside anew.
// What it told the first time is not stored twice.
func (s *Service) Replay(ctx context.Context, source string, raw []byte) (Outcome, error) {
	h, err := s.Find(ctx, source)
	if err != nil {
		return Outcome{}, err
	}
	var e envelope
	if err := json.Unmarshal(raw, &e); err != nil {
		return Outcome{}, fault.New(fault.Invalid, "webhook.envelope", "this is no delivery that was set aside").Because(err)
	}
	d := Delivery{Topic: e.Topic, Shop: e.Shop, ID: e.Delivery, At: e.At, Body: e.Body}
	if e.Body == nil {
		d.Body = []byte(e.Text)
	}
	t, err := s.told(ctx, &h, d)
	return Outcome{Events: len(t.Events), Products: len(t.Products), Problems: t.Problems, Note: t.Note}, err
}

func (d *Delivery) envelope() []byte {
	e := envelope{Topic: d.Topic, Shop: d.Shop, Delivery: d.ID, At: d.At.UTC(), Body: d.Body}
	if !json.Valid(d.Body) {
		e.Body, e.Text = nil, string(d.Body)
	}
	b, err := json.Marshal(e)
	if err != nil {
		return d.Body
	}
	return b
}

// note keeps how the last delivery went. A failure is logged and no more: the delivery does not depend on it.
func (s *Service) note(ctx context.Context, h *Hook, now time.Time, state State, note string) {
	s.noting.Lock()
	defer s.noting.Unlock()
	s.mu.RLock()
	known := s.hooks[h.ID]
	same := known != nil && known.LastState == state && known.LastNote == note
	s.mu.RUnlock()
	if known == nil || same && now.Sub(s.noted[h.ID]) < notePause {
		return
	}
	s.noted[h.ID] = now
	ctx = context.WithoutCancel(ctx) // who sent need not wait for this
	err := s.change(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "webhook.NoteDelivery", h.ID, now.Truncate(time.Minute).UnixMicro(), string(state), note)
		return err
	})
	if err != nil {
		s.Log.Warn("the last delivery of a hook is not noted", "hook", h.ID, "error", err)
	}
}
