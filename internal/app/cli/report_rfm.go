package cli

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/market"
)

type rfmView struct {
	AsOf   string `json:"as_of"`
	Method string `json:"method"`
	Cells  []struct {
		R         int          `json:"r"`
		F         int          `json:"f"`
		Customers int64        `json:"customers"`
		Spend     market.Money `json:"spend"`
	} `json:"cells"`
	Groups []struct {
		Group      string        `json:"group"`
		Customers  int64         `json:"customers"`
		Share      float64       `json:"share"`
		Spend      market.Money  `json:"spend"`
		SpendShare float64       `json:"spend_share"`
		Recency    float64       `json:"avg_recency_days"`
		Orders     float64       `json:"avg_orders"`
		Expected   *market.Money `json:"expected_value"`
	} `json:"groups"`
}

func (e *env) reportRFM() *cobra.Command {
	var p period
	c := &cobra.Command{Use: "rfm", Short: "Customers by how lately, how often and for how much they bought"}
	p.flags(c, false)
	return report(e, c, &p, func() (string, url.Values) { return "/v1/rfm", p.query() }, rfmRows, e.printRFM)
}

func rfmRows(v *rfmView) [][]string {
	rows := [][]string{{"group", "customers", "share", "spend", "spend_share", "avg_recency_days", "avg_orders", "expected_value", "currency"}}
	for _, g := range v.Groups {
		expected := ""
		if g.Expected != nil {
			expected = g.Expected.Decimal()
		}
		rows = append(rows, []string{
			g.Group, strconv.FormatInt(g.Customers, 10), exact(&g.Share), g.Spend.Decimal(), exact(&g.SpendShare), exact(&g.Recency), exact(&g.Orders), expected, g.Spend.Currency,
		})
	}
	return rows
}

func (e *env) printRFM(v *rfmView) {
	lang := e.language()
	var grid [6][6]int64
	var most int64
	for _, c := range v.Cells {
		if c.R >= 1 && c.R <= 5 && c.F >= 1 && c.F <= 5 {
			grid[c.R][c.F] = c.Customers
			most = max(most, c.Customers)
		}
	}
	head := []cell{left("recency \\ frequency")}
	for f := 1; f <= 5; f++ {
		head = append(head, right("F"+strconv.Itoa(f)))
	}
	var rows [][]cell
	for r := 5; r >= 1; r-- {
		row := []cell{left("R" + strconv.Itoa(r))}
		for f := 1; f <= 5; f++ {
			row = append(row, heat(market.FormatNumber(grid[r][f]), float64(grid[r][f])/float64(max(1, most))))
		}
		rows = append(rows, row)
	}
	e.table(head, rows)
	e.print("")
	rows = nil
	for _, g := range v.Groups {
		expected := right("–")
		if g.Expected != nil {
			expected = right(g.Expected.Format(lang))
		}
		rows = append(rows, []cell{
			left(words(g.Group)), count(g.Customers), share(g.Share), right(g.Spend.Format(lang)), heat(percent(g.SpendShare), g.SpendShare), right(fmt.Sprintf("%.0f", g.Recency)), right(fmt.Sprintf("%.1f", g.Orders)), expected,
		})
	}
	e.table([]cell{left("group"), right("customers"), right("share"), right("spent"), right("of all"), right("days since"), right("orders"), right("next 12 months")}, rows)
	e.print("\n%s", v.sentence(lang))
}

func (v *rfmView) sentence(lang market.Language) string {
	var best, risk string
	for _, g := range v.Groups {
		switch g.Group {
		case "champions":
			best = fmt.Sprintf("%s, %s of the customers, made %s of all spending", counted(g.Customers, "champion"), percent(g.Share), percent(g.SpendShare))
		case "at_risk":
			risk = fmt.Sprintf("%s at risk %s spent %s", counted(g.Customers, "customer"), plural(g.Customers, "has", "have"), g.Spend.Format(lang))
		}
	}
	s := "As of " + v.AsOf + ": " + best
	if best != "" && risk != "" {
		s += "; "
	}
	return s + risk + "."
}

// words turns a slug into words.
func words(slug string) string { return strings.ReplaceAll(slug, "_", " ") }
