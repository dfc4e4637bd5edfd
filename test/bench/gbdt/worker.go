package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"

	"github.com/dangol/dangol/models/gbdt"
	"github.com/dangol/dangol/test/bench/beside"
)

// work does one task in this process and prints what it cost.
func work(task string, args []string, profile string) error {
	var s spent
	var err error
	switch {
	case task == "train" && len(args) == 2:
		s, err = trainTask(args[0], args[1], profile)
	case task == "predict" && len(args) == 2:
		s, err = predictTask(args[0], args[1])
	case task == "shap" && len(args) == 2:
		s, err = shapTask(args[0], args[1])
	default:
		return fmt.Errorf("no task %s with %d arguments", task, len(args))
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(s)
}

// measure times work, by the clock and by the processor.
func measure(work func() error) (spent, error) {
	s := spent{Loaded: memory("VmRSS:")}
	var err error
	s.Spent, err = beside.Once(work)
	s.Peak = memory("VmHWM:")
	return s, err
}

// options are LightGBM's defaults.
func options() gbdt.Options { return gbdt.Options{Cores: 2} }

func trainTask(at, rows, profile string) (spent, error) {
	set, err := read(at, rows)
	if err != nil {
		return spent{}, err
	}
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return spent{}, err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return spent{}, err
		}
		defer pprof.StopCPUProfile()
	}
	runtime.GC()
	var m *gbdt.Model
	s, err := measure(func() error {
		m, err = gbdt.Train(*set, options())
		return err
	})
	if err != nil {
		return s, err
	}
	s.Score, err = score(m, at)
	return s, err
}

// score is the AUC on the test set.
func score(m *gbdt.Model, at string) (float64, error) {
	test, err := read(at+".test", "200000")
	if err != nil {
		return 0, err
	}
	margin := make([]float64, test.Data.Rows())
	if err := m.Margins(margin, test.Data); err != nil {
		return 0, err
	}
	return auc(margin, test.Labels), nil
}

func predictTask(at, rows string) (spent, error) {
	set, err := read(at, rows)
	if err != nil {
		return spent{}, err
	}
	m, err := gbdt.Train(*set, options())
	if err != nil {
		return spent{}, err
	}
	test, err := read(at+".test", "200000")
	if err != nil {
		return spent{}, err
	}
	p := make([]float64, test.Data.Rows())
	s, err := best(func() error { return m.PredictAll(p, test.Data) })
	s.Score = auc(p, test.Labels)
	return s, err
}

// best is the median of five.
func best(work func() error) (spent, error) {
	var all []spent
	for range 5 {
		s, err := measure(work)
		if err != nil {
			return s, err
		}
		all = append(all, s)
	}
	return median(all), nil
}

func shapTask(model, rows string) (spent, error) {
	text, err := os.ReadFile(model)
	if err != nil {
		return spent{}, err
	}
	readModel := gbdt.ReadLightGBM
	if strings.HasSuffix(model, ".json") {
		readModel = gbdt.ReadXGBoost
	}
	m, err := readModel(bytes.NewReader(text))
	if err != nil {
		return spent{}, err
	}
	d, err := telco(rows, m)
	if err != nil {
		return spent{}, err
	}
	dst := make([]float64, d.Rows()*m.Width())
	return best(func() error {
		_, err := m.ExplainAll(dst, d)
		return err
	})
}

// telco reads the one-hot table; names are the model's, whose spaces LightGBM
// replaces.
func telco(path string, m *gbdt.Model) (*gbdt.Data, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")[1:]
	columns := make([]gbdt.Column, m.Width())
	for f, feature := range m.Features() {
		values := make([]float64, len(lines))
		for i, line := range lines {
			text := strings.Split(line, ",")[f]
			if text == "" {
				values[i] = math.NaN()
			} else if values[i], err = strconv.ParseFloat(text, 64); err != nil {
				return nil, err
			}
		}
		columns[f] = gbdt.Float64(feature.Name, values)
	}
	return gbdt.NewData(columns...)
}

// memory is a figure of /proc/self/status in MB.
func memory(name string) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) == 3 && words[0] == name {
			kb, _ := strconv.ParseFloat(words[1], 64)
			return kb / 1024
		}
	}
	return 0
}

// auc is the area under the ROC curve; ties count as they come.
func auc(score, labels []float64) float64 {
	order := make([]int, len(score))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case score[a] < score[b]:
			return -1
		case score[a] > score[b]:
			return 1
		}
		return 0
	})
	var zeros, pairs, ones float64
	for _, i := range order {
		if labels[i] == 1 {
			pairs, ones = pairs+zeros, ones+1
		} else {
			zeros++
		}
	}
	return pairs / (zeros * ones)
}
