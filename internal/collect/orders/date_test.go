package orders

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func (c civil) String() string {
	s := fmt.Sprintf("%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second)
	if c.micro != 0 {
		s += fmt.Sprintf(".%06d", c.micro)
	}
	if c.zoned {
		s += fmt.Sprintf(" %+d", c.offset)
	}
	return s
}

func TestDates(t *testing.T) {
	for _, c := range []struct {
		in    string
		order dateOrder
		want  string
	}{
		{"2024-03-05", orderYMD, "2024-03-05 00:00:00"},
		{"2024-03-05 14:30", orderYMD, "2024-03-05 14:30:00"},
		{"2024-03-05T14:30:15", orderDMY, "2024-03-05 14:30:15"},
		{"2024-03-05T14:30:15.25Z", orderYMD, "2024-03-05 14:30:15.250000 +0"},
		{"2024-03-05T14:30:15+09:00", orderYMD, "2024-03-05 14:30:15 +32400"},
		{"2024-03-05 14:30:15 -0500", orderYMD, "2024-03-05 14:30:15 -18000"},
		{"2024-03-05 14:30:15 +07", orderYMD, "2024-03-05 14:30:15 +25200"},
		{"2024-03-05 14:30:15 UTC", orderYMD, "2024-03-05 14:30:15 +0"},
		{"2024-03-05 14:30:15 KST", orderYMD, "2024-03-05 14:30:15 +32400"},
		{"2024/3/5", orderYMD, "2024-03-05 00:00:00"},
		{"2024.03.05", orderYMD, "2024-03-05 00:00:00"},
		{"2024. 3. 5.", orderYMD, "2024-03-05 00:00:00"},
		{"24. 3. 5.", orderYMD, "2024-03-05 00:00:00"},
		{"2024. 3. 5. 오후 3:05", orderYMD, "2024-03-05 15:05:00"},
		{"2024년 3월 5일 오후 3:05", orderYMD, "2024-03-05 15:05:00"},
		{"2024년 3월 5일 오전 12:05:09", orderYMD, "2024-03-05 00:05:09"},
		{"2024년3월5일", orderYMD, "2024-03-05 00:00:00"},
		{"2024년 3월 5일 화요일 15시 5분", orderYMD, "2024-03-05 15:05:00"},
		{"2024-03-05(화) 15:05", orderYMD, "2024-03-05 15:05:00"},
		{"20240305", orderYMD, "2024-03-05 00:00:00"},
		{"20240305143000", orderYMD, "2024-03-05 14:30:00"},
		{"20240305 143000", orderYMD, "2024-03-05 14:30:00"},
		{"20240305T143000Z", orderYMD, "2024-03-05 14:30:00 +0"},
		{"05/03/2024", orderDMY, "2024-03-05 00:00:00"},
		{"05/03/2024", orderMDY, "2024-05-03 00:00:00"},
		{"5/3/2024 9:07 PM", orderMDY, "2024-05-03 21:07:00"},
		{"5/3/24 9:07", orderDMY, "2024-03-05 09:07:00"},
		{"05-03-2024 23:59:59", orderDMY, "2024-03-05 23:59:59"},
		{"05.03.2024", orderDMY, "2024-03-05 00:00:00"},
		{"05/03/2567", orderDMY, "2024-03-05 00:00:00"},
		{"05/03/2567 14:30", orderDMY, "2024-03-05 14:30:00"},
		{"2567-03-05", orderYMD, "2024-03-05 00:00:00"},
		{"5/3/67", orderDMY, "2024-03-05 00:00:00"},
		{"5 มีนาคม 2567", orderDMY, "2024-03-05 00:00:00"},
		{"5 มี.ค. 67", orderDMY, "2024-03-05 00:00:00"},
		{"5 มี.ค. 2567 14:30 น.", orderYMD, "2024-03-05 14:30:00"},
		{"วันอังคาร 5 มีนาคม พ.ศ. 2567", orderYMD, "2024-03-05 00:00:00"},
		{"5 Mar 2024", orderYMD, "2024-03-05 00:00:00"},
		{"Mar 5, 2024", orderYMD, "2024-03-05 00:00:00"},
		{"March 5th, 2024 at 2:30 pm", orderYMD, "2024-03-05 14:30:00"},
		{"05-MAR-24", orderYMD, "2024-03-05 00:00:00"},
		{"Tue, 05 Mar 2024 14:30:15 GMT", orderYMD, "2024-03-05 14:30:15 +0"},
		{"5. März 2024", orderDMY, "2024-03-05 00:00:00"},
		{"1997-12-31", orderMDY, "1997-12-31 00:00:00"},
		{"12/31/99", orderMDY, "1999-12-31 00:00:00"},
	} {
		got, st := parseDate(c.in, c.order)
		if st != dateOK || got.String() != c.want {
			t.Errorf("%q as %s is %v (%d), want %s", c.in, c.order, got, st, c.want)
		}
	}
	for in, want := range map[string]dateState{
		"": dateEmpty, "NULL": dateEmpty, "2024-02-30": dateImpossible, "0000-00-00": dateImpossible, "31/02/2024": dateImpossible, "2024-13-01": dateImpossible, "2024-03-05 25:00": dateImpossible,
		"yesterday": dateUnreadable, "12": dateUnreadable, "2024-03": dateUnreadable, "1/2/3/4": dateUnreadable, "2024-03-05 10:00 EST": dateUnreadable, "--": dateUnreadable, "12:30": dateUnreadable,
		"05/03/20245": dateUnreadable, "2024-03-05 10:00 - 11:00": dateUnreadable,
	} {
		if got, st := parseDate(in, orderDMY); st != want {
			t.Errorf("%q is %v (%d), want state %d", in, got, st, want)
		}
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct{ format, in, want string }{
		{"%d/%m/%Y %H:%M", "05/03/2024 14:30", "2024-03-05 14:30:00"},
		{"%d/%m/%Y %H:%M", "05/03/2024", "2024-03-05 00:00:00"},
		{"%Y%m%d", "25670305", "2024-03-05 00:00:00"},
		{"%m-%d-%y %I:%M %p", "3-5-24 2:30 PM", "2024-03-05 14:30:00"},
		{"02/01/2006 15:04", "05/03/2024 14:30", "2024-03-05 14:30:00"},
		{"Jan _2 06", "Mar  5 24", "2024-03-05 00:00:00"},
		{"dd.MM.yyyy HH:mm:ss", "05.03.2024 14:30:15", "2024-03-05 14:30:15"},
		{"%Y-%m-%dT%H:%M:%S.%f%z", "2024-03-05T14:30:15.5+07:00", "2024-03-05 14:30:15.500000 +25200"},
		{"%d %b %Y", "5 มี.ค. 2567", "2024-03-05 00:00:00"},
	} {
		_, p, err := dateFormatNamed(c.format)
		if err != nil {
			t.Errorf("%s: %v", c.format, err)
			continue
		}
		if got, st := p.parse(c.in); st != dateOK || got.String() != c.want {
			t.Errorf("%q by %s is %v (%d), want %s", c.in, c.format, got, st, c.want)
		}
	}
	for _, bad := range []string{"%H:%M", "day", "%Q", "%Y-%m"} {
		if _, _, err := dateFormatNamed(bad); err == nil {
			t.Errorf("%q was taken for a date format", bad)
		}
	}
}

func TestSettle(t *testing.T) {
	for _, c := range []struct {
		values []string
		want   dateOrder
		open   bool
	}{
		{[]string{"03/04/2024", "13/04/2024"}, orderDMY, false},
		{[]string{"03/04/2024", "04/13/2024"}, orderMDY, false},
		{[]string{"03/04/2024", "05/06/2024"}, orderDMY, true},
		{[]string{"03/03/2024", "04/04/2024"}, orderDMY, false}, // both readings agree
		{[]string{"2024-03-04", "2024-05-06"}, orderYMD, false},
		{[]string{"24. 3. 4.", "24. 5. 6."}, orderYMD, false},
		{[]string{"24-03-14", "24-05-26"}, orderYMD, true}, // 24 March 2014, or 14 March 2024
		{[]string{"99-03-14", "98-05-26"}, orderYMD, false},
		{[]string{"1709651045", "1709651046"}, orderUnix, false},
		{[]string{"1709651045000", "1709651046000"}, orderUnixMS, false},
		{[]string{"45356", "45357.604"}, orderExcel, false},
		{[]string{"20240305", "20240306"}, orderYMD, false},
	} {
		var d dateCount
		for _, v := range c.values {
			d.add(v)
		}
		if got, open := d.settle(); open != c.open || (!open && got != c.want) {
			t.Errorf("%q: %s, open %v; want %s, %v", c.values, got, open, c.want, c.open)
		}
	}
}

// Every instant written in a layout reads back as the same instant and local day, in any zone.
func TestInstantsRoundTrip(t *testing.T) {
	layouts := map[string]dateOrder{
		"2006-01-02 15:04:05": orderYMD, "2/1/2006 15:04:05": orderDMY, "01/02/2006 03:04:05 PM": orderMDY, "2006. 1. 2. 15:04:05": orderYMD,
		"Jan 2, 2006 3:04:05 PM": orderYMD, "20060102150405": orderYMD, time.RFC3339: orderYMD, "02.01.2006 15:04:05": orderDMY,
	}
	var names []string
	for l := range layouts {
		names = append(names, l)
	}
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom([]string{"UTC", "Asia/Seoul", "Asia/Bangkok", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "unix"), 0).In(loc)
		layout := rapid.SampledFrom(names).Draw(t, "layout")
		text := at.Format(layout)
		again, err := time.ParseInLocation(layout, text, loc) // an hour that comes twice in autumn has one reading
		if err != nil {
			t.Fatal(err)
		}
		i := newInstants(dateNotation{order: layouts[layout]}, newZone(loc), true)
		for range 2 { // the second time from memory
			if st := i.read(text); st != dateOK || i.us != again.UnixMicro() && i.us != at.UnixMicro() || i.day.String() != at.Format(time.DateOnly) {
				t.Fatalf("%q in %s: state %d, %s on %s", text, loc, st, time.UnixMicro(i.us).In(loc), i.day)
			}
		}
	})
}

func TestCivilDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-25567, 84000).Draw(t, "days")
		c := civilOf(n)
		if at := time.Unix(n*86400, 0).UTC(); c.year != at.Year() || c.month != int(at.Month()) || c.day != at.Day() || c.days() != n {
			t.Fatalf("day %d is %v, back %d", n, c, c.days())
		}
	})
}

func TestClock(t *testing.T) {
	for in, want := range map[string]int{"08:26": 30360, "8:26:05": 30365, "오후 3:05": 54300, "12:05 AM": 300, "15시 5분": 54300, "23:59:60": 86399} {
		if got, _, ok := parseClock(in); !ok || got != want {
			t.Errorf("%q is %d (%v), want %d", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "noon", "25:00", "12:30 45", "2024-03-05 10:00", "10:00 x"} {
		if got, _, ok := parseClock(in); ok {
			t.Errorf("%q is %d", in, got)
		}
	}
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"2024-03-05T14:30:15+09:00", "24. 3. 5. 오후 3:05", "5 มี.ค. 67", "Mar 5, 2024", "20240305143000", "((", "5일", "+", "\xE0\xB8"} {
		f.Add(s, uint8(0))
	}
	f.Fuzz(func(t *testing.T, s string, order uint8) {
		c, st := parseDate(s, dateOrder(order%3))
		if st == dateOK && (c.month < 1 || c.month > 12 || c.day < 1 || c.day > daysIn(c.year, c.month) || c.hour > 23) {
			t.Fatalf("%q gives %v", s, c)
		}
		_, p, err := dateFormatNamed(s)
		if err == nil && p != nil {
			p.parse(s)
		}
		parseClock(s)
	})
}
