package spelling_test

import (
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/spelling"
)

func TestSlips(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		slips    int
	}{
		{"", "", 0},
		{"", "sms", 3},
		{"email", "email", 0},
		{"emial", "email", 1},
		{"emil", "email", 1},
		{"emaill", "email", 1},
		{"enail", "email", 1},
		{"kitten", "sitting", 3},
		{"saturday", "sunday", 3}, // the usual examples of Levenshtein's distance
		{"ca", "abc", 3},          // 2 without the restriction: no letter is touched twice
		{"카카오", "카오카", 1},
		{"카카오톡", "카카오", 1},
		{strings.Repeat("a", 10_000), "a", 10_000},
	} {
		if got := spelling.Slips(c.from, c.to); got != c.slips {
			t.Errorf("%.20q to %q: %d, not %d", c.from, c.to, got, c.slips)
		}
		if got := spelling.Slips(c.to, c.from); got != c.slips {
			t.Errorf("%q to %.20q: %d, not %d", c.to, c.from, got, c.slips)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"orders", "spend", "spend_90d", "plan", "Product Viewed"}
	for word, want := range map[string]string{"ordres": "orders", "SPEND": "spend", "spnd": "spend", "product viewd": "Product Viewed", "birthday": "", "xy": "", "": "", "플랜": ""} {
		if got, ok := spelling.Nearest(word, known); got != want || ok != (want != "") {
			t.Errorf("%q: %q", word, got)
		}
	}
}
