package calibrate

// Slice is a share of the rows, the highest scores first.
type Slice struct {
	Rows float64 `json:"rows"` // may be a fraction where a tie is cut
	Yes  float64 `json:"yes"`
	Rate float64 `json:"rate"` // share of yes
	Lift float64 `json:"lift"` // Rate over the share of yes of all
	// Reached is the share of rows, and Gain the share of all yes, in this
	// slice and the ones before; CumLift is Gain/Reached.
	Reached float64 `json:"reached"`
	Gain    float64 `json:"gain"`
	CumLift float64 `json:"cum_lift"`
}

// Lift cuts the rows into equally large slices by falling score (10 for
// deciles, 100 for a gains chart). Where equal scores are cut, both sides get
// their average, so the order of the rows does not matter.
func Lift(scores, y []float64, slices int) ([]Slice, error) {
	if err := checkAnswers(len(scores), y, nil, false); err != nil {
		return nil, err
	}
	if err := checkScores(scores); err != nil {
		return nil, err
	}
	if slices < 1 || slices > len(y) {
		return nil, fail(InvalidOption, "%d slices of %d rows; take at least one and no more than rows", slices, len(y))
	}
	n, yes := float64(len(y)), 0.0
	for _, v := range y {
		yes += v
	}
	if yes == 0 {
		return nil, fail(OneClass, "no row has the answer yes, so there is nothing to gain")
	}
	size := n / float64(slices)
	list := make([]Slice, slices)
	ties := distinct(scores, y, nil)
	at, room := 0, size
	for k := len(ties) - 1; k >= 0; k-- {
		left := ties[k].Weight
		for left > 1e-9 {
			take := min(left, room)
			list[at].Rows += take
			list[at].Yes += take * ties[k].Mean
			left, room = left-take, room-take
			if room <= 1e-9*size && at < slices-1 {
				at, room = at+1, size
			}
			if at == slices-1 && room <= 1e-9*size {
				room = left + size
			}
		}
	}
	reached, gained := 0.0, 0.0
	for k := range list {
		s := &list[k]
		reached, gained = reached+s.Rows, gained+s.Yes
		s.Rate = s.Yes / s.Rows
		s.Lift = s.Rate / (yes / n)
		s.Reached, s.Gain = reached/n, gained/yes
		s.CumLift = s.Gain / s.Reached
	}
	return list, nil
}
