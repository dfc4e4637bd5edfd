package suggest

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/store"
)

//go:embed queries.sql
var queries string

//go:embed migrations
var migrations embed.FS

// Schema is what the room keeps in the record store.
var Schema = store.Schema{Room: "suggest", Queries: queries, Migrations: migrations}

// The kinds of things that a slot shows.
const (
	Products = "products"
	Offer    = "offer"
	Content  = "content"
)

// Candidate is something a slot may show: a product by its id, an offer, a piece of content.
type Candidate struct {
	ID      string  `json:"id" minLength:"1" maxLength:"200"`
	Name    string  `json:"name,omitempty" maxLength:"500"`
	Segment string  `json:"segment,omitempty" maxLength:"64" doc:"shown only to people in this segment"`
	RiskMin float64 `json:"risk_min,omitempty" minimum:"0" maximum:"1" doc:"shown only to people with at least this chance of leaving"`
	Market  string  `json:"market,omitempty" maxLength:"2" doc:"shown only to people of this market"`
	Value   float64 `json:"value,omitempty" doc:"what it is worth to show it: higher ones come first"`
	Weight  float64 `json:"weight,omitempty" minimum:"0" doc:"of candidates of equal value, how many people see this one; 1 when left out. Each person always sees the same"`
}

// Shown is something shown where nothing else may be.
type Shown struct {
	ID   string `json:"id" minLength:"1" maxLength:"200"`
	Name string `json:"name,omitempty" maxLength:"500"`
}

// Rules restrict the products of a slot.
type Rules struct {
	Bought     string   `json:"bought,omitempty" enum:"exclude,due,allow" doc:"what may become of what she has bought; exclude when left out"`
	Categories []string `json:"categories,omitempty" maxItems:"100" doc:"only products of these"`
	Diversity  float64  `json:"diversity,omitempty" minimum:"0" maximum:"1" doc:"0 is by likelihood alone; 1 shows as many categories as there is room for"`
}

// Slot is a place that shows something to people.
type Slot struct {
	Name       string      `json:"name,omitempty" maxLength:"200"`
	Kind       string      `json:"kind,omitempty" enum:"products,offer,content" doc:"products when left out"`
	Candidates []Candidate `json:"candidates,omitempty" maxItems:"1000" doc:"of products: only these may be shown; none means any"`
	Rules      Rules       `json:"rules,omitempty"`
	Fallback   []Shown     `json:"fallback,omitempty" maxItems:"100" doc:"shown where nothing else may be; of products, what is popular is tried before"`
}

// KeptSlot is a slot with its version.
type KeptSlot struct {
	Slug string `json:"slug"`
	Slot
	Version   int64     `json:"version"`
	UpdatedAt time.Time `json:"updated_at"`
}

// slot is a slot made ready for decisions.
type slot struct {
	KeptSlot
	categories map[string]bool
	allowed    map[string]*Candidate // by id; nil means any
}

// plain is what a place shows that nobody defined.
var plain = &slot{KeptSlot: KeptSlot{Slot: Slot{Kind: Products, Rules: Rules{Bought: "exclude"}}}}

var slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

func (s *Slot) fill() {
	s.Kind, s.Rules.Bought = cmp.Or(s.Kind, Products), cmp.Or(s.Rules.Bought, "exclude")
	for i := range s.Candidates {
		s.Candidates[i].Weight = cmp.Or(s.Candidates[i].Weight, 1)
	}
}

// check is of what the API's description cannot say.
func (s *Slot) check(slug string, segments Segments) error {
	if !slugForm.MatchString(slug) {
		return fault.New(fault.Invalid, "suggest.bad_slug", "a slot's name in addresses is of small letters, digits, - and _, 64 at most").At(fault.Place{Field: "slug", Value: slug})
	}
	if s.Kind != Products && len(s.Candidates) == 0 && len(s.Fallback) == 0 {
		return fault.Newf(fault.Invalid, "suggest.no_candidates", "a slot of the kind %s needs candidates", s.Kind).At(fault.Place{Field: "candidates"}).Then("Name what it may show, each with an id.")
	}
	met := map[string]bool{}
	for i := range s.Candidates {
		c := &s.Candidates[i]
		at := fault.Place{Field: fmt.Sprintf("candidates[%d]", i), Value: c.ID}
		if met[c.ID] {
			return fault.Newf(fault.Invalid, "suggest.candidate_twice", "the candidate %q is there twice", c.ID).At(at)
		}
		met[c.ID] = true
		if math.IsNaN(c.Value) || math.IsInf(c.Value, 0) || !(c.Weight > 0 && c.Weight < 1e9) {
			return fault.Newf(fault.Invalid, "suggest.bad_candidate", "the candidate %q has the value %v and the weight %v", c.ID, c.Value, c.Weight).At(at).Then("A weight is above zero; leave a candidate out that nobody shall see.")
		}
		if c.Segment != "" {
			if _, known := segments.Number(c.Segment); !known {
				return fault.Newf(fault.Invalid, "suggest.unknown_segment", "there is no segment %q", c.Segment).At(at).Then("List them with `dangol segment list`.")
			}
		}
	}
	return nil
}

