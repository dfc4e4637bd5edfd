package btyd

// Unit is a unit of time for reporting, in days.
type Unit float64

// Reporting units.
const (
	Day  Unit = 1
	Week Unit = 7
)

// Options of a fit. The zero value is right for nearly everyone.
type Options struct {
	// Penalty, if positive, subtracts Penalty times the sum of squared
	// distances of the log parameters from neutral values, which keeps small
	// samples from extreme answers.
	Penalty float64
	// Level of parameter intervals; 0 means 0.95.
	Level float64
}

// Fitted is a Process with the evidence for it.
type Fitted struct {
	Process
	Customers float64       `json:"customers"` // number of customers fitted
	Repeaters float64       `json:"repeaters"` // of which ordered again
	Repeats   float64       `json:"repeats"`   // repeat orders in total
	LogLik    float64       `json:"log_lik"`   // density in days, without penalty
	LogCov    [4][4]float64 `json:"log_cov"`   // covariance of the log parameters
	Level     float64       `json:"level"`     // of the intervals
	Check     Check         `json:"check"`
	Warnings  []Warning     `json:"warnings"`
}

// Check is the numerical health of a fit.
type Check struct {
	// Slope is the largest absolute first derivative by a log parameter, per
	// customer. At an optimum it is about 1e-9 or less.
	Slope float64 `json:"slope"`
	// Curvature is the smallest eigenvalue of minus the second derivatives by
	// the log parameters. Positive means a proper maximum.
	Curvature float64 `json:"curvature"`
	// Passes counts evaluations of the full data; Starts the starting points.
	Passes int `json:"passes"`
	Starts int `json:"starts"`
	// Determined says of each parameter whether the data determine it.
	Determined [4]bool `json:"determined"`
}

// Parameter is one fitted number with its interval.
type Parameter struct {
	Name    string  `json:"name"`
	Meaning string  `json:"meaning"`
	Value   float64 `json:"value"`
	// SE, Low and High are 0 when Determined is false: the data do not say.
	SE         float64 `json:"se"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Determined bool    `json:"determined"`
}

// Fit estimates a model by maximum likelihood. It returns an *Error when the
// patterns are malformed or hold nobody who ordered twice.
func Fit(model Model, patterns []Pattern, opts Options) (*Fitted, error) { return nil, nil }

// Parameters lists the estimates with time parameters in the given unit.
func (f *Fitted) Parameters(unit Unit) []Parameter { return nil }

// LogLikelihood is the maximised log-likelihood as a density in the given
// unit: in weeks it is larger by ln 7 per repeat order.
func (f *Fitted) LogLikelihood(unit Unit) float64 { return 0 }

// Supported is false when a warning says that predictions of this fit should
// not be shown as numbers.
func (f *Fitted) Supported() bool { return false }
