package beside

import (
	"errors"
	"math"
	"slices"
	"syscall"
	"time"
)

// Spent is the cost of a piece of work, in seconds. Peers print theirs under
// the same names.
type Spent struct {
	Wall float64 `json:"wall"`
	CPU  float64 `json:"cpu"` // of all threads
}

// Once does work, by the clock and by the processor.
func Once(work func() error) (Spent, error) {
	cpu, wall := Processor(), time.Now()
	err := work()
	return Spent{time.Since(wall).Seconds(), Processor() - cpu}, err
}

// Measure repeats work and tells what each repetition cost; it ends with the
// first error.
func Measure(reps int, work func() error) ([]Spent, error) {
	if reps < 1 {
		return nil, errors.New("reps is at least 1")
	}
	all := make([]Spent, reps)
	for i := range all {
		var err error
		if all[i], err = Once(work); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Median takes the time by the clock and that of the processor each for itself,
// so that it may be of two repetitions. Of none it is NaN.
func Median(all []Spent) Spent {
	return Spent{
		Middle(all, func(s Spent) float64 { return s.Wall }),
		Middle(all, func(s Spent) float64 { return s.CPU }),
	}
}

// Middle is the median of one figure, the upper one where two are in the
// middle. Of none it is NaN.
func Middle[T any](all []T, figure func(T) float64) float64 {
	if len(all) == 0 {
		return math.NaN()
	}
	v := make([]float64, len(all))
	for i, one := range all {
		v[i] = figure(one)
	}
	slices.Sort(v)
	return v[len(v)/2]
}

// Processor is the CPU time of this process so far in seconds, of all threads;
// NaN where the system does not tell.
func Processor() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return math.NaN()
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}
