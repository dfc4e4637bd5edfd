package forecast

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Options of a forecast. The zero value looks a season ahead (28 days, 13
// weeks, 12 months) at 0.9.
type Options struct {
	Horizon int     // steps; 0 means a season
	Level   float64 // of intervals; 0 means 0.9
	// Further are levels of intervals besides, each checked and stretched by
	// itself.
	Further  []float64
	Calendar Calendar
	// Model, if set, is used whatever the rehearsals say.
	Model string
	// Rehearsals is from how many earlier dates forecasts are tried; 0 means 8.
	Rehearsals int
	// Paths is how many futures are simulated; 0 means 2000.
	Paths   int
	Damping float64 // see RegressionOptions
	Seed    uint64
}

// defaults checks the options and fills them in.
func (o *Options) defaults(step Step) error {
	if o.Horizon == 0 {
		o.Horizon = map[Step]int{Day: 28, Week: 13, Month: 12}[step]
	}
	if o.Rehearsals == 0 {
		o.Rehearsals = 8
	}
	if o.Paths == 0 {
		o.Paths = 2000
	}
	if o.Level == 0 {
		o.Level = 0.9
	}
	switch {
	case o.Horizon < 0 || o.Horizon > maxHorizon:
		return fail(InvalidOption, "the horizon is %d steps; it is between 1 and %d", o.Horizon, maxHorizon)
	case !(o.Level > 0 && o.Level < 1):
		return fail(InvalidOption, "the level of intervals is %v; it lies between 0 and 1", o.Level)
	case o.Rehearsals < 0 || o.Rehearsals > 1000:
		return fail(InvalidOption, "%d rehearsals are wanted; between 1 and 1000 are possible", o.Rehearsals)
	case o.Paths < 100 || o.Paths > 1e6:
		return fail(InvalidOption, "%d paths are wanted; between 100 and a million are possible", o.Paths)
	case o.Model != "" && !slices.Contains([]string{Naive, SeasonalNaive, Drift, Level, Smooth, Seasonal, Mean}, o.Model):
		return fail(InvalidOption, "the model %q is not known; leave it empty to have one chosen", o.Model)
	}
	for _, level := range o.Further {
		if !(level > 0 && level < 1) {
			return fail(InvalidOption, "a further level of intervals is %v; it lies between 0 and 1", level)
		}
	}
	r := RegressionOptions{o.Calendar, o.Damping}
	return r.check()
}

// levels are all that are asked for, Level first.
func (o *Options) levels() []float64 { return append([]float64{o.Level}, o.Further...) }

// Forecast is what a figure will be, how sure that is, and how it is known.
type Forecast struct {
	Model string `json:"model"`
	// Sentence says which model, why, and how far it was off before.
	Sentence string  `json:"sentence"`
	Points   []Point `json:"points"`
	Level    float64 `json:"level"`
	// Scores of the models in the rehearsals, the best first; Rehearsals is
	// from how many dates, each Ahead steps far.
	Scores     []Score `json:"scores"`
	Rehearsals int     `json:"rehearsals"`
	Ahead      int     `json:"ahead"`
	// Stretch is what the model's intervals were multiplied with.
	Stretch    float64     `json:"stretch"`
	ETS        *ETS        `json:"ets,omitempty"`
	Adjusted   bool        `json:"adjusted"` // ETS follows what the regression's holidays and year leave
	Regression *Regression `json:"regression,omitempty"`
	Warnings   []Warning   `json:"warnings"`

	shut int // closed days of the past
}

// Point is the forecast of a step: its expected value, its median, and an
// interval that holds the value with the probability Level.
type Point struct {
	Date   time.Time `json:"date"`
	Mean   float64   `json:"mean"`
	Median float64   `json:"median"`
	Low    float64   `json:"low"`
	High   float64   `json:"high"`
	Closed bool      `json:"closed,omitempty"`
	// Further are the intervals of Options.Further, in that order.
	Further []Interval `json:"further,omitempty"`
}

// Interval holds the value with the probability Level.
type Interval struct {
	Level float64 `json:"level"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Make forecasts a series: every model is tried from earlier dates, the one
// whose distributions were nearest to what came is taken, and its intervals are
// stretched or narrowed to what they would have needed. It returns an *Error for
// malformed data or options, and a forecast for everything else.
func Make(s Series, opts Options) (*Forecast, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := opts.defaults(s.Step); err != nil {
		return nil, err
	}
	open, err := s.opened(&opts.Calendar)
	if err != nil {
		return nil, err
	}
	all, order, starts := rehearse(&open, &opts)
	_, ahead := origins(&open, opts.Horizon, opts.Rehearsals)
	final := run(&open, &opts, opts.Horizon, opts.Paths)
	f := &Forecast{Level: opts.Level, Rehearsals: starts, Ahead: ahead, Stretch: 1, ETS: final.ets, Adjusted: final.adjusted, Regression: final.fitted}
	for _, name := range order {
		// A model that could not start from every date is not compared.
		if _, runs := final.outlooks[name]; runs && len(all[name]) == len(all[Naive]) {
			f.Scores = append(f.Scores, score(name, all[name], opts.levels(), starts))
		}
	}
	f.choose(&open, final, opts.Model)
	if f.Model != opts.Model && opts.Model != "" {
		return nil, fail(Unsuitable, "the model %q cannot be fitted to %d known values; leave the model empty to have one chosen", opts.Model, count(open.Values))
	}
	levels := opts.levels()
	factors := make([]float64, len(levels))
	for which, level := range levels {
		factors[which] = 1
		if rehearsals := all[f.Model]; len(rehearsals) > 0 {
			var enough bool
			if factors[which], enough = stretch(rehearsals, levels, which, -1); !enough {
				f.warn(FewRehearsals, "%d forecasts to compare are too few to check intervals of %s; they may be too narrow.", len(rehearsals), percent(level))
			}
		}
	}
	f.Stretch = factors[0]
	for _, shut := range open.closed(&opts.Calendar, len(open.Values)) {
		if shut {
			f.shut++
		}
	}
	f.fill(&s, &open, &opts, final.outlooks[f.Model], factors)
	f.say(&open, opts.Model != "")
	return f, nil
}

func (f *Forecast) warn(reason Reason, format string, args ...any) {
	f.Warnings = append(f.Warnings, Warning{reason, fmt.Sprintf(format, args...)})
}

// choose takes the best by CRPS; within one part in a hundred, the simpler.
func (f *Forecast) choose(s *Series, final *race, wanted string) {
	place := map[string]int{}
	for i, name := range final.order {
		place[name] = i
	}
	slices.SortStableFunc(f.Scores, func(a, b Score) int {
		switch {
		case a.CRPS < b.CRPS:
			return -1
		case a.CRPS > b.CRPS:
			return 1
		}
		return place[a.Model] - place[b.Model]
	})
	switch {
	case wanted != "":
		if final.outlooks[wanted] != nil {
			f.Model = wanted
		}
	case len(f.Scores) > 0:
		best := 0
		for i, c := range f.Scores {
			if c.CRPS <= f.Scores[0].CRPS*1.01 && place[c.Model] < place[f.Scores[best].Model] {
				best = i
			}
		}
		f.Model = f.Scores[best].Model
	case final.ets != nil:
		f.Model = Smooth
	default:
		f.Model = Naive
		if count(s.Values) > 1 {
			f.Model = Level
		}
	}
}

// fill writes the points, in the time of the whole series.
func (f *Forecast) fill(s, open *Series, opts *Options, o *outlook, factors []float64) {
	n := len(s.Values)
	shut := s.closed(&opts.Calendar, n+opts.Horizon)[n:]
	for h := range opts.Horizon {
		p := Point{Date: open.Date(len(open.Values) + h), Closed: shut[h]}
		if !p.Closed {
			p.Mean, p.Median = o.mean[h], o.quantile(h, 0.5)
			p.Low, p.High = o.interval(h, opts.Level, factors[0], s.Kind)
		}
		for i, level := range opts.Further {
			wide := Interval{Level: level}
			if !p.Closed {
				wide.Low, wide.High = o.interval(h, level, factors[i+1], s.Kind)
				wide.nest(&p, opts.Level)
			}
			p.Further = append(p.Further, wide)
		}
		f.Points = append(f.Points, p)
	}
}

// nest keeps a wider level around the point's own interval, and a narrower one
// within: each was stretched by itself.
func (v *Interval) nest(p *Point, level float64) {
	if v.Level >= level {
		v.Low, v.High = math.Min(v.Low, p.Low), math.Max(v.High, p.High)
		return
	}
	v.Low, v.High = math.Max(v.Low, p.Low), math.Min(v.High, p.High)
}

// interval of a step, stretched from the median, within what the kind allows.
func (o *outlook) interval(step int, level, factor float64, kind Kind) (low, high float64) {
	median := o.quantile(step, 0.5)
	low = median - factor*(median-o.quantile(step, (1-level)/2))
	high = median + factor*(o.quantile(step, (1+level)/2)-median)
	if kind != Any {
		low = math.Max(0, low)
	}
	if kind == Count { // an interval of whole numbers, no narrower
		low, high = math.Floor(low+1e-9), math.Max(0, math.Ceil(high-1e-9))
	}
	return low, high
}

func percent(share float64) string { return fmt.Sprintf("%.4g %%", 100*share) }

// say writes the sentence and the warnings.
func (f *Forecast) say(s *Series, wanted bool) {
	name := f.Model
	if f.ETS != nil && (name == Smooth || name == Mean) {
		name += ", " + f.ETS.Spec.String()
		if f.Adjusted {
			name += " after holidays and the time of the year"
		}
		if name = name[:len(f.Model)] + " (" + name[len(f.Model)+2:] + ")"; f.Model == Mean {
			name = "the " + name
		}
	}
	at := slices.IndexFunc(f.Scores, func(c Score) bool { return c.Model == f.Model })
	switch {
	case at < 0:
		f.Sentence = fmt.Sprintf("The forecast is by %s; the series is too short to try models on its own past.", name)
		f.warn(ShortSeries, "There are %d known values, too few to try forecasts on the past; read the intervals as a guess.", count(s.Values))
	default:
		c := f.Scores[at]
		how := "was the best of " + fmt.Sprint(len(f.Scores)) + " models"
		if wanted {
			how = "was asked for"
		}
		f.Sentence = fmt.Sprintf("The forecast is by %s, which %s: tried from %d earlier dates over %d %ss, it was off by %.3g on average (%s)%s; its intervals of %s would have held %s of the values.",
			name, how, f.Rehearsals, f.Ahead, s.Step, c.MAE, percent(math.Round(1000*c.SMAPE)/1000), f.against(), percent(f.Level), percent(math.Round(1000*c.Corrected)/1000))
		if baselines[f.Model] && !wanted {
			f.warn(BaselineWins, "No model was better than the simple rule %q on this series.", f.Model)
		}
	}
	zeros, seen := 0, known(s.Values)
	for _, v := range seen {
		if v == 0 {
			zeros++
		}
	}
	if open := len(s.Values) - len(seen) - f.shut; float64(open) > 0.1*float64(len(s.Values)) {
		f.warn(Gaps, "%d of %d values are not known; the forecast goes by the others.", open, len(s.Values))
	}
	if float64(zeros) > 0.3*float64(len(seen)) {
		f.warn(ManyZeros, "%s of the values are zero; a longer step, weeks or months, would be easier to forecast.", percent(math.Round(100*float64(zeros)/float64(len(seen)))/100))
	}
}

// against names the best simple rule that was not chosen.
func (f *Forecast) against() string {
	for _, c := range f.Scores {
		if baselines[c.Model] && c.Model != f.Model {
			return fmt.Sprintf(", the simple rule %q by %.3g", c.Model, c.MAE)
		}
	}
	return ""
}
