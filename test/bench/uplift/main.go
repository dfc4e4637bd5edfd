// Command uplift compares models/uplift with scikit-learn and scikit-uplift on
// Hillstrom's trial, over several seeds, in one run. See README.md.
package main

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/dangol/dangol/models/glm"
	"github.com/dangol/dangol/models/uplift"
	"github.com/dangol/dangol/test/bench/beside"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	seeds := flag.Int("seeds", 3, "sets of seeds")
	python := flag.String("python", beside.Given(), "a Python with scikit-uplift, scikit-learn and pandas; none: ours alone")
	script := flag.String("peer", beside.Script("uplift"), "the peer's program")
	flag.Parse()
	peer := beside.Peer{Python: *python, Script: *script, Patience: 5 * time.Minute}
	file := beside.Data("hillstrom", "hillstrom.csv.gz")
	if !peer.There() {
		fmt.Println("The peer is not there: name a Python that has scikit-uplift by -python or DANGOL_BENCH_PYTHON. Ours alone:")
	}
	fmt.Println("| mail | seed | Qini t | peer t | CPU | peer CPU | ratio | chosen of all | its Qini | p | verdict | CPU of all |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, mail := range []string{"Womens E-Mail", "Mens E-Mail"} {
		trial, err := read(file, mail)
		if err != nil {
			return err
		}
		for k := range *seeds {
			if err := compare(trial, file, mail, 42+10*k, peer); err != nil {
				return err
			}
		}
	}
	return nil
}

// compare prints a line of the table.
func compare(trial uplift.Trial, file, mail string, seed int, peer beside.Peer) error {
	begin := beside.Processor()
	one, err := uplift.Choose(trial, uplift.Options{Seed: uint64(seed), Learners: []uplift.Learner{uplift.TLearner}, Replicates: 20})
	if err != nil {
		return err
	}
	alone := beside.Processor() - begin
	begin = beside.Processor()
	all, err := uplift.Choose(trial, uplift.Options{Seed: uint64(seed)})
	if err != nil {
		return err
	}
	whole, theirs, cpu, ratio := beside.Processor()-begin, "", "", ""
	if peer.There() {
		var answer struct{ Qini, CPU float64 }
		if err := peer.Answer(&answer, file, mail, strconv.Itoa(seed)); err != nil {
			return fmt.Errorf("the peer did not answer: %w; look whether %s has scikit-uplift, scikit-learn and pandas", err, peer.Python)
		}
		theirs, cpu, ratio = fmt.Sprintf("%.4f", answer.Qini), fmt.Sprintf("%.1f s", answer.CPU), fmt.Sprintf("%.1f", answer.CPU/alone)
	}
	fmt.Printf("| %s | %d | %.4f | %s | %.1f s | %s | %s | %s | %.4f (%.4f to %.4f) | %.3f | %s | %.1f s |\n", mail, seed, one.Qini.Value, theirs, alone, cpu, ratio,
		all.Chosen, all.Qini.Value, all.Qini.Low, all.Qini.High, all.P, all.Verdict, whole)
	return nil
}

// read takes one mail and no mail; the outcome is a visit.
func read(file, mail string) (trial uplift.Trial, err error) {
	f, err := os.Open(file)
	if err != nil {
		return trial, errors.Join(errors.New("set DANGOL_TEST_DATA to the folder that holds hillstrom/"), err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return trial, err
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		return trial, err
	}
	of := func(name string) int { return slices.Index(rows[0], name) }
	numbers := []string{"recency", "history", "mens", "womens", "newbie"}
	for _, name := range append(slices.Clone(numbers), "history_segment", "zip_code", "channel") {
		c := glm.Column{Name: name}
		for _, row := range rows[1:] {
			if s := row[of("segment")]; s != mail && s != "No E-Mail" {
				continue
			}
			cell := row[of(name)]
			if !slices.Contains(numbers, name) {
				c.Texts = append(c.Texts, cell)
				continue
			}
			x, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				return trial, err
			}
			c.Numbers = append(c.Numbers, x)
		}
		trial.Table = append(trial.Table, c)
	}
	for _, row := range rows[1:] {
		if s := row[of("segment")]; s == mail || s == "No E-Mail" {
			trial.Treated = append(trial.Treated, s == mail)
			trial.Outcome = append(trial.Outcome, visited(row[of("visit")]))
		}
	}
	trial.Planned = 0.5
	return trial, nil
}

func visited(cell string) float64 {
	if cell == "1" {
		return 1
	}
	return 0
}
