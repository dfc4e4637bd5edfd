package calibrate

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Area under the ROC curve: the probability that a random yes scores above a
// random no, a tie counting half.
type Area struct {
	Value float64 `json:"value"`
	// SE is DeLong's standard error; Low and High are the interval on the
	// scale of log-odds, so they stay between 0 and 1.
	SE   float64 `json:"se"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// placements says for each yes the share of no below it, and for each no the
// share of yes above it, a tie counting half: the components of DeLong.
func placements(scores, y []float64) (ofYes, ofNo []float64) {
	yes, no := 0.0, 0.0
	for _, v := range y {
		yes, no = yes+v, no+1-v
	}
	order := ascending(scores)
	belowYes, belowNo := 0.0, 0.0
	for k := 0; k < len(order); {
		end, tiedYes := k, 0.0
		for end < len(order) && scores[order[end]] == scores[order[k]] {
			tiedYes += y[order[end]]
			end++
		}
		tiedNo := float64(end-k) - tiedYes
		for range int(tiedYes) {
			ofYes = append(ofYes, (belowNo+tiedNo/2)/no)
		}
		for range int(tiedNo) {
			ofNo = append(ofNo, 1-(belowYes+tiedYes/2)/yes)
		}
		belowYes, belowNo = belowYes+tiedYes, belowNo+tiedNo
		k = end
	}
	return ofYes, ofNo
}

func checkArea(scores, y []float64, level float64) error {
	if err := checkAnswers(len(scores), y, nil, true); err != nil {
		return err
	}
	if !(level > 0 && level < 1) {
		return fail(InvalidOption, "the level of the interval is %v; it lies between 0 and 1", level)
	}
	return checkScores(scores)
}

// AUC is the area with the interval of DeLong, DeLong and Clarke-Pearson,
// Biometrics 44 (1988), in the fast form of Sun and Xu (2014).
func AUC(scores, y []float64, level float64) (Area, error) {
	if err := checkArea(scores, y, level); err != nil {
		return Area{}, err
	}
	ofYes, ofNo := placements(scores, y)
	a := Area{Value: mean(ofYes)}
	a.SE = math.Sqrt(covar(ofYes, ofYes)/float64(len(ofYes)) + covar(ofNo, ofNo)/float64(len(ofNo)))
	a.interval(level, float64(min(len(ofYes), len(ofNo))))
	return a, nil
}

// interval fills Low and High. Where the scores tell the rows apart without a
// mistake DeLong's error is 0; then the interval is the one of no mistake
// among as many rows as the rarer answer has.
func (a *Area) interval(level, rarer float64) {
	if a.SE == 0 || a.Value <= 0 || a.Value >= 1 {
		reach := 1 - math.Pow(1-level, 1/rarer)
		a.Low, a.High = math.Max(0, a.Value-reach), math.Min(1, a.Value+reach)
		return
	}
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	reach := z * a.SE / (a.Value * (1 - a.Value))
	centre := math.Log(a.Value / (1 - a.Value))
	a.Low, a.High = 1/(1+math.Exp(reach-centre)), 1/(1+math.Exp(-reach-centre))
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// covar is the sample covariance, 0 for a single pair.
func covar(a, b []float64) float64 {
	if len(a) < 2 {
		return 0
	}
	ma, mb, sum := mean(a), mean(b), 0.0
	for i := range a {
		sum += (a[i] - ma) * (b[i] - mb)
	}
	return sum / float64(len(a)-1)
}

// Difference of two areas on the same rows.
type Difference struct {
	First  Area `json:"first"`
	Second Area `json:"second"`
	// Value is First less Second; the interval is symmetric.
	Value float64 `json:"value"`
	SE    float64 `json:"se"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	// P is the probability of a difference so large if there were none.
	P float64 `json:"p"`
}

// CompareAUC compares two models scored on the same rows by DeLong's test.
func CompareAUC(first, second, y []float64, level float64) (*Difference, error) {
	if err := checkArea(first, y, level); err != nil {
		return nil, err
	}
	if err := checkArea(second, y, level); err != nil {
		return nil, err
	}
	d := &Difference{}
	var err error
	if d.First, err = AUC(first, y, level); err != nil {
		return nil, err
	}
	if d.Second, err = AUC(second, y, level); err != nil {
		return nil, err
	}
	yes, no := inOrder(first, y)
	yes2, no2 := inOrder(second, y)
	for i := range yes {
		yes[i] -= yes2[i]
	}
	for i := range no {
		no[i] -= no2[i]
	}
	d.Value = d.First.Value - d.Second.Value
	d.SE = math.Sqrt(covar(yes, yes)/float64(len(yes)) + covar(no, no)/float64(len(no)))
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	d.Low, d.High, d.P = d.Value-z*d.SE, d.Value+z*d.SE, 1
	if d.SE > 0 {
		d.P = math.Erfc(math.Abs(d.Value) / d.SE / math.Sqrt2)
	}
	return d, nil
}

// inOrder is placements in the order of the rows.
func inOrder(scores, y []float64) (ofYes, ofNo []float64) {
	sortedYes, sortedNo := placements(scores, y)
	place := make([]float64, len(y))
	a, b := 0, 0
	order := ascending(scores)
	for k := 0; k < len(order); {
		end := k
		for end < len(order) && scores[order[end]] == scores[order[k]] {
			end++
		}
		for _, i := range order[k:end] {
			if y[i] == 1 {
				place[i] = sortedYes[a]
				a++
			} else {
				place[i] = sortedNo[b]
				b++
			}
		}
		k = end
	}
	for i, v := range place {
		if y[i] == 1 {
			ofYes = append(ofYes, v)
		} else {
			ofNo = append(ofNo, v)
		}
	}
	return ofYes, ofNo
}
