package warehouse

import (
	"context"
	"testing"
	"time"
)

// Where many events come, a question is answered by who asks it; large work has every core at any time.
func TestThrong(t *testing.T) {
	t.Parallel()
	w, err := Open(t.Context(), "", Options{MemoryMB: 256, Threads: 3})
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	t.Cleanup(func() {
		if !closed {
			_ = w.Close()
		}
	})
	answeredBy(t, w, 3)
	follow(t, w, Following{Log: 1, Facts: facts(1, throngFacts-1)})
	time.Sleep(20 * time.Millisecond)
	answeredBy(t, w, 3) // not that many
	follow(t, w, Following{Log: 2, Facts: facts(2, throngFacts)})
	answeredBy(t, w, 1)
	done := w.Work(t.Context())
	other := w.Work(t.Context())
	answeredBy(t, w, 3)
	done()
	answeredBy(t, w, 3)
	other()
	answeredBy(t, w, 1)
	w.thronged(context.Background(), false) // as ten seconds later
	answeredBy(t, w, 3)
	follow(t, w, Following{Log: 3, Facts: facts(3, throngFacts)})
	answeredBy(t, w, 1)
	closed = true
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w.thronged(context.Background(), false)
	w.stepped(t.Context(), throngFacts)
}

func facts(seq uint64, n int) []Fact {
	made := make([]Fact, n)
	for i := range made {
		made[i] = fact(seq, i, 1, "Page Viewed")
	}
	return made
}

// answeredBy waits until so many threads answer: a step does not wait for those that it sends away.
func answeredBy(t *testing.T, w *Warehouse, want int) {
	t.Helper()
	var got int
	for range 200 {
		if err := w.db.QueryRowContext(t.Context(), `SELECT current_setting('threads')`).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%d threads answer a question, want %d", got, want)
}
