package likeness

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b  string
		alike bool
	}{
		{"Kim Minji", "Minji Kim", true},
		{"Kim Min-ji", "Kim Minji", true},
		{"Anna Müller", "Anna Muller", true},
		{"Ms Anna Mueller", "anna mueller", true},
		{"José García", "Jose Garcia", true},
		{"Jon Smith", "John Smith", true},
		{"Anna Smith", "Peter Jones", false},
		{"Anna Smith", "Brian Smith", false},
		{"김민지", "김 민지", true},
		{"김민지님", "김민지", true},
		{"김민지", "민지 김", true},
		{"김민지", "김민치", true},
		{"김민지", "박서준", false},
		{"김민지", "이도윤", false},
		{"นางสาวสมหญิง ใจดี", "สมหญิง ใจดี", true},
		{"คุณสมชาย ใจดี", "นายสมชาย ใจดี", true},
		{"สมชาย ใจดี", "สมชัย ใจดี", true},
		{"สมชาย ใจดี", "วิภา แก้วมณี", false},
		{"Kim Minji", "김민지", false},
		{"", "김민지", false},
		{"…", "…", false},
	} {
		if got := Names(c.a, c.b); got >= Alike != c.alike {
			t.Errorf("%q and %q: %.3f", c.a, c.b, got)
		}
	}
}

// The examples that Winkler's paper gives.
func TestPublishedValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b         string
		jaro, weight float64
	}{{"MARTHA", "MARHTA", 0.944, 0.961}, {"DWAYNE", "DUANE", 0.822, 0.840}, {"DIXON", "DICKSONX", 0.767, 0.813}} {
		if j, w := jaro([]rune(c.a), []rune(c.b)), jaroWinkler([]rune(c.a), []rune(c.b)); math.Abs(j-c.jaro) > 0.001 || math.Abs(w-c.weight) > 0.001 {
			t.Errorf("%s and %s: %.3f, %.3f", c.a, c.b, j, w)
		}
	}
}

func TestNamesIsSymmetric(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.StringMatching(`[a-d가-각ก-ค ]{0,8}`).Draw(t, "a"), rapid.StringMatching(`[a-d가-각ก-ค ]{0,8}`).Draw(t, "b")
		x, y := Names(a, b), Names(b, a)
		if math.Abs(x-y) > 1e-9 || x < 0 || x > 1.0000001 {
			t.Fatalf("%f and %f", x, y)
		}
	})
}
