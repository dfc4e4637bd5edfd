package churn

import (
	"fmt"
	"math"

	"github.com/dangol/dangol/internal/kit/fault"
)

// leakRows is how many rows of each cut are looked at for facts of the future.
const leakRows = 300

// leak computes rows of a frame once more from what had happened by its cut, everything later taken away, and fails where that gives another
// number: then a column knows the future, and the model that learns from it would be as good as it is useless. It runs in every training.
func leak(b *book, v *view, f *frame) error {
	for k := 0; k < f.rows(); k += max(1, f.rows()/leakRows) {
		i := int(f.who[k])
		past, ok := v.know(b, censored(b.of(i), v.cut), b.category[i])
		if !ok {
			return leaks("purchase_days", v.cut)
		}
		for j := range past.columns {
			if x := f.number[j][k]; x != past.number[j] && !(math.IsNaN(x) && math.IsNaN(past.number[j])) {
				return leaks(numberNames[j], v.cut)
			}
		}
		for j := range past.word {
			if f.word[j][k] != past.word[j] {
				return leaks(wordNames[j], v.cut)
			}
		}
	}
	return nil
}

func leaks(column string, cut int32) error {
	return fault.Newf(fault.Internal, "predict.leak", "the trait %s knows what came after the day it is of", column).
		Then("Nothing was trained. Please report this.").Because(fmt.Errorf("column %s at cut %d", column, cut))
}

// censored is what a shop had in its books on a day: nothing of later, and no parcel that had not come.
func censored(list []happening, cut int32) []happening {
	past := append([]happening(nil), until(list, cut)...)
	for i := range past {
		if past[i].delivered > cut {
			past[i].delivered = never
		}
	}
	return past
}
