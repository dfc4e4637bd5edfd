package suggest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/models/recommend"
)

// Asking is a question about one customer.
type Asking struct {
	Customer string
	Count    int
	Bought   string // exclude, due or allow
	Category string
}

// Item is one product of an answer.
type Item struct {
	Product  string  `json:"product"`
	Name     string  `json:"name"`
	Category string  `json:"category"`
	Score    float64 `json:"score" doc:"orders the answer; the difference of two is the logarithm of how many times likelier the one is"`
	Reason   Reason  `json:"reason"`
}

// Due is a product that a customer buys again and again.
type Due struct {
	Product  string  `json:"product"`
	Name     string  `json:"name"`
	Last     day.Day `json:"last" format:"date"`
	Day      day.Day `json:"day" format:"date" doc:"as likely too early as too late"`
	Low      day.Day `json:"low" format:"date"`
	High     day.Day `json:"high" format:"date"`
	Interval float64 `json:"interval_days"`
	Own      int     `json:"own_intervals" doc:"of hers; with none it is what is usual for the product"`
	Share    float64 `json:"share_again" doc:"of its buyers who ever bought it again"`
}

// Recommended is what one customer will buy next.
type Recommended struct {
	Customer string  `json:"customer"`
	AsOf     day.Day `json:"as_of" format:"date"`
	Version  int64   `json:"version" doc:"of the model"`
	Model    string  `json:"model"`
	Items    []Item  `json:"items"`
	Due      []Due   `json:"due" doc:"what she bought more than once, or others do, soonest first"`
	Bought   int     `json:"bought" doc:"different products that she has bought"`
	Fallback bool    `json:"fallback" doc:"true where nothing is known of what she bought: then it is what others buy"`
}

const (
	dueLevel = 0.8
	dueShown = 10
	dueShare = 0.15 // of the buyers, who buy a product again, below whom it is not said to be due
)

// Recommend answers from what she has bought up to now.
func (s *Service) Recommend(ctx context.Context, q Asking) (*Recommended, error) {
	a, err := s.answering(ctx)
	if err != nil {
		return nil, err
	}
	key, id, err := s.people.Find(ctx, q.Customer)
	if err != nil {
		return nil, err
	}
	rules := recommend.Rules{Bought: recommend.BoughtRule(q.Bought)}
	if q.Category != "" {
		if rules.Only, err = a.brain.only([]string{q.Category}); err != nil {
			return nil, err
		}
	}
	who, err := s.patron(ctx, a, key)
	if err != nil {
		return nil, err
	}
	h := who.history
	answers, err := a.brain.model.Suggest(h, []int{q.Count}, []recommend.Rules{rules})
	if err != nil {
		return nil, fmt.Errorf("recommendations: %w", err)
	}
	dues, err := a.brain.model.Rhythms().Due(h, dueLevel)
	if err != nil {
		return nil, fmt.Errorf("recommendations: %w", err)
	}
	r := &Recommended{
		Customer: id, AsOf: day.Day(h.At - 1), Version: a.brain.version, Model: labels[a.brain.model.Options().Kind], Items: []Item{}, Due: []Due{},
		Bought: len(dues), Fallback: len(h.Events) == 0,
	}
	for i := range answers[0] {
		r.Items = append(r.Items, a.brain.itemOfAnswer(&answers[0][i], dues))
	}
	for _, d := range dues {
		if len(r.Due) < dueShown && (d.Own > 0 || d.Share >= dueShare) && d.High >= h.At-1 {
			p := a.brain.shown[d.Item]
			r.Due = append(r.Due, Due{p.id, p.name, day.Day(d.Last), day.Day(d.Day), day.Day(d.Low), day.Day(d.High), d.Interval, d.Own, d.Share})
		}
	}
	return r, nil
}

