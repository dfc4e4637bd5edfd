// Command uplift compares models/uplift with scikit-learn and scikit-uplift on
// Hillstrom's trial, over several seeds, in one run. See README.md.
package main

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/dangol/dangol/models/glm"
	"github.com/dangol/dangol/models/uplift"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// patience is how long a run of the peer may take.
const patience = 5 * time.Minute

func run() error {
	seeds := flag.Int("seeds", 3, "sets of seeds")
	python := flag.String("python", os.Getenv("DANGOL_BENCH_PYTHON"), "a Python with scikit-uplift, scikit-learn and pandas; none: ours alone")
	script := flag.String("peer", "test/bench/uplift/peer.py", "the peer's program")
	flag.Parse()
	data := os.Getenv("DANGOL_TEST_DATA")
	if data == "" {
		data = filepath.Join("..", "shared", "data")
	}
	file := filepath.Join(data, "hillstrom", "hillstrom.csv.gz")
	if *python == "" {
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
			if err := compare(trial, file, mail, 42+10*k, *python, *script); err != nil {
				return err
			}
		}
	}
	return nil
}

// compare prints a line of the table.
func compare(trial uplift.Trial, file, mail string, seed int, python, script string) error {
	begin := processor()
	one, err := uplift.Choose(trial, uplift.Options{Seed: uint64(seed), Learners: []uplift.Learner{uplift.TLearner}, Replicates: 20})
	if err != nil {
		return err
	}
	alone := processor() - begin
	begin = processor()
	all, err := uplift.Choose(trial, uplift.Options{Seed: uint64(seed)})
	if err != nil {
		return err
	}
	whole, theirs, cpu, ratio := processor()-begin, "", "", ""
	if python != "" {
		var peer struct{ Qini, CPU float64 }
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		c := exec.CommandContext(ctx, python, script, file, mail, strconv.Itoa(seed))
		raw, err := c.Output()
		if err != nil {
			return fmt.Errorf("the peer did not answer: %w; look whether %s has scikit-uplift, scikit-learn and pandas", err, python)
		}
		if err := json.Unmarshal(raw, &peer); err != nil {
			return err
		}
		theirs, cpu, ratio = fmt.Sprintf("%.4f", peer.Qini), fmt.Sprintf("%.1f s", peer.CPU), fmt.Sprintf("%.1f", peer.CPU/alone)
	}
	fmt.Printf("| %s | %d | %.4f | %s | %.1f s | %s | %s | %s | %.4f (%.4f to %.4f) | %.3f | %s | %.1f s |\n", mail, seed, one.Qini.Value, theirs, alone, cpu, ratio,
		all.Chosen, all.Qini.Value, all.Qini.Low, all.Qini.High, all.P, all.Verdict, whole)
	return nil
}

// processor is the CPU time of this process so far, all threads.
func processor() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return math.NaN()
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
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
