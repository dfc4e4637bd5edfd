package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
)

type importView struct {
	LinesRead      int64            `json:"lines_read"`
	LinesAccepted  int64            `json:"lines_accepted"`
	Orders         int64            `json:"orders"`
	Customers      int64            `json:"customers"`
	RefundLines    int64            `json:"refund_lines"`
	RefundsBeside  int64            `json:"refunds_beside"`
	Withdrawn      int64            `json:"withdrawn"`
	SetAside       map[string]int64 `json:"set_aside"`
	RejectsFile    string           `json:"rejects_file"`
	AlreadyPresent int64            `json:"already_present"`
	Revenue        market.Money     `json:"revenue"`
	Refunds        market.Money     `json:"refunds"`
	FirstDay       string           `json:"first_day"`
	LastDay        string           `json:"last_day"`
	Seconds        float64          `json:"seconds"`
	LinesPerS      float64          `json:"lines_per_s"`
	Notes          []struct {
		Sentence string `json:"sentence"`
	} `json:"notes"`
}

func (e *env) printImport(file string, raw json.RawMessage) error {
	var r importView
	if err := json.Unmarshal(raw, &r); err != nil {
		return err
	}
	e.print("%s: %s read in %.1f s (%s/s)", file, counted(r.LinesRead, "line"), r.Seconds, counted(int64(r.LinesPerS), "line"))
	rows := [][]cell{
		{left("purchase lines taken in"), count(r.LinesAccepted)},
		{left("refund lines taken in"), count(r.RefundLines)},
		{left("already present"), count(r.AlreadyPresent)},
	}
	rows = append(rows, setAsideRows(r.SetAside)...)
	e.table([]cell{left("what became of them"), right("lines")}, append(rows, []cell{left("in all"), count(r.LinesRead)}))
	if r.RefundsBeside > 0 {
		e.print("Beside them %s of purchases that were given back.", counted(r.RefundsBeside, "refund"))
	}
	if r.LinesAccepted+r.RefundLines+r.RefundsBeside+r.Withdrawn > 0 {
		lang := e.language()
		e.print("%s of %s from %s to %s: %s, refunds %s.", counted(r.Orders, "order"), counted(r.Customers, "customer"), r.FirstDay, r.LastDay, r.Revenue.Format(lang), r.Refunds.Format(lang))
	} else {
		e.print("Nothing new was in it.")
	}
	for _, note := range r.Notes {
		e.print("Note: %s", note.Sentence)
	}
	if r.RejectsFile != "" {
		e.print("What was set aside, line by line: %s", r.RejectsFile)
	}
	return nil
}

func setAsideRows(reasons map[string]int64) [][]cell {
	var rows [][]cell
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		rows = append(rows, []cell{left("set aside: " + strings.ReplaceAll(reason, "_", " ")), count(reasons[reason])})
	}
	return rows
}

type previewView struct {
	Format     string `json:"format"`
	Encoding   string `json:"encoding"`
	Shape      string `json:"shape"`
	DateFormat string `json:"date_format"`
	TimeZone   string `json:"timezone"`
	Currency   string `json:"currency"`
	CurrencyBy string `json:"currency_by"`
	Columns    []struct {
		Index   int      `json:"index"`
		Header  string   `json:"header"`
		Role    string   `json:"role"`
		By      string   `json:"by"`
		Samples []string `json:"samples"`
		Note    string   `json:"note"`
	} `json:"columns"`
	Sample []struct {
		Line     int64  `json:"line"`
		Customer string `json:"customer"`
		Order    string `json:"order"`
		At       string `json:"at"`
		Product  string `json:"product"`
		Quantity string `json:"quantity"`
		Amount   struct {
			Amount   string `json:"amount"`
			Currency string `json:"currency"`
		} `json:"amount"`
		Market  string `json:"market"`
		Outcome string `json:"outcome"`
	} `json:"sample"`
	Totals struct {
		LinesRead     int64            `json:"lines_read"`
		LinesAccepted int64            `json:"lines_accepted"`
		Orders        int64            `json:"orders"`
		Customers     int64            `json:"customers"`
		RefundLines   int64            `json:"refund_lines"`
		RefundsBeside int64            `json:"refunds_beside"`
		SetAside      map[string]int64 `json:"set_aside"`
		FirstDay      string           `json:"first_day"`
		LastDay       string           `json:"last_day"`
		Complete      bool             `json:"complete"`
	} `json:"totals"`
	Problems []struct {
		Reason   string `json:"reason"`
		Column   string `json:"column"`
		Line     int64  `json:"line"`
		Value    string `json:"value"`
		Sentence string `json:"sentence"`
		Next     string `json:"next"`
		Fatal    bool   `json:"fatal"`
	} `json:"problems"`
	Notes []struct {
		Sentence string `json:"sentence"`
	} `json:"notes"`
}

