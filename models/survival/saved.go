package survival

import (
	"encoding/json"
	"slices"
)

// UnmarshalJSON reads a saved model and refuses one whose parts do not fit
// together, so that a damaged file is an error and not a wrong prediction.
func (c *Cox) UnmarshalJSON(raw []byte) error {
	type plain Cox
	var p plain
	if err := json.Unmarshal(raw, &p); err != nil {
		return fail(InvalidData, "this is no saved Cox model: %v", err)
	}
	n := len(p.Coefficients)
	if len(p.Centre) != n || len(p.Covariance) != n*n {
		return fail(InvalidData, "the saved Cox model has %d coefficients, %d centres and %d covariances, which do not fit together", n, len(p.Centre), len(p.Covariance))
	}
	for _, b := range p.Baselines {
		if len(b.Time) != len(b.Hazard) || !slices.IsSorted(b.Time) || !slices.IsSorted(b.Hazard) || len(b.Hazard) > 0 && b.Hazard[0] < 0 {
			return fail(InvalidData, "the saved baseline of stratum %d does not rise from 0", b.Stratum)
		}
	}
	*c = Cox(p)
	return nil
}

// UnmarshalJSON reads a saved model and refuses one whose parts do not fit
// together.
func (f *Lifetime) UnmarshalJSON(raw []byte) error {
	type plain Lifetime
	var p plain
	if err := json.Unmarshal(raw, &p); err != nil {
		return fail(InvalidData, "this is no saved lifetime model: %v", err)
	}
	n := len(p.Coefficients)
	switch {
	case n == 0 || len(p.Covariance) != (n+1)*(n+1):
		return fail(InvalidData, "the saved lifetime model has %d coefficients and %d covariances, which do not fit together", n, len(p.Covariance))
	case !slices.Contains([]Law{Weibull, Exponential, LogNormal, LogLogistic}, p.Law):
		return fail(InvalidData, "the saved lifetime model has the law %q, which there is not", p.Law)
	case !(p.Sigma > 0) || !(p.Level > 0 && p.Level < 1):
		return fail(InvalidData, "the saved lifetime model has sigma %v and intervals of level %v", p.Sigma, p.Level)
	}
	*f = Lifetime(p)
	return nil
}

// UnmarshalJSON reads a saved model and refuses one whose parts do not fit
// together.
func (h *Hazard) UnmarshalJSON(raw []byte) error {
	type plain Hazard
	var p plain
	if err := json.Unmarshal(raw, &p); err != nil {
		return fail(InvalidData, "this is no saved hazard model: %v", err)
	}
	if p.Model == nil || len(p.Ends) == 0 || len(p.Model.Coefficients) < len(p.Ends) || !slices.IsSorted(p.Ends) || p.Ends[0] < 1 {
		return fail(InvalidData, "the saved hazard model has %d steps, which do not fit its coefficients", len(p.Ends))
	}
	*h = Hazard(p)
	return nil
}

// UnmarshalJSON reads a saved curve and refuses one without points or out of
// order.
func (c *Curve) UnmarshalJSON(raw []byte) error {
	type plain Curve
	var p plain
	if err := json.Unmarshal(raw, &p); err != nil {
		return fail(InvalidData, "this is no saved curve: %v", err)
	}
	if len(p.Points) == 0 || !slices.IsSortedFunc(p.Points, func(a, b Point) int {
		if a.Time < b.Time {
			return -1
		}
		return 1
	}) {
		return fail(InvalidData, "the saved curve has no points, or not in the order of time")
	}
	*c = Curve(p)
	return nil
}

// UnmarshalJSON reads a saved renewal model and refuses parameters that none
// has.
func (f *Contract) UnmarshalJSON(raw []byte) error {
	type plain Contract
	var p plain
	if err := json.Unmarshal(raw, &p); err != nil {
		return fail(InvalidData, "this is no saved renewal model: %v", err)
	}
	if _, err := NewProcess(p.Model, p.Alpha, p.Beta, p.C); err != nil {
		return err
	}
	if !(p.Level > 0 && p.Level < 1) {
		return fail(InvalidData, "the saved renewal model has intervals of level %v; it lies between 0 and 1", p.Level)
	}
	*f = Contract(p)
	return nil
}
