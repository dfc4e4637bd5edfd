package query_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query"
)

func TestDump(t *testing.T) {
	out := os.Getenv("DUMP")
	if out == "" { t.Skip() }
	qs := map[string]query.Question{
		"traits": query.Traits{AsOf: 16900, Traits: query.BuiltIn()},
		"rfm": query.RFM{AsOf: 16900},
		"cells": query.RFMCells{AsOf: 16900},
		"move": query.RFMMovement{From: 16810, To: 16900},
		"cohorts": query.Cohorts{AsOf: 16900},
		"cohorts_market": query.Cohorts{AsOf: 16900, By: "market"},
		"cohorts_category": query.Cohorts{AsOf: 16900, By: "category"},
		"kpi_all": query.KPI{From: 16000, To: 16900, AsOf: 16900, Bucket: "month"},
		"kpi_90": query.KPI{From: day.Day(16900-89), To: 16900, AsOf: 16900, Bucket: "week"},
	}
	for n, q := range qs {
		r, err := query.Render(q, query.DuckDB{})
		if err != nil { t.Fatal(err) }
		s := regexp.MustCompile(`\$(\d+)`).ReplaceAllStringFunc(r.SQL, func(m string) string { i, _ := strconv.Atoi(m[1:]); return fmt.Sprintf("'%v'", r.Args[i-1]) })
		os.WriteFile(out+"/"+n+".sql", []byte(s+";\n"), 0o644)
	}
}
