package beside

import (
	"errors"
	"math"
	"path/filepath"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	all := []Spent{{3, 1}, {1, 9}, {2, 5}}
	if got := Median(all); got != (Spent{2, 5}) {
		t.Errorf("the median of %v is %v", all, got)
	}
	if got := Median(nil); !math.IsNaN(got.Wall) || !math.IsNaN(got.CPU) {
		t.Errorf("the median of nothing is %v", got)
	}
}

func TestMeasure(t *testing.T) {
	times := 0
	all, err := Measure(3, func() error { times++; time.Sleep(time.Millisecond); return nil })
	if err != nil || len(all) != 3 || times != 3 || Median(all).Wall < 0.001 || Median(all).CPU < 0 {
		t.Errorf("three repetitions: %v, %v, %d times", all, err, times)
	}
	failed := errors.New("failed")
	if _, err := Measure(3, func() error { times++; return failed }); !errors.Is(err, failed) || times != 4 {
		t.Errorf("work that fails: %v, after %d times", err, times-3)
	}
	if _, err := Measure(0, func() error { return nil }); err == nil {
		t.Error("no repetitions are no error")
	}
}

func TestAnswer(t *testing.T) {
	var got Spent
	if err := Answer(&got, time.Minute, "echo", `{"wall": 2, "cpu": 3}`); err != nil || got != (Spent{2, 3}) {
		t.Errorf("%v, %v", got, err)
	}
	if err := Answer(&got, time.Minute, "false"); err == nil || errors.Is(err, ErrPatience) {
		t.Errorf("a program that fails: %v", err)
	}
	err := Answer(&got, 20*time.Millisecond, "sleep", "60")
	if !errors.Is(err, ErrPatience) || err.Error() != "gave up after 20ms" {
		t.Errorf("a program that takes long: %v", err)
	}
}

func TestData(t *testing.T) {
	t.Setenv("DANGOL_TEST_DATA", "")
	if got, want := Data("telco", "a.csv"), filepath.Join(Root(), "..", "shared", "data", "telco", "a.csv"); got != want {
		t.Errorf("%s, not %s", got, want)
	}
	t.Setenv("DANGOL_TEST_DATA", "/data")
	if got := Data("telco", "a.csv"); got != "/data/telco/a.csv" {
		t.Error(got)
	}
}

func TestGiven(t *testing.T) {
	t.Setenv("DANGOL_BENCH_PYTHON", "/no/such/python")
	if _, err := (Environment{Name: "the peers", Modules: []string{"json"}}).Find(t.TempDir()); err == nil {
		t.Error("a Python that is not there is no error")
	}
}
