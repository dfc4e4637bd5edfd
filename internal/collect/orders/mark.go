package orders

import (
	"strings"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
)

// isZeroDate recognises what databases write for no date: 0000-00-00, 00/00/0000, with or without a time of zeros.
func isZeroDate(s string) bool {
	if len(s) < 8 || strings.Trim(s, "0-/.:TZ ") != "" {
		return false
	}
	digits, parts := 0, 1
	for i := 0; i < len(s) && s[i] != ' ' && s[i] != 'T'; i++ {
		if s[i] == '0' {
			digits++
		} else {
			parts++
		}
	}
	return digits == 8 && parts == 3
}

// marks reads a column that is filled where a sale was undone, such as cancelled_at: with the day it was, or with a yes.
// Whatever else stands there (0, false, no, a remark) marks nothing.
type marks struct {
	at   [5]*instants // by the column's own notation first
	last string
	is   bool
	us   int64   // of the mark just read
	day  day.Day // day.Unknown where it is a yes
}

func newMarks(n dateNotation, z *zone, zoned bool) marks {
	m := marks{at: [5]*instants{newInstants(n, z, zoned)}}
	for i, order := range []dateOrder{orderYMD, orderDMY, orderUnix, orderUnixMS} {
		m.at[i+1] = newInstants(dateNotation{order: order}, z, zoned)
	}
	return m
}

// Days of cancellations lie between these; anything else is a number that happens to read as a date.
var earliestMark, latestMark = day.New(1980, time.January, 1), day.New(2200, time.January, 1)

func (m *marks) read(cell string) bool {
	if cell == m.last {
		return m.is
	}
	m.last, m.is, m.us, m.day = strings.Clone(cell), false, 0, day.Unknown
	if yesWords[normalise(cell)] {
		m.is = true
		return true
	}
	if m.at[0] == nil {
		*m = newMarks(dateNotation{order: orderYMD}, newZone(time.UTC), false)
		return m.read(cell)
	}
	for _, d := range m.at {
		if d.read(cell) == dateOK && d.day >= earliestMark && d.day < latestMark {
			m.is, m.us, m.day = true, d.us, d.day
			return true
		}
	}
	return false
}
