// Command survival times models/glm, models/calibrate and models/survival
// beside scikit-learn, statsmodels, lifelines and scikit-survival, on the same
// data, in one run, and prints medians and ratios. See README.md.
package main

import (
	"context"
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
	"strings"
	"syscall"
	"time"
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
	b := &bench{reps: *reps, folder: folder}
	if *peerToo {
		b.python, err = python(folder)
		if err != nil {
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
	reps           int
	folder, python string
}

// spent is the cost of one repetition.
type spent struct {
	Wall float64 `json:"wall"`
	CPU  float64 `json:"cpu"`
}

// compare prints a line a peer.
func (b *bench) compare(t task) error {
	var value float64
	all := make([]spent, b.reps)
	for i := range all {
		cpu, wall := processor(), time.Now()
		v, err := t.work()
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		value = v
		all[i] = spent{time.Since(wall).Seconds(), processor() - cpu}
	}
	ours := median(all)
	if b.python == "" {
		fmt.Printf("| %s | %.4f s | %.4f s | | | | | %.8g | |\n", t.name, ours.Wall, ours.CPU, value)
		return nil
	}
	for _, name := range t.peers {
		p, err := b.peer(name, t.few)
		if err != nil {
			return err
		}
		if p == nil {
			continue
		}
		m := median(p.Runs)
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

// theirs is what a peer answers.
type theirs struct {
	Runs  []spent `json:"runs"`
	Value float64 `json:"value"`
}

// patience is how long a peer may take for a task.
const patience = 5 * time.Minute

// peer runs the Python script on a task.
func (b *bench) peer(name string, few bool) (*theirs, error) {
	reps := b.reps
	if few {
		reps = 1
	}
	script, err := os.ReadFile(filepath.Join(root(), "test", "bench", "survival", "peer.py"))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	run := exec.CommandContext(ctx, b.python, "-W", "ignore", "-c", string(script), name, b.folder, strconv.Itoa(reps))
	run.Stderr = os.Stderr
	out, err := run.Output()
	if ctx.Err() != nil {
		fmt.Fprintf(os.Stderr, "%s, %s: gave up after %s\n", peers[name], name, patience)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w", peers[name], name, err)
	}
	t := &theirs{}
	return t, json.Unmarshal(out, t)
}

// packages are the peers, at the versions measured.
var packages = []string{"lifelines==0.30.3", "scikit-survival==0.28.0", "statsmodels==0.15.0", "scikit-learn==1.9.1"}

// python finds or makes an interpreter with the peers.
func python(folder string) (string, error) {
	if path := os.Getenv("DANGOL_BENCH_PYTHON"); path != "" {
		if err := exec.Command(path, "-c", "import lifelines, sksurv, statsmodels, sklearn").Run(); err != nil {
			return "", fmt.Errorf("%s lacks one of %s: %w; install them, or run with -peer=false", path, strings.Join(packages, ", "), err)
		}
		return path, nil
	}
	venv := filepath.Join(folder, "venv")
	fmt.Fprintln(os.Stderr, "making a Python environment with the peers; set DANGOL_BENCH_PYTHON to use your own")
	for _, args := range [][]string{
		{"python3", "-m", "venv", venv},
		append([]string{filepath.Join(venv, "bin", "pip"), "install", "-q"}, packages...),
	} {
		step := exec.Command(args[0], args[1:]...)
		step.Stderr = os.Stderr
		if err := step.Run(); err != nil {
			return "", fmt.Errorf("%s: %w; without peers run with -peer=false", strings.Join(args, " "), err)
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

var errData = errors.New("set DANGOL_TEST_DATA to the folder that holds telco/")
