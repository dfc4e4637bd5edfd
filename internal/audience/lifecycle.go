package audience

import "fmt"

// Stage is where a customer stands in her own rhythm.
type Stage string

// The lifecycle stages.
const (
	StageNew      Stage = "new"      // ordered on one day, not long ago
	StageOneTime  Stage = "one_time" // ordered on one day and is overdue for a second
	StageActive   Stage = "active"   // orders in rhythm
	StageSlipping Stage = "slipping" // late by her own rhythm
	StageAtRisk   Stage = "at_risk"  // very late
	StageLost     Stage = "lost"     // so late that few come back
)

// Stages lists the stages from fresh to lost.
func Stages() []Stage {
	return []Stage{StageNew, StageActive, StageSlipping, StageAtRisk, StageOneTime, StageLost}
}

// How many of her own intervals a customer may stay away.
const (
	activeUntil   = 1.5
	slippingUntil = 3.0
	atRiskUntil   = 6.0
	newUntil      = 2.0
)

// StageOf places one customer. Her interval is (last - first day + g) / (repeat days + 1): her own mean gap, drawn towards
// g, the typical gap of the business in days, which counts as one more observation; so one-time buyers have g itself.
// The stage follows from days since the last order divided by that interval.
func StageOf(repeatDays, firstToLast, sinceLast int, typicalGap float64) Stage {
	interval := (float64(firstToLast) + typicalGap) / float64(repeatDays+1)
	late := float64(sinceLast) / interval
	switch {
	case repeatDays == 0 && late <= newUntil:
		return StageNew
	case late > atRiskUntil:
		return StageLost
	case repeatDays == 0:
		return StageOneTime
	case late <= activeUntil:
		return StageActive
	case late <= slippingUntil:
		return StageSlipping
	default:
		return StageAtRisk
	}
}

// stageSQL is StageOf over the traits table t; the test compares the two.
func stageSQL(typicalGap float64) string {
	late := fmt.Sprintf("(t.days_since_last_order / ((t.last_order_day - t.first_order_day + %g::DOUBLE) / (t.repeat_days + 1)))", typicalGap)
	return fmt.Sprintf(`CASE WHEN t.repeat_days = 0 AND %[1]s <= %[2]g THEN 'new' WHEN %[1]s > %[3]g THEN 'lost' WHEN t.repeat_days = 0 THEN 'one_time'
		WHEN %[1]s <= %[4]g THEN 'active' WHEN %[1]s <= %[5]g THEN 'slipping' ELSE 'at_risk' END`, late, newUntil, atRiskUntil, activeUntil, slippingUntil)
}
