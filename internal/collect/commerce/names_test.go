package commerce

import "testing"

func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, want string }{
		{"Completed Order", "Order Completed"},
		{"Viewed Product Category", "Product List Viewed"},
		{"Started Order", "Checkout Started"},
		{"Completed Checkout Step", "Checkout Step Completed"},
		{"Order Canceled", "Order Cancelled"},
		{"order completed", "Order Completed"},
		{"Order Completed", "Order Completed"},
		{"order_completed", "order_completed"}, // somebody's own name
		{"Lesson Finished", "Lesson Finished"},
		{"", ""},
		{"A name that is much longer than any of the specification", "A name that is much longer than any of the specification"},
		{"주문 완료", "주문 완료"},
	} {
		if got := Normalise(c.name); got != c.want {
			t.Errorf("Normalise(%q) = %q, want %q", c.name, got, c.want)
		}
	}
	for _, n := range spelled {
		if len(n) > longestName || Normalise(n) != n {
			t.Errorf("%q does not stay as it is", n)
		}
	}
	for old := range earlier {
		if len(old) > longestName {
			t.Errorf("%q is too long to be found", old)
		}
	}
}

func TestNamesCostNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Normalise("Completed Order"); Normalise("Lesson Finished") }); n > 0 {
		t.Errorf("it allocates %v times", n)
	}
}
