package suggest

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"

	"github.com/zeebo/xxh3"
)

// Situation is what is known of the moment.
type Situation struct {
	Market   string   `json:"market,omitempty" maxLength:"2" doc:"of somebody whose market is not known"`
	Category string   `json:"category,omitempty" maxLength:"200" doc:"only products of this category"`
	Exclude  []string `json:"exclude,omitempty" maxItems:"100" doc:"ids that are on the page already"`
}

// Question is what a place asks.
type Question struct {
	Customer string    `json:"customer,omitempty" maxLength:"512" doc:"any of her identities; a person never met is answered, too"`
	Slot     string    `json:"slot,omitempty" maxLength:"64" doc:"of a place that nobody defined, products are shown"`
	Count    int       `json:"count,omitempty" minimum:"0" maximum:"20" doc:"3 when left out"`
	Context  Situation `json:"context,omitempty"`
}

// Choice is one thing to be shown.
type Choice struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Kind     string  `json:"kind" enum:"products,offer,content"`
	Category string  `json:"category,omitempty"`
	Score    float64 `json:"score" doc:"orders the answer"`
	Reason   Reason  `json:"reason"`
}

// Decision is what a place shows to one person now.
type Decision struct {
	Decision    string   `json:"decision" doc:"equal for the same question to the same versions, of a person who did nothing meanwhile"`
	Slot        string   `json:"slot"`
	Kind        string   `json:"kind" enum:"products,offer,content"`
	Items       []Choice `json:"items"`
	Fallback    bool     `json:"fallback"`
	Why         string   `json:"fallback_reason,omitempty" enum:"unknown_person,no_purchases,no_model,no_candidate,too_few"`
	Version     int64    `json:"version" doc:"of the model; 0 before the first"`
	SlotVersion int64    `json:"slot_version" doc:"0 of a place that nobody defined"`
}

// Sound says whether a question is within the bounds that its description names.
func (q *Question) Sound() bool {
	for _, id := range q.Context.Exclude {
		if len(id) > 512 {
			return false
		}
	}
	return len(q.Customer) <= 512 && len(q.Slot) <= 64 && q.Count >= 0 && q.Count <= 20 && len(q.Context.Market) <= 2 && len(q.Context.Category) <= 200 && len(q.Context.Exclude) <= 100
}

// Why something is shown that was not chosen for the person.
const (
	unknownPerson = "unknown_person"
	noPurchases   = "no_purchases"
	noModel       = "no_model"
	noCandidate   = "no_candidate"
	few           = "too_few" // was chosen for her; the rest is what others buy
)

// someone is a person as decisions see her.
type someone struct {
	key    uint32
	known  bool
	ref    string
	market string
	row    []byte
}

// Decide answers from memory alone.
func (s *Service) Decide(ctx context.Context, q *Question) (*Decision, error) {
	slots, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	place := slots[q.Slot]
	if place == nil {
		place = plain
	}
	a := s.now.Load()
	if a == nil {
		signal(s.wanted) // who decides does not wait
	}
	who := someone{ref: q.Customer, market: q.Context.Market}
	if q.Customer != "" {
		if who.key, who.known, err = s.people.Key(ctx, q.Customer); err != nil {
			return nil, err
		}
	}
	if a != nil && who.known {
		who.row = a.lists.row(who.key)
		who.market = cmp.Or(a.markets.find(who.key), who.market)
	}
	d := &Decision{Slot: q.Slot, Kind: place.Kind, SlotVersion: place.Version, Items: make([]Choice, 0, count(q))}
	if place.Kind == Products {
		s.products(d, a, place, &who, q)
	} else {
		s.candidates(d, place, &who, q)
	}
	d.Decision = idOf(d, &who, q)
	return d, nil
}

func count(q *Question) int {
	if q.Count == 0 {
		return 3
	}
	return q.Count
}

