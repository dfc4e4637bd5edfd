package live_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/warehouse"
)

const crowd = 7 // people there may be

// forms are rules of every kind that moves people in its own way.
var forms = []string{
	`{"did":"Viewed","times":{">=":%d},"window":{"last":"90m"}}`,
	`{"did_not":"Viewed","window":{"last":"%dh"}}`,
	`{"did":"Viewed","where":[{"property":"price","op":">","value":%d}]}`,
	`{"trait":{"take":"sum","of":"Viewed","property":"price","window":{"last":"3h"}},"op":">=","value":%d}`,
	`{"trait":{"take":"last","of":"Viewed","property":"kind"},"op":"=","value":"k%d"}`,
	`{"sequence":[{"did":"Viewed"},{"did_not":"Bought","within":"%dh"}],"window":{"last":"2d"}}`,
	`{"sequence":[{"did":"Viewed"},{"did":"Bought","within":"%dh"}]}`,
	`{"attribute":"plan","op":"=","value":"k%d"}`,
	`{"and":[{"attribute":"email","op":"contains","value":"p%d"},{"not":{"did":"Bought","window":{"calendar":"today"}}}]}`,
	`{"did":"Order Completed","times":{">=":%d},"window":{"last":"1d"}}`,
	`{"trait":{"take":"sum","of":"Order Completed","property":"revenue"},"op":">=","value":%d}`,
	`{"or":[{"did":"Order Refunded"},{"did":"Product Bought","where":[{"property":"channel","op":"=","value":"k%d"}],"window":{"last":"5h"}}]}`,
	`{"trait":{"take":"days_since_last","of":"Order Completed"},"op":">=","value":%d}`,
	`{"score":"orders","op":">=","value":%d}`,
	`{"and":[{"lifecycle":["new"]},{"did":"Viewed","times":{">=":%d}}]}`,
	`{"did":"*","times":{">=":%d},"window":{"last":"4h"}}`,
	`{"share":{"percent":50,"salt":"%d"}}`,
	`{"and":[{"did":"Viewed","window":{"since":{"event":"Bought","which":"last"}}},{"share":{"percent":9%d,"salt":"x"}}]}`,
	`{"did":"Never Came","times":{">=":%d}}`,
	`{"trait":{"take":"max","of":"Order Completed","property":"paid_until_day"},"op":"in the next","value":"%dd"}`,
	`{"did":"Order Completed","where":[{"property":"paid_until_day","op":"in the last","value":"%dd"}]}`,
	`{"trait":{"take":"trend","of":"Viewed","window":{"last":"2h"}},"op":">","value":0.%d}`,
	`{"or":[{"segment":"s%[2]d"},{"did":"Bought","times":{">=":%[1]d}}]}`,
}

// drawRule draws a rule that may name one of some segments.
func drawRule(t *rapid.T, others []uint32) string {
	form := rapid.SampledFrom(forms).Draw(t, "form")
	n := rapid.IntRange(1, 4).Draw(t, "n")
	if form == forms[len(forms)-1] {
		if len(others) == 0 {
			return fmt.Sprintf(forms[0], n)
		}
		return fmt.Sprintf(form, n, rapid.SampledFrom(others).Draw(t, "of"))
	}
	return fmt.Sprintf(form, n)
}

func (s *shop) drawAt(t *rapid.T) time.Time {
	back := rapid.SampledFrom([]time.Duration{0, 0, time.Second, time.Minute, 20 * time.Minute, time.Hour, 26 * time.Hour}).Draw(t, "back")
	return s.now.Add(-back)
}

func (s *shop) drawFact(t *rapid.T) fact {
	f := fact{who: rapid.Uint32Range(0, crowd-1).Draw(t, "who"), typ: event.Track, at: s.drawAt(t)}
	n := rapid.IntRange(0, 4).Draw(t, "value")
	switch rapid.IntRange(0, 3).Draw(t, "what") {
	case 0, 1:
		f.name, f.props = "Viewed", fmt.Sprintf(`{"price":%d,"kind":"k%d"}`, n, n)
	case 2:
		f.name, f.props = "Bought", `{}`
	default:
		f.typ, f.name, f.props = event.Identify, event.Identified, fmt.Sprintf(`{"plan":"k%d"}`, n)
	}
	return f
}

