package audience

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/pass"
	"github.com/dangol/dangol/internal/query/rule/render"
)

const (
	// countPatience is how long somebody who types waits for everyone to be counted, before some are asked instead: together they must take
	// less than 300 ms.
	countPatience = 100 * time.Millisecond
	// worthTimes is how many times as long counting may be foretold to take: that is rough.
	worthTimes = 2
	// drawnPeople is how many are asked, about: of a share of a half, 19 of 20 estimates are less than 0.6 points off.
	drawnPeople = 1 << 15
	// drawnFrom is of how many one is drawn at least: to ask every second is hardly quicker than to ask everyone.
	drawnFrom = 4
	// happenedFor is how long it is good enough to know how often something happened.
	happenedFor = 10 * time.Minute
)

// Estimate is what is known of a count when some of the people were asked.
type Estimate struct {
	Low   int64 `json:"low" doc:"with 95 % certainty the count is no less"`
	High  int64 `json:"high" doc:"nor more"`
	Asked int64 `json:"asked" doc:"people, drawn by chance"`
	count int64
}

// countSoon counts everyone where that is quick, and otherwise some who are drawn by chance. It gives an estimate where it did.
func (s *Service) countSoon(ctx context.Context, b *rule.Bound, hand string) (*counted, *Estimate, error) {
	k, people := s.counted, s.engine.People()
	all := question{rule: b, hand: hand, oneIn: 1}
	oneIn := int(people / k.enough)
	if oneIn < drawnFrom {
		c, err := k.now.count(ctx, s, all)
		return c, nil, err
	}
	h := k.happened.Load()
	if h == nil || s.clock().Sub(h.at).Abs() > happenedFor {
		var err error
		if h, err = s.countEvents(ctx); err != nil {
			return nil, nil, err
		}
	}
	some := question{rule: b, hand: hand, oneIn: oneIn}
	all.worth = func(m *pass.Memory, q render.Ask) bool {
		return m.Knows(b.Set(), q) || !k.drawn.knows(s, some) && m.Cost(b.Set(), q, h.between) < worthTimes*k.patience
	}
	patient, stop := context.WithTimeout(ctx, k.patience)
	defer stop()
	c, err := k.now.count(patient, s, all)
	if err == nil || ctx.Err() != nil || !errors.Is(err, errLaborious) && patient.Err() == nil {
		return c, nil, err
	}
	if c, err = k.drawn.count(ctx, s, some); err != nil {
		return nil, nil, err
	}
	return c, estimated(c.in.Count(), c.asked, people), nil
}

// between says how many events of a need's name there are in a span of time, as if they came evenly since the first of all.
func (h *happened) between(n *rule.Need, fromUS, toUS int64) int64 {
	count, fromUS := float64(h.counts[n.Name]), max(fromUS, h.firstUS)
	if n.Name == rule.AnyEvent {
		for _, c := range h.counts {
			count += float64(c)
		}
	}
	if fromUS >= toUS {
		return 0
	}
	return int64(count * float64(toUS-fromUS) / float64(toUS-h.firstUS))
}

// estimated tells from how many of the asked, a simple random sample, a rule holds of, how many of all people it does: the share times all,
// and Wilson's score interval at 95 % (E. B. Wilson, JASA 22, 1927; Newcombe, Statistics in Medicine 17, 1998, method 3), with the correction
// for a finite population: z² is multiplied by (N − n)/(N − 1) (S. Wallis, Statistics in Corpus Linguistics Research, 2021, ch. 8), so that
// who asks all of them knows. No less than was found, and no more than all without those found not to be.
func estimated(found, asked, people int64) *Estimate {
	people = max(people, asked) // who came since the first count are not in it
	if asked == 0 {
		return &Estimate{High: people}
	}
	k, n, all := float64(found), float64(asked), float64(people)
	const z = 1.959963984540054
	z2 := 0.0
	if people > 1 {
		z2 = z * z * (all - n) / (all - 1)
	}
	p := k / n
	middle, half := (k+z2/2)/(n+z2), math.Sqrt(z2)*math.Sqrt(p*(1-p)*n+z2/4)/(n+z2)
	low := max(found, int64(math.Floor(all*(middle-half)+1e-9)))
	high := min(people-(asked-found), int64(math.Ceil(all*(middle+half)-1e-9)))
	return &Estimate{low, high, asked, int64(math.Round(all * p))}
}
