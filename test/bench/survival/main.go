// Command survival times models/glm, models/calibrate and models/survival
// beside scikit-learn, statsmodels, lifelines and scikit-survival, on the same
// data, in one run, and prints medians and ratios. See README.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
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

func run() error {
	peerToo := flag.Bool("peer", true, "run the peers as well")
	reps := flag.Int("reps", 9, "repetitions; the median counts")
	only := flag.String("only", "", "run the tasks whose name begins so")
	flag.Parse()
	folder, err := os.MkdirTemp("", "survival-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b := &bench{reps: *reps, folder: folder, peer: beside.Peer{Script: beside.Script("survival"), Patience: 5 * time.Minute}}
	if *peerToo {
		if b.peer.Python, err = environment.Find(folder); err != nil {
			return err
		}
	}
	tasks, err := b.tasks()
	if err != nil {
		return err
	}
	fmt.Println("| what | dangol wall | dangol CPU | peer | peer wall | peer CPU | CPU ratio | ours | theirs |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, t := range tasks {
		if !strings.HasPrefix(t.name, *only) {
			continue
		}
		if err := b.compare(t); err != nil {
			return err
		}
	}
	return nil
}

// task is one thing to compare: our work, and the names of the peers' tasks.
type task struct {
	name  string
	work  func() (float64, error) // the figure to compare
	peers []string
	few   bool // the peer is slow: once
}

// bench runs both sides.
type bench struct {
	reps   int
	folder string
	peer   beside.Peer
}

// compare prints a line a peer.
func (b *bench) compare(t task) error {
	var value float64
	all, err := beside.Measure(b.reps, func() (err error) {
		value, err = t.work()
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	ours := beside.Median(all)
	if !b.peer.There() {
		fmt.Printf("| %s | %.4f s | %.4f s | | | | | %.8g | |\n", t.name, ours.Wall, ours.CPU, value)
		return nil
	}
	for _, name := range t.peers {
		p, err := b.ask(name, t.few)
		if err != nil {
			return err
		}
		if p == nil {
			continue
		}
		m := beside.Median(p.Runs)
		fmt.Printf("| %s | %.4f s | %.4f s | %s | %.4f s | %.4f s | %.1f | %.8g | %.8g |\n",
			t.name, ours.Wall, ours.CPU, peers[name], m.Wall, m.CPU, m.CPU/ours.CPU, value, p.Value)
	}
	return nil
}

// peers says what each task of peer.py runs.
var peers = map[string]string{
	"logistic": "scikit-learn, lbfgs", "logistic-newton": "scikit-learn, newton-cholesky", "logistic-errors": "statsmodels GLM",
	"lasso": "scikit-learn, saga, 40 penalties", "isotonic": "scikit-learn", "auc": "scikit-learn, without interval",
	"cox": "lifelines", "cox-sksurv": "scikit-survival", "cox-large": "lifelines", "cox-large-sksurv": "scikit-survival",
	"km": "lifelines", "weibull": "lifelines", "concordance": "lifelines",
}

// theirs is what a peer answers.
type theirs struct {
	Runs  []beside.Spent `json:"runs"`
	Value float64        `json:"value"`
}

// ask runs a peer on its task; nil where it takes too long.
func (b *bench) ask(name string, few bool) (*theirs, error) {
	reps := b.reps
	if few {
		reps = 1
	}
	t := &theirs{}
	if err := b.peer.Answer(t, name, b.folder, strconv.Itoa(reps)); err != nil {
		err = fmt.Errorf("%s, %s: %w", peers[name], name, err)
		if errors.Is(err, beside.ErrPatience) {
			fmt.Fprintln(os.Stderr, err)
			return nil, nil
		}
		return nil, err
	}
	return t, nil
}

// environment has the peers, at the versions measured.
var environment = beside.Environment{
	Name: "the peers", Modules: []string{"lifelines", "sksurv", "statsmodels", "sklearn"},
	Packages: []string{"lifelines==0.30.3", "scikit-survival==0.28.0", "statsmodels==0.15.0", "scikit-learn==1.9.1"},
}

var errData = errors.New("set DANGOL_TEST_DATA to the folder that holds telco/")
