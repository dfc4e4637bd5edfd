package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/market"
)

type customerRow struct {
	ID            string        `json:"id"`
	Name          string        `json:"name"`
	Market        string        `json:"market"`
	Orders        int64         `json:"orders"`
	Spend         market.Money  `json:"spend"`
	FirstOrderAt  string        `json:"first_order_at"`
	LastOrderAt   string        `json:"last_order_at"`
	DaysSinceLast int64         `json:"days_since_last"`
	PAlive        *float64      `json:"p_alive"`
	PNoOrder      *float64      `json:"p_no_order_90d"`
	Expected      *float64      `json:"expected_orders"`
	ExpectedValue *market.Money `json:"expected_value"`
	ValueAtRisk   *market.Money `json:"value_at_risk"`
	RFM           string        `json:"rfm"`
	Group         string        `json:"group"`
	Lifecycle     string        `json:"lifecycle"`
}

type customerFilter struct {
	period
	q, group, lifecycle, segment, sort, order, minSpend string
	limit                                               int
	asCSV                                               bool
}

func (f *customerFilter) query(more ...string) url.Values {
	return params(append([]string{
		"as_of", f.asOf, "market", f.market, "q", f.q, "group", f.group, "lifecycle", f.lifecycle, "segment", f.segment, "sort", f.sort, "order", f.order, "min_spend", f.minSpend,
	}, more...)...)
}

const peopleShown = 25 // rows for people; scripts get all

func (e *env) reportCustomers() *cobra.Command {
	var f customerFilter
	c := &cobra.Command{
		Use: "customers", Short: "Customers that match, with their state; --json prints one object a line", Args: takes(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if f.asCSV && e.json {
				return usagef("--json and --csv exclude each other")
			}
			if f.limit < 0 {
				return usagef("--limit cannot be negative")
			}
			return e.within(c.Context(), func(ctx context.Context, client *app.Client) error {
				if err := e.customers(ctx, client, &f); err != nil {
					return err
				}
				return e.withoutOrders(ctx, client, &f)
			})
		},
	}
	f.flags(c, false)
	flags := c.Flags()
	flags.BoolVar(&f.asCSV, "csv", false, csvFlag)
	flags.IntVar(&f.limit, "limit", 0, "at most so many (default: 25 for people, all for scripts)")
	flags.StringVar(&f.q, "search", "", "part of an id, name, e-mail or phone")
	flags.StringVar(&f.group, "group", "", "only this RFM group, e.g. at_risk")
	flags.StringVar(&f.lifecycle, "lifecycle", "", "only this stage: new, active, slipping, at_risk, one_time, lost")
	flags.StringVar(&f.segment, "segment", "", "only members of this segment who have ordered; segment members has the others too")
	flags.StringVar(&f.minSpend, "min-spend", "", "only who spent at least this")
	flags.StringVar(&f.sort, "sort", "", "by spend, orders, last_order, first_order, expected_value, value_at_risk (whom to call first), p_alive, risk or id")
	flags.StringVar(&f.order, "order", "", "asc or desc")
	return c
}

func (e *env) customers(ctx context.Context, c *app.Client, f *customerFilter) error {
	if err := e.freshen(ctx, c, f.asOf); err != nil {
		return err
	}
	switch {
	case e.json:
		return e.lines(ctx, c, "/v1/customers.ndjson", f.query(), f.limit)
	case f.asCSV:
		limit := f.limit
		if limit > 0 {
			limit++ // the head
		}
		e.markCSV()
		return e.lines(ctx, c, "/v1/customers.csv", f.query(), limit)
	}
	return e.customerTable(ctx, c, f)
}

func (e *env) customerTable(ctx context.Context, c *app.Client, f *customerFilter) error {
	limit := f.limit
	if limit == 0 {
		limit = peopleShown
	}
	var page struct {
		Items []customerRow `json:"items"`
		Total int64         `json:"total"`
	}
	if err := c.Call(ctx, http.MethodGet, "/v1/customers", f.query("limit", strconv.Itoa(min(limit, 500))), nil, &page); err != nil {
		return err
	}
	head := []cell{left("id"), left("name"), left("market"), right("orders"), right("spent"), left("last order"), right("P(alive)"), right("no order 90d"), right("next 12 months")}
	atRisk := f.sort == "value_at_risk"
	if atRisk {
		head = append(head, right("at risk of it"))
	}
	lang := e.language()
	var rows [][]cell
	for _, r := range page.Items {
		row := []cell{
			left(r.ID), left(cut(r.Name, 24)), left(r.Market), count(r.Orders), right(r.Spend.Format(lang)), left(r.LastOrderAt), maybe(r.PAlive, percent), maybe(r.PNoOrder, percent), maybeMoney(r.ExpectedValue, lang),
		}
		if atRisk {
			row = append(row, maybeMoney(r.ValueAtRisk, lang))
		}
		rows = append(rows, append(row, left(r.RFM), left(words(r.Group)), left(words(r.Lifecycle))))
	}
	e.table(append(head, left("RFM"), left("group"), left("stage")), rows)
	shown, all := int64(len(page.Items)), "."
	if shown < page.Total {
		all = "; --json or --csv prints all."
	}
	e.print("\n%s of %s %s shown%s", market.FormatNumber(shown), counted(page.Total, "customer"), plural(shown, "is", "are"), all)
	return nil
}

