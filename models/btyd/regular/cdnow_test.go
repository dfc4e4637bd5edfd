package regular

import (
	"bufio"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/datatest"
	"github.com/dangol/dangol/models/btyd"
)

// TestCDNOW: people who bought CDs did so at random, and with k = 1 the
// log-likelihood is that of MBG/NBD in lifetimes and BTYDplus.
func TestCDNOW(t *testing.T) {
	f, err := os.Open(datatest.Path(t, "cdnow/CDNOW_sample.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dayOf := func(text string) int32 {
		at, err := time.Parse("20060102", text)
		if err != nil {
			t.Fatal(err)
		}
		return int32(at.Unix() / 86400)
	}
	until := dayOf("19970930")
	days := map[string][]int32{}
	for in := bufio.NewScanner(f); in.Scan(); {
		if c := strings.Fields(in.Text()); len(c) == 5 {
			days[c[1]] = append(days[c[1]], dayOf(c[2]))
		}
	}
	var patterns []Pattern
	for _, list := range days {
		slices.Sort(list)
		if h, ok := Summarise(slices.Compact(list), until); ok {
			patterns = append(patterns, h)
		}
	}
	// In a fixed order, for sums in a fixed order.
	slices.SortFunc(patterns, func(a, b Pattern) int {
		return slices.Compare([]float64{float64(a.X), a.T, a.Tx, a.LogGaps}, []float64{float64(b.X), b.T, b.Tx, b.LogGaps})
	})
	fitted, err := Fit(patterns, Options{Modified: true})
	if err != nil {
		t.Fatal(err)
	}
	if fitted.K != 1 || len(patterns) != 2357 || math.Abs(fitted.LogLikelihood(btyd.Week) - -9582.1357) > 1e-3 {
		t.Errorf("k %d, LL %.4f of %d: %v", fitted.K, fitted.LogLikelihood(btyd.Week), len(patterns), fitted.ByK)
	}
}