// ready prepares a slot for decisions.
func (k KeptSlot) ready() *slot {
	s := &slot{KeptSlot: k}
	if len(k.Rules.Categories) > 0 {
		s.categories = map[string]bool{}
		for _, c := range k.Rules.Categories {
			s.categories[c] = true
		}
	}
	if k.Kind == Products && len(k.Candidates) > 0 {
		s.allowed = map[string]*Candidate{}
		for i := range k.Candidates {
			s.allowed[k.Candidates[i].ID] = &k.Candidates[i]
		}
	}
	return s
}

// known are the slots, read from the records at first.
func (s *Service) known(ctx context.Context) (map[string]*slot, error) {
	if m := s.slots.Load(); m != nil {
		return *m, nil
	}
	s.defining.Lock()
	defer s.defining.Unlock()
	return s.readSlots(ctx)
}

func (s *Service) readSlots(ctx context.Context) (map[string]*slot, error) {
	if m := s.slots.Load(); m != nil {
		return *m, nil
	}
	all := map[string]*slot{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, "suggest.EachSlot", nil, func(scan store.Scan) error {
			var k KeptSlot
			var text string
			var us int64
			if err := scan(&k.Slug, &text, &k.Version, &us); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(text), &k.Slot); err != nil {
				return fmt.Errorf("slot %s: %w", k.Slug, err)
			}
			k.UpdatedAt = time.UnixMicro(us).UTC()
			all[k.Slug] = k.ready()
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("slots: %w", err)
	}
	s.slots.Store(&all)
	return all, nil
}

// Slots lists them by slug.
func (s *Service) Slots(ctx context.Context) ([]KeptSlot, error) {
	all, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	list := []KeptSlot{}
	for _, slug := range slices.Sorted(maps.Keys(all)) {
		list = append(list, all[slug].KeptSlot)
	}
	return list, nil
}

// Slot is one.
func (s *Service) Slot(ctx context.Context, slug string) (KeptSlot, error) {
	all, err := s.known(ctx)
	if err != nil {
		return KeptSlot{}, err
	}
	k, found := all[slug]
	if !found {
		return KeptSlot{}, unknownSlot(slug)
	}
	return k.KeptSlot, nil
}

func unknownSlot(slug string) error {
	return fault.Newf(fault.NotFound, "suggest.unknown_slot", "there is no slot %q", slug).At(fault.Place{Field: "slug", Value: slug}).Then("List them with `dangol slot list`.")
}

// PutSlot makes a slot or changes it.
func (s *Service) PutSlot(ctx context.Context, slug string, d Slot) (KeptSlot, error) {
	d.fill()
	if err := d.check(slug, s.segments); err != nil {
		return KeptSlot{}, err
	}
	text, err := json.Marshal(d)
	if err != nil {
		return KeptSlot{}, err
	}
	s.defining.Lock()
	defer s.defining.Unlock()
	all, err := s.readSlots(ctx)
	if err != nil {
		return KeptSlot{}, err
	}
	k := KeptSlot{Slug: slug, Slot: d, Version: 1, UpdatedAt: s.clock().UTC().Truncate(time.Microsecond)}
	if was := all[slug]; was != nil {
		k.Version = was.Version + 1
	}
	err = s.store.In(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "suggest.PutSlot", slug, string(text), k.Version, k.UpdatedAt.UnixMicro())
		return err
	})
	if err != nil {
		return KeptSlot{}, fmt.Errorf("keep the slot: %w", err)
	}
	next := maps.Clone(all)
	next[slug] = k.ready()
	s.slots.Store(&next)
	signal(s.changed)
	return k, nil
}

// DropSlot ends a slot.
func (s *Service) DropSlot(ctx context.Context, slug string) error {
	s.defining.Lock()
	defer s.defining.Unlock()
	all, err := s.readSlots(ctx)
	if err != nil {
		return err
	}
	if all[slug] == nil {
		return unknownSlot(slug)
	}
	err = s.store.In(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "suggest.DropSlot", slug)
		return err
	})
	if err != nil {
		return fmt.Errorf("drop the slot: %w", err)
	}
	next := maps.Clone(all)
	delete(next, slug)
	s.slots.Store(&next)
	return nil
}