// products shows what she will buy next.
func (s *Service) products(d *Decision, a *answering, place *slot, who *someone, q *Question) {
	switch {
	case a == nil:
		d.Why = noModel
	case !who.known:
		d.Why = unknownPerson
	case who.row == nil:
		d.Why = noPurchases
	}
	if a != nil {
		d.Version = a.brain.version
		x := choosing{service: s, a: a, place: place, who: who, q: q, d: d}
		if who.row != nil {
			x.take(who.row)
		}
		own := len(d.Items)
		if own < count(q) {
			row, known := a.everybody[who.market]
			if x.market = who.market; !known {
				row, x.market = a.everybody[""], ""
			}
			x.take(row)
		}
		if d.Why == "" && own < count(q) && len(d.Items) > own {
			d.Why = few
		}
	}
	s.fallBack(d, place, q)
	if len(d.Items) == 0 && d.Why == "" {
		d.Why = noCandidate
	}
	d.Fallback = d.Why != ""
}

// fallBack fills up with what the slot names for that.
func (s *Service) fallBack(d *Decision, place *slot, q *Question) {
	for i := range place.Fallback {
		f := &place.Fallback[i]
		if len(d.Items) >= count(q) {
			return
		}
		if d.has(f.ID) || slices.Contains(q.Context.Exclude, f.ID) {
			continue
		}
		if d.Why == "" {
			d.Why = noCandidate
		}
		w := why{code: fallen}
		d.Items = append(d.Items, Choice{ID: f.ID, Name: cmp.Or(f.Name, f.ID), Kind: place.Kind, Reason: w.reason()})
	}
}

func (d *Decision) has(id string) bool {
	return slices.ContainsFunc(d.Items, func(c Choice) bool { return c.ID == id })
}

// choosing takes products from rows.
type choosing struct {
	service *Service
	a       *answering
	place   *slot
	who     *someone
	q       *Question
	d       *Decision
	market  string // in which what is taken is popular
}

// take fills up from a row: in its order, or, with diversity, so that each next one trades its place in that order for a category that
// is not there yet.
func (x *choosing) take(row []byte) {
	pool := make([]entry, 0, newToHer)
	from, to := 0, newToHer
	if x.place.Rules.Bought != "exclude" {
		from, to = newToHer, newToHer+ofAnything
	}
	for k := from; k < to; k++ {
		if e, there := entryOf(row, k); there && x.admits(&e) {
			pool = append(pool, e)
		}
	}
	for len(x.d.Items) < count(x.q) {
		at, best := -1, math.Inf(-1)
		for i := range pool {
			if pool[i].item < 0 {
				continue
			}
			v := 1 - float64(i)/newToHer
			if r := x.place.Rules.Diversity; r > 0 {
				v = (1-r)*v - r*x.alike(pool[i].item)
			}
			if v > best {
				at, best = i, v
			}
		}
		if at < 0 {
			return
		}
		e := pool[at]
		pool[at].item = -1 // taken
		if p := &x.a.brain.shown[e.item]; !x.d.has(p.id) {
			x.show(&e, p, 1-float64(at)/newToHer)
		}
	}
}

// alike is the share of those chosen that are of an item's category.
func (x *choosing) alike(item int32) float64 {
	category, n := x.a.brain.shown[item].category, 0
	if category == "" || len(x.d.Items) == 0 {
		return 0
	}
	for i := range x.d.Items {
		if x.d.Items[i].Category == category {
			n++
		}
	}
	return float64(n) / float64(len(x.d.Items))
}

// admits says whether the slot's rules let a product in.
func (x *choosing) admits(e *entry) bool {
	if int(e.item) >= len(x.a.brain.shown) {
		return false
	}
	p := &x.a.brain.shown[e.item]
	switch {
	case x.place.Rules.Bought == "due" && (e.code == habit || e.code == due) && int32(x.a.lists.at) < e.ref:
		return false // she has it, and does not need it yet
	case x.place.categories != nil && !x.place.categories[p.category], x.q.Context.Category != "" && p.category != x.q.Context.Category:
		return false
	case slices.Contains(x.q.Context.Exclude, p.id):
		return false
	case x.place.allowed != nil:
		c := x.place.allowed[p.id]
		return c != nil && x.service.eligible(c, x.who)
	}
	return true
}

