package foresee

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/app/cli/show"
	"github.com/dangol/dangol/internal/market"
)

type riskView struct {
	AsOf      string            `json:"as_of"`
	Version   int64             `json:"version"`
	Customers int64             `json:"customers"`
	Sentences map[string]string `json:"sentences"`
	Drives    map[string]string `json:"drives"`
	Bands     []struct {
		Band        string       `json:"band"`
		From        float64      `json:"from"`
		To          float64      `json:"to"`
		Customers   int64        `json:"customers"`
		MeanRisk    float64      `json:"mean_risk"`
		Value       market.Money `json:"value"`
		ValueAtRisk market.Money `json:"value_at_risk"`
	} `json:"bands"`
	Reasons []struct {
		Code        string            `json:"code"`
		Kind        string            `json:"kind"`
		Labels      map[string]string `json:"labels"`
		Customers   int64             `json:"customers"`
		Share       float64           `json:"share"`
		AmongAll    *float64          `json:"share_among_all"`
		Oftener     bool              `json:"oftener"`
		ValueAtRisk market.Money      `json:"value_at_risk"`
	} `json:"reasons"`
	Markets []struct {
		Market      string       `json:"market"`
		Customers   int64        `json:"customers"`
		MeanRisk    float64      `json:"mean_risk"`
		High        int64        `json:"high"`
		ValueAtRisk market.Money `json:"value_at_risk"`
		TopReason   string       `json:"top_reason"`
	} `json:"markets"`
	Definition struct {
		Sentences map[string]string `json:"sentences"`
	} `json:"definition"`
}

type riskPerson struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Market      string            `json:"market"`
	Risk        float64           `json:"risk"`
	RiskLow     float64           `json:"risk_low"`
	RiskHigh    float64           `json:"risk_high"`
	Band        string            `json:"band"`
	Reason      string            `json:"reason"`
	Labels      map[string]string `json:"reason_labels"`
	Value       *market.Money     `json:"value"`
	ValueAtRisk *market.Money     `json:"value_at_risk"`
	LastOrderAt *string           `json:"last_order_at"`
	Orders      int64             `json:"orders"`
}

type riskFlags struct {
	asOf, market, segment, band, reason, sort string
	people, csv                               bool
	limit                                     int
}

// asked is the question of the picture, and with more that of its people.
func (f *riskFlags) asked(more ...string) url.Values {
	q := url.Values{}
	pairs := append([]string{"market", f.market, "segment", f.segment}, more...)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}

// ofPeople are the flags that ask about people; each of them asks for the list.
var ofPeople = []string{"band", "reason", "sort", "limit"}

// Risk is the verb that shows who may leave and why; of everybody, or of a segment.
func Risk(l Line) *cobra.Command {
	var f riskFlags
	c := &cobra.Command{
		Use: "risk", Short: "Who may leave, worth how much, and why; of a segment, what drives it away",
		Long: "Shows how the chances of leaving lie, what comes first among the reasons, and where. With --segment it is the picture of its\n" +
			"people, each reason beside its share among all. --people lists them, the costliest to lose first; --band, --reason, --sort and\n" +
			"--limit ask for that list by themselves. With --json the list is one object a line.",
		Example: "  dangol report risk --segment vip\n  dangol report risk --segment vip --band raised --reason late_delivery\n  dangol report risk --people --json",
		Args:    l.Takes(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case f.csv && l.JSON():
				return l.Usage("--json and --csv exclude each other")
			case f.limit < 0:
				return l.Usage("--limit cannot be negative")
			}
			for _, name := range ofPeople {
				f.people = f.people || c.Flags().Changed(name)
			}
			return l.With(c.Context(), func(ctx context.Context, client *app.Client) error {
				if err := l.Freshen(ctx, client, f.asOf); err != nil {
					return err
				}
				if f.people {
					return l.riskPeople(ctx, client, &f)
				}
				return l.risk(ctx, client, &f)
			})
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.asOf, "as-of", "", "as if today were this day, YYYY-MM-DD (default: the last day in the data)")
	flags.StringVar(&f.market, "market", "", "only this market")
	flags.StringVar(&f.segment, "segment", "", "only members of this segment, built in or your own")
	flags.BoolVar(&f.people, "people", false, "the customers, one by one")
	flags.StringVar(&f.band, "band", "", "only people of this risk: low, medium, high, or raised (medium or high)")
	flags.StringVar(&f.reason, "reason", "", "only people with this first reason, e.g. late_delivery; none for those without")
	flags.StringVar(&f.sort, "sort", "", "people by value_at_risk (whom to call first) or risk")
	flags.IntVar(&f.limit, "limit", 0, "at most so many people (default: 25 for people, all for scripts)")
	flags.BoolVar(&f.csv, "csv", false, show.CSVFlag)
	return c
}

