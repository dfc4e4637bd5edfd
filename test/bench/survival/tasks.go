package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/dangol/dangol/models/calibrate"
	"github.com/dangol/dangol/models/glm"
	"github.com/dangol/dangol/models/survival"
	"github.com/dangol/dangol/test/bench/beside"
)

// tasks reads and draws the data, writes them for the peers, and lists what is
// compared.
func (b *bench) tasks() ([]task, error) {
	table, churn, months, err := telco()
	if err != nil {
		return nil, err
	}
	whole, err := encode(table, nil)
	if err != nil {
		return nil, err
	}
	some, err := encode(table, []string{"gender", "SeniorCitizen", "Partner", "Dependents", "Contract", "InternetService", "PaymentMethod", "PaperlessBilling", "MonthlyCharges"})
	if err != nil {
		return nil, err
	}
	large, largeColumns := simulated(100_000, 10)
	s, y := scores(1_000_000)
	list := regressions(whole, churn)
	list = append(list, calibrations(s, y)...)
	list = append(list, survivals(some, churn, months, large, largeColumns)...)
	return list, errors.Join(
		b.write("logistic", append(whole.Names, "y"), append(whole.X, churn)),
		b.write("scores", []string{"s", "y"}, [][]float64{s, y}),
		b.write("cox", append(some.Names, "time", "event"), append(some.X, months, churn)),
		b.write("cox-large", append(largeColumns.Names, "time", "event"), append(largeColumns.X, large.Time, numbers(large.Event))),
	)
}

func numbers(list []bool) []float64 {
	out := make([]float64, len(list))
	for i, v := range list {
		if v {
			out[i] = 1
		}
	}
	return out
}

// regressions of the churn set. Columns that others explain are left out for
// all, as the peers do not notice.
func regressions(e *glm.Encoded, churn []float64) []task {
	free, err := glm.Independent(e.X, len(churn), nil)
	if err == nil {
		var x [][]float64
		var names []string
		for j, ok := range free {
			if ok && e.Names[j] != "TotalCharges missing" {
				x, names = append(x, e.X[j]), append(names, e.Names[j])
			}
		}
		e.X, e.Names = x, names
	}
	d := glm.Data{X: e.X, Y: churn}
	return []task{
		{"logistic, Telco 7,043 × " + strconv.Itoa(len(e.X)), func() (float64, error) {
			f, err := glm.Fit(glm.Logistic, d, glm.Options{})
			if err != nil {
				return 0, err
			}
			return f.LogLik, nil
		}, []string{"logistic", "logistic-newton", "logistic-errors"}, false},
		{"lasso path, 10-fold, Telco", func() (float64, error) {
			c, err := glm.CrossValidate(glm.Logistic, d, glm.CrossOptions{Seed: 1})
			if err != nil {
				return 0, err
			}
			return c.At(c.Best).LogLik, nil
		}, []string{"lasso"}, true},
	}
}

// scores are probabilities with answers.
func scores(n int) (s, y []float64) {
	rng := rand.New(rand.NewPCG(1, 1))
	s, y = make([]float64, n), make([]float64, n)
	for i := range s {
		s[i] = rng.Float64()
		if rng.Float64() < s[i]*s[i] {
			y[i] = 1
		}
	}
	return s, y
}

// calibrations of a million scores.
func calibrations(s, y []float64) []task {
	return []task{
		{"isotonic, 1,000,000", func() (float64, error) {
			steps, err := calibrate.IsotonicSteps(s, y, nil)
			if err != nil {
				return 0, err
			}
			sum := 0.0
			for _, step := range steps {
				sum += step.Weight * step.Mean * (1 - step.Mean) / float64(len(y))
			}
			return sum, nil
		}, []string{"isotonic"}, false},
		{"AUC with DeLong's interval, 1,000,000", func() (float64, error) {
			a, err := calibrate.AUC(s, y, 0.95)
			return a.Value, err
		}, []string{"auc"}, false},
	}
}

