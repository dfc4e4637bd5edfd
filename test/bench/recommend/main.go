// Command recommend compares models/recommend with the Python library implicit
// on Online Retail, in one run: how good the lists are when both choose their
// settings on days before those they are judged on, and what fitting and
// answering costs. See README.md.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dangol/dangol/models/recommend"
	"github.com/dangol/dangol/test/bench/beside"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	venv := flag.String("venv", "/tmp/venv-reco", "Python environment with implicit, numpy and scipy; the peer is left out where it is missing")
	protocols := flag.String("protocols", "last,repeat,cut", "what to judge: last, repeat, cut, or none")
	costs := flag.Bool("times", true, "time fitting and answering")
	reps := flag.Int("reps", 3, "repetitions of each timing; the median counts")
	flag.Parse()
	in, err := retail()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "recommend-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b := &bench{in: in, folder: folder, reps: *reps, peer: beside.Peer{Script: beside.Script("recommend"), Patience: 30 * time.Minute}}
	if b.peer.Python = filepath.Join(*venv, "bin", "python"); !exists(b.peer.Python) {
		fmt.Printf("No peer: %s is not there. Make it with: python3 -m venv %s && %s/bin/pip install implicit==0.7.3 scipy\n\n", b.peer.Python, *venv, *venv)
		b.peer.Python = ""
	}
	for _, p := range strings.Split(*protocols, ",") {
		if p == "none" {
			continue
		}
		if err := b.quality(p); err != nil {
			return err
		}
	}
	if *costs {
		return b.times()
	}
	return nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

type bench struct {
	in     *recommend.Interactions
	folder string
	reps   int
	peer   beside.Peer
}

// protocol is how to split, and what counts.
type protocol struct {
	title string
	rules recommend.Rules
	split func(in *recommend.Interactions) (*recommend.Interactions, []recommend.Case, error)
	// earlier splits the first part again, to choose on.
	earlier  func(in *recommend.Interactions) (*recommend.Interactions, []recommend.Case, error)
	backtest recommend.Backtest
}

func protocols() map[string]protocol {
	const horizon = 30
	cut := day(2011, time.October, 15)
	last := func(n int) func(in *recommend.Interactions) (*recommend.Interactions, []recommend.Case, error) {
		return func(in *recommend.Interactions) (*recommend.Interactions, []recommend.Case, error) {
			return in.SplitLast(n)
		}
	}
	at := func(cut int32) func(in *recommend.Interactions) (*recommend.Interactions, []recommend.Case, error) {
		return func(in *recommend.Interactions) (*recommend.Interactions, []recommend.Case, error) {
			return in.SplitAt(cut, horizon)
		}
	}
	return map[string]protocol{
		"last":   {title: "Last day of each person, what is new to her", split: last(3), earlier: last(2)},
		"repeat": {title: "Last day of each person, everything", rules: recommend.Rules{Bought: recommend.AllowBought}, split: last(3), earlier: last(2)},
		"cut": {
			title: "Everybody cut at 15 October 2011, first day within 30 days, what is new to her",
			split: at(cut), earlier: at(cut - horizon), backtest: recommend.Backtest{Cut: cut - horizon, Horizon: horizon},
		},
	}
}

