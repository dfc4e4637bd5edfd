package orders

import (
	"strings"
	"unicode/utf8"
	"unsafe"
)

// dateOrder is how the parts of a date follow each other.
type dateOrder uint8

const (
	orderYMD dateOrder = iota
	orderDMY
	orderMDY
	orderUnix
	orderUnixMS
	orderExcel
	orderPattern
)

func (o dateOrder) String() string {
	return [...]string{"ymd", "dmy", "mdy", "unix", "unix_ms", "excel", "pattern"}[o]
}

// dateWords says what the words met in dates mean: a positive number is a month, the others are below.
const (
	wordAM = -iota - 1
	wordPM
	wordIgnore
	wordUTC
	wordKST // +09:00, also Japan's
	wordICT // +07:00
	wordYear
	wordMonth
	wordDay
	wordHour
	wordMinute
	wordSecond
	wordT
)

var dateWords = func() map[string]int {
	m := map[string]int{
		"am": wordAM, "a.m.": wordAM, "오전": wordAM, "pm": wordPM, "p.m.": wordPM, "오후": wordPM,
		"utc": wordUTC, "gmt": wordUTC, "z": wordUTC, "kst": wordKST, "jst": wordKST, "ict": wordICT, "t": wordT,
		"년": wordYear, "월": wordMonth, "일": wordDay, "시": wordHour, "분": wordMinute, "초": wordSecond,
	}
	for _, w := range strings.Fields("st nd rd th of at de น น. เวลา วันที่ พ.ศ. พ.ศ ค.ศ. ค.ศ พศ เมื่อ um uhr be " +
		"mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday " +
		"월요일 화요일 수요일 목요일 금요일 토요일 일요일 จันทร์ อังคาร พุธ พฤหัสบดี ศุกร์ เสาร์ อาทิตย์ วันจันทร์ วันอังคาร วันพุธ วันพฤหัสบดี วันศุกร์ วันเสาร์ วันอาทิตย์ จ. อ. พ. พฤ. ศ. ส. อา.") {
		m[w] = wordIgnore
	}
	for _, names := range []string{
		"january february march april may june july august september october november december",
		"jan feb mar apr may jun jul aug sep oct nov dec",
		"januar februar märz april mai juni juli august september oktober november dezember",
		"jan. feb. mar. apr. may. jun. jul. aug. sep. oct. nov. dec.",
		"มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
		"ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.",
		"ม.ค ก.พ มี.ค เม.ย พ.ค มิ.ย ก.ค ส.ค ก.ย ต.ค พ.ย ธ.ค",
		"มค กพ มีค เมย พค มิย กค สค กย ตค พย ธค",
	} {
		for i, n := range strings.Fields(names) {
			m[n] = i + 1
		}
	}
	m["sept"], m["sept."], m["mrz"], m["okt"], m["dez"] = 9, 9, 3, 10, 12
	return m
}()

// parseDate reads a date with or without a time. Dates that begin with a four-digit year or name their month read the same under any order.
func parseDate(s string, order dateOrder) (civil, dateState) {
	if c, ok := parseISO(s); ok {
		return c, c.check(4)
	}
	if c, ok := parseYearLast(s, order); ok {
		return c, c.check(4)
	}
	if s = strings.TrimSpace(s); isNull(s) {
		return civil{}, dateEmpty
	}
	if len(s) > 80 {
		return civil{}, dateUnreadable
	}
	if plain, thai := withoutThaiDigits(s); thai {
		return parseDate(plain, order)
	}
	r := dateReader{s: s, order: order}
	return r.read()
}

// withoutThaiDigits writes ๐ to ๙ as 0 to 9, and tells whether there were any.
func withoutThaiDigits(s string) (string, bool) {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= '๐' && r <= '๙' }) {
		return s, false
	}
	return strings.Map(func(r rune) rune {
		if r >= '๐' && r <= '๙' {
			return '0' + (r - '๐')
		}
		return r
	}, s), true
}

