// Command gbdt times the training and the explanations of models/gbdt beside
// LightGBM and XGBoost, on the same bytes, in one run, and prints ratios. See
// README.md.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dangol/dangol/test/bench/beside"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// bench runs both sides.
type bench struct {
	reps   int
	folder string
	peer   beside.Peer
	self   string // this program, for runs in a process of their own
}

func run() error {
	worker := flag.String("worker", "", "used by the program itself: what a process of its own should do")
	rows := flag.Int("rows", 1_000_000, "rows of the training set")
	reps := flag.Int("reps", 3, "repetitions; the median counts")
	only := flag.String("only", "", "train, shap or predict; empty for all")
	peerToo := flag.Bool("peer", true, "run the peers as well")
	profile := flag.String("profile", "", "write a CPU profile of our training here")
	flag.Parse()
	if *worker != "" {
		return work(*worker, flag.Args(), *profile)
	}
	folder, err := os.MkdirTemp("", "gbdt-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b := &bench{reps: *reps, folder: folder, peer: beside.Peer{Script: beside.Script("gbdt"), Patience: patience}}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if *peerToo {
		b.peer.Python = python()
	}
	if *only == "" || *only == "train" || *only == "predict" {
		if err := b.training(*rows, *profile, *only != "train"); err != nil {
			return err
		}
	}
	if *only == "" || *only == "shap" {
		return b.explaining()
	}
	return nil
}

// spent is the cost of a task, and what came of it.
type spent struct {
	beside.Spent
	Loaded float64 `json:"loaded"` // MB in memory before the task
	Peak   float64 `json:"peak"`   // MB at most
	Score  float64 `json:"score"`
}

// median takes each figure's own.
func median(all []spent) spent {
	costs := make([]beside.Spent, len(all))
	for i, s := range all {
		costs[i] = s.Spent
	}
	return spent{
		beside.Median(costs), beside.Middle(all, func(s spent) float64 { return s.Loaded }),
		beside.Middle(all, func(s spent) float64 { return s.Peak }), beside.Middle(all, func(s spent) float64 { return s.Score }),
	}
}

// patience is how long a process may take.
const patience = 10 * time.Minute

// pairs runs ours and theirs by turns, so that both meet the same neighbours.
func (b *bench) pairs(ours, theirs []string) (o, t spent, err error) {
	var all, other []spent
	for range b.reps {
		var s spent
		if err := beside.Answer(&s, patience, b.self, ours...); err != nil {
			return o, t, fmt.Errorf("%s %s: %w", b.self, strings.Join(ours, " "), err)
		}
		all = append(all, s)
		if !b.peer.There() {
			continue
		}
		s = spent{}
		if err := b.peer.Answer(&s, theirs...); err != nil {
			return o, t, fmt.Errorf("%s %s: %w", b.peer.Script, strings.Join(theirs, " "), err)
		}
		other = append(other, s)
	}
	o = median(all)
	if b.peer.There() {
		t = median(other)
	}
	return o, t, nil
}

// training compares fits of simulated rows.
func (b *bench) training(rows int, profile string, predict bool) error {
	at := filepath.Join(b.folder, "train")
	if err := generate(rows, 1).write(at); err != nil {
		return err
	}
	test := generate(200_000, 2)
	if err := test.write(at + ".test"); err != nil {
		return err
	}
	ours := []string{"-worker", "train"}
	if profile != "" {
		ours = append(ours, "-profile", profile)
	}
	tasks := []string{"train"}
	if predict {
		tasks = append(tasks, "predict")
	}
	for _, task := range tasks {
		args := []string{at, strconv.Itoa(rows)}
		ours[1] = task
		o, t, err := b.pairs(append(slices.Clone(ours), args...), append([]string{"lightgbm-" + task}, args...))
		if err != nil {
			return err
		}
		what := fmt.Sprintf("%s: %d × %d, 100 trees, 31 leaves, 255 bins, 2 threads", task, rows, width)
		if task == "predict" {
			what = "predict: 200000 rows with that model"
		}
		b.row(what, "LightGBM", o, t, true)
	}
	if !b.peer.There() {
		return nil
	}
	fmt.Printf("\nAUC of the true probabilities: %.5f\n\n", auc(test.bayes, test.labels))
	return nil
}

// explaining compares TreeSHAP of two reference models over the Telco rows.
func (b *bench) explaining() error {
	dir := beside.Data("references")
	for _, m := range []struct{ peer, model string }{{"XGBoost", "telco_xgb50.json"}, {"LightGBM", "telco_lgb100.txt"}} {
		args := []string{filepath.Join(dir, m.model), filepath.Join(dir, "telco_onehot.csv")}
		o, t, err := b.pairs(append([]string{"-worker", "shap"}, args...), append([]string{strings.ToLower(m.peer) + "-shap"}, args...))
		if err != nil {
			return err
		}
		b.row("TreeSHAP: "+m.model+", 7043 rows", m.peer, o, t, false)
	}
	return nil
}

// row prints a table of one comparison.
func (b *bench) row(what, peer string, o, t spent, score bool) {
	fmt.Printf("\n%s\n\n| | wall | CPU | memory at most | of that for the task |%s\n|---|---|---|---|---|%s\n", what, column(score, " score |"), column(score, "---|"))
	line := func(name string, s spent) {
		fmt.Printf("| %s | %.3f s | %.3f s | %.0f MB | %.0f MB |%s\n", name, s.Wall, s.CPU, s.Peak, s.Peak-s.Loaded, column(score, fmt.Sprintf(" %.5f |", s.Score)))
	}
	line("dangol", o)
	if !b.peer.There() {
		return
	}
	line(peer, t)
	fmt.Printf("| ratio | %.2f | %.2f | %.2f | %.2f |%s\n", o.Wall/t.Wall, o.CPU/t.CPU, o.Peak/t.Peak, (o.Peak-o.Loaded)/(t.Peak-t.Loaded), column(score, fmt.Sprintf(" %+.5f |", o.Score-t.Score)))
}

func column(there bool, text string) string {
	if there {
		return text
	}
	return ""
}

// python finds an interpreter with the peers.
func python() string {
	peers := beside.Environment{Modules: []string{"lightgbm", "xgboost"}}
	for _, path := range []string{beside.Given(), "python3"} {
		if path != "" && peers.Check(path) == nil {
			return path
		}
	}
	fmt.Fprintln(os.Stderr, "no Python with lightgbm and xgboost was found, so only our side is timed; make one with\n"+
		"  python3 -m venv /tmp/venv && /tmp/venv/bin/pip install lightgbm scikit-learn xgboost-cpu\n"+
		"and set DANGOL_BENCH_PYTHON=/tmp/venv/bin/python")
	return ""
}