func day(year int, month time.Month, d int) int32 {
	return int32(time.Date(year, month, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// quality prints a table of both sides.
func (b *bench) quality(name string) error {
	p, ok := protocols()[name]
	if !ok {
		return fmt.Errorf("no protocol is called %q", name)
	}
	past, cases, err := p.split(b.in)
	if err != nil {
		return err
	}
	j := recommend.Judgement{Rules: p.rules}
	p.backtest.Judgement = j
	var choice *recommend.Choice
	cost, err := beside.Once(func() (err error) {
		choice, err = recommend.Choose(past, p.backtest)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("## %s\n\nChoosing took %.0f s of processor time, %.0f s by the clock. %s.\n\n", p.title, cost.CPU, cost.Wall, choice.Reason)
	fmt.Println("| model, settings chosen on earlier days | there | NDCG@10 | 95 % | hit rate | MAP | recall | coverage | novelty |\n|---|---|---|---|---|---|---|---|---|")
	best := map[recommend.Kind]recommend.Trial{}
	for _, t := range choice.Trials {
		if b, ok := best[t.Options.Kind]; !ok || t.Quality.NDCG.Value > b.Quality.NDCG.Value {
			best[t.Options.Kind] = t
		}
	}
	for _, kind := range []recommend.Kind{recommend.Blend, recommend.Linear, recommend.Factors, recommend.ItemItem, recommend.Habit, recommend.Trending, recommend.Popularity} {
		t, ok := best[kind]
		if !ok {
			continue
		}
		m, err := recommend.Fit(past, t.Options)
		if err != nil {
			return err
		}
		q, err := recommend.Evaluate(m, cases, j)
		if err != nil {
			return err
		}
		chosen := ""
		if t.Name == choice.Trials[choice.Winner].Name {
			chosen = " **chosen**"
		}
		fmt.Printf("| %s%s | %.4f | %.4f | %.4f – %.4f | %.4f | %.4f | %.4f | %.3f | %.2f |\n", t.Name, chosen, t.Quality.NDCG.Value,
			q.NDCG.Value, q.NDCG.Low, q.NDCG.High, q.HitRate.Value, q.MAP.Value, q.Recall.Value, q.Coverage, q.Novelty)
	}
	if err := dayless(p, past, cases, best); err != nil {
		return err
	}
	if err := b.theirs(p, past, cases); err != nil {
		return err
	}
	fmt.Println()
	return nil
}

// dayless prints the blend of what the peer's models know too: who bought what,
// without the day of the question and the days of the purchases.
func dayless(p protocol, past *recommend.Interactions, cases []recommend.Case, best map[recommend.Kind]recommend.Trial) error {
	t := p.backtest
	t.Features = []recommend.Feature{recommend.FromEASE, recommend.FromALS, recommend.FromNeighbours, recommend.Popular, recommend.Bought}
	for _, kind := range []recommend.Kind{recommend.Linear, recommend.Factors, recommend.ItemItem} {
		o := best[kind].Options
		o.Forget = 1
		t.Candidates = append(t.Candidates, o)
	}
	choice, err := recommend.Choose(past, t)
	if err != nil {
		return err
	}
	blend := choice.Trials[len(choice.Trials)-1]
	m, err := recommend.Fit(past, blend.Options)
	if err != nil {
		return err
	}
	q, err := recommend.Evaluate(m, cases, t.Judgement)
	if err != nil {
		return err
	}
	fmt.Printf("| blend without any day | %.4f | %.4f | %.4f – %.4f | %.4f | %.4f | %.4f | %.3f | %.2f |\n", blend.Quality.NDCG.Value,
		q.NDCG.Value, q.NDCG.Low, q.NDCG.High, q.HitRate.Value, q.MAP.Value, q.Recall.Value, q.Coverage, q.Novelty)
	return nil
}

// theirs prints the peer's part of the table.
func (b *bench) theirs(p protocol, past *recommend.Interactions, cases []recommend.Case) error {
	if !b.peer.There() {
		return nil
	}
	earlier, held, err := p.earlier(past)
	if err != nil {
		return err
	}
	repeat := p.rules.Bought == recommend.AllowBought
	if err := errors.Join(b.write("test", past, cases, repeat), b.write("valid", earlier, held, repeat)); err != nil {
		return err
	}
	var rows []struct {
		Family, Name     string
		Valid, NDCG, Hit float64
		HitRate          float64 `json:"hit_rate"`
		People           int
	}
	if err := b.ask(&rows, "quality"); err != nil {
		return err
	}
	for _, r := range rows {
		fmt.Printf("| implicit: %s, %s | %.4f | %.4f | | %.4f | | | | |\n", r.Family, r.Name, r.Valid, r.NDCG, r.HitRate)
		if r.Family == "ALS" {
			fmt.Fprintf(os.Stderr, "the peer was judged on %d people\n", r.People)
		}
	}
	return nil
}

// write makes the peer's files.
func (b *bench) write(name string, past *recommend.Interactions, cases []recommend.Case, repeat bool) error {
	var train, truth strings.Builder
	known := make([]bool, len(past.Items()))
	number := map[string]int{}
	for _, user := range past.UserIDs() {
		number[user] = len(number)
		h, _ := past.History(user, math.MaxInt32)
		for _, e := range h.Events {
			known[e.Item] = true
			fmt.Fprintf(&train, "%d,%d\n", number[user], e.Item)
		}
	}
	for _, c := range cases {
		for _, i := range c.Truth {
			bought := slices.ContainsFunc(c.History.Events, func(e recommend.Event) bool { return e.Item == i })
			if known[i] && (repeat || !bought) {
				fmt.Fprintf(&truth, "%d,%d\n", number[c.User], i)
			}
		}
	}
	options, err := json.Marshal(map[string]any{"users": len(number), "items": len(known), "repeat": repeat})
	if err != nil {
		return err
	}
	put := func(file string, text []byte) error { return os.WriteFile(filepath.Join(b.folder, file), text, 0o600) }
	return errors.Join(put(name+"_train.csv", []byte(train.String())), put(name+"_truth.csv", []byte(truth.String())), put("options.json", options))
}

// ask runs the peer on the files.
func (b *bench) ask(to any, args ...string) error {
	if err := b.peer.Answer(to, append([]string{b.folder}, args...)...); err != nil {
		return fmt.Errorf("implicit: %w", err)
	}
	return nil
}

// times prints what fitting and answering costs on both sides.
func (b *bench) times() error {
	past, cases, err := b.in.SplitLast(3)
	if err != nil {
		return err
	}
	if err := b.write("test", past, cases, false); err != nil {
		return err
	}
	theirs := map[string][]beside.Spent{}
	if b.peer.There() {
		if err := b.ask(&theirs, "times", strconv.Itoa(b.reps)); err != nil {
			return err
		}
	}
	fmt.Print("## Cost, both cores\n\n| what | dangol CPU | wall | implicit CPU | wall | CPU, theirs / ours |\n|---|---|---|---|---|---|\n")
	row := func(name string, ours []beside.Spent) {
		o := beside.Median(ours)
		fmt.Printf("| %s | %.3f s | %.3f s |", name, o.CPU, o.Wall)
		if t := theirs[name]; t != nil {
			m := beside.Median(t)
			fmt.Printf(" %.3f s | %.3f s | **%.2f** |\n", m.CPU, m.Wall, m.CPU/o.CPU)
			return
		}
		fmt.Println(" | | |")
	}
	for _, f := range []int{64, 128} {
		for _, steps := range []int{3, 0} {
			o := recommend.Options{Kind: recommend.Factors, ALS: recommend.ALS{Factors: f, Iterations: 15, Regularisation: 10, Steps: steps}}
			ours, err := b.fits(past, o)
			if err != nil {
				return err
			}
			row(fmt.Sprintf("als %d %s", f, map[int]string{3: "cg", 0: "cholesky"}[steps]), ours)
		}
	}
	for _, c := range []struct {
		name string
		o    recommend.Options
	}{{"ease", recommend.Options{Kind: recommend.Linear}}, {"bm25", recommend.Options{Kind: recommend.ItemItem}}} {
		ours, err := b.fits(past, c.o)
		if err != nil {
			return err
		}
		row(c.name, ours)
	}
	return b.answers(past, cases, row)
}

// fits times Fit: the matrix and everything else that a model needs is part of it.
func (b *bench) fits(past *recommend.Interactions, o recommend.Options) ([]beside.Spent, error) {
	return beside.Measure(b.reps, func() error {
		_, err := recommend.Fit(past, o)
		return err
	})
}

// answers times single answers, each of which folds the person in.
func (b *bench) answers(past *recommend.Interactions, cases []recommend.Case, row func(string, []beside.Spent)) error {
	mix := &recommend.Mix{}
	for _, f := range recommend.AllFeatures {
		mix.New, mix.Any = append(mix.New, recommend.Term{Feature: f, Weight: 0.3}), append(mix.Any, recommend.Term{Feature: f, Weight: 0.3})
	}
	for _, c := range []struct {
		name string
		o    recommend.Options
	}{
		{"500 fold-ins", recommend.Options{Kind: recommend.Factors, ALS: recommend.ALS{Factors: 128, Iterations: 2}}},
		{"500 answers of EASE", recommend.Options{Kind: recommend.Linear}},
		{"500 answers of the blend", recommend.Options{Kind: recommend.Blend, Mix: mix, ALS: recommend.ALS{Iterations: 2}}},
	} {
		m, err := recommend.Fit(past, c.o)
		if err != nil {
			return err
		}
		ours, err := beside.Measure(b.reps, func() error {
			for i := range 500 {
				h := cases[i].History
				h.At = day(2011, time.December, 10)
				if _, err := m.Recommend(h, 10, recommend.Rules{}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		row(c.name, ours)
	}
	return nil
}
