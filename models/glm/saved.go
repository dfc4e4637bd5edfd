package glm

import "encoding/json"

// UnmarshalJSON reads a saved model and refuses one whose parts do not fit
// together, so that a damaged file is an error and not a wrong prediction.
func (f *Fitted) UnmarshalJSON(raw []byte) error {
	type plain Fitted
	var p plain
	if err := json.Unmarshal(raw, &p); err != nil {
		return fail(InvalidData, "this is no saved regression: %v", err)
	}
	n := len(p.Coefficients)
	switch {
	case p.Family != Logistic && p.Family != Poisson && p.Family != Linear:
		return fail(InvalidData, "the saved regression has the family %q, which there is not", p.Family)
	case n == 0:
		return fail(InvalidData, "the saved regression has no coefficients")
	case p.Covariance != nil && len(p.Covariance) != n*n:
		return fail(InvalidData, "the saved regression has %d coefficients and %d covariances; %d belong to it", n, len(p.Covariance), n*n)
	case !(p.Level > 0 && p.Level < 1):
		return fail(InvalidData, "the saved regression has intervals of level %v; it lies between 0 and 1", p.Level)
	}
	*f = Fitted(p)
	return nil
}

// UnmarshalJSON reads a saved design and refuses one whose parts do not fit
// together.
func (d *Design) UnmarshalJSON(raw []byte) error {
	type plain Design
	var p plain
	if err := json.Unmarshal(raw, &p); err != nil {
		return fail(InvalidData, "this is no saved design: %v", err)
	}
	for _, f := range p.Features {
		shares := len(f.Levels)
		if f.Other {
			shares++
		}
		if f.Levels != nil && (len(f.Shares) != shares || f.Reference < 0 || f.Reference >= len(f.Levels)) {
			return fail(InvalidData, "the saved design's column %q has %d levels, %d shares and the reference %d, which do not fit together",
				f.Name, len(f.Levels), len(f.Shares), f.Reference)
		}
	}
	*d = Design(p)
	return nil
}

// UnmarshalJSON reads a saved path and refuses one whose parts do not fit
// together.
func (path *Path) UnmarshalJSON(raw []byte) error {
	type plain Path
	var p plain
	if err := json.Unmarshal(raw, &p); err != nil {
		return fail(InvalidData, "this is no saved path: %v", err)
	}
	n := len(p.Names)
	if p.Intercept {
		n++
	}
	for k, b := range p.Coefficients {
		if len(b) != n {
			return fail(InvalidData, "the saved path has %d coefficients at penalty %d; %d belong to it", len(b), k, n)
		}
	}
	if len(p.Lambdas) != len(p.Coefficients) || len(p.Nonzero) != len(p.Coefficients) || len(p.Explained) != len(p.Coefficients) {
		return fail(InvalidData, "the saved path has %d penalties, %d fits and %d shares explained; there must be as many of each",
			len(p.Lambdas), len(p.Coefficients), len(p.Explained))
	}
	*path = Path(p)
	path.models = make([]*Fitted, len(p.Coefficients))
	for k, b := range p.Coefficients {
		f := &Fitted{Family: p.Family, Intercept: p.Intercept, Level: 0.95, Dispersion: 1, Converged: true, Used: float64(p.Nonzero[k])}
		if p.Intercept {
			f.Coefficients = append(f.Coefficients, Coefficient{Name: "(intercept)", Value: b[0]})
			b = b[1:]
		}
		for j, v := range b {
			f.Coefficients = append(f.Coefficients, Coefficient{Name: p.Names[j], Value: v})
		}
		path.models[k] = f
	}
	return nil
}

// UnmarshalJSON reads a saved choice.
func (c *Choice) UnmarshalJSON(raw []byte) error {
	var rest struct {
		Error  []float64 `json:"error"`
		SE     []float64 `json:"se"`
		Best   int       `json:"best"`
		Simple int       `json:"simple"`
		Folds  int       `json:"folds"`
	}
	path := &Path{}
	if err := path.UnmarshalJSON(raw); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &rest); err != nil {
		return fail(InvalidData, "this is no saved choice: %v", err)
	}
	n := len(path.Lambdas)
	if len(rest.Error) != n || len(rest.SE) != n || rest.Best < 0 || rest.Best >= n || rest.Simple < 0 || rest.Simple >= n {
		return fail(InvalidData, "the saved choice has %d penalties, %d errors and the best at %d, which do not fit together", n, len(rest.Error), rest.Best)
	}
	*c = Choice{path, rest.Error, rest.SE, rest.Best, rest.Simple, rest.Folds}
	return nil
}
