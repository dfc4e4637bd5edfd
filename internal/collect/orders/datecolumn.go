package orders

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
)

// dateNotation is how the dates of one column are written.
type dateNotation struct {
	order   dateOrder
	pattern *datePattern
}

func (n dateNotation) String() string {
	if n.order == orderPattern {
		return n.pattern.text
	}
	return n.order.String()
}

// dateCount counts how a column's values read under each order that is in question.
type dateCount struct {
	values              int
	ymd, dmy, mdy       int // values that are dates under that order
	unix, milli, serial int
	differ              int // values that read differently under two orders that both allow them
	example             string
	dmyRead, mdyRead    string
	korean              int // "24. 3. 5.", which is year first by custom
}

func (d *dateCount) add(v string) {
	v = strings.TrimSpace(v)
	if isNull(v) {
		return
	}
	d.values++
	if f, err := strconv.ParseFloat(v, 64); err == nil && plainNumber(v) {
		switch whole := strings.TrimSuffix(v, ".0"); {
		case len(whole) == 10 && f > 6e8 && f < 4.2e9:
			d.unix++
			return
		case len(whole) == 13 && f > 6e11 && f < 4.2e12:
			d.milli++
			return
		case len(whole) <= 16 && f >= 20000 && f < 80000:
			d.serial++
			return
		}
	}
	y, ys := parseDate(v, orderYMD)
	a, as := parseDate(v, orderDMY)
	b, bs := parseDate(v, orderMDY)
	if ys == dateOK {
		d.ymd++
	}
	if as == dateOK {
		d.dmy++
	}
	if bs == dateOK {
		d.mdy++
	}
	if strings.HasSuffix(v, ".") || strings.Contains(v, ". ") {
		d.korean++
	}
	switch {
	case as == dateOK && bs == dateOK && a != b:
		d.differ++
		d.keep(v, a, b)
	case ys == dateOK && as == dateOK && y != a:
		d.differ++
		d.keep(v, y, a)
	}
}

func (d *dateCount) keep(v string, a, b civil) {
	if d.example == "" {
		iso := func(c civil) string { return day.New(c.year, time.Month(c.month), c.day).String() }
		d.example, d.dmyRead, d.mdyRead = strings.Clone(v), iso(a), iso(b)
	}
}

// plainNumber tells whether v is digits with at most one point.
func plainNumber(v string) bool {
	points := 0
	for i := range len(v) {
		if v[i] == '.' {
			points++
		} else if v[i] < '0' || v[i] > '9' {
			return false
		}
	}
	return points <= 1
}

// share is the part of the values that read as dates under the best order.
func (d *dateCount) share() float64 {
	best := max(d.ymd, d.dmy, d.mdy, d.unix, d.milli, d.serial)
	return float64(best) / float64(max(d.values, 1))
}

// settle chooses the order; open says that the values seen allow two.
func (d *dateCount) settle() (o dateOrder, open bool) {
	switch most := max(d.ymd, d.dmy, d.mdy, d.unix, d.milli, d.serial); {
	case most == 0:
		return orderYMD, false
	case d.unix == most:
		return orderUnix, false
	case d.milli == most:
		return orderUnixMS, false
	case d.serial == most:
		return orderExcel, false
	case d.ymd == most && (d.differ == 0 || d.korean*2 > d.values):
		return orderYMD, false
	case d.dmy == most && d.mdy == most:
		return orderDMY, d.differ > 0
	case d.ymd == most && d.dmy == most:
		return orderYMD, d.differ > 0
	case d.ymd == most:
		return orderYMD, false
	case d.dmy == most:
		return orderDMY, false
	default:
		return orderMDY, false
	}
}

// instants reads the date cells of one column into instants and days. The last cell is remembered:
// in a file of lines the lines of an order share it.
type instants struct {
	notation dateNotation
	zone     *zone
	given    bool // a zone was asked for: days of zoned instants are days there
	lastText [40]byte
	lastLen  int
	c        civil
	us       int64
	day      day.Day
	state    dateState
}

func newInstants(n dateNotation, z *zone, given bool) *instants {
	return &instants{notation: n, zone: z, given: given, lastLen: -1}
}

func (d *instants) read(s string) dateState {
	if len(s) == d.lastLen && s == string(d.lastText[:d.lastLen]) {
		return d.state
	}
	d.lastLen = -1
	if len(s) <= len(d.lastText) {
		d.lastLen = copy(d.lastText[:], s)
	}
	d.c, d.us, d.state = civil{}, 0, dateOK
	switch d.notation.order {
	case orderUnix, orderUnixMS:
		d.unix(s)
		return d.state
	case orderExcel:
		d.serial(s)
	case orderPattern:
		d.c, d.state = d.notation.pattern.parse(s)
	default:
		d.c, d.state = parseDate(s, d.notation.order)
	}
	if d.state == dateOK {
		d.place(d.c.days(), d.c.secondOfDay())
	}
	return d.state
}

// place turns a local day and second into the instant and the day it counts for.
func (d *instants) place(days, second int64) {
	local := days*86400 + second
	if d.c.zoned {
		unix := local - int64(d.c.offset)
		d.us = unix*1e6 + int64(d.c.micro)
		d.day = day.Day(days)
		if d.given {
			d.day = day.Day(d.zone.dayOf(unix))
		}
		return
	}
	d.us = (local-d.zone.offset(days, second))*1e6 + int64(d.c.micro)
	d.day = day.Day(days)
}

// withClock moves the date to a time of day read from another column.
func (d *instants) withClock(seconds, micro int) (us int64, on day.Day) {
	if d.c.timed || d.c.year == 0 {
		return d.us, d.day
	}
	c := d.c
	c.micro = micro
	days := c.days()
	return (days*86400+int64(seconds)-d.zone.offset(days, int64(seconds)))*1e6 + int64(micro), d.day
}

func (d *instants) unix(s string) {
	f, cur, st := parseNumber(strings.TrimSpace(s), false)
	if st != readOK || cur != "" {
		d.state = dateUnreadable
		if st == readEmpty {
			d.state = dateEmpty
		}
		return
	}
	per := int64(1e6)
	if d.notation.order == orderUnixMS {
		per = 1e3
	}
	unit := pow10[f.scale]
	whole, rest := f.m/unit, f.m%unit
	if whole > 7e15/per || whole < -2e15/per {
		d.state = dateImpossible
		return
	}
	us := whole*per + rest*per/unit
	d.us, d.day = us, day.Day(d.zone.dayOf(floorDiv(us, 1e6)))
	second := floorDiv(us, 1e6)
	of := second - floorDiv(second, 86400)*86400
	d.c = civil{hour: int(of / 3600), minute: int(of / 60 % 60), second: int(of % 60), micro: int(us - second*1e6), timed: true, zoned: true}
}

// serial reads an Excel day number.
func (d *instants) serial(s string) {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		d.c, d.state = parseDate(s, orderYMD) // a sheet may mix numbers and ISO text
		return
	}
	if f < 1 || f > 109574 || f != f {
		d.state = dateImpossible
		return
	}
	whole, part := math.Modf(f)
	second := int(math.Round(part * 86400))
	t := time.Unix((int64(whole)-25569)*86400+int64(second), 0).UTC()
	d.c = civil{year: t.Year(), month: int(t.Month()), day: t.Day(), hour: t.Hour(), minute: t.Minute(), second: t.Second(), timed: second != 0}
}