func maybeMoney(m *market.Money, lang market.Language) cell {
	if m == nil {
		return right("–")
	}
	return right(m.Format(lang))
}

// withoutOrders says how many members of a segment the list leaves out, for customers are those who have ordered.
func (e *env) withoutOrders(ctx context.Context, c *app.Client, f *customerFilter) error {
	if f.segment == "" {
		return nil
	}
	var segment struct {
		Kind    string `json:"kind"`
		Members int64  `json:"customers"`
	}
	if err := c.Call(ctx, http.MethodGet, "/v1/segments/"+escape(f.segment), params("as_of", f.asOf), nil, &segment); err != nil || segment.Kind == "built_in" {
		return err
	}
	var ordered struct {
		Total int64 `json:"total"`
	}
	if err := c.Call(ctx, http.MethodGet, "/v1/customers", params("segment", f.segment, "as_of", f.asOf, "limit", "1"), nil, &ordered); err != nil {
		return err
	}
	if n := segment.Members - ordered.Total; n > 0 {
		e.say("%s of this segment %s not ordered and %s not listed: dangol segment members %s", counted(n, "member"), plural(n, "has", "have"), plural(n, "is", "are"), f.segment)
	}
	return nil
}

// lines copies an answer line by line, up to a limit where there is one.
func (e *env) lines(ctx context.Context, c *app.Client, path string, query url.Values, limit int) (err error) {
	answer, err := c.Stream(ctx, http.MethodGet, path, query, "", nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Close()) }()
	if limit == 0 {
		_, err = e.out.ReadFrom(answer)
		return cutOff(ctx, err)
	}
	in := bufio.NewReader(answer)
	for range limit {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			if _, err := e.out.Write(line); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return cutOff(ctx, err)
		}
	}
	return nil
}

func (e *env) reportSegments() *cobra.Command {
	var p period
	c := &cobra.Command{Use: "segments", Short: "The segments, their size and worth"}
	p.asOfFlag(c)
	return report(e, c, &p, func() (string, url.Values) { return "/v1/segments", p.query() }, segmentRows, e.printSegments)
}

type segmentsView struct {
	AsOf  string `json:"as_of"`
	Items []struct {
		Slug          string          `json:"slug"`
		Name          string          `json:"name"`
		Sentence      string          `json:"sentence"`
		Rule          json.RawMessage `json:"rule"`
		Customers     int64           `json:"customers"`
		Spend         market.Money    `json:"spend"`
		ExpectedValue *market.Money   `json:"expected_value"`
		Share         float64         `json:"share"`
		Change        *int64          `json:"change_30d"`
	} `json:"items"`
}

func segmentRows(v *segmentsView) [][]string {
	rows := [][]string{{"slug", "name", "customers", "share", "spend", "expected_value", "currency"}}
	for _, s := range v.Items {
		expected := ""
		if s.ExpectedValue != nil {
			expected = s.ExpectedValue.Decimal()
		}
		rows = append(rows, []string{s.Slug, s.Name, strconv.FormatInt(s.Customers, 10), exact(&s.Share), s.Spend.Decimal(), expected, s.Spend.Currency})
	}
	return rows
}

func (e *env) printSegments(v *segmentsView) {
	lang := e.language()
	var rows [][]cell
	var largest string
	var most int64
	for _, s := range v.Items {
		value := right("–")
		if s.ExpectedValue != nil {
			value = right(s.ExpectedValue.Format(lang))
		}
		if s.Customers > most {
			most, largest = s.Customers, s.Name
		}
		rows = append(rows, []cell{left(s.Slug), count(s.Customers), heat(percent(s.Share), s.Share), right(s.Spend.Format(lang)), value, left(cut(s.Sentence, 70))})
	}
	e.table([]cell{left("segment"), right("customers"), right("share"), right("spent"), right("next 12 months"), left("who")}, rows)
	if largest != "" {
		e.print("\nThe largest is %s with %s. The people: dangol report customers --segment SLUG", largest, counted(most, "customer"))
	}
}
