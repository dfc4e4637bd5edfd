package warehouse

import (
	"context"
	"testing"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
)

// beside is a refund of the row of its purchase: all that was given back so far.
func beside(of event.Extent, customer, order, product string, minor int64) event.OrderLine {
	l := line(customer, order, product, event.Refund, 100, minor)
	l.SoFar = of
	return l
}

func back(t *testing.T, w *Warehouse) int64 {
	t.Helper()
	return one[int64](t, w, `SELECT coalesce(sum(base_minor), 0)::BIGINT FROM orders WHERE kind = 2`)
}

// What was given back is told anew in each export, and grows: only the difference is news, however the export divides it.
func TestGivenBackSoFarIsNotAddedUp(t *testing.T) {
	t.Parallel()
	for _, of := range []event.Extent{event.OfLine, event.OfOrder} {
		w, k := open(t, ""), keys{}
		mug, cup := line("a", "1", "mug", event.Purchase, 100, 1000), line("a", "1", "cup", event.Purchase, 100, 1500)
		for id, step := range []struct {
			name  string
			lines []event.OrderLine
			want  Taken
			back  int64
		}{
			{"yesterday", []event.OrderLine{mug, beside(of, "a", "1", "mug", 500), cup}, Taken{Purchases: 2, RefundsBeside: 1, Orders: 1, Customers: 1}, 500},
			{"again", []event.OrderLine{mug, beside(of, "a", "1", "mug", 500), cup}, Taken{AlreadyPresent: 2}, 500},
			{"today", []event.OrderLine{mug, beside(of, "a", "1", "mug", 1000), cup}, Taken{AlreadyPresent: 2, RefundsBeside: 1}, 1000},
			{"today again", []event.OrderLine{mug, beside(of, "a", "1", "mug", 1000), cup}, Taken{AlreadyPresent: 2}, 1000},
			{"more, of two lines", []event.OrderLine{mug, beside(of, "a", "1", "mug", 1000), cup, beside(of, "a", "1", "cup", 200)}, Taken{AlreadyPresent: 2, RefundsBeside: 1}, 1200},
			{"all", []event.OrderLine{mug, beside(of, "a", "1", "mug", 1000), cup, beside(of, "a", "1", "cup", 1500)}, Taken{AlreadyPresent: 2, RefundsBeside: 1}, 2500},
			{"less", []event.OrderLine{mug, beside(of, "a", "1", "mug", 300), cup}, Taken{AlreadyPresent: 2, ToldLess: 1}, 2500},
		} {
			if got := k.take(t, w, int64(id+1), step.lines...); got != step.want || back(t, w) != step.back {
				t.Errorf("%d, %s: %+v, %d given back; want %+v, %d", of, step.name, got, back(t, w), step.want, step.back)
			}
		}
	}
}

func TestGivenBackOfAnOrderMovesBetweenItsLines(t *testing.T) {
	t.Parallel()
	w, k := open(t, ""), keys{}
	mug, cup := line("a", "1", "mug", event.Purchase, 100, 1000), line("a", "1", "cup", event.Purchase, 100, 1500)
	k.take(t, w, 1, mug, beside(event.OfOrder, "a", "1", "mug", 500), cup)
	if got := k.take(t, w, 2, cup, beside(event.OfOrder, "a", "1", "cup", 500), mug); got != (Taken{AlreadyPresent: 2}) || back(t, w) != 500 {
		t.Errorf("the same sum, on the other line: %+v, %d", got, back(t, w))
	}
	if got := k.take(t, w, 3, cup, beside(event.OfOrder, "a", "1", "cup", 700), mug); got.RefundsBeside != 1 || back(t, w) != 700 {
		t.Errorf("200 more: %+v, %d", got, back(t, w))
	}
	// By a status, and not by the order's sum: never more than was bought.
	k.take(t, w, 4, cup, beside(event.OfLine, "a", "1", "cup", 1500), mug, beside(event.OfLine, "a", "1", "mug", 1000))
	if back(t, w) != 2500 {
		t.Errorf("%d given back of 2500", back(t, w))
	}
}