// dryRun shows what an import would do; what would stop the import is the error.
func (e *env) dryRun(ctx context.Context, c *app.Client, file string, request importRequest) (json.RawMessage, error) {
	var raw json.RawMessage
	if err := c.Call(ctx, http.MethodPost, "/v1/imports/preview", nil, request, &raw); err != nil {
		return nil, inFile(err, file)
	}
	var p previewView
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, err
	}
	if !e.json {
		e.printPreview(file, &p)
	}
	for _, problem := range p.Problems {
		if problem.Fatal {
			return raw, fault.New(fault.Invalid, problem.Reason, problem.Sentence).Then(problem.Next).
				At(fault.Place{File: file, Line: problem.Line, Column: problem.Column, Value: problem.Value})
		}
	}
	if !e.json {
		e.say("Nothing was changed. Import it with the same command without --dry-run.")
	}
	return raw, nil
}

func (e *env) printPreview(file string, p *previewView) {
	e.print("%s: %s, one row per %s", file, p.Format, strings.TrimSuffix(first(p.Shape, "line"), "s"))
	var columns [][]cell
	for _, c := range p.Columns {
		samples := strings.Join(c.Samples[:min(3, len(c.Samples))], " · ")
		columns = append(columns, []cell{right(fmt.Sprint(c.Index)), left(c.Header), left(first(c.Role, "–")), left(c.By), left(cut(samples, 48)), left(c.Note)})
	}
	e.table([]cell{right("#"), left("column"), left("read as"), left("by"), left("samples"), left("")}, columns)
	e.print("\nDates: %s. Time zone: %s. Currency: %s (%s).\n", first(p.DateFormat, "not known"), first(p.TimeZone, "UTC"), first(p.Currency, "not known"), first(p.CurrencyBy, "none"))
	var sample [][]cell
	for _, r := range p.Sample {
		sample = append(sample, []cell{
			right(fmt.Sprint(r.Line)), left(r.Customer), left(r.Order), left(r.At), left(cut(r.Product, 20)), right(r.Quantity),
			right(strings.TrimSpace(r.Amount.Amount + " " + r.Amount.Currency)), left(r.Market), left(strings.ReplaceAll(r.Outcome, "_", " ")),
		})
	}
	e.table([]cell{right("line"), left("customer"), left("order"), left("at"), left("product"), right("quantity"), right("amount"), left("market"), left("outcome")}, sample)
	t := p.Totals
	e.print("")
	rows := [][]cell{
		{left("lines read"), count(t.LinesRead)},
		{left("purchase lines"), count(t.LinesAccepted)},
		{left("refund lines"), count(t.RefundLines)},
		{left("orders"), count(t.Orders)},
		{left("customers"), count(t.Customers)},
	}
	if t.RefundsBeside > 0 {
		rows = slices.Insert(rows, 2, []cell{left("  of them given back"), count(t.RefundsBeside)})
	}
	e.table([]cell{left("totals"), right("")}, append(rows, setAsideRows(t.SetAside)...))
	if t.FirstDay != "" {
		e.print("Orders from %s to %s.", t.FirstDay, t.LastDay)
	}
	if !t.Complete {
		e.print("Only the first part of the file was looked at.")
	}
	for _, n := range p.Notes {
		e.print("Note: %s", n.Sentence)
	}
	for _, problem := range p.Problems {
		if !problem.Fatal {
			e.print("Problem: %s", strings.TrimSpace(sentences(problem.Sentence)+" "+sentences(problem.Next)))
		}
	}
}

// sentences ends text with a full stop where it has no end.
func sentences(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}
