// Command btyd times the customer models of models/btyd beside the Python
// library lifetimes, on the same data, in one run, and prints medians and
// ratios. See README.md.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/dangol/dangol/models/btyd"
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
	flag.Parse()
	folder, err := os.MkdirTemp("", "btyd-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b := &bench{reps: *reps, folder: folder}
	if *peerToo {
		if b.python, err = python(folder); err != nil {
			return err
		}
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
	reps           int
	folder, python string
}

// spent is the cost of one repetition.
type spent struct {
	Wall float64 `json:"wall"`
	CPU  float64 `json:"cpu"`
}

// measure times work, by the clock and by the processor.
func (b *bench) measure(work func()) spent {
	all := make([]spent, b.reps)
	for i := range all {
		cpu, wall := processor(), time.Now()
		work()
		all[i] = spent{time.Since(wall).Seconds(), processor() - cpu}
	}
	return median(all)
}

func median(all []spent) spent {
	pick := func(of func(spent) float64) float64 {
		v := make([]float64, len(all))
		for i, s := range all {
			v[i] = of(s)
		}
		slices.Sort(v)
		return v[len(v)/2]
	}
	return spent{pick(func(s spent) float64 { return s.Wall }), pick(func(s spent) float64 { return s.CPU })}
}

// processor is the CPU time of this process so far, all threads.
func processor() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return math.NaN()
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// theirs is what the peer answers.
type theirs struct {
	Runs   []spent   `json:"runs"`
	Params []float64 `json:"params"`
}

// patience is how long the peer may take for a task.
const patience = 5 * time.Minute

// peer runs the Python script on a task.
func (b *bench) peer(c *company, task string) (*theirs, error) {
	if b.python == "" {
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
	script, err := os.ReadFile(filepath.Join(root(), "test", "bench", "btyd", "peer.py"))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	run := exec.CommandContext(ctx, b.python, "-W", "ignore", "-c", string(script), c.file, task, strconv.Itoa(reps))
	run.Stderr = os.Stderr
	out, err := run.Output()
	if ctx.Err() != nil {
		fmt.Fprintf(os.Stderr, "lifetimes, %s on %s: gave up after %s\n", task, c.name, patience)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("lifetimes, %s on %s: %w", task, c.name, err)
	}
	t := &theirs{}
	return t, json.Unmarshal(out, t)
}

// row prints a line of the table.
func row(c *company, what string, ours spent, t *theirs, gain string) {
	if t == nil {
		fmt.Printf("| %s | %s | %.4f s | %.4f s | | | | | |\n", c.name, what, ours.Wall, ours.CPU)
		return
	}
	m := median(t.Runs)
	fmt.Printf("| %s | %s | %.4f s | %.4f s | %.3f s | %.3f s | %.0f | %.0f | %s |\n",
		c.name, what, ours.Wall, ours.CPU, m.Wall, m.CPU, m.CPU/ours.CPU, m.Wall/ours.Wall, gain)
}

// fit compares a fit from one row a customer: grouping is part of it.
func (b *bench) fit(c *company, model btyd.Model) error {
	var f *btyd.Fitted
	var err error
	ours := b.measure(func() {
		patterns, _ := btyd.GroupDays(c.x, c.tx, c.t)
		f, err = btyd.Fit(model, patterns, btyd.Options{})
	})
	if err != nil {
		return err
	}
	t, err := b.peer(c, string(model))
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
	var err error
	ours := b.measure(func() { f, err = btyd.FitSpend(patterns, btyd.Options{}) })
	if err != nil {
		return err
	}
	t, err := b.peer(c, "gammagamma")
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
	var failed error
	ours := b.measure(func() { value, failed = clv(c) })
	if failed != nil {
		return failed
	}
	t, err := b.peer(c, "clv")
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

// python finds or makes an interpreter with lifetimes.
func python(folder string) (string, error) {
	if path := os.Getenv("DANGOL_BENCH_PYTHON"); path != "" {
		return path, nil
	}
	venv := filepath.Join(folder, "venv")
	fmt.Fprintln(os.Stderr, "making a Python environment with lifetimes; set DANGOL_BENCH_PYTHON to use your own")
	for _, args := range [][]string{
		{"python3", "-m", "venv", venv},
		{filepath.Join(venv, "bin", "pip"), "install", "-q", "numpy==1.24.2", "scipy==1.10.1", "pandas==1.5.3", "autograd==1.6.2", "lifetimes==0.11.3"},
	} {
		step := exec.Command(args[0], args[1:]...)
		step.Stderr = os.Stderr
		if err := step.Run(); err != nil {
			return "", fmt.Errorf("%s: %w", strings.Join(args, " "), err)
		}
	}
	return filepath.Join(venv, "bin", "python"), nil
}

// root is the folder of go.mod.
func root() string {
	dir, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	return "."
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
