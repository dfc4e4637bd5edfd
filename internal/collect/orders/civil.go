package orders

import "time"

// civil is a date and time as written, before any zone is applied.
type civil struct {
	year, month, day     int
	hour, minute, second int
	micro                int
	offset               int // seconds east of Greenwich, where zoned
	zoned                bool
	timed                bool // a time of day was written
	thai                 bool // written in Thai, so that a two-digit year is of the Buddhist era
}

// dateState is what became of reading a date.
type dateState uint8

const (
	dateOK dateState = iota
	dateEmpty
	dateUnreadable
	dateImpossible // a date by its form, but not in the calendar
)

// check settles the year and tells whether the date exists. digits is how many the year was written with.
func (c *civil) check(digits int) dateState {
	switch {
	case digits <= 2 && (c.thai || (c.year >= 50 && c.year < 70)):
		c.year += 2500 - 543 // orders of 1950 to 1969 do not exist; 2550 to 2569 of the Buddhist era do
	case digits <= 2 && c.year < 50:
		c.year += 2000
	case digits <= 2:
		c.year += 1900
	case c.year >= 2400:
		c.year -= 543
	}
	if c.hour > 23 || c.minute > 59 || c.second > 60 || c.year < 1900 || c.year > 2199 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > daysIn(c.year, c.month) {
		return dateImpossible
	}
	if c.second == 60 {
		c.second = 59
	}
	return dateOK
}

func daysIn(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// days counts days since 1970-01-01 (Hinnant's algorithm, the year beginning in March).
func (c *civil) days() int64 {
	y, m := int64(c.year), int64(c.month)
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + int64(c.day) - 1
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
}

func (c *civil) secondOfDay() int64 {
	return int64(c.hour)*3600 + int64(c.minute)*60 + int64(c.second)
}

// zone turns local times into instants, remembering the offset of each day it has met.
type zone struct {
	loc   *time.Location
	days  map[int64]int32 // offset of days on which it does not change
	last  int64
	lastO int32
	known bool
}

// changing marks a day on which the offset changes.
const changing = int32(1 << 30)

func newZone(loc *time.Location) *zone { return &zone{loc: loc, days: map[int64]int32{}} }

// offset is the seconds east of Greenwich at a local time.
func (z *zone) offset(day, second int64) int64 {
	if z.loc == time.UTC {
		return 0
	}
	o := z.lastO
	if !z.known || day != z.last {
		var ok bool
		if o, ok = z.days[day]; !ok {
			o = z.ofDay(day)
			z.days[day] = o
		}
		z.last, z.lastO, z.known = day, o, true
	}
	if o == changing {
		return z.at(day, second)
	}
	return int64(o)
}

func (z *zone) ofDay(day int64) int32 {
	a, b := z.at(day, 0), z.at(day+1, 0)
	if a != b || z.at(day, 43200) != a {
		return changing
	}
	return int32(a)
}

func (z *zone) at(day, second int64) int64 {
	_, o := time.Date(1970, 1, 1+int(day), 0, 0, int(second), 0, z.loc).Zone()
	return int64(o)
}

// dayOf is the local day of an instant in seconds.
func (z *zone) dayOf(unix int64) int64 {
	if z.loc == time.UTC {
		return floorDiv(unix, 86400)
	}
	day := floorDiv(unix, 86400)
	o := z.offset(day, unix-day*86400)
	if local := floorDiv(unix+o, 86400); local == day && z.lastO != changing {
		return local
	}
	_, exact := time.Unix(unix, 0).In(z.loc).Zone()
	return floorDiv(unix+int64(exact), 86400)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// civilOf is the calendar date of a count of days since 1970-01-01.
func civilOf(days int64) civil {
	z := days + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	c := civil{year: int(yoe + era*400), month: int(mp + 3), day: int(doy - (153*mp+2)/5 + 1)}
	if c.month > 12 {
		c.month -= 12
		c.year++
	}
	return c
}
