// Package clock is the only place that reads the machine's time, so that tests can turn it.
package clock

import "time"

// Clock tells the time.
type Clock func() time.Time

// System is the machine's clock.
func System() Clock { return time.Now }

// Fixed always tells t.
func Fixed(t time.Time) Clock { return func() time.Time { return t } }
