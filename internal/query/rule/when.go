package rule

import (
	"regexp"
	"strconv"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
)

var durationForm = regexp.MustCompile(`^([1-9][0-9]{0,6})([mhdw])$`)

var durationUnits = map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}

// maxDuration is ten years.
const maxDuration = 3660 * 24 * time.Hour

// readDuration reads 30m, 12h, 30d or 4w. A day is 24 hours.
func readDuration(s string) (time.Duration, bool) {
	m := durationForm.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if unit := durationUnits[m[2]]; err == nil && n <= int64(maxDuration/unit) {
		return time.Duration(n) * unit, true
	}
	return 0, false
}

// readDays reads 30d or 4w as days.
func readDays(s string) (int, bool) {
	d, ok := readDuration(s)
	if !ok || (s[len(s)-1] != 'd' && s[len(s)-1] != 'w') {
		return 0, false
	}
	return int(d / (24 * time.Hour)), true
}

// constantTime is a time written in a rule: a day of the workspace's calendar, or an instant.
type constantTime struct {
	day     day.Day
	instant time.Time
	isDay   bool
}

var (
	dayForm     = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	instantForm = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})$`)
)

// readConstantTime reads 2024-03-31 or 2024-03-31T09:00:00Z.
func readConstantTime(s string) (constantTime, bool) {
	if dayForm.MatchString(s) {
		d, err := day.Parse(s)
		return constantTime{day: d, isDay: true}, err == nil && sane(d.Time())
	}
	if !instantForm.MatchString(s) {
		return constantTime{}, false
	}
	t, err := time.Parse(time.RFC3339, s)
	return constantTime{instant: t}, err == nil && sane(t)
}

// sane keeps times where every engine can count with them.
func sane(t time.Time) bool { return t.Year() >= 1900 && t.Year() < 2300 }

// in gives the instant: a day begins at its midnight in the zone.
func (c constantTime) in(zone *time.Location) time.Time {
	if c.isDay {
		return midnight(c.day, zone)
	}
	return c.instant
}

// midnight is the first instant of a day in a zone; where the clocks skip midnight, the first that exists.
func midnight(d day.Day, zone *time.Location) time.Time {
	y, m, n := d.Time().Date()
	t := time.Date(y, m, n, 0, 0, 0, 0, zone)
	// Where midnight does not exist time.Date may give an instant of the day before.
	for day.Of(t) < d {
		t = t.Add(15 * time.Minute)
	}
	return t
}

// earlier compares two written times without a zone; a day and an instant may overlap by one, which is let pass.
func earlier(a, b string) bool {
	x, ok := readConstantTime(a)
	y, also := readConstantTime(b)
	if !ok || !also {
		return true
	}
	if x.isDay != y.isDay {
		return x.in(time.UTC).Before(y.in(time.UTC).Add(14 * time.Hour))
	}
	return x.in(time.UTC).Before(y.in(time.UTC))
}