// parseYearLast reads DD/MM/YYYY or MM/DD/YYYY, optionally with HH:MM[:SS] after a space, by rearranging it.
func parseYearLast(s string, order dateOrder) (c civil, ok bool) {
	if (order != orderDMY && order != orderMDY) || len(s) < 10 || (s[2] != '/' && s[2] != '.' && s[2] != '-') || s[5] != s[2] || len(s) > 19 {
		return c, false
	}
	b := [19]byte{s[6], s[7], s[8], s[9], '-', s[3], s[4], '-', s[0], s[1]}
	if order == orderMDY {
		b[5], b[6], b[8], b[9] = s[0], s[1], s[3], s[4]
	}
	copy(b[10:], s[10:])
	return parseISO(unsafe.String(&b[0], len(s))) //nolint:gosec // b outlives the call
}

// parseISO reads YYYY-MM-DD, optionally with HH:MM[:SS] after a space or T, which most files hold.
func parseISO(s string) (c civil, ok bool) {
	if len(s) < 10 || (s[4] != '-' && s[4] != '/' && s[4] != '.') || s[7] != s[4] || (len(s) != 10 && len(s) != 16 && len(s) != 19) {
		return c, false
	}
	ok = true
	two := func(i int) int {
		a, b := s[i]-'0', s[i+1]-'0'
		if a > 9 || b > 9 {
			ok = false
		}
		return int(a)*10 + int(b)
	}
	c.year, c.month, c.day = two(0)*100+two(2), two(5), two(8)
	if len(s) > 10 {
		c.timed = true
		ok = ok && (s[10] == ' ' || s[10] == 'T') && s[13] == ':'
		c.hour, c.minute = two(11), two(14)
	}
	if len(s) == 19 {
		ok = ok && s[16] == ':'
		c.second = two(17)
	}
	return c, ok
}

// dateReader reads a date part by part: numbers and words, whatever stands between them.
type dateReader struct {
	s     string
	i     int
	order dateOrder
	c     civil

	nums   [3]int
	digits [3]int
	n      int
	month  int // named
	half   int // wordAM or wordPM
	marked bool
}

func (r *dateReader) read() (civil, dateState) {
	if !r.walk() {
		return r.c, dateUnreadable
	}
	return r.finish()
}

// walk takes in every part; false when one has no place in a date.
func (r *dateReader) walk() bool {
	for r.i < len(r.s) {
		switch ch := r.s[r.i]; {
		case ch >= '0' && ch <= '9':
			if !r.number() {
				return false
			}
		case ch == ' ' || ch == '/' || ch == '.' || ch == ',' || ch == '\t' || ch == '\'':
			r.i++
		case ch == '-' || ch == '+':
			if r.c.timed && r.zone() {
				continue
			}
			if ch == '+' || r.c.timed {
				return false
			}
			r.i++
		case ch == '(' && strings.IndexByte(r.s[r.i:], ')') > 0: // a weekday
			r.i += strings.IndexByte(r.s[r.i:], ')') + 1
		case strings.HasPrefix(r.s[r.i:], "\u00A0"), strings.HasPrefix(r.s[r.i:], "\u202F"):
			_, w := utf8.DecodeRuneInString(r.s[r.i:])
			r.i += w
		default:
			if !r.word() {
				return false
			}
		}
	}
	return true
}

func (r *dateReader) digitRun() (v, n int) {
	from := r.i
	for r.i < len(r.s) && r.s[r.i] >= '0' && r.s[r.i] <= '9' {
		if r.i-from < 15 {
			v = v*10 + int(r.s[r.i]-'0')
		}
		r.i++
	}
	return v, r.i - from
}

