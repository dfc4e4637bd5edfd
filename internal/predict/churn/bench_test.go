package churn

import "testing"

// BenchmarkReasons tells how fast everybody's chances and reasons are made by regression and trees; one row is one customer.
func BenchmarkReasons(b *testing.B) {
	s := shop(b, 0, 1)
	books, last := bookOf(s), int32(s.Options.Last)
	m, _, err := learn(b.Context(), books, last, wish{}, 1, func(string) {})
	if err != nil || m.Winner != stack {
		b.Fatal(err)
	}
	v, _ := viewNow(books, m, last)
	f := books.look(v)
	verdicts := make([]verdict, f.rows())
	for b.Loop() {
		if err := m.say(books, f, func(i int, said *said) { verdicts[i].fill(said, f.number[days][i] == 1) }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(f.rows()), "us/customer")
}