func (s *shop) drawOrder(t *rapid.T) order {
	return order{
		who: rapid.Uint32Range(0, crowd-1).Draw(t, "buyer"), id: "o" + strconv.Itoa(rapid.IntRange(0, 5).Draw(t, "order")), at: s.drawAt(t),
		amount: int64(rapid.IntRange(0, 400).Draw(t, "amount")), refund: rapid.IntRange(0, 4).Draw(t, "refund") == 0, channel: "k" + strconv.Itoa(rapid.IntRange(0, 4).Draw(t, "channel")),
	}
}

// customersNow are those who have a row.
func (s *shop) customersNow() []uint32 {
	var keys []uint32
	for _, to := range s.people {
		keys = append(keys, to)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// merge joins the people of two origins; parting gives an origin back to herself.
func (s *shop) merge(t *rapid.T) []warehouse.Step {
	origin := rapid.Uint32Range(0, crowd-1).Draw(t, "origin")
	from, there := s.people[origin]
	if !there {
		return nil
	}
	if from != origin && rapid.Bool().Draw(t, "parting") {
		s.people[origin] = origin
		return []warehouse.Step{upsert(origin), {Kind: warehouse.Move, Origin: origin, To: origin}, upsert(from)}
	}
	to := rapid.SampledFrom(s.customersNow()).Draw(t, "to")
	if to == from {
		return nil
	}
	var steps []warehouse.Step
	for o, who := range s.people {
		if who == from {
			s.people[o] = to
			steps = append(steps, warehouse.Step{Kind: warehouse.Move, Origin: o, To: to})
		}
	}
	slices.SortFunc(steps, func(a, b warehouse.Step) int { return int(a.Origin) - int(b.Origin) })
	return append(steps, warehouse.Step{Kind: warehouse.Gone, Person: warehouse.Person{Key: from}}, upsert(to))
}

// erase forgets a person with all that were merged into her.
func (s *shop) erase(t *rapid.T) []warehouse.Step {
	if len(s.people) == 0 {
		return nil
	}
	who := rapid.SampledFrom(s.customersNow()).Draw(t, "erased")
	var steps []warehouse.Step
	for o, to := range s.people {
		if to == who {
			delete(s.people, o)
			steps = append(steps, warehouse.Step{Kind: warehouse.Erase, Origin: o})
		}
	}
	slices.SortFunc(steps, func(a, b warehouse.Step) int { return int(a.Origin) - int(b.Origin) })
	return append(steps, warehouse.Step{Kind: warehouse.Gone, Person: warehouse.Person{Key: who}})
}

// check compares every segment with a computation from nothing, and what was told with who is in.
func (s *shop) check(t *rapid.T) {
	if len(s.behind) > 0 {
		return // the warehouse is ahead
	}
	ctx := context.Background()
	s.settle()
	if _, err := s.engine.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	for _, d := range s.known.Segments {
		want := s.chosen(d.Key)
		if d.Rule != nil {
			want = s.computed(d)
		}
		if got := s.members(d.Key); !slices.Equal(got, want) {
			text, _ := d.Rule.MarshalJSON()
			t.Fatalf("%s %s holds %v, from scratch %v", d.Slug, text, got, want)
		}
	}
	v, err := s.engine.Compare(ctx, false)
	if err != nil || v.Differing != 0 {
		t.Fatalf("verdict %+v, %v", v, err)
	}
}

// TestMembersAreWhatTheFactsSay lets anything happen in any order and compares with a computation from all facts.
func TestMembersAreWhatTheFactsSay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := newShop(t, t.TempDir())
		defer func() {
			s.close()
			s.must(s.warehouse.Close())
		}()
		today := s.today()
		for key := uint32(16); key < 19; key++ {
			s.segment(key, drawRule(rt, s.below(key)))
		}
		actions := map[string]func(*rapid.T){
			"facts": func(t *rapid.T) {
				var facts []fact
				for range rapid.IntRange(1, 6).Draw(t, "facts") {
					facts = append(facts, s.drawFact(t))
				}
				s.step(facts, nil, nil, rapid.IntRange(0, 4).Draw(t, "late") == 0)
			},
			"orders": func(t *rapid.T) {
				s.step([]fact{s.drawFact(t)}, []order{s.drawOrder(t), s.drawOrder(t)}, nil, rapid.IntRange(0, 4).Draw(t, "late") == 0)
			},
			"join": func(t *rapid.T) {
				who := rapid.Uint32Range(0, crowd-1).Draw(t, "who")
				if _, there := s.people[who]; !there && !s.wasErased(who) {
					s.people[who] = who
					s.step([]fact{s.drawFact(t)}, nil, []warehouse.Step{upsert(who)}, rapid.Bool().Draw(t, "late"))
				}
			},
			"login": func(t *rapid.T) { // in a browser that is known: a number that never is a customer of its own
				who, customers := rapid.Uint32Range(0, crowd-1).Draw(t, "who"), s.customersNow()
				if _, there := s.people[who]; !there && !s.everJoined[who] && len(customers) > 0 {
					s.people[who] = rapid.SampledFrom(customers).Draw(t, "whose")
					steps := []warehouse.Step{{Kind: warehouse.Move, Origin: who, To: s.people[who]}}
					if rapid.Bool().Draw(t, "untold") {
						steps = nil
					}
					s.step([]fact{{who, event.Identify, event.Identified, `{"plan":"k1"}`, s.drawAt(t)}, s.drawFact(t)}, nil, steps, rapid.IntRange(0, 3).Draw(t, "late") == 0)
				}
			},
			"merge": func(t *rapid.T) {
				if steps := s.merge(t); steps != nil {
					s.step([]fact{s.drawFact(t)}, []order{s.drawOrder(t)}, steps, rapid.IntRange(0, 3).Draw(t, "late") == 0)
				}
			},
			"erase": func(t *rapid.T) {
				if rapid.IntRange(0, 3).Draw(t, "really") == 0 {
					if steps := s.erase(t); steps != nil {
						s.step(nil, nil, steps, false)
					}
				}
			},
			"rule": func(t *rapid.T) {
				key := rapid.Uint32Range(16, 21).Draw(t, "key")
				s.segment(key, drawRule(t, s.below(key)))
			},
			"hand": func(t *rapid.T) { s.drawHand(t) },
			"state": func(t *rapid.T) {
				rows := ""
				for i, who := range s.customersNow() {
					if i > 0 {
						rows += ","
					}
					rows += fmt.Sprintf("(%d, %d, '%s')", who, rapid.IntRange(0, 4).Draw(t, "orders"), rapid.SampledFrom([]string{"new", "lost"}).Draw(t, "stage"))
				}
				s.state(rows)
				s.engine.Analysed()
			},
			"time": func(t *rapid.T) {
				s.now = s.now.Add(rapid.SampledFrom([]time.Duration{time.Second, 10 * time.Minute, 50 * time.Minute, 2 * time.Hour, 11 * time.Hour}).Draw(t, "by"))
			},
			"follow": func(*rapid.T) { s.follow() },
			"restart": func(*rapid.T) {
				s.close()
				s.open()
			},
			"": func(t *rapid.T) {
				if now := s.today(); now != today && len(s.behind) == 0 {
					today = now
					s.must(s.engine.Midnight(context.Background()))
				}
				s.check(t)
			},
		}
		rt.Repeat(actions)
	})
}

func (s *shop) today() string { return s.now.In(s.known.Zone).Format(time.DateOnly) }

func (s *shop) wasErased(who uint32) bool {
	return s.log > 0 && !slices.Contains(s.customersNow(), who) && s.everJoined[who]
}

// below keeps segments from naming each other in a circle: one may name those with lower numbers only.
func (s *shop) below(key uint32) (others []uint32) {
	for _, d := range s.known.Segments {
		if d.Key < key {
			others = append(others, d.Key)
		}
	}
	slices.Sort(others)
	return others
}

// drawHand makes a segment whose members are chosen by hand, or chooses others.
func (s *shop) drawHand(t *rapid.T) {
	const key = 22
	who := s.customersNow()
	s.known.Chosen = map[uint32][]uint32{key: nil}
	for _, w := range who {
		if rapid.Bool().Draw(t, "chosen") {
			s.known.Chosen[key] = append(s.known.Chosen[key], w)
		}
	}
	s.segment(key, "")
	if rapid.Bool().Draw(t, "named") {
		s.segment(23, `{"and":[{"segment":"s22"},{"did":"Viewed"}]}`)
	}
}
