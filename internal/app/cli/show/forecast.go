package show

import (
	"math"
	"strconv"

	"github.com/dangol/dangol/internal/market"
)

// Forecast is an answer of GET /v1/kpis/{kpi}/forecast.
type Forecast struct {
	KPI       string            `json:"kpi"`
	Unit      string            `json:"unit"`
	AsOf      string            `json:"as_of"`
	Currency  string            `json:"currency"`
	Digits    int               `json:"digits"`
	Sentences map[string]string `json:"sentences"`
	Trust     map[string]string `json:"trust"`
	History   []struct {
		Start string   `json:"start"`
		Value *float64 `json:"value"`
	} `json:"history"`
	Forecast []struct {
		Start  string  `json:"start"`
		Value  float64 `json:"value"`
		Mean   float64 `json:"mean"`
		Low80  float64 `json:"low80"`
		High80 float64 `json:"high80"`
		Low95  float64 `json:"low95"`
		High95 float64 `json:"high95"`
		Closed bool    `json:"closed"`
	} `json:"forecast"`
	Changes   []told `json:"changes"`
	Anomalies []told `json:"anomalies"`
	Warnings  []told `json:"warnings"`
}

// told is anything of a forecast that is told by a sentence.
type told struct {
	Sentences map[string]string `json:"sentences"`
}

// Rows are the past and what is expected, for CSV.
func (v *Forecast) Rows() [][]string {
	rows := [][]string{{"start", "value", "low80", "high80", "low95", "high95", "kind", "currency"}}
	for _, h := range v.History {
		rows = append(rows, []string{h.Start, exact(h.Value), "", "", "", "", "past", v.Currency})
	}
	for _, f := range v.Forecast {
		rows = append(rows, []string{f.Start, exact(&f.Value), exact(&f.Low80), exact(&f.High80), exact(&f.Low95), exact(&f.High95), "forecast", v.Currency})
	}
	return rows
}

// A chart of one line is so wide; past that, values would be drawn together.
const chartWidth = 72

// Print writes what is expected, a chart of one line, and what is said of both.
func (v *Forecast) Print(p Printer, lang market.Language) {
	write := func(x float64) string {
		switch {
		case v.Currency != "":
			return market.FromFloat(x, v.Currency).Format(lang)
		case x < 10:
			return Short(x)
		}
		return market.FormatNumber(int64(math.Round(x)))
	}
	var past, course []float64
	ahead := min(len(v.Forecast), chartWidth/2)
	for _, h := range last(v.History, chartWidth-ahead) {
		if h.Value != nil {
			past = append(past, *h.Value)
		}
	}
	course = append(course, past...)
	var rows [][]Cell
	for i, f := range v.Forecast {
		if i < ahead {
			course = append(course, f.Value)
		}
		row := []Cell{Left(f.Start), Right(write(f.Value)), Right(write(f.Low80) + " – " + write(f.High80)), Right(write(f.Low95) + " – " + write(f.High95))}
		if f.Closed {
			row = []Cell{Left(f.Start), Right("closed"), Right(""), Right("")}
		}
		rows = append(rows, row)
	}
	p.Table([]Cell{Left(v.Unit + " from"), Right(v.KPI), Right("4 times in 5"), Right("19 times in 20")}, rows)
	if line := []rune(Spark(course)); len(line) == len(course) {
		p.Print("\nso far   %s\nexpected %*s%s", string(line[:len(past)]), len(past), "", string(line[len(past):]))
	}
	p.Print("\n%s", v.Sentences[string(lang)])
	p.Print("%s", v.Trust[string(lang)])
	for _, list := range [][]told{v.Changes, last(v.Anomalies, 5), v.Warnings} {
		for _, b := range list {
			p.Print("%s", b.Sentences[string(lang)])
		}
	}
}

// last are the newest n.
func last[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }

func exact(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}