func (r *dateReader) number() bool {
	from := r.i
	v, n := r.digitRun()
	switch {
	case r.i < len(r.s) && r.s[r.i] == ':':
		r.i = from
		return r.clock()
	case r.n == 0 && r.month == 0 && (n == 8 || n == 12 || n == 14):
		return r.compact(r.s[from:r.i])
	case r.n < 3 && n <= 4 && !r.c.timed && !strings.HasPrefix(r.s[r.i:], "시"):
		r.nums[r.n], r.digits[r.n] = v, n
		r.n++
		return true
	case strings.HasPrefix(r.s[r.i:], "시"):
		r.c.hour, r.c.timed = v, true
		return n <= 2
	case strings.HasPrefix(r.s[r.i:], "분"):
		r.c.minute = v
		return n <= 2 && r.c.timed
	case strings.HasPrefix(r.s[r.i:], "초"):
		r.c.second = v
		return n <= 2 && r.c.timed
	case r.dateDone() && !r.c.timed && (n == 6 || n == 4): // 20240305 143000
		r.c.timed = true
		if n == 4 {
			v *= 100
		}
		r.c.hour, r.c.minute, r.c.second = v/10000, v/100%100, v%100
		return true
	}
	return false
}

func (r *dateReader) dateDone() bool { return r.n == 3 || (r.n == 2 && r.month > 0) }

// compact reads yyyymmdd, with hhmm or hhmmss straight after it.
func (r *dateReader) compact(p string) bool {
	num := func(a, b int) int {
		v := 0
		for _, c := range []byte(p[a:b]) {
			v = v*10 + int(c-'0')
		}
		return v
	}
	r.nums, r.digits, r.n = [3]int{num(0, 4), num(4, 6), num(6, 8)}, [3]int{4, 2, 2}, 3
	if year := num(0, 4); (r.order == orderDMY || r.order == orderMDY) && (year < 1900 || year > 2699) { // ddmmyyyy
		r.nums, r.digits = [3]int{num(0, 2), num(2, 4), num(4, 8)}, [3]int{2, 2, 4}
	}
	if len(p) >= 12 {
		r.c.timed = true
		r.c.hour, r.c.minute = num(8, 10), num(10, 12)
	}
	if len(p) == 14 {
		r.c.second = num(12, 14)
	}
	return true
}

// clock reads h:mm[:ss[.fff]].
func (r *dateReader) clock() bool {
	var n int
	if r.c.hour, n = r.digitRun(); n > 2 || r.c.timed {
		return false
	}
	r.c.timed = true
	r.i++ // the colon
	if r.c.minute, n = r.digitRun(); n == 0 || n > 2 {
		return false
	}
	if r.i < len(r.s) && r.s[r.i] == ':' {
		r.i++
		if r.c.second, n = r.digitRun(); n == 0 || n > 2 {
			return false
		}
		if r.i+1 < len(r.s) && (r.s[r.i] == '.' || r.s[r.i] == ',') && r.s[r.i+1] >= '0' && r.s[r.i+1] <= '9' {
			r.i++
			from := r.i
			r.digitRun()
			for k, unit := from, 100_000; k < r.i && unit > 0; k, unit = k+1, unit/10 {
				r.c.micro += int(r.s[k]-'0') * unit
			}
		}
	}
	return true
}

// zone reads +09:00, +0900 or +09 after a time.
func (r *dateReader) zone() bool {
	if r.c.zoned && r.c.offset != 0 {
		return false
	}
	at, sign := r.i, 1
	if r.s[r.i] == '-' {
		sign = -1
	}
	r.i++
	v, n := r.digitRun()
	switch {
	case n == 4:
		v = v/100*60 + v%100
	case n == 2 && r.i < len(r.s) && r.s[r.i] == ':':
		r.i++
		m, k := r.digitRun()
		if k != 2 {
			r.i = at
			return false
		}
		v = v*60 + m
	case n == 1 || n == 2:
		v *= 60
	default:
		r.i = at
		return false
	}
	r.c.zoned, r.c.offset = true, sign*v*60
	return v <= 15*60
}

