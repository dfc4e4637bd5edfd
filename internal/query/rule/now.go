package rule

import (
	"math"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
)

// Now is the instant that is asked about, with the calendar day it lies in.
type Now struct {
	AtUS    int64
	Today   day.Day
	zone    *time.Location
	from    int64 // today's first instant and the next day's
	nextDay int64
}

// At is an instant in a zone; nil is UTC.
func At(atUS int64, zone *time.Location) Now {
	if zone == nil {
		zone = time.UTC
	}
	n := Now{AtUS: atUS, zone: zone}
	n.Today = day.Of(time.UnixMicro(atUS).In(zone))
	n.from, n.nextDay = n.midnight(n.Today), n.midnight(n.Today+1)
	return n
}

// Same says that another instant lies in the same day, so that all that depends on the day alone is the same.
func (n Now) Same(atUS int64) bool { return atUS >= n.from && atUS < n.nextDay }

func (n Now) midnight(d day.Day) int64 { return midnight(d, n.zone).UnixMicro() }

// Span is a stretch of instants From <= t < To.
type Span struct{ From, To int64 }

// The ends of time.
const (
	Always = math.MinInt64
	Never  = math.MaxInt64
)

// Within is a window as it was bound: what Span makes of it depends on the instant.
type Within struct {
	Last     time.Duration // rolling; with Before the stretch of the same length before it
	Before   bool
	Calendar string
	From, To int64 // fixed; 0 and Never where open
	Fixed    bool
}

// Span is the window's stretch at an instant; nothing after the instant is in it.
func (w Within) Span(n Now) Span {
	s := Span{Always, Never}
	switch {
	case w.Last > 0 && w.Before:
		s = Span{n.AtUS - 2*w.Last.Microseconds() + 1, n.AtUS - w.Last.Microseconds() + 1}
	case w.Last > 0:
		s.From = n.AtUS - w.Last.Microseconds() + 1
	case w.Calendar != "":
		s = n.calendar(w.Calendar)
	case w.Fixed:
		s = Span{w.From, w.To}
	}
	s.To = min(s.To, n.AtUS+1)
	return s
}

func (n Now) calendar(name string) Span {
	t := n.Today
	monday := t - (t+3)%7 // 1970-01-01 was a Thursday
	y, m, _ := t.Time().Date()
	days := func(from, to day.Day) Span { return Span{n.midnight(from), n.midnight(to)} }
	switch name {
	case "today":
		return days(t, t+1)
	case "yesterday":
		return days(t-1, t)
	case "this_week":
		return days(monday, monday+7)
	case "last_week":
		return days(monday-7, monday)
	case "this_month":
		return days(day.New(y, m, 1), day.New(y, m+1, 1))
	case "last_month":
		return days(day.New(y, m-1, 1), day.New(y, m, 1))
	case "this_year":
		return days(day.New(y, 1, 1), day.New(y+1, 1, 1))
	default: // last_year
		return days(day.New(y-1, 1, 1), day.New(y, 1, 1))
	}
}

// horizon is the longest that a window looks back; 0 is for ever.
func (w Within) horizon() time.Duration {
	switch {
	case w.Last > 0 && w.Before:
		return 2 * w.Last
	case w.Last > 0:
		return w.Last
	}
	days := map[string]int{"today": 2, "yesterday": 3, "this_week": 8, "last_week": 15, "this_month": 33, "last_month": 64, "this_year": 368, "last_year": 735}
	return time.Duration(days[w.Calendar]) * 24 * time.Hour
}

// DaySpan is a stretch of times given as days and as instants: both ways to say the same.
type DaySpan struct {
	Span
	FirstDay, EndDay day.Day // FirstDay <= d < EndDay, for values that are days
}

// The ends of days.
const (
	NoFirstDay day.Day = -1 << 30
	NoEndDay   day.Day = 1 << 30
)

// days gives the stretch of whole days.
func (n Now) days(from, to day.Day) DaySpan {
	return DaySpan{Span{n.midnight(from), n.midnight(to)}, from, to}
}

// dayFrom is the first day whose midnight is not before an instant.
func (n Now) dayFrom(atUS int64) day.Day {
	d := day.Of(time.UnixMicro(atUS).In(n.zone))
	if n.midnight(d) < atUS {
		d++
	}
	return d
}