// survivals of the churn set and of a large simulated one.
func survivals(e *glm.Encoded, churn, months []float64, large survival.Times, largeColumns survival.Columns) []task {
	telcoTimes, columns := survival.Times{Time: months}, survival.Columns{X: e.X, Names: e.Names}
	for _, c := range churn {
		telcoTimes.Event = append(telcoTimes.Event, c == 1)
	}
	positive, positiveColumns := survival.Times{}, survival.Columns{X: make([][]float64, len(e.X))}
	for i, at := range months {
		if at > 0 {
			positive.Time, positive.Event = append(positive.Time, at), append(positive.Event, churn[i] == 1)
			for j := range e.X {
				positiveColumns.X[j] = append(positiveColumns.X[j], e.X[j][i])
			}
		}
	}
	cox := func(c survival.Columns, t survival.Times) func() (float64, error) {
		return func() (float64, error) {
			f, err := survival.FitCox(c, t, survival.CoxOptions{})
			if err != nil {
				return 0, err
			}
			return f.LogLik, nil
		}
	}
	return []task{
		{"Cox, Telco 7,043 × 13", cox(columns, telcoTimes), []string{"cox", "cox-sksurv"}, false},
		{"Cox, 100,000 × 10, no ties", cox(largeColumns, large), []string{"cox-large", "cox-large-sksurv"}, true},
		{"Weibull, Telco 7,032 × 13", func() (float64, error) {
			f, err := survival.FitLifetime(survival.Weibull, positiveColumns, positive, survival.LifetimeOptions{})
			if err != nil {
				return 0, err
			}
			return f.LogLik, nil
		}, []string{"weibull"}, false},
		{"Kaplan–Meier with intervals, 100,000", func() (float64, error) {
			c, err := survival.KaplanMeier(large, 0.95)
			if err != nil {
				return 0, err
			}
			s, _, _ := c.Survival(3)
			return s, nil
		}, []string{"km"}, false},
		{"concordance with interval, 100,000", func() (float64, error) {
			c, err := survival.Concordance(large, largeColumns.X[0], 0.95)
			if err != nil {
				return 0, err
			}
			return c.Value, nil
		}, []string{"concordance"}, true},
	}
}

// simulated is proportional hazards with censoring.
func simulated(n, p int) (survival.Times, survival.Columns) {
	rng := rand.New(rand.NewPCG(2, 2))
	t, c := survival.Times{}, survival.Columns{X: make([][]float64, p)}
	for j := range p {
		c.Names = append(c.Names, fmt.Sprintf("x%d", j+1))
	}
	for range n {
		eta := 0.0
		for j := range p {
			v := rng.NormFloat64()
			c.X[j] = append(c.X[j], v)
			eta += v * 0.3 * float64(j%3-1)
		}
		life, end := 5*rng.ExpFloat64()*math.Exp(-eta), 8*rng.Float64()
		t.Time, t.Event = append(t.Time, math.Min(life, end)), append(t.Event, life <= end)
	}
	return t, c
}

// encode turns some columns, or all, into numbers.
func encode(table []glm.Column, names []string) (*glm.Encoded, error) {
	var some []glm.Column
	for _, c := range table {
		if names == nil || slices.Contains(names, c.Name) {
			some = append(some, c)
		}
	}
	d, err := glm.NewDesign(some, glm.DesignOptions{})
	if err != nil {
		return nil, err
	}
	return d.Encode(some)
}

// telco reads the public churn set.
func telco() (table []glm.Column, churn, months []float64, err error) {
	f, err := os.Open(beside.Data("telco", "Telco-Customer-Churn.csv"))
	if err != nil {
		return nil, nil, nil, errors.Join(err, errData)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, nil, nil, err
	}
	for j, name := range rows[0] {
		c := glm.Column{Name: name}
		for _, row := range rows[1:] {
			v, err := strconv.ParseFloat(row[j], 64)
			if err != nil {
				v = math.NaN()
			}
			c.Numbers, c.Texts = append(c.Numbers, v), append(c.Texts, row[j])
			if name == "Churn" {
				left := 0.0
				if row[j] == "Yes" {
					left = 1
				}
				churn = append(churn, left)
			}
		}
		switch name {
		case "customerID", "Churn":
			continue
		case "tenure", "MonthlyCharges", "TotalCharges", "SeniorCitizen":
			c.Texts = nil
		default:
			c.Numbers = nil
		}
		if name == "tenure" {
			months = c.Numbers
		}
		table = append(table, c)
	}
	return table, churn, months, nil
}

// write makes a CSV for the peers.
func (b *bench) write(name string, header []string, columns [][]float64) error {
	if !b.peer.There() {
		return nil
	}
	f, err := os.Create(filepath.Join(b.folder, name+".csv"))
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for j, h := range header {
		if j > 0 {
			fmt.Fprint(w, ",")
		}
		fmt.Fprintf(w, "%q", h)
	}
	fmt.Fprintln(w)
	for i := range columns[0] {
		for j := range columns {
			if j > 0 {
				fmt.Fprint(w, ",")
			}
			fmt.Fprint(w, strconv.FormatFloat(columns[j][i], 'g', -1, 64))
		}
		fmt.Fprintln(w)
	}
	return errors.Join(w.Flush(), f.Close())
}
