package main

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/dangol/dangol/models/recommend"
	"github.com/dangol/dangol/test/bench/beside"
)

// retail reads Online Retail: lines with a customer, not cancelled, with a
// quantity and a price above zero.
func retail() (*recommend.Interactions, error) {
	f, err := os.Open(beside.Data("online_retail", "online_retail.csv.gz"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(z)
	if _, err := r.Read(); err != nil {
		return nil, err
	}
	var b recommend.Builder
	for {
		c, err := r.Read()
		if errors.Is(err, io.EOF) {
			return b.Build()
		}
		if err != nil {
			return nil, err
		}
		quantity, _ := strconv.ParseFloat(c[3], 64)
		price, _ := strconv.ParseFloat(c[5], 64)
		if c[6] == "" || strings.HasPrefix(c[0], "C") || quantity <= 0 || price <= 0 {
			continue
		}
		at, err := time.Parse(time.DateOnly, c[4][:10])
		if err != nil {
			return nil, err
		}
		if err := b.Add(recommend.Purchase{User: c[6], Item: c[1], Order: c[0], Day: int32(at.Unix() / 86400)}); err != nil {
			return nil, err
		}
	}
}
