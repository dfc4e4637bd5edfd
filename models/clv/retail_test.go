package clv

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/datatest"
)

// onlineRetail reads what had a customer, a positive quantity and a positive
// price.
func onlineRetail(t *testing.T) []History {
	t.Helper()
	f, err := os.Open(datatest.Path(t, "online_retail/online_retail.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	in := csv.NewReader(z)
	in.ReuseRecord = true
	spent := map[string]map[int32]float64{}
	days := map[string]int32{}
	for line := 0; ; line++ {
		// InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || len(row) != 8 {
			t.Fatalf("line %d: %v %v", line, row, err)
		}
		quantity, _ := strconv.ParseFloat(row[3], 64)
		price, _ := strconv.ParseFloat(row[5], 64)
		if line == 0 || row[6] == "" || quantity <= 0 || price <= 0 || strings.HasPrefix(row[0], "C") {
			continue
		}
		date := row[4][:len(time.DateOnly)]
		day, ok := days[date]
		if !ok {
			day = dayOf(t, date)
			days[strings.Clone(date)] = day
		}
		if spent[row[6]] == nil {
			spent[strings.Clone(row[6])] = map[int32]float64{}
		}
		spent[row[6]][day] += quantity * price
	}
	ids := make([]string, 0, len(spent))
	for id := range spent {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	list := make([]History, len(ids))
	for i, id := range ids {
		for day := range spent[id] {
			list[i].Days = append(list[i].Days, day)
		}
		slices.Sort(list[i].Days)
		for _, day := range list[i].Days {
			list[i].Amounts = append(list[i].Amounts, spent[id][day])
		}
	}
	return list
}

func dayOf(t *testing.T, date string) int32 {
	t.Helper()
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		t.Fatal(err)
	}
	return int32(at.Unix() / 86400)
}

// TestOnlineRetail holds the figures of test/bench/clv: from the end of July
// 2011, Pareto/NBD has an RMSE of 1.872 and sees nobody leave.
func TestOnlineRetail(t *testing.T) {
	customers := onlineRetail(t)
	until, end := dayOf(t, "2011-07-31"), dayOf(t, "2011-12-09")
	m, err := Fit(customers, until, end-until, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	rmse, base, sum, inside := judged(t, m, customers, until, nil)
	t.Logf("RMSE %.4f, Pareto/NBD %.4f, sum %.3f, inside %.2f, %+v", rmse, base, sum, inside, m.Orders.Shares)
	if rmse > 1.70 || base < 1.87 || sum < 0.85 {
		t.Errorf("RMSE %.4f, Pareto/NBD %.4f, sum %.3f", rmse, base, sum)
	}
	for _, reason := range []Reason{NoDropout, LessThanAYear} {
		if !slices.ContainsFunc(m.Notes, func(n Note) bool { return n.Reason == reason }) {
			t.Errorf("does not say %s: %v", reason, m.Notes)
		}
	}
}
