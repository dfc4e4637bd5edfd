package rule

import (
	"regexp"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
)

// TimeValue is a text that reads as a day or as an instant, which is kept to the second.
type TimeValue struct {
	IsDay    bool
	Day      day.Day // as it is written, whatever the zone
	AtUS     int64
	MonthDay int // month*100 + day, as written
}

// What reads as a time in every engine: a day, or a day with a clock's time, in UTC where it names no zone.
const (
	DatePattern  = `(19[0-9][0-9]|2[0-2][0-9][0-9])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])`
	ClockPattern = `[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])?`
)

var (
	dateForm  = regexp.MustCompile(`^` + DatePattern + `$`)
	clockForm = regexp.MustCompile(`^` + DatePattern + ClockPattern + `$`)
)

// ReadTime reads a value as a day or an instant.
func ReadTime(text string) (TimeValue, bool) {
	if len(text) < 10 {
		return TimeValue{}, false
	}
	isDay := dateForm.MatchString(text)
	if !isDay && !clockForm.MatchString(text) {
		return TimeValue{}, false
	}
	d, err := day.Parse(text[:10])
	if err != nil {
		return TimeValue{}, false
	}
	t := TimeValue{IsDay: isDay, Day: d, MonthDay: two(text[5:])*100 + two(text[8:])}
	if isDay {
		return t, true
	}
	seconds := int64(d)*86400 + int64(two(text[11:]))*3600 + int64(two(text[14:]))*60 + int64(two(text[17:]))
	rest := text[19:]
	for rest != "" && (rest[0] == '.' || rest[0] >= '0' && rest[0] <= '9') {
		rest = rest[1:]
	}
	if len(rest) >= 5 {
		offset := int64(two(rest[1:]))*3600 + int64(two(rest[len(rest)-2:]))*60
		if rest[0] == '+' {
			offset = -offset
		}
		seconds += offset
	}
	t.AtUS = seconds * int64(time.Second/time.Microsecond)
	return t, true
}

func two(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }
