package term

import (
	"fmt"
	"testing"

	"github.com/dangol/dangol/internal/kit/day"
)

// rows are orders of some customers, one a day.
func rows(n, customers int, until func(i int) day.Day) (list []Row) {
	for i := range n {
		list = append(list, Row{fmt.Sprint(i % customers), day.Day(i), until(i)})
	}
	return list
}

func TestUsual(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		rows  []Row
		usual bool
	}{
		{"months and years", rows(60, 9, func(i int) day.Day { return day.Day(i + []int{30, 31, 31, 365, 28}[i%5]) }), true},
		{"half of them end when the last one did", rows(60, 9, func(i int) day.Day { return day.Day(i + []int{30, 25 + i%11}[i%2]) }), true},
		{"shelves", rows(60, 9, func(i int) day.Day { return day.Day(i + 5 + i*7%60) }), false},
		{"paid behindhand", rows(60, 9, func(i int) day.Day { return day.Day(i - 30) }), false},
		{"too few to say", rows(enoughRows-1, 9, func(i int) day.Day { return day.Day(3 * i) }), true},
		{"none", nil, true},
	} {
		if Usual(c.rows) != c.usual {
			t.Errorf("%s: usual is %v", c.name, !c.usual)
		}
	}
}

func TestOfCustomers(t *testing.T) {
	t.Parallel()
	hers := func(customers int) func(int) day.Day {
		return func(i int) day.Day { return day.Day(500 + i%customers) }
	}
	for _, c := range []struct {
		name string
		rows []Row
		all  bool
	}{
		{"each has her own", rows(20, 6, hers(6)), true},
		{"each order has its own", rows(20, 6, func(i int) day.Day { return day.Day(i + 30) }), false},
		{"too few customers", rows(20, enoughCustomers-1, hers(enoughCustomers-1)), false},
		{"nobody came twice", rows(6, 6, hers(6)), false},
	} {
		if OfCustomers(c.rows) != c.all {
			t.Errorf("%s: of customers is %v", c.name, !c.all)
		}
	}
}
