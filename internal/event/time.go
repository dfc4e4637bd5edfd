package event

import (
	"math"
	"strconv"
	"time"
)

const (
	secondUS = int64(time.Second / time.Microsecond)
	dayUS    = 24 * 3600 * secondUS
	// A number at least this large counts milliseconds, a smaller one seconds: in milliseconds it is 1973, in seconds 5138.
	leastMillis = 100_000_000_000
)

// parseTime reads a time as senders write it: ISO 8601 with or without zone and fraction, or a number of seconds or
// milliseconds since 1970. Without a zone it is UTC.
func parseTime(s []byte) (us int64, ok bool) {
	if len(s) == 0 {
		return 0, false // the usual case of sentAt, for which ParseFloat would make an error
	}
	if len(s) >= 10 && s[4] == '-' && s[7] == '-' {
		return parseISO(s)
	}
	f, err := strconv.ParseFloat(string(s), 64)
	if err != nil || math.IsNaN(f) || math.Abs(f) > 1e15 {
		return 0, false
	}
	if math.Abs(f) >= leastMillis {
		return int64(f * 1000), true
	}
	return int64(f * 1e6), true
}

// digits reads the number in s[i:j].
func digits(s []byte, i, j int) (n int, ok bool) {
	if j > len(s) {
		return 0, false
	}
	for _, c := range s[i:j] {
		if c-'0' > 9 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

func parseISO(s []byte) (us int64, ok bool) {
	year, ok1 := digits(s, 0, 4)
	month, ok2 := digits(s, 5, 7)
	day, ok3 := digits(s, 8, 10)
	if !ok1 || !ok2 || !ok3 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	us = daysSince1970(year, month, day) * dayUS
	if len(s) == 10 {
		return us, true
	}
	if s[10] != 'T' && s[10] != 't' && s[10] != ' ' {
		return 0, false
	}
	clock, rest, ok := parseClock(s[11:])
	if !ok {
		return 0, false
	}
	zone, ok := parseZone(rest)
	return us + clock - zone, ok
}

// parseClock reads hh:mm, with seconds and a fraction where they follow.
func parseClock(s []byte) (us int64, rest []byte, ok bool) {
	hour, ok1 := digits(s, 0, 2)
	if !ok1 || len(s) < 5 || s[2] != ':' {
		return 0, nil, false
	}
	minute, ok2 := digits(s, 3, 5)
	if !ok2 || hour > 23 || minute > 59 {
		return 0, nil, false
	}
	us = (int64(hour)*3600 + int64(minute)*60) * secondUS
	s = s[5:]
	if len(s) == 0 || s[0] != ':' {
		return us, s, true
	}
	second, ok3 := digits(s, 1, 3)
	if !ok3 || second > 60 { // 60 is a leap second
		return 0, nil, false
	}
	us += int64(second) * secondUS
	s = s[3:]
	if len(s) < 2 || s[0] != '.' && s[0] != ',' {
		return us, s, true
	}
	i := 1
	for unit := secondUS / 10; i < len(s) && s[i]-'0' <= 9; i++ {
		us += int64(s[i]-'0') * unit
		unit /= 10
	}
	return us, s[i:], i > 1
}

// parseZone reads Z, ±hh, ±hhmm or ±hh:mm.
func parseZone(s []byte) (us int64, ok bool) {
	if len(s) == 0 || len(s) == 1 && s[0]|0x20 == 'z' {
		return 0, true
	}
	if s[0] == ' ' {
		s = s[1:]
	}
	if len(s) < 3 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	hours, ok := digits(s, 1, 3)
	minutes, rest := 0, s[3:]
	if ok && len(rest) > 0 {
		if rest[0] == ':' {
			rest = rest[1:]
		}
		if len(rest) != 2 {
			return 0, false
		}
		minutes, ok = digits(rest, 0, 2)
	}
	if !ok || hours > 15 || minutes > 59 {
		return 0, false
	}
	us = (int64(hours)*3600 + int64(minutes)*60) * secondUS
	if s[0] == '-' {
		us = -us
	}
	return us, true
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysSince1970 counts in eras of 400 years that begin on the first of March.
func daysSince1970(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := int64(year / 400)
	ofEra := int64(year % 400)
	ofYear := int64((153*(month-3)+2)/5 + day - 1)
	return era*146097 + ofEra*365 + ofEra/4 - ofEra/100 + ofYear - 719468
}
