package audience

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/dangol/dangol/internal/warehouse"
)

func TestStageOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		repeat, between, since int
		want                   Stage
	}{
		{0, 0, 0, StageNew},
		{0, 0, 60, StageNew},
		{0, 0, 61, StageOneTime},
		{0, 0, 181, StageLost},
		{3, 90, 30, StageActive},   // her own 30 days
		{3, 90, 46, StageSlipping}, // more than one and a half times
		{3, 90, 91, StageAtRisk},   // more than three times
		{3, 90, 181, StageLost},    // more than six times
		{9, 70, 46, StageAtRisk},   // a weekly customer is late sooner
		{1, 300, 200, StageActive}, // a yearly one later
		{1, 300, 400, StageSlipping},
	} {
		if got := StageOf(c.repeat, c.between, c.since, 30); got != c.want {
			t.Errorf("StageOf(%d, %d, %d, 30) = %s, want %s", c.repeat, c.between, c.since, got, c.want)
		}
	}
}

// TestStageSQLAgrees asks DuckDB for the stages of random customers and compares with the pure rule.
func TestStageSQLAgrees(t *testing.T) {
	t.Parallel()
	w, err := warehouse.Open(context.Background(), "", warehouse.Options{MemoryMB: 128, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	rapid.Check(t, func(rt *rapid.T) {
		repeat := rapid.IntRange(0, 30).Draw(rt, "repeat")
		between := 0
		if repeat > 0 {
			between = rapid.IntRange(repeat, 2000).Draw(rt, "between")
		}
		since := rapid.IntRange(0, 3000).Draw(rt, "since")
		gap := rapid.Float64Range(minimumGap, 400).Draw(rt, "gap")
		rows, err := w.Ask(context.Background(), fmt.Sprintf(`SELECT %s FROM (SELECT %d AS repeat_days, 0 AS first_order_day, %d AS last_order_day, %d AS days_since_last_order) t`, stageSQL(gap), repeat, between, since))
		if err != nil {
			rt.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var got string
			if err := rows.Scan(&got); err != nil {
				rt.Fatal(err)
			}
			if want := StageOf(repeat, between, since, gap); got != string(want) {
				rt.Fatalf("SQL says %s, the rule %s", got, want)
			}
		}
		if err := rows.Err(); err != nil {
			rt.Fatal(err)
		}
	})
}
