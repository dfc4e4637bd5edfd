package main

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dangol/dangol/models/clv"
	"github.com/dangol/dangol/test/bench/beside"
)

// ledger collects what each customer spent on each day.
type ledger map[string]map[int32]float64

func (l ledger) add(id string, day int32, amount float64) {
	if l[id] == nil {
		l[id] = map[int32]float64{}
	}
	l[id][day] += amount
}

// histories are in the order of the customers' names.
func (l ledger) histories() []clv.History {
	ids := make([]string, 0, len(l))
	for id := range l {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	all := make([]clv.History, len(ids))
	for i, id := range ids {
		h := &all[i]
		for day := range l[id] {
			h.Days = append(h.Days, day)
		}
		slices.Sort(h.Days)
		for _, day := range h.Days {
			h.Amounts = append(h.Amounts, l[id][day])
		}
	}
	return all
}

// cdnow reads the CDs of 23,570 people who first bought in early 1997.
func cdnow() ([]clv.History, error) {
	f, err := open("cdnow", "CDNOW_master.txt")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	l := ledger{}
	for in := bufio.NewScanner(f); in.Scan(); {
		c := strings.Fields(in.Text())
		if len(c) != 4 || c[0] == "customer_id" {
			continue
		}
		amount, err := strconv.ParseFloat(c[3], 64)
		if err != nil {
			return nil, err
		}
		day, err := dayOf("20060102", c[1])
		if err != nil {
			return nil, err
		}
		l.add(c[0], day, amount)
	}
	return l.histories(), nil
}

// onlineRetail reads what a British wholesaler of gifts sold in a year: what
// has a customer, a positive quantity and a positive price.
func onlineRetail() ([]clv.History, error) {
	f, err := open("online_retail", "online_retail.csv.gz")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	in := csv.NewReader(z)
	in.ReuseRecord = true
	head, err := in.Read()
	if err != nil {
		return nil, err
	}
	col := map[string]int{}
	for i, name := range head {
		col[strings.TrimPrefix(name, "\ufeff")] = i
	}
	l := ledger{}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return l.histories(), nil
		}
		if err != nil {
			return nil, err
		}
		quantity, _ := strconv.ParseFloat(row[col["Quantity"]], 64)
		price, _ := strconv.ParseFloat(row[col["UnitPrice"]], 64)
		id := row[col["CustomerID"]]
		if id == "" || quantity <= 0 || price <= 0 || strings.HasPrefix(row[col["InvoiceNo"]], "C") {
			continue
		}
		day, err := dayOf("2006-01-02", strings.Fields(row[col["InvoiceDate"]])[0])
		if err != nil {
			return nil, err
		}
		l.add(strings.Clone(id), day, quantity*price)
	}
}

func open(parts ...string) (*os.File, error) {
	f, err := os.Open(beside.Data(parts...))
	if err != nil {
		return nil, fmt.Errorf("%w (set DANGOL_TEST_DATA to the folder of the data sets)", err)
	}
	return f, nil
}

func dayOf(layout, text string) (int32, error) {
	at, err := time.Parse(layout, text)
	return int32(at.Unix() / 86400), err
}
