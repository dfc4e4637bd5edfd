package survival

import "math"

// SurvivalOf is the survival of many rows, given as columns, at the given
// times: out[i][k] is of row i at at[k], as Brier takes it. strata is the
// stratum of each row, or nil.
func (c *Cox) SurvivalOf(columns [][]float64, strata []int, at []float64) ([][]float64, error) {
	return survivalOf(columns, len(c.Coefficients), func(i int, row []float64) ([]float64, error) {
		if strata == nil {
			return c.SurvivalCurve(row, 0, at)
		}
		if i >= len(strata) {
			return nil, fail(InvalidData, "%d strata are fewer than rows; give one a row", len(strata))
		}
		return c.SurvivalCurve(row, strata[i], at)
	})
}

// SurvivalOf is the survival of many rows, given as columns, at the given
// times: out[i][k] is of row i at at[k], as Brier takes it.
func (f *Lifetime) SurvivalOf(columns [][]float64, at []float64) ([][]float64, error) {
	return survivalOf(columns, len(f.Coefficients)-1, func(_ int, row []float64) ([]float64, error) {
		out := make([]float64, len(at))
		for k, t := range at {
			e, err := f.Survival(row, t)
			if err != nil {
				return nil, err
			}
			out[k] = e.Value
		}
		return out, nil
	})
}

// SurvivalOf is the survival of many rows, given as columns, after the given
// numbers of periods.
func (h *Hazard) SurvivalOf(columns [][]float64, at []int) ([][]float64, error) {
	return survivalOf(columns, len(h.Model.Coefficients)-len(h.Ends), func(_ int, row []float64) ([]float64, error) {
		eta, err := h.logOdds(row)
		if err != nil {
			return nil, err
		}
		out := make([]float64, len(at))
		for k, t := range at {
			out[k] = math.Exp(-h.exposure(eta, 0, t))
		}
		return out, nil
	})
}

// survivalOf calls curve for each row of the columns.
func survivalOf(columns [][]float64, want int, curve func(i int, row []float64) ([]float64, error)) ([][]float64, error) {
	if len(columns) != want || want == 0 {
		return nil, fail(ColumnMismatch, "%d columns, but the model was fitted to %d; give the same columns in the same order (a model without columns predicts rows one by one)", len(columns), want)
	}
	n := len(columns[0])
	for j, c := range columns {
		if len(c) != n {
			return nil, failAt(-1, j, "column %d has %d values, the columns before have %d", j, len(c), n)
		}
	}
	out, row := make([][]float64, n), make([]float64, want)
	for i := range out {
		for j, c := range columns {
			row[j] = c[i]
		}
		var err error
		if out[i], err = curve(i, row); err != nil {
			return nil, err
		}
	}
	return out, nil
}
