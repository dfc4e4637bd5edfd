package recommend

import (
	"fmt"
	"testing"
)

func BenchmarkALS(b *testing.B) {
	in := loadRetail(b)
	past, _, err := in.SplitLast(3)
	if err != nil {
		b.Fatal(err)
	}
	m := past.matrix(Once)
	for _, f := range []int{64, 128} {
		for _, steps := range []int{3, 0} {
			b.Run(fmt.Sprintf("%d/%d", f, steps), func(b *testing.B) {
				for b.Loop() {
					if _, err := fitALS(m, ALS{Factors: f, Iterations: 15, Steps: steps}.filled(), 1, 1); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
	b.Run("ease", func(b *testing.B) {
		for b.Loop() {
			if _, err := fitEASE(m, EASE{}.filled(), 1); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bm25", func(b *testing.B) {
		for b.Loop() {
			fitNeighbours(m, Neighbours{}.filled(), 1)
		}
	})
}

func BenchmarkRecommend(b *testing.B) {
	in := loadRetail(b)
	_, last := in.Span()
	for _, kind := range []Kind{Linear, Factors, ItemItem, Blend} {
		mix := &Mix{}
		for _, f := range AllFeatures {
			mix.New, mix.Any = append(mix.New, Term{Feature: f, Weight: 0.3}), append(mix.Any, Term{Feature: f, Weight: 0.3})
		}
		m, err := Fit(in, Options{Kind: kind, Mix: mix})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(string(kind), func(b *testing.B) {
			b.ReportAllocs()
			var people []History
			for u := range 1000 {
				people = append(people, in.history(u*4, last+1))
			}
			for i := 0; b.Loop(); i++ {
				if _, err := m.Recommend(people[i%1000], 10, Rules{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
