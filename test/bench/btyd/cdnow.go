package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dangol/dangol/test/bench/beside"
)

// cdnow reads a CDNOW file up to the end of calibration, 30 September 1997.
func cdnow(name string) (*company, error) {
	f, err := os.Open(beside.Data("cdnow", name))
	if err != nil {
		return nil, fmt.Errorf("%w (set DANGOL_TEST_DATA to the folder that holds cdnow/)", err)
	}
	defer f.Close()
	until := dayNumber("19970930")
	orders := map[string]map[int32]float64{}
	for in := bufio.NewScanner(f); in.Scan(); {
		fields := strings.Fields(in.Text())
		n := len(fields)
		if n < 4 || fields[0] == "customer_id" {
			continue
		}
		id, day := fields[n-4], dayNumber(fields[n-3])
		amount, err := strconv.ParseFloat(fields[n-1], 64)
		if err != nil {
			return nil, err
		}
		if day > until {
			continue
		}
		if orders[id] == nil {
			orders[id] = map[int32]float64{}
		}
		orders[id][day] += amount
	}
	c := &company{name: strings.TrimSuffix(name, ".txt")}
	ids := make([]string, 0, len(orders))
	for id := range orders {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		c.add(orders[id], until)
	}
	return c, nil
}

// add appends one customer.
func (c *company) add(byDay map[int32]float64, until int32) {
	first, last, sum := until, int32(0), 0.0
	for day := range byDay {
		first, last = min(first, day), max(last, day)
	}
	for day, amount := range byDay {
		if day > first {
			sum += amount
		}
	}
	x := int32(len(byDay) - 1)
	c.x, c.tx, c.t = append(c.x, x), append(c.tx, last-first), append(c.t, until-first)
	c.mean = append(c.mean, sum/float64(max(x, 1)))
}

func dayNumber(yyyymmdd string) int32 {
	at, err := time.Parse("20060102", yyyymmdd)
	if err != nil {
		return 0
	}
	return int32(at.Unix() / 86400)
}
