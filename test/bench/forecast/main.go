// Command forecast times exponential smoothing of models/forecast beside
// statsmodels' ETSModel, on the same series, in one run, and prints the ratio
// of CPU times and both log-likelihoods. See README.md.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/dangol/dangol/models/forecast"
	"github.com/dangol/dangol/test/bench/beside"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// task is a series and the models to fit to it.
type task struct {
	Name   string          `json:"name"`
	Values []float64       `json:"values"`
	Season int             `json:"season"`
	Specs  []forecast.Spec `json:"specs"`
}

// result is the cost of all fits of a task and the log-likelihood of each.
type result struct {
	beside.Spent
	LogLik []float64 `json:"log_lik"`
}

// patience is how long the peer may take for all tasks.
const patience = 8 * time.Minute

func run(out io.Writer) error {
	python := flag.String("python", "", "an interpreter with statsmodels; without one, only our side runs")
	reps := flag.Int("reps", 9, "repetitions of our side; the median counts")
	flag.Parse()
	if *reps < 1 {
		return errors.New("reps is at least 1")
	}
	tasks, err := makeTasks()
	if err != nil {
		return err
	}
	theirs, err := peer(*python, tasks)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "| what | dangol wall | dangol CPU | statsmodels wall | statsmodels CPU | CPU ratio | fits | ours higher by > 0.1 | lower by > 0.1 |")
	fmt.Fprintln(out, "|---|---|---|---|---|---|---|---|---|")
	for i, t := range tasks {
		ours, err := fit(t, *reps)
		if err != nil {
			return err
		}
		if theirs == nil {
			fmt.Fprintf(out, "| %s | %.4f s | %.4f s | | | | %d | | |\n", t.Name, ours.Wall, ours.CPU, len(t.Specs))
			continue
		}
		higher, lower := 0, 0
		for j, v := range theirs[i].LogLik {
			if ours.LogLik[j] > v+0.1 {
				higher++
			}
			if ours.LogLik[j] < v-0.1 {
				lower++
			}
		}
		fmt.Fprintf(out, "| %s | %.4f s | %.4f s | %.3f s | %.3f s | %.0f | %d | %d | %d |\n",
			t.Name, ours.Wall, ours.CPU, theirs[i].Wall, theirs[i].CPU, theirs[i].CPU/ours.CPU, len(t.Specs), higher, lower)
	}
	return nil
}

// makeTasks reads the airline's passengers and makes a daily series.
func makeTasks() ([]task, error) {
	raw, err := os.ReadFile(filepath.Join(beside.Root(), "models", "forecast", "testdata", "oracle.json"))
	if err != nil {
		return nil, err
	}
	var known struct{ Series map[string][]float64 }
	if err := json.Unmarshal(raw, &known); err != nil {
		return nil, err
	}
	var all []forecast.Spec
	for _, e := range []forecast.Component{forecast.Additive, forecast.Multiplicative} {
		for _, trend := range []forecast.Component{forecast.None, forecast.Additive, forecast.Damped} {
			for _, season := range []forecast.Component{forecast.None, forecast.Additive, forecast.Multiplicative} {
				all = append(all, forecast.Spec{Error: e, Trend: trend, Season: season})
			}
		}
	}
	days := make([]float64, 730)
	level := 500.0
	for i := range days {
		// Noise of its own, the same everywhere.
		level += 4 * (math.Mod(float64(i)*0.7548776662, 1) - 0.5)
		days[i] = level + []float64{0, 20, 30, 10, 60, -40, -80}[i%7] + 50*(math.Mod(float64(i)*0.5698402910, 1)-0.5)
	}
	return []task{
		{"airline, 144 months, all 18 models", known.Series["air"], 12, all},
		{"airline, ETS(M,Ad,M)", known.Series["air"], 12, all[17:]},
		{"730 days, ETS(A,N,A), (A,Ad,A), (M,A,M)", days, 7, []forecast.Spec{all[1], all[7], all[14]}},
	}, nil
}

// fit runs our side.
func fit(t task, reps int) (result, error) {
	runs := make([]result, reps)
	for i := range runs {
		var err error
		runs[i].Spent, err = beside.Once(func() error {
			for _, spec := range t.Specs {
				f, err := forecast.FitETS(t.Values, forecast.ETSOptions{Season: t.Season, Spec: &spec})
				if err != nil {
					return fmt.Errorf("%s: %w", t.Name, err)
				}
				runs[i].LogLik = append(runs[i].LogLik, f.LogLik)
			}
			return nil
		})
		if err != nil {
			return result{}, err
		}
	}
	slices.SortFunc(runs, func(a, b result) int {
		if a.CPU < b.CPU {
			return -1
		}
		return 1
	})
	return runs[reps/2], nil
}

// peer runs statsmodels on the same tasks; nil where it is not there.
func peer(python string, tasks []task) ([]result, error) {
	if python == "" {
		fmt.Fprintln(os.Stderr, "statsmodels is not compared: make a venv, pip install statsmodels==0.15.0, and pass its interpreter by -python")
		return nil, nil
	}
	folder, err := os.MkdirTemp("", "forecast-bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	raw, err := json.Marshal(tasks)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "tasks.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		return nil, err
	}
	var out []result
	if err := (beside.Peer{Python: python, Script: beside.Script("forecast"), Patience: patience}).Answer(&out, file); err != nil {
		return nil, fmt.Errorf("%s with statsmodels: %w; is it installed there? run without -python to leave it out", python, err)
	}
	return out, nil
}