func (l Line) risk(ctx context.Context, c *app.Client, f *riskFlags) error {
	var v riskView
	shown, err := l.Ask(ctx, c, "/v1/risk", f.asked(), &v)
	if err != nil || shown {
		return err
	}
	if f.csv {
		return l.CSV(v.rows())
	}
	l.printRisk(&v, f)
	return nil
}

// rows are the reasons, which are what one counts with.
func (v *riskView) rows() [][]string {
	rows := [][]string{{"reason", "kind", "customers", "share", "share_among_all", "oftener", "value_at_risk", "currency"}}
	for i := range v.Reasons {
		r := &v.Reasons[i]
		among := ""
		if r.AmongAll != nil {
			among = exact(*r.AmongAll)
		}
		rows = append(rows, []string{r.Code, r.Kind, strconv.FormatInt(r.Customers, 10), exact(r.Share), among, strconv.FormatBool(r.Oftener), r.ValueAtRisk.Decimal(), r.ValueAtRisk.Currency})
	}
	return rows
}

func exact(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func (l Line) printRisk(v *riskView, f *riskFlags) {
	lang := l.Language()
	l.print("As of %s, version %d: %s", v.AsOf, v.Version, l.said(v.Sentences))
	if v.Customers == 0 {
		return
	}
	var rows [][]show.Cell
	for i := len(v.Bands) - 1; i >= 0; i-- {
		b := &v.Bands[i]
		mean := show.Right("–")
		if b.Customers > 0 {
			mean = show.Share(b.MeanRisk)
		}
		rows = append(rows, []show.Cell{
			show.Left(b.Band), show.Right(strconv.FormatFloat(100*b.From, 'f', 0, 64) + "–" + strconv.FormatFloat(100*b.To, 'f', 0, 64) + "%"), show.Count(b.Customers), mean,
			show.Right(b.Value.Format(lang)), show.Right(b.ValueAtRisk.Format(lang)),
		})
	}
	l.print("")
	l.table([]show.Cell{show.Left("risk"), show.Right("chance"), show.Right("customers"), show.Right("mean"), show.Right("next 12 months"), show.Right("at risk of it")}, rows)
	if len(v.Reasons) > 0 {
		l.print("")
		l.printReasons(v, f.segment != "")
	}
	if said := l.said(v.Drives); said != "" {
		l.print("\n%s", said)
	}
	if len(v.Markets) > 1 {
		l.print("")
		l.printMarkets(v)
	}
	l.print("\n%s", l.said(v.Definition.Sentences))
	again := "dangol report risk"
	for _, flag := range [][2]string{{"--segment", f.segment}, {"--market", f.market}} {
		if flag[1] != "" {
			again += " " + flag[0] + " " + show.Harmless(flag[1])
		}
	}
	l.print("The people: %s --people", again)
}

func (l Line) printReasons(v *riskView, compared bool) {
	head := []show.Cell{show.Left("first reason"), show.Left("kind"), show.Right("customers"), show.Right("share")}
	if compared {
		head = append(head, show.Right("among all"))
	}
	head = append(head, show.Right("at risk"))
	var rows [][]show.Cell
	for i := range v.Reasons {
		r := &v.Reasons[i]
		row := []show.Cell{show.Left(l.said(r.Labels)), show.Left(r.Kind), show.Count(r.Customers), show.Share(r.Share)}
		if compared {
			row = append(row, show.Maybe(r.AmongAll, show.Percent))
		}
		row = append(row, show.Right(r.ValueAtRisk.Format(l.Language())))
		if r.Oftener {
			row = append(row, show.Left("more often than among all"))
		}
		rows = append(rows, row)
	}
	if compared {
		head = append(head, show.Left(""))
	}
	l.table(head, rows)
	l.print("Of those whose risk is medium or high.")
}

func (l Line) printMarkets(v *riskView) {
	labels := map[string]string{}
	for i := range v.Reasons {
		labels[v.Reasons[i].Code] = l.said(v.Reasons[i].Labels)
	}
	var rows [][]show.Cell
	for _, m := range v.Markets {
		rows = append(rows, []show.Cell{
			show.Left(m.Market), show.Count(m.Customers), show.Share(m.MeanRisk), show.Count(m.High), show.Right(m.ValueAtRisk.Format(l.Language())), show.Left(labels[m.TopReason]),
		})
	}
	l.table([]show.Cell{show.Left("market"), show.Right("customers"), show.Right("mean"), show.Right("high risk"), show.Right("at risk"), show.Left("first reason")}, rows)
}

// The pages in which people are asked for, and how many are shown to people.
const (
	riskPage    = 500
	peopleShown = 25
)

func (l Line) riskPeople(ctx context.Context, c *app.Client, f *riskFlags) error {
	limit := f.limit
	if limit == 0 && !f.csv && !l.JSON() {
		limit = peopleShown
	}
	var list []json.RawMessage
	total, next := int64(0), ""
	for {
		size := riskPage
		if limit > 0 {
			size = min(size, limit-len(list))
		}
		var page struct {
			People []json.RawMessage `json:"people"`
			Next   string            `json:"next"`
			Total  int64             `json:"total"`
		}
		q := f.asked("band", f.band, "reason", f.reason, "sort", f.sort, "limit", strconv.Itoa(size), "cursor", next)
		if err := c.Call(ctx, http.MethodGet, "/v1/risk/people", q, nil, &page); err != nil {
			return err
		}
		list, total, next = append(list, page.People...), page.Total, page.Next
		if next == "" || limit > 0 && len(list) >= limit {
			break
		}
	}
	if l.JSON() {
		return l.jsonLines(list)
	}
	people := make([]riskPerson, len(list))
	for i, raw := range list {
		if err := json.Unmarshal(raw, &people[i]); err != nil {
			return err
		}
	}
	if f.csv {
		return l.CSV(personRows(people))
	}
	l.printPeople(people, total)
	return nil
}

func (l Line) jsonLines(list []json.RawMessage) error {
	var b bytes.Buffer
	for _, raw := range list {
		if err := json.Compact(&b, raw); err != nil {
			return err
		}
		b.WriteByte('\n')
	}
	_, err := b.WriteTo(l.Printer().Out)
	return err
}

func personRows(people []riskPerson) [][]string {
	rows := [][]string{{"id", "name", "market", "risk", "risk_low", "risk_high", "band", "reason", "expected_value", "value_at_risk", "currency", "last_order_at", "orders"}}
	for i := range people {
		p := &people[i]
		value, risked, currency, last := "", "", "", ""
		if p.Value != nil {
			value, currency = p.Value.Decimal(), p.Value.Currency
		}
		if p.ValueAtRisk != nil {
			risked = p.ValueAtRisk.Decimal()
		}
		if p.LastOrderAt != nil {
			last = *p.LastOrderAt
		}
		rows = append(rows, []string{p.ID, p.Name, p.Market, exact(p.Risk), exact(p.RiskLow), exact(p.RiskHigh), p.Band, p.Reason, value, risked, currency, last, strconv.FormatInt(p.Orders, 10)})
	}
	return rows
}

func (l Line) printPeople(people []riskPerson, total int64) {
	if len(people) == 0 {
		l.print("Nobody who may leave matches.")
		return
	}
	lang := l.Language()
	money := func(m *market.Money) show.Cell {
		if m == nil {
			return show.Right("–")
		}
		return show.Right(m.Format(lang))
	}
	var rows [][]show.Cell
	for i := range people {
		p := &people[i]
		last := "–"
		if p.LastOrderAt != nil {
			last = *p.LastOrderAt
		}
		reason := strings.TrimSpace(l.said(p.Labels))
		rows = append(rows, []show.Cell{
			show.Left(p.ID), show.Left(p.Name), show.Left(p.Market), show.Heat(show.Percent(p.Risk), p.Risk), show.Left(p.Band), show.Left(reason), money(p.ValueAtRisk), money(p.Value), show.Count(p.Orders), show.Left(last),
		})
	}
	l.table([]show.Cell{
		show.Left("id"), show.Left("name"), show.Left("market"), show.Right("chance"), show.Left("risk"), show.Left("first reason"), show.Right("at risk"), show.Right("next 12 months"), show.Right("orders"), show.Left("last order"),
	}, rows)
	all := "."
	if int64(len(people)) < total {
		all = "; --json or --csv prints all."
	}
	l.print("\n%s of %s %s shown%s Why one of them: dangol explain %s", market.FormatNumber(int64(len(people))), show.Counted(total, "customer"), show.Plural(int64(len(people)), "is", "are"), all, show.Harmless(people[0].ID))
}