// takeCancelled takes lines in of which some are cancelled.
func (k keys) takeCancelled(t testing.TB, w *Warehouse, id int64, cancelled []event.OrderLine, lines ...event.OrderLine) Taken {
	t.Helper()
	taken, err := w.Take(context.Background(), id, id, func(in *Intake) ([]Person, error) {
		for i := range lines {
			if err := in.Add(&lines[i], k[lines[i].Customer], lines[i].AmountMinor); err != nil {
				return nil, err
			}
		}
		for i := range cancelled {
			if err := in.AddCancelled(&cancelled[i], 120*86400e6, day.Day(120)); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func TestACancelledSaleIsWithdrawn(t *testing.T) {
	t.Parallel()
	w, k := open(t, ""), keys{}
	mug, cup := line("a", "1", "mug", event.Purchase, 100, 1000), line("a", "1", "cup", event.Purchase, 100, 1500)
	other := line("b", "2", "mug", event.Purchase, 101, 1000)
	k.take(t, w, 1, mug, cup, other)
	// A line of order 1 is called off, the other stands; of what was never taken in nothing can be withdrawn.
	unknown := line("z", "9", "pot", event.Purchase, 100, 9900)
	got := k.takeCancelled(t, w, 2, []event.OrderLine{cup, unknown}, mug, other)
	if got != (Taken{AlreadyPresent: 2, Withdrawn: 1}) || back(t, w) != 1500 {
		t.Errorf("one line: %+v, %d", got, back(t, w))
	}
	// The order is called off whole, told by one of its lines.
	if got = k.takeCancelled(t, w, 3, []event.OrderLine{mug}, other); got != (Taken{AlreadyPresent: 1, Withdrawn: 1}) || back(t, w) != 2500 {
		t.Errorf("the order: %+v, %d", got, back(t, w))
	}
	if got = k.takeCancelled(t, w, 4, []event.OrderLine{mug, cup}, other); got != (Taken{AlreadyPresent: 1}) || back(t, w) != 2500 {
		t.Errorf("again: %+v, %d", got, back(t, w))
	}
	if n := one[int64](t, w, `SELECT count(*) FROM orders WHERE kind = 2 AND day = 120 AND customer_key = (SELECT key FROM customer WHERE id = 'a')`); n != 1 {
		t.Errorf("%d rows of refunds on the day of the cancellation", n)
	}
	if n := one[int64](t, w, `SELECT count(*) FROM product`); n != 2 {
		t.Errorf("%d products: a cancelled line brought one", n)
	}
	_, done, err := w.TakenBy(context.Background(), 3)
	if again, _, _ := w.TakenBy(context.Background(), 3); !done || err != nil || again.Withdrawn != 1 {
		t.Errorf("recorded: %+v, %v", again, err)
	}
}

// What came back before is not withdrawn once more, nor does what comes back later exceed the sale.
func TestWithdrawnAndGivenBackDoNotAddUp(t *testing.T) {
	t.Parallel()
	w, k := open(t, ""), keys{}
	mug := line("a", "1", "mug", event.Purchase, 100, 1000)
	k.take(t, w, 1, mug, beside(event.OfOrder, "a", "1", "mug", 400))
	k.takeCancelled(t, w, 2, []event.OrderLine{mug})
	if back(t, w) != 1000 {
		t.Errorf("%d of 1000", back(t, w))
	}
	k.take(t, w, 3, mug, beside(event.OfLine, "a", "1", "mug", 1000))
	if back(t, w) != 1000 {
		t.Errorf("afterwards %d of 1000", back(t, w))
	}
}

func TestEachRefundHasItsDay(t *testing.T) {
	t.Parallel()
	w, k := open(t, ""), keys{}
	k.take(t, w, 1, line("a", "1", "mug", event.Purchase, 100, 1000), line("a", "1", "mug", event.Refund, 110, 400), line("a", "1", "mug", event.Refund, 141, 300), line("a", "1", "cup", event.Refund, 141, 100))
	if got := one[string](t, w, `SELECT string_agg(day || ':' || base_minor || ':' || lines, ' ' ORDER BY day) FROM orders WHERE kind = 2`); got != "110:400:1 141:400:2" {
		t.Errorf("refunds by day: %s", got)
	}
}