func (x *choosing) show(e *entry, p *product, score float64) {
	w := why{code: e.code, market: x.market}
	switch e.code {
	case akin, trending:
		if e.ref >= 0 && int(e.ref) < len(x.a.brain.shown) {
			b := &x.a.brain.shown[e.ref]
			w.with = &Because{b.id, b.name}
		}
	case popular, habit, due, unsold, chosen, fallen:
	}
	x.d.Items = append(x.d.Items, Choice{ID: p.id, Name: p.name, Kind: Products, Category: p.category, Score: score, Reason: w.reason()})
}

// eligible says whether somebody may be shown a candidate.
func (s *Service) eligible(c *Candidate, who *someone) bool {
	if c.Market != "" && c.Market != who.market {
		return false
	}
	if c.Segment != "" {
		number, known := s.number(c.Segment)
		if !known || !who.known || !s.segments.Contains(number, who.key) {
			return false
		}
	}
	if c.RiskMin > 0 {
		risk, known := 0.0, false
		if who.known {
			risk, known = s.risk(who.key)
		}
		return known && risk >= c.RiskMin
	}
	return true
}

// candidates shows the worthiest of what a person may be shown; those of equal worth share people by weight.
func (s *Service) candidates(d *Decision, place *slot, who *someone, q *Question) {
	type worth struct {
		c    *Candidate
		lots float64
	}
	var buffer [32]worth
	list := buffer[:0]
	for i := range place.Candidates {
		c := &place.Candidates[i]
		if s.eligible(c, who) && !slices.Contains(q.Context.Exclude, c.ID) {
			list = append(list, worth{c, lot(who, place, c)})
		}
	}
	slices.SortFunc(list, func(a, b worth) int {
		return cmp.Or(cmp.Compare(b.c.Value, a.c.Value), cmp.Compare(b.lots, a.lots), cmp.Compare(a.c.ID, b.c.ID))
	})
	for i := range list[:min(len(list), count(q))] {
		c := list[i].c
		w := why{code: chosen, segment: c.Segment}
		d.Items = append(d.Items, Choice{ID: c.ID, Name: cmp.Or(c.Name, c.ID), Kind: place.Kind, Score: c.Value, Reason: w.reason()})
	}
	if len(d.Items) == 0 {
		s.fallBack(d, place, q)
		d.Why = noCandidate
	}
	d.Fallback = d.Why != ""
}

// lot draws for a person and a candidate, always the same: the greatest of several falls to each as often as its weight says (weighted
// rendezvous hashing: −weight / ln u with u uniform).
func lot(who *someone, place *slot, c *Candidate) float64 {
	h := xxh3.New()
	if who.known {
		_, _ = h.Write(binary.LittleEndian.AppendUint32(nil, who.key))
	} else {
		_, _ = h.WriteString(who.ref)
	}
	_, _ = h.WriteString("\x00" + place.Slug + "\x00" + c.ID)
	u := (float64(h.Sum64()>>11) + 0.5) / (1 << 53)
	return -c.Weight / math.Log(u)
}

// idOf names a decision by the question and what was answered.
func idOf(d *Decision, who *someone, q *Question) string {
	b := make([]byte, 0, 256)
	if who.known {
		b = binary.LittleEndian.AppendUint32(b, who.key)
	}
	for _, s := range []string{who.ref, d.Slot, q.Context.Market, q.Context.Category, d.Why} {
		b = append(append(b, s...), 0)
	}
	for _, s := range q.Context.Exclude {
		b = append(append(b, s...), 1)
	}
	for _, n := range []int64{d.Version, d.SlotVersion, int64(count(q))} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	for i := range d.Items {
		b = append(append(b, d.Items[i].ID...), 2)
	}
	sum := xxh3.Hash128(b).Bytes()
	return "dec_" + hex.EncodeToString(sum[:])
}
