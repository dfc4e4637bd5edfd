package main

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"

	"gonum.org/v1/gonum/optimize"

	"github.com/dangol/dangol/models/btyd"
)

var allModels = []btyd.Model{btyd.BGNBD, btyd.MBGNBD, btyd.ParetoNBD}

// smallCompany is a simulated company of 150 to 2,000 customers.
type smallCompany struct {
	truth    btyd.Process
	step     float64 // 1 where orders are known by day, 7 by week
	patterns []btyd.Pattern
}

// smallCompanies are such as there are: of any of the three processes, young
// and old, by day and by week in turn.
func smallCompanies(n int) []smallCompany {
	list := make([]smallCompany, n)
	for i := range list {
		rng := rand.New(rand.NewPCG(uint64(i), 2026))
		between := func(low, high float64) float64 { return low * math.Pow(high/low, rng.Float64()) }
		c := &list[i]
		c.step = []float64{1, 7}[i%2]
		r := between(0.15, 3)
		c.truth = btyd.Process{Model: allModels[i/2%3], Params: [4]float64{r, r * between(5, 200), between(0.2, 3), between(0.5, 10)}}
		if c.truth.Model == btyd.ParetoNBD {
			c.truth.Params[3] = c.truth.Params[2] * between(20, 1000)
		}
		longest := 30 + 800*rng.Float64()
		for range 150 + rng.IntN(1851) {
			end := math.Floor(longest * (0.3 + 0.7*rng.Float64()) / c.step)
			h := btyd.Pattern{T: end * c.step, N: 1}
			for _, at := range c.truth.Simulate(rng, h.T) {
				if day := math.Min(math.Ceil(at/c.step), end) * c.step; day > h.Tx {
					h.X++
					h.Tx = day
				}
			}
			c.patterns = append(c.patterns, h)
		}
	}
	return list
}

// robustness counts what went wrong in the fits of a model.
type robustness struct {
	fits, failed, short, negative, unsettled, loyal int
	worst                                           float64
}

// verdict on a fit: best is the highest log-likelihood that anyone found.
func (r *robustness) add(f *btyd.Fitted, best float64) {
	r.fits++
	if f == nil {
		r.failed++
		return
	}
	gap := best - f.LogLik
	r.worst = math.Max(r.worst, gap)
	if gap > 0.5 {
		r.short++
	}
	bad := false
	for _, p := range f.Parameters(btyd.Day) {
		bad = bad || !(p.Value > 0) || p.Determined && !(0 < p.Low && p.Low < p.Value && p.Value < p.High)
	}
	if bad {
		r.negative++
	}
	for _, w := range f.Warnings {
		switch w.Reason {
		case btyd.NotConverged:
			r.unsettled++
		case btyd.NoDropout:
			r.loyal++
		}
	}
}

// bestKnown is the highest log-likelihood that a search of another kind finds,
// Nelder and Mead's without derivatives, from the fit itself, from the truth
// and from places at random.
func bestKnown(c smallCompany, model btyd.Model, f *btyd.Fitted, starts int, seed uint64) float64 {
	patterns, _ := btyd.Group(c.patterns)
	value := func(x []float64) float64 {
		p := btyd.Process{Model: model}
		for j, v := range x {
			// Beyond a factor of a million nothing is a company.
			if math.Abs(v) > 14 {
				return math.Inf(1)
			}
			p.Params[j] = math.Exp(v)
		}
		return -p.LogLikelihoodOf(patterns)
	}
	rng := rand.New(rand.NewPCG(seed, 77))
	var from [][4]float64
	if f != nil {
		from = append(from, f.Params)
	}
	if c.truth.Model == model {
		from = append(from, c.truth.Params)
	}
	for len(from) < starts {
		p := [4]float64{math.Exp(3*rng.Float64() - 1.5), math.Exp(1 + 4*rng.Float64()), math.Exp(4*rng.Float64() - 2), math.Exp(4*rng.Float64() - 2)}
		if model == btyd.ParetoNBD {
			p[3] = math.Exp(2 + 5*rng.Float64())
		}
		from = append(from, p)
	}
	best, at := math.Inf(-1), []float64(nil)
	climb := func(x []float64) {
		result, err := optimize.Minimize(optimize.Problem{Func: value}, x, &optimize.Settings{FuncEvaluations: 250}, &optimize.NelderMead{})
		if result != nil && (err == nil || !math.IsInf(result.F, 0)) && -result.F > best {
			best, at = -result.F, result.X
		}
	}
	for _, p := range from {
		x := make([]float64, 4)
		for j, v := range p {
			x[j] = math.Max(-13.9, math.Min(13.9, math.Log(v)))
		}
		climb(x)
	}
	// A second search from where the first gave up often goes on.
	if at != nil {
		climb(at)
	}
	return best
}

