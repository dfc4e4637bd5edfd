package commerce

import (
	"math/big"
	"strconv"
	"testing"

	"github.com/tidwall/gjson"
	"pgregory.net/rapid"
)

func TestAmountsAreReadFromTheirDigits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text   string
		digits int
		want   int64
		ok     bool
	}{
		{`25.00`, 2, 2500, true},
		{`"25.00"`, 2, 2500, true},
		{`19.99`, 2, 1999, true},
		{`0.1`, 2, 10, true},
		{`0.30000000000000004`, 2, 30, true},
		{`19.989999999999998`, 2, 1999, true},
		{`1.005`, 2, 101, true}, // a float would give 100
		{`2.5e1`, 2, 2500, true},
		{`48000`, 0, 48000, true},
		{`48000.5`, 0, 48001, true},
		{`12.345`, 3, 12345, true},
		{`"1,234.50"`, 2, 123450, true},
		{`"₩48,000"`, 0, 48000, true},
		{`"25.00 USD"`, 2, 2500, true},
		{`"-$3.50"`, 2, 350, true}, // the sign is told apart
		{`0e400`, 2, 0, true},
		{`1e-400`, 2, 0, true},
		{`1e16`, 2, 0, false},
		{`123456789012345678901234567890`, 2, 0, false},
		{`"1,23"`, 2, 0, false},
		{`"12 apples"`, 2, 0, false},
		{`"abc"`, 2, 0, false},
		{`true`, 2, 0, false},
		{`[1]`, 2, 0, false},
	} {
		d, given, ok := read(gjson.Parse(c.text))
		var got int64
		if ok {
			got, ok = d.scaled(c.digits)
		}
		if !given || ok != c.ok || ok && got != c.want {
			t.Errorf("%s in %d digits: %d, %v; want %d, %v", c.text, c.digits, got, ok, c.want, c.ok)
		}
	}
	for _, absent := range []string{`null`, `""`, `" "`} {
		if _, given, ok := read(gjson.Parse(absent)); given || !ok {
			t.Errorf("%s counts as an amount", absent)
		}
	}
}

// TestProductsAgainstRationals holds price times quantity against exact rationals.
func TestProductsAgainstRationals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		price := rapid.StringMatching(`[0-9]{1,9}(\.[0-9]{1,8})?`).Draw(t, "price")
		quantity := rapid.StringMatching(`[0-9]{1,4}(\.[0-9]{1,3})?`).Draw(t, "quantity")
		digits := rapid.SampledFrom([]int{0, 2, 3}).Draw(t, "digits")
		p, ok1 := parse(price)
		q, ok2 := parse(quantity)
		if !ok1 || !ok2 {
			t.Fatalf("%s × %s is refused", price, quantity)
		}
		got, ok := p.times(q, digits)
		x, _ := new(big.Rat).SetString(price)
		y, _ := new(big.Rat).SetString(quantity)
		x.Mul(x, y).Mul(x, new(big.Rat).SetInt64(map[int]int64{0: 1, 2: 100, 3: 1000}[digits]))
		want := new(big.Int).Quo(new(big.Int).Add(new(big.Int).Lsh(x.Num(), 1), x.Denom()), new(big.Int).Lsh(x.Denom(), 1))
		if fits := want.IsInt64() && want.Int64() <= mostMinor; ok != fits || ok && got != want.Int64() {
			t.Fatalf("%s × %s = %s, want %s", price, quantity, strconv.FormatInt(got, 10), want)
		}
	})
}
