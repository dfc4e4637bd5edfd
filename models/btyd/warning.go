package btyd

// Reason is a stable word for a warning or an error.
type Reason string

// Reasons of warnings.
const (
	// FewRepeatCustomers: fewer than 100 customers ordered again. Blocking.
	FewRepeatCustomers Reason = "btyd.few_repeat_customers"
	// NoDropout: leaving cannot be seen, the model is the plain NBD; counts
	// stand, statements about leaving do not: see Fitted.SupportsAlive.
	NoDropout Reason = "btyd.no_dropout"
	// WeaklyDetermined: a parameter ran to the edge or has no finite error.
	WeaklyDetermined Reason = "btyd.weakly_determined"
	// NotConverged: slope or curvature is wrong where the fit ended. Blocking.
	NotConverged Reason = "btyd.not_converged"
	// SpendCorrelated: spend goes with frequency. Blocking for Spend.
	SpendCorrelated Reason = "btyd.spend_correlated"
	// SpendMeanUndefined: Gamma-Gamma q <= 1. Blocking for Spend.
	SpendMeanUndefined Reason = "btyd.spend_mean_undefined"
)

// Reasons of errors.
const (
	NoRepeatCustomers Reason = "btyd.no_repeat_customers"
	InvalidPattern    Reason = "btyd.invalid_pattern"
	InvalidParameter  Reason = "btyd.invalid_parameter"
	UnknownModel      Reason = "btyd.unknown_model"
	InvalidCovariate  Reason = "btyd.invalid_covariate"
	InvalidSegment    Reason = "btyd.invalid_segment"
)

// Warning says why a figure should be read with care, or not be shown at all.
type Warning struct {
	Reason   Reason `json:"reason"`
	Message  string `json:"message"`  // one sentence for people
	Blocking bool   `json:"blocking"` // predictions must not be shown as numbers
}

// Error is what this package returns as an error.
type Error struct {
	Reason  Reason
	Message string
	Index   int // of the offending pattern, or -1
}

// Error implements error.
func (e *Error) Error() string { return "btyd: " + e.Message }

// anyBlocking reports whether a warning forbids showing predictions.
func anyBlocking(warnings []Warning) bool {
	for _, w := range warnings {
		if w.Blocking {
			return true
		}
	}
	return false
}
