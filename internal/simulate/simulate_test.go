package simulate_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/simulate"
)

func shop(t *testing.T, opts simulate.Options) *simulate.Shop {
	t.Helper()
	s, err := simulate.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheShopIsTheSameForTheSameSeed(t *testing.T) {
	t.Parallel()
	text := func(seed uint64) string {
		var b bytes.Buffer
		s := shop(t, simulate.Options{Seed: seed, Customers: 500})
		for i := range s.Markets {
			if _, err := s.WriteCSV(&b, i); err != nil {
				t.Fatal(err)
			}
		}
		return b.String()
	}
	first, again, other := text(3), text(3), text(4)
	if first != again {
		t.Error("two runs with seed 3 differ")
	}
	if first == other {
		t.Error("seeds 3 and 4 give the same shop")
	}
}

func TestTheFilesHoldWhatTheTruthSays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files, truth, err := simulate.Write(dir, simulate.Options{Customers: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		mt := truth.Markets[i]
		if !simulate.Simulated(f.Path) {
			t.Errorf("%s is not marked as simulated", f.Path)
		}
		rows := readCSV(t, f.Path)
		if int64(len(rows)-1) != f.Rows || len(rows)-1 != mt.Lines+mt.RefundLines {
			t.Errorf("%s: %d rows, reported %d, in truth %d", f.Market, len(rows)-1, f.Rows, mt.Lines+mt.RefundLines)
		}
		sums := map[bool]int64{}
		orders := map[string]bool{}
		for _, row := range rows[1:] {
			quantity, err := strconv.ParseInt(row[9], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			paid, err := market.Parse(row[10], row[11])
			if err != nil {
				t.Fatal(err)
			}
			if f.Market == "DE" {
				paid.Minor *= quantity
			}
			sums[quantity < 0] += paid.Minor
			if quantity > 0 {
				orders[row[0]] = true
			}
			if !strings.HasPrefix(row[0], "SIM-") || !strings.HasSuffix(row[4], "@example.com") {
				t.Fatalf("%s: row %v is not plainly simulated", f.Market, row)
			}
		}
		if sums[false] != mt.Revenue.Minor || -sums[true] != mt.Refunds.Minor || len(orders) != mt.Orders {
			t.Errorf("%s: purchases %d and refunds %d in %d orders; in truth %v, %v, %d", f.Market, sums[false], -sums[true], len(orders), mt.Revenue, mt.Refunds, mt.Orders)
		}
	}
	var back simulate.Truth
	b, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &back); err != nil || len(back.Customers) != 1000 || back.Customers[0] != truth.Customers[0] {
		t.Errorf("truth.json came back with %d customers: %v", len(back.Customers), err)
	}
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestEventsHoldWhatTheTruthSays(t *testing.T) {
	t.Parallel()
	s := shop(t, simulate.Options{Customers: 800})
	truth := s.Truth()
	for i, mt := range truth.Markets {
		lines, err := s.Lines(i)
		if err != nil {
			t.Fatal(err)
		}
		sums := map[event.Kind]int64{}
		before, rows := day.Day(0), 0
		for l := range lines {
			sums[l.Kind] += l.AmountMinor
			rows++
			if l.Day < before || l.Day < truth.First || l.Day > truth.Last {
				t.Fatalf("%s: %s follows %s", l.Order, l.Day, before)
			}
			before = l.Day
		}
		if sums[event.Purchase] != mt.Revenue.Minor || sums[event.Refund] != mt.Refunds.Minor || rows != mt.Lines+mt.RefundLines {
			t.Errorf("%s: events sum to %v in %d rows", mt.Country, sums, rows)
		}
	}
}

// TestTheProcessIsTheOneStated holds the drawn customers against the parameters in the truth.
func TestTheProcessIsTheOneStated(t *testing.T) {
	t.Parallel()
	s := shop(t, simulate.Options{Seed: 11, Customers: 40_000})
	for i, m := range s.Markets {
		p, b := m.Process, s.Branches[i]
		n := float64(len(b.Customers))
		var rate, dropout, revenue, orders, refunded float64
		for _, c := range b.Customers {
			rate += c.RatePerDay / n
			dropout += c.Dropout / n
		}
		for j := range b.Orders {
			if b.Orders[j].Kind == event.Refund {
				refunded++
				continue
			}
			orders++
			revenue += market.New(b.Orders[j].AmountMinor(), m.Currency).Float()
		}
		near(t, m.Country+" rate", rate, p.R/p.AlphaDays, 0.03)
		near(t, m.Country+" dropout", dropout, p.A/(p.A+p.B), 0.03)
		near(t, m.Country+" spend per order", revenue/orders, p.MeanSpend(), 0.06) // heavy tails, and baskets of whole articles
		near(t, m.Country+" refunds", refunded/orders, m.RefundChance, 0.06)
	}
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got/want-1) > tolerance {
		t.Errorf("%s is %.4g, want %.4g within %.0f %%", what, got, want, 100*tolerance)
	}
}

// TestLateDeliveriesCauseChurn looks at first orders only, where lateness and the customer's own chance are independent.
func TestLateDeliveriesCauseChurn(t *testing.T) {
	t.Parallel()
	s := shop(t, simulate.Options{Seed: 5, Customers: 60_000})
	for i, m := range s.Markets {
		b := s.Branches[i]
		var n, left [2]float64
		seen := make([]bool, len(b.Customers))
		for j := range b.Orders {
			o := &b.Orders[j]
			c := &b.Customers[o.Customer]
			if o.Kind != event.Purchase || seen[o.Customer] {
				continue
			}
			seen[o.Customer] = true
			late := 0
			if o.Late() {
				late = 1
			}
			n[late]++
			if c.Orders == 1 && c.Left != day.Unknown {
				left[late]++
			}
		}
		ontime, late := left[0]/n[0], left[1]/n[1]
		p := m.Process
		near(t, m.Country+" leaving after a first order in time", ontime, p.A/(p.A+p.B), 0.05)
		if ratio := late / ontime; ratio < 1.8 || ratio > p.LateFactor {
			t.Errorf("%s: leaving is %.2f times as likely after a late first order, want nearly %.1f", m.Country, ratio, p.LateFactor)
		}
	}
	th := s.Truth().Markets[1]
	if th.LeftLate == 0 || th.LeftLate*4 > th.LeftNatural {
		t.Errorf("in Thailand %d left because of a late delivery and %d anyway: want some, and far fewer", th.LeftLate, th.LeftNatural)
	}
}

func TestFestivalsShowInTheOrders(t *testing.T) {
	t.Parallel()
	s := shop(t, simulate.Options{Customers: 20_000})
	perDay := func(at int, from, to string) float64 {
		a, _ := day.Parse(from)
		z, _ := day.Parse(to)
		n := 0.0
		for _, o := range s.Branches[at].Orders {
			if o.Kind == event.Purchase && o.Day >= a && o.Day <= z {
				n++
			}
		}
		return n / float64(z-a+1)
	}
	if before, holiday := perDay(0, "2025-09-22", "2025-10-04"), perDay(0, "2025-10-05", "2025-10-07"); before < 2*holiday {
		t.Errorf("Korea orders %.1f a day before Chuseok and %.1f during it", before, holiday)
	}
	if sale, plain := perDay(1, "2025-11-11", "2025-11-11"), perDay(1, "2025-11-03", "2025-11-09"); sale < 1.7*plain {
		t.Errorf("Thailand orders %.1f on 11.11 and %.1f a day before", sale, plain)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for _, o := range []simulate.Options{{Customers: -1}, {Customers: 10_000_000}, {First: day.New(2026, time.May, 1), Last: day.New(2026, time.April, 1)}} {
		if _, err := simulate.New(o); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%+v: %v, want an invalid fault", o, err)
		}
	}
	if s := shop(t, simulate.Options{Customers: 1}); len(s.Branches) != 3 {
		t.Errorf("one customer: %d branches", len(s.Branches))
	}
}

func TestCrowd(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	c := simulate.Crowd{Seed: 2, Customers: 2_000, Lines: 40_000, Cancelled: 0.02, Dirty: 0.01}
	if err := simulate.WriteLines(&b, c); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b.Bytes())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != c.Lines+1 {
		t.Errorf("%d rows, want %d and a header", len(rows)-1, c.Lines)
	}
	customers, credit, aside := map[string]bool{}, 0, 0
	date := ""
	for _, row := range rows[1:] {
		switch {
		case row[0][0] == 'C':
			credit++
		case row[6] == "" || row[5] == "0.00":
			aside++
		}
		customers[row[6]] = true
		if row[4][:10] < date {
			t.Fatalf("%s follows %s", row[4], date)
		}
		date = row[4][:10]
	}
	if len(customers) < c.Customers || credit == 0 || aside < c.Lines/200 || aside > c.Lines/50 {
		t.Errorf("%d customers, %d credit notes, %d lines to set aside", len(customers), credit, aside)
	}
	if err := simulate.WriteLines(io.Discard, simulate.Crowd{Customers: 5, Lines: 4}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("fewer lines than customers: %v", err)
	}
}

func BenchmarkWrite(b *testing.B) {
	for b.Loop() {
		if _, _, err := simulate.Write(b.TempDir(), simulate.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCrowd(b *testing.B) {
	c := simulate.Crowd{Customers: 50_000, Lines: 1_000_000}
	for b.Loop() {
		if err := simulate.WriteLines(io.Discard, c); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(c.Lines)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
