// Command clv predicts orders and spending at rolling cuts of public data sets
// with models/clv, beside Pareto/NBD and the Python library lifetimes. See
// README.md.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/dangol/dangol/models/btyd"
	"github.com/dangol/dangol/models/clv"
	"github.com/dangol/dangol/test/bench/beside"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// lifetimes is the peer, with what it still runs on.
var lifetimes = beside.Environment{
	Name: "lifetimes", Modules: []string{"lifetimes"},
	Packages: []string{"numpy==1.24.2", "scipy==1.10.1", "pandas==1.5.3", "autograd==1.6.2", "lifetimes==0.11.3"},
}

// company is a data set with the cuts at which it is looked at.
type company struct {
	name     string
	load     func() ([]clv.History, error)
	end      string // last day of the data
	most     int32  // days of a horizon
	headline string // the cut of published figures, of which the peer is asked; "" where there is none
	rolling  []string
}

var companies = []company{
	{"CDNOW", cdnow, "1998-06-30", 273, "1997-09-30", []string{"1997-07-01", "1997-08-15", "1997-11-15", "1997-12-31", "1998-02-15"}},
	{"Online Retail", onlineRetail, "2011-12-09", 365, "2011-07-31", []string{"2011-05-31", "2011-06-30", "2011-08-31", "2011-09-30"}},
}

// summer is Online Retail as if it had ended before its only autumn: what a rule
// for the level of sums does where no season comes after the cut.
var summer = company{"Online Retail to August", onlineRetail, "2011-08-31", 365, "", []string{"2011-03-31", "2011-04-15", "2011-04-30", "2011-05-15", "2011-05-31", "2011-06-15", "2011-06-30"}}

// bench is what the cuts share.
type bench struct {
	peer    beside.Peer
	folder  string
	seed    uint64
	explain bool
}