// peerFit is what the peer says of a company.
type peerFit struct {
	Error  string      `json:"error"`
	Params [4]float64  `json:"params"` // in weeks
	Low    *[4]float64 `json:"low"`
}

// robust fits many small companies and prints what went wrong.
func (b *bench) robust(n, starts int) error {
	companies := smallCompanies(n)
	theirs, err := b.askRobust(companies)
	if err != nil {
		return err
	}
	ours := make([]robustness, len(allModels))
	peer := make([]robustness, len(allModels))
	var mutex sync.Mutex
	var group sync.WaitGroup
	todo := make(chan int)
	for range 2 {
		group.Go(func() {
			for i := range todo {
				for m, model := range allModels {
					c := companies[i]
					f, err := btyd.Fit(model, c.patterns, btyd.Options{})
					var e *btyd.Error
					if errors.As(err, &e) && e.Reason == btyd.NoRepeatCustomers {
						continue
					}
					best := bestKnown(c, model, f, starts, uint64(i*3+m))
					if f != nil {
						best = math.Max(best, f.LogLik)
					}
					mutex.Lock()
					ours[m].add(f, best)
					if theirs != nil {
						peer[m].addPeer(c, model, theirs[i][string(model)], best)
					}
					mutex.Unlock()
				}
			}
		})
	}
	for i := range companies {
		todo <- i
	}
	close(todo)
	group.Wait()
	fmt.Printf("%d simulated companies of 150 to 2,000 customers, by day and by week; best known: Nelder–Mead from %d places.\n\n", n, starts)
	fmt.Println("| who | model | fits | failed | log-likelihood short by more than 0.5 | largest shortfall | interval of a positive parameter not positive | says that it did not converge | says that nobody leaves |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for m, model := range allModels {
		ours[m].print("dangol", model)
	}
	for m, model := range allModels {
		if peer[m].fits > 0 {
			peer[m].print("lifetimes", model)
		}
	}
	return nil
}

func (r *robustness) print(who string, model btyd.Model) {
	fmt.Printf("| %s | %s | %d | %d | %d | %.2g | %d | %d | %d |\n", who, model, r.fits, r.failed, r.short, r.worst, r.negative, r.unsettled, r.loyal)
}

// addPeer judges the peer's parameters by our likelihood.
func (r *robustness) addPeer(c smallCompany, model btyd.Model, f peerFit, best float64) {
	r.fits++
	p := btyd.Process{Model: model, Params: f.Params}
	p.Params[1] *= 7
	if model == btyd.ParetoNBD {
		p.Params[3] *= 7
	}
	if f.Error == "" {
		_, err := btyd.New(model, p.Params)
		if err != nil {
			f.Error = err.Error()
		}
	}
	if f.Error != "" {
		r.failed++
		return
	}
	gap := best - p.LogLikelihoodOf(c.patterns)
	r.worst = math.Max(r.worst, gap)
	if !(gap <= 0.5) {
		r.short++
	}
	if f.Low != nil {
		for _, v := range f.Low {
			if !(v > 0) {
				r.negative++
				break
			}
		}
	}
}

// askRobust lets the peer fit all companies.
func (b *bench) askRobust(companies []smallCompany) ([]map[string]peerFit, error) {
	if !b.peer.There() {
		return nil, nil
	}
	folder := filepath.Join(b.folder, "robust")
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, err
	}
	for i, c := range companies {
		f, err := os.Create(filepath.Join(folder, fmt.Sprintf("%03d.csv", i)))
		if err != nil {
			return nil, err
		}
		w := bufio.NewWriter(f)
		fmt.Fprintln(w, "frequency,recency,T,monetary_value")
		for _, h := range c.patterns {
			fmt.Fprintf(w, "%d,%.17g,%.17g,0\n", h.X, h.Tx/7, h.T/7)
		}
		if err := errors.Join(w.Flush(), f.Close()); err != nil {
			return nil, err
		}
	}
	var answer []map[string]peerFit
	err := b.peer.Answer(&answer, folder, "robust", "1")
	return answer, err
}
