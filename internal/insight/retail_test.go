package insight

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/datatest"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query"
)

// bill is one purchase order of Online Retail, as the plain reading of the raw file below finds it.
type bill struct {
	customer int
	day      day.Day
	country  string
	minor    int64
	items    int64
}

// readBills reads the raw file by itself: purchases are lines with a customer, positive quantity and
// price, not cancelled.
func readBills(t *testing.T, file string) (bills []bill, refunds int64) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(z)
	if _, err := r.Read(); err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return bills, refunds
		}
		if err != nil {
			t.Fatal(err)
		}
		if row[6] == "" {
			continue
		}
		quantity, _ := strconv.ParseInt(row[3], 10, 64)
		price, _ := strconv.ParseFloat(row[5], 64)
		minor := int64(math.Round(math.Abs(float64(quantity)) * math.Round(price*1000) / 10))
		if quantity < 0 && price > 0 {
			refunds += minor
		}
		if strings.HasPrefix(row[0], "C") || quantity <= 0 || price <= 0 {
			continue
		}
		customer, _ := strconv.ParseFloat(row[6], 64)
		when, err := time.Parse("2006-01-02 15:04:05", row[4])
		if err != nil {
			t.Fatal(err)
		}
		key := row[0] + "/" + row[6]
		if _, ok := at[key]; !ok {
			at[key] = len(bills)
			bills = append(bills, bill{customer: int(customer), day: day.Of(when), country: row[7]})
		}
		b := &bills[at[key]]
		b.minor += minor
		b.items += quantity
		b.day = min(b.day, day.Of(when))
	}
}

// loadRetail fills the warehouse's tables by SQL on the raw file: another road than readBills.
func loadRetail(t *testing.T, file string) *shop {
	t.Helper()
	s := open(t)
	s.exec(t, `CREATE TABLE raw AS SELECT * FROM read_csv($1, header = true, types = {'InvoiceNo': 'VARCHAR', 'StockCode': 'VARCHAR', 'Description': 'VARCHAR', 'Quantity': 'BIGINT',
 'InvoiceDate': 'TIMESTAMP', 'UnitPrice': 'DECIMAL(12,4)', 'CustomerID': 'DOUBLE', 'Country': 'VARCHAR'})`, file)
	s.exec(t, `INSERT INTO product SELECT row_number() OVER (ORDER BY StockCode), StockCode, '', left(StockCode, 1) FROM (SELECT DISTINCT StockCode FROM raw)`)
	s.exec(t, `INSERT INTO line SELECT CustomerID::UINTEGER, hash(InvoiceNo), epoch_us(InvoiceDate), date_diff('day', DATE '1970-01-01', InvoiceDate::DATE),
 CASE WHEN Quantity < 0 THEN 2 ELSE 1 END, p.key, abs(Quantity) * 1000, round(abs(Quantity) * UnitPrice * 100)::BIGINT, Country, '', '', NULL, NULL
 FROM raw JOIN product p ON p.id = StockCode WHERE CustomerID IS NOT NULL AND UnitPrice > 0 AND (Quantity < 0 OR (Quantity > 0 AND InvoiceNo NOT LIKE 'C%'))`)
	s.exec(t, deriveOrders)
	return s
}

// TestOnlineRetail compares the room's answers with figures worked out from the raw file by plain Go.
func TestOnlineRetail(t *testing.T) {
	file := datatest.Path(t, "online_retail/online_retail.csv.gz")
	bills, refunds := readBills(t, file)
	s := loadRetail(t, file).service()
	t.Run("figures", func(t *testing.T) { retailFigures(t, s, bills, refunds) })
	t.Run("retention", func(t *testing.T) { retailRetention(t, s, bills) })
	t.Run("cohorts", func(t *testing.T) { retailCohorts(t, s, bills) })
}

func retailFigures(t *testing.T, s *Service, bills []bill, refunds int64) {
	kpi, err := s.KPI(context.Background(), KPIQuestion{From: day.Unknown, To: day.Unknown, AsOf: day.Unknown})
	if err != nil {
		t.Fatal(err)
	}
	orders := map[int]int64{}
	var revenue, items int64
	months := map[int]int64{}
	for _, b := range bills {
		orders[b.customer]++
		revenue += b.minor
		items += b.items
		months[b.day.MonthIndex()] += b.minor
	}
	repeaters := 0
	for _, n := range orders {
		if n > 1 {
			repeaters++
		}
	}
	same(t, "customers", kpi.Customers, int64(len(orders)))
	same(t, "customers known from elsewhere", kpi.Customers, 4338)
	same(t, "orders", kpi.Orders, int64(len(bills)))
	same(t, "orders known from elsewhere", kpi.Orders, 18532)
	same(t, "revenue", kpi.Revenue.Minor, revenue)
	same(t, "refunds", kpi.Refunds.Minor, refunds)
	same(t, "net revenue", kpi.NetRevenue.Minor, revenue-refunds)
	same(t, "average order value", kpi.AverageOrderValue.Minor, int64(math.Floor(float64(revenue)/float64(len(bills))+0.5)))
	same(t, "repeat purchase rate", kpi.RepeatPurchase, float64(repeaters)/float64(len(orders)))
	same(t, "one-time share", kpi.OneTimeShare, 1-float64(repeaters)/float64(len(orders)))
	same(t, "new customers", kpi.NewCustomers, int64(len(orders)))
	same(t, "items per order", kpi.ItemsPerOrder, float64(items*1000)/float64(len(bills))/1000)
	if kpi.Previous != nil || kpi.RetentionRate != nil {
		t.Error("there is nothing before the data to compare with")
	}
	same(t, "points", len(kpi.Series), 13)
	for _, p := range kpi.Series {
		same(t, "revenue of "+p.Start.String(), p.Revenue.Minor, months[p.Start.MonthIndex()])
	}
	t.Logf("%d customers, %d orders, %s revenue, %s refunds", kpi.Customers, kpi.Orders, kpi.Revenue, kpi.Refunds)
}

