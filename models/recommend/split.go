package recommend

import (
	"fmt"
	"slices"
)

// Case is a person to be judged on: what was known, and what she then bought.
type Case struct {
	User    string
	History History
	Truth   []int32 // distinct items, ascending, whether known to the model or not
}

// SplitLast keeps back the last day on which each person bought, of those with
// at least minDays such days (2 at least), and returns the rest and the cases.
// Everybody else's purchases stay in the rest, later ones too: that is how
// recommenders are mostly compared in print, and kinder than life. SplitAt is as life is.
func (in *Interactions) SplitLast(minDays int) (*Interactions, []Case, error) {
	if minDays < 2 {
		return nil, nil, fmt.Errorf("split: %d days; a person needs at least 2, one to learn from and one to be judged on", minDays)
	}
	cut := make([]int32, len(in.users))
	for u := range in.users {
		own := in.of(u)
		cut[u] = maxDay + 1
		days := 0
		for i, l := range own {
			if i == 0 || own[i-1].day != l.day {
				days++
			}
		}
		if days >= minDays {
			cut[u] = own[len(own)-1].day
		}
	}
	return in.cut(func(u int, l line) bool { return l.day < cut[u] }), in.cases(cut, cut, maxDay), nil
}

// SplitAt keeps everything before a day, and takes as cases all people with
// purchases both before it and within the horizon (days) from it on; truth is
// the first of those days, and the day of the recommendation is the cut.
func (in *Interactions) SplitAt(cut, horizon int32) (*Interactions, []Case, error) {
	first, last := in.Span()
	if cut <= first || cut > last {
		return nil, nil, fmt.Errorf("split: the cut, day %d, is not within the data, days %d to %d", cut, first+1, last)
	}
	if horizon < 1 {
		return nil, nil, fmt.Errorf("split: a horizon of %d days", horizon)
	}
	at, next := make([]int32, len(in.users)), make([]int32, len(in.users))
	for u := range in.users {
		at[u], next[u] = cut, maxDay+1
		for _, l := range in.of(u) {
			if l.day >= cut {
				next[u] = min(next[u], l.day)
			}
		}
	}
	return in.cut(func(_ int, l line) bool { return l.day < cut }), in.cases(at, next, cut+horizon), nil
}

// cut keeps some lines, and everybody's and everything's number. Baskets are
// numbered anew.
func (in *Interactions) cut(keep func(u int, l line) bool) *Interactions {
	out := &Interactions{users: in.users, items: in.items, segments: in.segments, segment: in.segment, start: make([]int32, len(in.start))}
	was := int32(-1)
	for u := range in.users {
		for _, l := range in.of(u) {
			if !keep(u, l) {
				continue
			}
			if l.basket != was || len(out.lines) == 0 {
				was = l.basket
				out.baskets++
			}
			l.basket = int32(out.baskets - 1)
			out.lines = append(out.lines, l)
		}
		out.start[u+1] = int32(len(out.lines))
	}
	return out
}

// cases lists people with something before at[u] and a purchase on day next[u] < end.
func (in *Interactions) cases(at, next []int32, end int32) []Case {
	var list []Case
	for u, user := range in.users {
		if next[u] >= end {
			continue
		}
		c := Case{User: user, History: in.history(u, at[u])}
		for _, l := range in.of(u) {
			if l.day == next[u] {
				c.Truth = append(c.Truth, l.item)
			}
		}
		slices.Sort(c.Truth)
		c.Truth = slices.Compact(c.Truth)
		if len(c.History.Events) > 0 && len(c.Truth) > 0 {
			list = append(list, c)
		}
	}
	return list
}
