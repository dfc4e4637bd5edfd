// Command btyd times the customer models of models/btyd beside the Python
// library lifetimes, on the same data, in one run, and prints medians and
// ratios. See README.md.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/dangol/dangol/models/btyd"
	"github.com/dangol/dangol/test/bench/beside"
)

// company is one data set: a row a customer, times in whole days.
type company struct {
	name     string
	x, tx, t []int32
	mean     []float64 // mean amount of the repeat orders, 0 without any
	file     string    // the same as CSV, for the peer
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	million := flag.Bool("million", false, "also one million simulated customers (the peer needs about a minute)")
	small := flag.Bool("cdnow", true, "the CDNOW files")
	pareto := flag.Bool("pareto", true, "also Pareto/NBD (the peer needs some seconds a fit)")
	peerToo := flag.Bool("peer", true, "run the peer as well")
	reps := flag.Int("reps", 9, "repetitions; the median counts")
	robust := flag.Bool("robust", false, "instead of times: what goes wrong in fits of small simulated companies")
	sets := flag.Int("sets", 200, "how many companies -robust simulates")
	starts := flag.Int("starts", 5, "from how many places -robust looks for something better")
	flag.Parse()
	folder, err := os.MkdirTemp("", "btyd-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b := &bench{reps: *reps, folder: folder, peer: beside.Peer{Script: beside.Script("btyd"), Patience: 5 * time.Minute}}
	if *peerToo {
		if b.peer.Python, err = lifetimes.Find(folder); err != nil {
			return err
		}
	}
	if *robust {
		b.peer.Patience = 30 * time.Minute
		return b.robust(*sets, *starts)
	}
	fmt.Println("| data | what | dangol wall | dangol CPU | lifetimes wall | lifetimes CPU | CPU ratio | wall ratio | log-likelihood, ours less theirs |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, file := range []string{"CDNOW_sample.txt", "CDNOW_master.txt"} {
		if !*small {
			break
		}
		c, err := cdnow(file)
		if err != nil {
			return err
		}
		models := []btyd.Model{btyd.BGNBD, btyd.MBGNBD}
		if *pareto {
			models = append(models, btyd.ParetoNBD)
		}
		for _, model := range models {
			if err := b.fit(c, model); err != nil {
				return err
			}
		}
		if err := b.spend(c); err != nil {
			return err
		}
		if err := b.whole(c); err != nil {
			return err
		}
	}
	if *million {
		b.reps = min(b.reps, 3)
		return b.whole(simulated(1_000_000))
	}
	return nil
}

// bench runs both sides.
type bench struct {
	reps   int
	folder string
	peer   beside.Peer
}

// lifetimes is the peer, with what it still runs on.
var lifetimes = beside.Environment{
	Name: "lifetimes", Modules: []string{"lifetimes"},
	Packages: []string{"numpy==1.24.2", "scipy==1.10.1", "pandas==1.5.3", "autograd==1.6.2", "lifetimes==0.11.3"},
}

// measure is the median cost of work.
func (b *bench) measure(work func() error) (beside.Spent, error) {
	all, err := beside.Measure(b.reps, work)
	return beside.Median(all), err
}

// theirs is what the peer answers.
type theirs struct {
	Runs   []beside.Spent `json:"runs"`
	Params []float64      `json:"params"`
}

// ask runs the peer on a task; nil without one, and where it takes too long.
func (b *bench) ask(c *company, task string) (*theirs, error) {
	if !b.peer.There() {
		return nil, nil
	}
	if c.file == "" {
		if err := c.write(b.folder); err != nil {
			return nil, err
		}
	}
	reps := b.reps
	if task == string(btyd.ParetoNBD) {
		reps = min(reps, 3)
	}
	t := &theirs{}
	if err := b.peer.Answer(t, c.file, task, strconv.Itoa(reps)); err != nil {
		err = fmt.Errorf("lifetimes, %s on %s: %w", task, c.name, err)
		if errors.Is(err, beside.ErrPatience) {
			fmt.Fprintln(os.Stderr, err)
			return nil, nil
		}
		return nil, err
	}
	return t, nil
}

// row prints a line of the table.
func row(c *company, what string, ours beside.Spent, t *theirs, gain string) {
	if t == nil {
		fmt.Printf("| %s | %s | %.4f s | %.4f s | | | | | |\n", c.name, what, ours.Wall, ours.CPU)
		return
	}
	m := beside.Median(t.Runs)
	fmt.Printf("| %s | %s | %.4f s | %.4f s | %.3f s | %.3f s | %.0f | %.0f | %s |\n",
		c.name, what, ours.Wall, ours.CPU, m.Wall, m.CPU, m.CPU/ours.CPU, m.Wall/ours.Wall, gain)
}

// fit compares a fit from one row a customer: grouping is part of it.
func (b *bench) fit(c *company, model btyd.Model) error {
	var f *btyd.Fitted
	ours, err := b.measure(func() (err error) {
		patterns, _ := btyd.GroupDays(c.x, c.tx, c.t)
		f, err = btyd.Fit(model, patterns, btyd.Options{})
		return err
	})
	if err != nil {
		return err
	}
	t, err := b.ask(c, string(model))
	if err != nil {
		return err
	}
	gain := ""
	if t != nil {
		// The peer's parameters are in weeks.
		p := btyd.Process{Model: model, Params: [4]float64(t.Params)}
		p.Params[1] *= 7
		if model == btyd.ParetoNBD {
			p.Params[3] *= 7
		}
		patterns, _ := btyd.GroupDays(c.x, c.tx, c.t)
		gain = fmt.Sprintf("%+.6f", f.LogLik-p.LogLikelihoodOf(patterns))
	}
	row(c, string(model)+" fit", ours, t, gain)
	return nil
}

// spend compares Gamma-Gamma fits.
func (b *bench) spend(c *company) error {
	patterns := c.spending()
	var f *btyd.FittedSpend
	ours, err := b.measure(func() (err error) {
		f, err = btyd.FitSpend(patterns, btyd.Options{})
		return err
	})
	if err != nil {
		return err
	}
	t, err := b.ask(c, "gammagamma")
	if err != nil {
		return err
	}
	gain := ""
	if t != nil {
		gain = fmt.Sprintf("%+.6f", f.LogLik-btyd.Spend{P: t.Params[0], Q: t.Params[1], V: t.Params[2]}.LogLikelihoodOf(patterns))
	}
	row(c, "gammagamma fit", ours, t, gain)
	return nil
}

// whole compares everything: BG/NBD and Gamma-Gamma fits and the discounted
// value of the next twelve months of each customer.
func (b *bench) whole(c *company) error {
	var value []float64
	ours, err := b.measure(func() (err error) {
		value, err = clv(c)
		return err
	})
	if err != nil {
		return err
	}
	t, err := b.ask(c, "clv")
	if err != nil {
		return err
	}
	gain, sum := "", 0.0
	for _, v := range value {
		sum += v
	}
	if t != nil {
		gain = fmt.Sprintf("(total value %.0f, theirs %.0f)", sum, t.Params[0])
	}
	row(c, "both fits and 12-month value", ours, t, gain)
	return nil
}

// clv is what a product would do with these columns.
func clv(c *company) ([]float64, error) {
	patterns, index := btyd.GroupDays(c.x, c.tx, c.t)
	f, err := btyd.Fit(btyd.BGNBD, patterns, btyd.Options{})
	if err != nil {
		return nil, err
	}
	s, err := btyd.FitSpend(c.spending(), btyd.Options{})
	if err != nil {
		return nil, err
	}
	orders := make([]float64, len(patterns))
	f.DiscountedExpectedAll(orders, patterns, 365.25, 0.1268)
	value := make([]float64, len(c.x))
	s.ConditionalMeanAll(value, c.x, c.mean)
	for i, g := range index {
		value[i] *= orders[g]
	}
	return value, nil
}

func (c *company) spending() []btyd.SpendPattern {
	list := make([]btyd.SpendPattern, 0, len(c.x))
	for i, x := range c.x {
		if x > 0 && c.mean[i] > 0 {
			list = append(list, btyd.SpendPattern{X: int(x), Mean: c.mean[i], N: 1})
		}
	}
	return list
}

// write makes the CSV for the peer, times in weeks.
func (c *company) write(folder string) error {
	c.file = filepath.Join(folder, c.name+".csv")
	f, err := os.Create(c.file)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "frequency,recency,T,monetary_value")
	for i, x := range c.x {
		fmt.Fprintf(w, "%d,%.17g,%.17g,%.17g\n", x, float64(c.tx[i])/7, float64(c.t[i])/7, c.mean[i])
	}
	return errors.Join(w.Flush(), f.Close())
}

// simulated is a company of n customers first seen over two years.
func simulated(n int) *company {
	rng := rand.New(rand.NewPCG(2026, 11))
	p := btyd.Process{Model: btyd.BGNBD, Params: [4]float64{0.45, 30, 0.8, 2.4}}
	s := btyd.Spend{P: 6.25, Q: 3.74, V: 15.44}
	c := &company{name: fmt.Sprintf("simulated_%d", n)}
	for range n {
		t := int32(1 + rng.IntN(730))
		x, last := int32(0), int32(0)
		for _, at := range p.Simulate(rng, float64(t)) {
			if day := int32(math.Ceil(at)); day > last && day <= t {
				x++
				last = day
			}
		}
		mean := 0.0
		for _, amount := range s.Simulate(rng, int(x)) {
			mean += amount / float64(x)
		}
		c.x, c.tx, c.t, c.mean = append(c.x, x), append(c.tx, last), append(c.t, t), append(c.mean, mean)
	}
	return c
}