// word reads a run of letters and acts on its meaning.
func (r *dateReader) word() bool {
	from := r.i
	for r.i < len(r.s) {
		ch, w := utf8.DecodeRuneInString(r.s[r.i:])
		if ch < 'A' && ch != '.' || ch == utf8.RuneError || ch == '\u00A0' || ch == '\u202F' {
			break
		}
		r.i += w
		if isMarker(ch) && !strings.HasPrefix(r.s[r.i:], "요일") {
			break
		}
	}
	w := r.s[from:r.i]
	meaning, ok := dateWords[w]
	if !ok {
		meaning, ok = dateWords[strings.ToLower(w)]
	}
	if !ok {
		if t := strings.TrimRight(strings.ToLower(w), "."); t != "" {
			meaning, ok = dateWords[t]
		}
	}
	if !ok || r.i == from {
		return false
	}
	if w[0] == 0xE0 && (w[1] == 0xB8 || w[1] == 0xB9) {
		r.c.thai = true
	}
	return r.mean(meaning)
}

// isMarker tells the Korean signs that stand right after a number, so that "5일오후" is two words.
func isMarker(r rune) bool {
	return r == '년' || r == '월' || r == '일' || r == '시' || r == '분' || r == '초'
}

func (r *dateReader) mean(meaning int) bool {
	switch meaning {
	case wordAM, wordPM:
		r.half = meaning
	case wordUTC, wordKST, wordICT:
		if !r.c.timed {
			return false
		}
		r.c.zoned = true
		switch meaning {
		case wordKST:
			r.c.offset = 9 * 3600
		case wordICT:
			r.c.offset = 7 * 3600
		}
	case wordYear:
		r.marked = true
		return r.n == 1
	case wordT:
		return r.dateDone() && !r.c.timed
	case wordIgnore, wordMonth, wordDay, wordHour, wordMinute, wordSecond:
	default:
		if r.month != 0 {
			return false
		}
		r.month = meaning
	}
	return true
}

// finish puts the parts in their places.
func (r *dateReader) finish() (civil, dateState) {
	if r.half != 0 {
		if !r.c.timed || r.c.hour > 12 && r.half == wordAM {
			return r.c, dateUnreadable
		}
		if r.c.hour == 12 && r.half == wordAM {
			r.c.hour = 0
		} else if r.c.hour < 12 && r.half == wordPM {
			r.c.hour += 12
		}
	}
	a, b, d := 0, 1, 2 // places of year, month and day
	switch {
	case r.month > 0 && r.n == 2:
		year := 1
		if r.digits[0] >= 3 || r.nums[0] > 31 {
			year = 0
		}
		r.c.year, r.c.month, r.c.day = r.nums[year], r.month, r.nums[1-year]
		return r.c, r.c.check(r.digits[year])
	case r.n != 3 || r.month > 0:
		return r.c, dateUnreadable
	case r.digits[0] >= 3 || r.marked:
	case r.order == orderDMY:
		a, b, d = 2, 1, 0
	case r.order == orderMDY:
		a, b, d = 2, 0, 1
	case r.digits[2] > 2: // the order says year first, the value says year last
		return r.c, dateUnreadable
	}
	if r.digits[b] > 2 || r.digits[d] > 2 {
		return r.c, dateUnreadable
	}
	r.c.year, r.c.month, r.c.day = r.nums[a], r.nums[b], r.nums[d]
	return r.c, r.c.check(r.digits[a])
}

// parseClock reads a time of day that stands in a column of its own.
func parseClock(s string) (seconds, micro int, ok bool) {
	s, _ = withoutThaiDigits(strings.TrimSpace(s))
	r := dateReader{s: s}
	whole := r.walk()
	c, _ := r.finish()
	if !whole || !c.timed || r.n > 0 || r.month > 0 || c.hour > 23 || c.minute > 59 || c.second > 60 {
		return 0, 0, false
	}
	return c.hour*3600 + c.minute*60 + min(c.second, 59), c.micro, true
}
