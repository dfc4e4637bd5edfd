// Package day is the civil calendar day, counted from 1970-01-01, without clock or zone.
// Analytics count in days of the customer's own market; an integer makes that exact and fast.
package day

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Day is a count of days since 1970-01-01. The zero Day is that date, so "unknown" is Unknown.
type Day int32

// Unknown marks the absence of a day.
const Unknown Day = -1 << 31

// Of returns the calendar day of t in t's own location.
func Of(t time.Time) Day {
	y, m, d := t.Date()
	return New(y, m, d)
}

// New returns the day of a calendar date; out-of-range values normalise as in time.Date.
func New(y int, m time.Month, d int) Day {
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Parse reads YYYY-MM-DD.
func Parse(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Unknown, fmt.Errorf("%q is not a date like 2024-03-31", s)
	}
	return Of(t), nil
}

// Time returns midnight UTC of the day.
func (d Day) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// String is YYYY-MM-DD, or "" for Unknown.
func (d Day) String() string {
	if d == Unknown {
		return ""
	}
	return d.Time().Format(time.DateOnly)
}

// Month returns the first day of d's month.
func (d Day) Month() Day {
	t := d.Time()
	return New(t.Year(), t.Month(), 1)
}

// AddMonths moves by whole months from the first of the month, else clamps to the month's end.
func (d Day) AddMonths(n int) Day {
	t := d.Time()
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return New(first.Year(), first.Month(), min(t.Day(), last))
}

// MonthIndex counts months since 1970-01.
func (d Day) MonthIndex() int {
	t := d.Time()
	return (t.Year()-1970)*12 + int(t.Month()) - 1
}

// MarshalJSON writes "YYYY-MM-DD" or null.
func (d Day) MarshalJSON() ([]byte, error) {
	if d == Unknown {
		return []byte("null"), nil
	}
	return json.Marshal(d.String())
}

// UnmarshalJSON reads "YYYY-MM-DD" or null.
func (d *Day) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*d = Unknown
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("a date is a string like \"2024-03-31\"")
	}
	p, err := Parse(s)
	if err == nil {
		*d = p
	}
	return err
}

// Schema tells the API description that a Day is written as a date.
func (Day) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date", Examples: []any{"2024-03-31"}}
}