func run() error {
	peerToo := flag.Bool("peer", true, "ask lifetimes for Pareto/NBD at the first cut of each data set")
	rolling := flag.Bool("rolling", true, "the other cuts, too")
	toAugust := flag.Bool("summer", false, "Online Retail as if it ended in August 2011, too")
	seed := flag.Uint64("seed", 1, "of the rows and columns that trees draw")
	explain := flag.Bool("explain", false, "what was tried on each earlier cut")
	flag.Parse()
	folder, err := os.MkdirTemp("", "clv-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b := &bench{peer: beside.Peer{Script: beside.Script("clv"), Patience: 5 * time.Minute}, folder: folder, seed: *seed, explain: *explain}
	if *peerToo {
		if b.peer.Python, err = lifetimes.Find(folder); err != nil {
			return err
		}
	}
	fmt.Println("RMSE of each customer's orders in the days after the cut, and in brackets the sum expected over what came; then the same of spending. \"In\" is how many truths 80 % intervals held.")
	fmt.Println()
	fmt.Println("| data | cut | days | lifetimes Pareto/NBD | Pareto/NBD | models/clv | change | in | spend: Pareto/NBD × Gamma-Gamma | models/clv | in | shares of orders | CPU |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	if *toAugust {
		companies = append(companies, summer)
	}
	for _, c := range companies {
		customers, err := c.load()
		if err != nil {
			return err
		}
		if c.headline != "" {
			if err := b.cut(c, customers, c.headline, true); err != nil {
				return err
			}
		}
		for _, cut := range c.rolling {
			if !*rolling {
				break
			}
			if err := b.cut(c, customers, cut, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// errorSum collects how predictions did.
type errorSum struct{ n, square, expected, came, inside float64 }

func (e *errorSum) add(p, truth, low, high float64) {
	e.n++
	e.square += (p - truth) * (p - truth)
	e.expected += p
	e.came += truth
	if low <= truth && truth <= high {
		e.inside++
	}
}

func (e *errorSum) rmse() float64 { return math.Sqrt(e.square / e.n) }
func (e *errorSum) String() string {
	if e.n == 0 {
		return ""
	}
	return fmt.Sprintf("%.4f (%.3f)", e.rmse(), e.expected/e.came)
}

// money has fewer digits.
func (e *errorSum) money() string { return fmt.Sprintf("%.2f (%.3f)", e.rmse(), e.expected/e.came) }

// cut fits until a day and compares with what came after it.
func (b *bench) cut(c company, customers []clv.History, day string, headline bool) error {
	until, err := dayOf(time.DateOnly, day)
	if err != nil {
		return err
	}
	end, err := dayOf(time.DateOnly, c.end)
	if err != nil {
		return err
	}
	horizon := min(c.most, end-until)
	var m *clv.Model
	var out []clv.Outlook
	spent, err := beside.Once(func() (err error) {
		if m, err = clv.Fit(customers, until, horizon, clv.Options{Seed: b.seed}); err == nil {
			out, err = m.Predict(customers, until, nil)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("%s, %s: %w", c.name, day, err)
	}
	var theirs []float64
	if headline && b.peer.There() {
		if theirs, err = b.ask(customers, until, horizon); err != nil {
			return err
		}
	}
	var peer, plain, ours, plainSpend, oursSpend errorSum
	at := 0
	for i, h := range customers {
		p, ok := btyd.Summarise(h.Days, until)
		if !ok {
			continue
		}
		orders, spend := 0.0, 0.0
		for k, d := range h.Days {
			if d > until && d <= until+horizon {
				orders++
				spend += h.Amounts[k]
			}
		}
		expected := m.Ordering.ConditionalExpected(p, float64(horizon))
		plain.add(expected, orders, 0, 0)
		o := out[i]
		ours.add(o.Orders, orders, o.OrdersLow, o.OrdersHigh)
		oursSpend.add(o.Spend, spend, o.SpendLow, o.SpendHigh)
		plainSpend.add(expected*perOrder(m, h, p), spend, 0, 0)
		if theirs != nil {
			peer.add(theirs[at], orders, 0, 0)
		}
		at++
	}
	fmt.Printf("| %s | %s | %d | %s | %s | **%s** | %+.1f %% | %.0f %% | %s | %s | %.0f %% | %.2f + %.2f + %.2f | %.1f s |\n",
		c.name, day, horizon, &peer, &plain, &ours, 100*(ours.rmse()/plain.rmse()-1), 100*ours.inside/ours.n, plainSpend.money(), oursSpend.money(), 100*oursSpend.inside/oursSpend.n,
		m.Orders.Shares.Ordering, m.Orders.Shares.Residual, m.Orders.Shares.Direct, spent.CPU)
	if headline || b.explain {
		for _, n := range m.Notes {
			fmt.Fprintf(os.Stderr, "%s, %s: %s: %s\n", c.name, day, n.Reason, n.Message)
		}
	}
	if b.explain {
		for _, t := range m.Orders.Tried {
			fmt.Fprintf(os.Stderr, "  orders %.2f + %.2f + %.2f: RMSE %.4f, sum %.3f\n", t.Ordering, t.Residual, t.Direct, t.RMSE, t.Sum)
		}
		for _, t := range m.Spend.Tried {
			fmt.Fprintf(os.Stderr, "  spend %.2f + %.2f + %.2f: RMSE %.4f, sum %.3f\n", t.Ordering, t.Residual, t.Direct, t.RMSE, t.Sum)
		}
	}
	return nil
}

// perOrder is the amount that Gamma-Gamma expects.
func perOrder(m *clv.Model, h clv.History, p btyd.Pattern) float64 {
	sum := 0.0
	for _, v := range h.Amounts[1 : p.X+1] {
		sum += v
	}
	if m.Spending == nil {
		return m.MeanAmount
	}
	v, _ := m.Spending.ConditionalMean(p.X, sum/math.Max(float64(p.X), 1))
	return v
}

// ask runs the peer, which works in weeks.
func (b *bench) ask(customers []clv.History, until, horizon int32) ([]float64, error) {
	file := filepath.Join(b.folder, "customers.csv")
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "frequency,recency,T")
	for _, h := range customers {
		if p, ok := btyd.Summarise(h.Days, until); ok {
			fmt.Fprintf(w, "%d,%.17g,%.17g\n", p.X, p.Tx/7, p.T/7)
		}
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		return nil, err
	}
	var answer struct {
		Expected []float64 `json:"expected"`
	}
	err = b.peer.Answer(&answer, file, strconv.FormatFloat(float64(horizon)/7, 'g', 17, 64))
	if errors.Is(err, beside.ErrPatience) {
		fmt.Fprintln(os.Stderr, "lifetimes:", err)
		return nil, nil
	}
	return answer.Expected, err
}
