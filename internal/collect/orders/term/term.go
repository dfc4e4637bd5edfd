// Package term tells the ends of what orders pay for, as subscriptions have them, from other days on which something ends.
//
// Its noun is the row: an order's customer, its day and a day that may be its end.
package term

import (
	"slices"

	"github.com/dangol/dangol/internal/kit/day"
)

// Row is what an order says of the time it pays for.
type Row struct {
	Customer  string
	At, Until day.Day
}

const (
	enoughRows      = 20  // of fewer nothing is said
	enoughCustomers = 5   // who ordered on several days
	commonTerms     = 5   // a shop sells few terms: a month has four lengths, a year two
	commonShare     = 0.5 // of the rows have one of these
	behindShare     = 0.1 // of the rows may end before they begin
)

// Usual tells what was sold for a time from what goes off some time: the same few lengths come again and again.
func Usual(rows []Row) bool {
	if len(rows) < enoughRows {
		return true
	}
	lengths, behind := map[day.Day]int{}, 0
	for _, r := range rows {
		if lengths[r.Until-r.At]++; r.Until < r.At {
			behind++
		}
	}
	counts := make([]int, 0, len(lengths))
	for _, n := range lengths {
		counts = append(counts, n)
	}
	slices.Sort(counts)
	common := 0
	for _, n := range counts[max(0, len(counts)-commonTerms):] {
		common += n
	}
	n := float64(len(rows))
	return float64(common) >= commonShare*n && float64(behind) <= behindShare*n
}

// OfCustomers tells days that say how a customer stands from those that say what her orders paid for: most who ordered on several
// days have one value on all of them. It would tell the past what came later.
func OfCustomers(rows []Row) bool {
	type seen struct {
		first      Row
		days, ends bool // several
	}
	people := map[string]*seen{}
	for _, r := range rows {
		s := people[r.Customer]
		if s == nil {
			people[r.Customer] = &seen{first: r}
			continue
		}
		s.days = s.days || r.At != s.first.At
		s.ends = s.ends || r.Until != s.first.Until
	}
	several, one := 0, 0
	for _, s := range people {
		if s.days {
			several++
			if !s.ends {
				one++
			}
		}
	}
	return several >= enoughCustomers && 2*one > several
}