// patron reads what one customer bought.
func (s *Service) patron(ctx context.Context, a *answering, key uint32) (*patron, error) {
	asOf, err := s.days.AsOf(ctx, day.Unknown)
	if err != nil {
		return nil, err
	}
	rows, err := s.warehouse.Ask(ctx, `SELECT product_key, day FROM line WHERE kind = 1 AND customer_key = $1::UINTEGER AND day <= $2`, key, int32(asOf))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	who := &patron{customer: key, history: recommend.History{At: int32(asOf) + 1}}
	for rows.Next() {
		var product uint32
		var on int32
		if err := rows.Scan(&product, &on); err != nil {
			return nil, fmt.Errorf("purchases: %w", err)
		}
		if item := a.brain.item(product); item >= 0 {
			who.history.Events = append(who.history.Events, recommend.Event{Item: item, Day: on})
		}
	}
	return who, rows.Err()
}

// only restricts answers to categories.
func (b *brain) only(categories []string) (*recommend.Mask, error) {
	wanted := map[string]bool{}
	for _, c := range categories {
		wanted[c] = true
	}
	met := map[string]bool{}
	mask, err := b.model.Mask(func(item int32) bool {
		c := b.shown[item].category
		met[c] = true
		return wanted[c]
	}, nil)
	if err != nil {
		return nil, err
	}
	for _, c := range categories {
		if !met[c] || c == "" {
			known := []string{}
			for name := range met {
				if name != "" {
					known = append(known, name)
				}
			}
			slices.Sort(known)
			return nil, fault.Newf(fault.Invalid, "suggest.unknown_category", "no product is of the category %q", c).At(fault.Place{Field: "category", Value: c}).
				Then("Categories are: " + strings.Join(known[:min(len(known), 20)], ", ") + ".")
		}
	}
	return mask, nil
}

// itemOfAnswer puts a suggestion into words.
func (b *brain) itemOfAnswer(s *recommend.Suggestion, dues []recommend.Due) Item {
	w := why{code: reasonOf(s)}
	for _, d := range dues {
		if d.Item == s.Item { // she has it already
			if w.code == akin || w.code == popular {
				w.code = habit
			}
			w.last, w.every = day.Day(d.Last), int(d.Interval+0.5)
		}
	}
	if s.Because >= 0 && (w.code == akin || w.code == trending) {
		p := b.shown[s.Because]
		w.with = &Because{p.id, p.name}
	}
	p := b.shown[s.Item]
	return Item{p.id, p.name, p.category, s.Score, w.reason()}
}

// Partner is a product that is bought together with another.
type Partner struct {
	Product  string  `json:"product"`
	Name     string  `json:"name"`
	Category string  `json:"category"`
	Orders   int     `json:"orders" doc:"that hold both"`
	Share    float64 `json:"share" doc:"of the orders with the one, those with the other, too"`
	Lift     float64 `json:"lift" doc:"how many times more often than by chance"`
	Low      float64 `json:"lift_low" doc:"of its 95 % interval; partners come in this order"`
	High     float64 `json:"lift_high"`
}

// Together is what is bought with a product.
type Together struct {
	Product string    `json:"product"`
	Name    string    `json:"name"`
	AsOf    day.Day   `json:"as_of" format:"date"`
	Version int64     `json:"version"`
	Items   []Partner `json:"items"`
}

// Together lists what is surely bought together with a product.
func (s *Service) Together(ctx context.Context, id string, count int) (*Together, error) {
	a, err := s.answering(ctx)
	if err != nil {
		return nil, err
	}
	item, known := a.brain.model.Item(id)
	if !known {
		return nil, fault.Newf(fault.NotFound, "suggest.unknown_product", "nobody bought a product %q before the model was trained", id).
			At(fault.Place{Field: "id", Value: id}).Then("Name it by its id, as in the orders; after new orders run `dangol train recommend`.")
	}
	p := a.brain.shown[item]
	t := &Together{p.id, p.name, a.brain.asOf, a.brain.version, []Partner{}}
	if int(item) < len(a.brain.together) {
		list := a.brain.together[item]
		for _, x := range list[:min(count, len(list))] {
			o := a.brain.shown[x.Item]
			t.Items = append(t.Items, Partner{o.id, o.name, o.category, x.Together, x.Share, x.Lift, x.Low, x.High})
		}
	}
	return t, nil
}