func retailRetention(t *testing.T, s *Service, bills []bill) {
	from, to := day.New(2011, 6, 1), day.New(2011, 8, 31)
	kpi, err := s.KPI(context.Background(), KPIQuestion{From: from, To: to, AsOf: day.Unknown, Market: "Germany", Bucket: query.BucketMonth})
	if err != nil {
		t.Fatal(err)
	}
	length := to - from + 1
	now, before := map[int]bool{}, map[int]bool{}
	days := map[int][]day.Day{}
	for _, b := range bills {
		if b.country != "Germany" {
			continue
		}
		days[b.customer] = append(days[b.customer], b.day)
		switch {
		case b.day >= from && b.day <= to:
			now[b.customer] = true
		case b.day >= from-length && b.day < from:
			before[b.customer] = true
		}
	}
	var retained int64
	for c := range now {
		if before[c] {
			retained++
		}
	}
	var gaps []float64
	for _, d := range days {
		slices.Sort(d)
		d = slices.Compact(d)
		for i := 1; i < len(d); i++ {
			if d[i] >= from && d[i] <= to {
				gaps = append(gaps, float64(d[i]-d[i-1]))
			}
		}
	}
	slices.Sort(gaps)
	same(t, "customers", kpi.Customers, int64(len(now)))
	same(t, "retained", kpi.Retained, retained)
	same(t, "lost", kpi.LostCustomers, int64(len(before))-retained)
	same(t, "retention", *kpi.RetentionRate, float64(retained)/float64(len(before)))
	same(t, "median gap", *kpi.MedianGap, (gaps[(len(gaps)-1)/2]+gaps[len(gaps)/2])/2)
	same(t, "previous customers", kpi.Previous.Customers, int64(len(before)))
	if kpi.Previous.RetentionRate != nil {
		t.Error("the period two before starts before the data")
	}
}

func retailCohorts(t *testing.T, s *Service, bills []bill) {
	got, err := s.Cohorts(context.Background(), CohortQuestion{AsOf: day.Unknown})
	if err != nil {
		t.Fatal(err)
	}
	first := map[int]int{}
	for _, b := range bills {
		m, ok := first[b.customer]
		if !ok || b.day.MonthIndex() < m {
			first[b.customer] = b.day.MonthIndex()
		}
	}
	size := map[int]int64{}
	for _, m := range first {
		size[m]++
	}
	active, revenue := map[[2]int]map[int]bool{}, map[[2]int]int64{}
	for _, b := range bills {
		at := [2]int{first[b.customer], b.day.MonthIndex() - first[b.customer]}
		if active[at] == nil {
			active[at] = map[int]bool{}
		}
		active[at][b.customer] = true
		revenue[at] += b.minor
	}
	same(t, "cohorts", len(got.Cohorts), 13)
	for i, c := range got.Cohorts {
		m := c.Start.MonthIndex()
		same(t, "size of "+c.Label, c.Size, size[m])
		same(t, "periods of "+c.Label, len(c.Periods), 13-i)
		total := int64(0)
		for _, p := range c.Periods {
			at := [2]int{m, p.Index}
			total += revenue[at]
			same(t, "active of "+c.Label, p.Active, int64(len(active[at])))
			same(t, "revenue of "+c.Label, p.Revenue.Minor, revenue[at])
			same(t, "cumulative of "+c.Label, p.Cumulative.Minor, int64(math.Floor(float64(total)/float64(c.Size)+0.5)))
			same(t, "partial of "+c.Label, p.Partial, m+p.Index == day.New(2011, 12, 1).MonthIndex())
		}
	}
	same(t, "start", got.Cohorts[0].Start.String(), "2010-12-01")
	same(t, "size of the first cohort", got.Cohorts[0].Size, 885)

	split, err := s.Cohorts(context.Background(), CohortQuestion{AsOf: day.Unknown, By: query.SplitMarket})
	if err != nil {
		t.Fatal(err)
	}
	var people int64
	for _, g := range split.Groups {
		people += g.Size
	}
	same(t, "customers over all markets", people, int64(len(first)))
	same(t, "the largest market", split.Groups[0].Key, "United Kingdom")
	same(t, "whole months", len(split.Groups[0].Periods), 12)
}

func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
