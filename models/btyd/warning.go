package btyd

// Reason is a stable word for a warning or an error.
type Reason string

// Reasons of warnings and errors.
const (
	FewRepeatCustomers Reason = "btyd.few_repeat_customers" // fewer than 100 ordered again; blocking
	NoDropout          Reason = "btyd.no_dropout"           // leaving cannot be seen: the model is the plain NBD
	WeaklyDetermined   Reason = "btyd.weakly_determined"    // a parameter ran to the edge or has no finite error
	NotConverged       Reason = "btyd.not_converged"        // slope or curvature wrong at the end; blocking
	SpendCorrelated    Reason = "btyd.spend_correlated"     // spend goes with frequency; blocking for Spend
	SpendMeanUndefined Reason = "btyd.spend_mean_undefined" // Gamma-Gamma q <= 1; blocking for Spend
	NoRepeatCustomers  Reason = "btyd.no_repeat_customers"  // error: nobody ordered twice
	InvalidPattern     Reason = "btyd.invalid_pattern"      // error
	InvalidParameter   Reason = "btyd.invalid_parameter"    // error
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
func (e *Error) Error() string { return e.Message }
