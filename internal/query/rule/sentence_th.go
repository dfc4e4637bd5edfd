package rule

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

type thai struct{}

func (thai) whole(end string) string { return "ลูกค้าที่" + end }

func (thai) join(parts []clause, or, inner bool) clause {
	glue := " และ"
	if or {
		glue = " หรือ"
	}
	if inner {
		return same(" (" + strings.TrimSpace(ends(parts, glue)) + ")")
	}
	return same(ends(parts, glue))
}

func (thai) not(c clause) clause {
	if strings.HasPrefix(c.end, "อยู่ในเซกเมนต์") {
		return same("ไม่ได้" + c.end)
	}
	return same("ไม่ใช่ผู้ที่" + c.end)
}

func (thai) quote(name string) string { return "“" + name + "”" }

func (thai) duration(n int, unit byte) string {
	return number(float64(n)) + map[byte]string{'m': " นาที", 'h': " ชั่วโมง", 'd': " วัน", 'w': " สัปดาห์"}[unit]
}

var thaiMonths = []string{
	"มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน", "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม",
}

// date counts years as the console does in all languages.
func (thai) date(t time.Time, clock bool) string {
	s := strconv.Itoa(t.Day()) + " " + thaiMonths[t.Month()-1] + " " + strconv.Itoa(t.Year())
	if clock {
		s += t.Format(" 15:04")
	}
	return s
}

func (thai) list(values []string) string {
	if len(values) < 2 {
		return strings.Join(values, "")
	}
	return strings.Join(values[:len(values)-1], ", ") + " หรือ " + values[len(values)-1]
}

func (thai) yes(v bool) string {
	if v {
		return "ใช่"
	}
	return "ไม่ใช่"
}

func (thai) attribute(name string) string { return " " + name }

// phrase joins what is not empty: Thai needs no space between words, but beside other scripts and before what follows
// in time.
func phrase(parts ...string) string {
	isThai := func(r rune) bool { return r >= 0x0e00 && r <= 0x0e7f }
	s := ""
	for _, p := range parts {
		if p == "" {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(s)
		after, _ := utf8.DecodeRuneInString(p)
		if s != "" && (!isThai(before) || !isThai(after) || strings.HasPrefix(p, "แล้ว")) && after != ' ' {
			s += " "
		}
		s += p
	}
	return s
}

// relative are the operators that are said after "which".
var relative = []Op{Ne, NotIn, Contains, StartsWith, NotInLast}

// verb is what is said of a value, after its name.
func (h thai) verb(x comparison) string {
	v := h.list(x.values)
	switch x.op {
	case Ne, NotIn:
		return "ไม่ใช่ " + strings.Join(x.values, ", ")
	case Lt:
		return "น้อยกว่า " + v
	case Le:
		return "ไม่เกิน " + v
	case Gt:
		return "มากกว่า " + v
	case Ge:
		return "ตั้งแต่ " + v + " ขึ้นไป"
	case Contains:
		return "มีคำว่า " + v
	case StartsWith:
		return "ขึ้นต้นด้วย " + v
	case Before:
		return "ก่อน " + v
	case After:
		return "หลัง " + v
	case InLast:
		return "ภายใน " + x.days + "ที่ผ่านมา"
	case NotInLast:
		return "ไม่ได้อยู่ภายใน " + x.days + "ที่ผ่านมา"
	case InNext:
		return "ภายใน " + x.days + "ข้างหน้า"
	case Anniversary:
		return "ครบรอบภายใน " + x.days
	}
	if x.text || x.isFlag {
		return "เป็น " + v
	}
	return "เท่ากับ " + v
}

func (h thai) compared(of string, x comparison) clause {
	switch x.op {
	case IsSet:
		return same("มี" + of)
	case IsNotSet:
		return same("ไม่มี" + of)
	}
	if slices.Contains(relative, x.op) {
		return same(phrase("มี"+of, "ที่"+h.verb(x)))
	}
	if strings.HasSuffix(of, "ที่ผ่านมา") || strings.HasSuffix(of, "ก่อนหน้า") { // or what is compared would seem to be the time
		of += " "
	}
	return same(phrase("มี"+of, h.verb(x)))
}

func (h thai) filter(of string, x comparison) clause {
	switch x.op {
	case IsSet:
		return same("มี " + of)
	case IsNotSet:
		return same("ไม่มี " + of)
	}
	return same(phrase(of, h.verb(x)))
}

func (thai) where(filters []clause) string { return "ที่ " + ends(filters, " และ ") }

func (thai) times(op Op, n string) string {
	switch op {
	case Ge:
		return "อย่างน้อย " + n + " ครั้ง"
	case Gt:
		return "มากกว่า " + n + " ครั้ง"
	case Eq:
		return n + " ครั้งพอดี"
	case Ne:
		return "จำนวนอื่นที่ไม่ใช่ " + n + " ครั้ง"
	case Le:
		return "ไม่เกิน " + n + " ครั้ง"
	}
	return "น้อยกว่า " + n + " ครั้ง"
}

func (thai) last(d string) string { return "ในช่วง " + d + "ที่ผ่านมา" }

func (thai) calendar(name string) string {
	return map[string]string{
		"today": "วันนี้", "yesterday": "เมื่อวานนี้", "this_week": "สัปดาห์นี้", "last_week": "สัปดาห์ที่แล้ว", "this_month": "เดือนนี้", "last_month": "เดือนที่แล้ว",
		"this_year": "ปีนี้", "last_year": "ปีที่แล้ว",
	}[name]
}

func (thai) between(from, to string) string {
	switch {
	case to == "":
		return "ตั้งแต่ " + from
	case from == "":
		return "ก่อน " + to
	}
	return "ตั้งแต่ " + from + " จนถึงก่อน " + to
}

func (h thai) since(which string, d deed) string {
	return phrase("นับตั้งแต่"+h.past(d), d.where, map[string]string{"last": "ครั้งล่าสุด", "first": "ครั้งแรก"}[which])
}

// past is what somebody did; tense does not show.
func (thai) past(d deed) string {
	switch d.event {
	case "":
		return "มีกิจกรรมใดก็ตาม"
	case orderCompleted:
		return "สั่งซื้อ"
	case orderRefunded:
		return "ได้รับเงินคืน"
	case productBought:
		return "ซื้อสินค้า"
	}
	return "ทำ " + d.name
}

func (h thai) undone(d deed) string {
	if d.event == "" {
		return "ไม่มีกิจกรรมใดเลย"
	}
	if d.window == "" && d.within == "" {
		return "ไม่เคย" + h.past(d)
	}
	return "ไม่ได้" + strings.TrimPrefix(h.past(d), "ได้")
}

func (h thai) did(d deed, never bool) clause {
	if never {
		return same(phrase(h.undone(d), d.where, d.window))
	}
	if len(d.times) > 0 { // the filters last, or their numbers would seem to be times
		return same(phrase(h.past(d), phrase(d.times...), d.window, map[bool]string{true: " โดย" + d.where}[d.where != ""]))
	}
	return same(phrase(h.past(d), d.where, d.window))
}

func (h thai) sequence(steps []deed, window string) clause {
	parts := []string{h.past(steps[0]), steps[0].where, window}
	for i, s := range steps[1:] {
		within := ""
		if s.within != "" {
			within = "ภายใน " + s.within
		}
		last := i == len(steps)-2
		switch {
		case !s.not && steps[i].not: // the absence before it is told with it
			absent := steps[i]
			absent.within = " "
			parts = append(parts, "แล้ว"+h.past(s), s.where, within, "โดย"+h.undone(absent), absent.where, "ระหว่างนั้น")
		case !s.not:
			parts = append(parts, "แล้ว"+h.past(s), s.where, within)
		case last:
			bounded := s
			bounded.within = " "
			if within == "" {
				within = "หลังจากนั้น"
			}
			parts = append(parts, "แล้ว"+h.undone(bounded), s.where, within)
		}
	}
	return same(phrase(parts...))
}

func (thai) segment(name string) clause {
	return same("อยู่ในเซกเมนต์ " + name)
}

func (thai) consent(purpose, channel, is string) clause {
	about := phrase(purpose, "ทาง", channel)
	switch is {
	case "given":
		return same(phrase("ยินยอมให้ติดต่อเรื่อง", about))
	case "withdrawn":
		return same(phrase("ถอนความยินยอมเรื่อง", about))
	}
	return same(phrase("ไม่ทราบความยินยอมเรื่อง", about))
}

func (thai) share(percent string) clause {
	return same("อยู่ในกลุ่มสุ่ม " + percent + " ของลูกค้าทั้งหมด")
}

func (h thai) group(what string, values []string) clause {
	return same(map[string]string{"rfm": "อยู่ในกลุ่ม RFM ", "lifecycle": "อยู่ในช่วงชีวิต ", "market": "อยู่ในตลาด "}[what] + h.list(values))
}

func (thai) noun(d deed) string {
	name, ok := map[string]string{"": "กิจกรรม", orderCompleted: "คำสั่งซื้อ", orderRefunded: "การคืนเงิน", productBought: "สินค้าที่ซื้อ"}[d.event]
	if !ok {
		name = " " + d.name
	}
	return phrase(name, d.where, d.window)
}

func (thai) take(t Take, of, property, window string) string {
	of = strings.TrimSpace(of)
	switch t {
	case Count:
		return phrase("จำนวน", of)
	case Sum:
		return phrase("ผลรวม", property, "ของ", of)
	case Average:
		return phrase("ค่าเฉลี่ย", property, "ของ", of)
	case Min:
		return phrase("ค่าต่ำสุดของ", property, "ใน", of)
	case Max:
		return phrase("ค่าสูงสุดของ", property, "ใน", of)
	case First:
		return phrase("ค่าแรกของ", property, "ใน", of)
	case Last:
		return phrase("ค่าล่าสุดของ", property, "ใน", of)
	case Distinct:
		return phrase("จำนวน", property, "ที่ต่างกันใน", of)
	case MostFrequent:
		return phrase("ค่าที่พบบ่อยที่สุดของ", property, "ใน", of)
	case DaysSinceFirst:
		return phrase("จำนวนวันนับจากครั้งแรกของ", of)
	case DaysSinceLast:
		return phrase("จำนวนวันนับจากครั้งล่าสุดของ", of)
	}
	if property == "" {
		return phrase("แนวโน้มจำนวน", of, "เทียบกับ", window, "ก่อนหน้า")
	}
	return phrase("แนวโน้มผลรวม", property, "ของ", of, "เทียบกับ", window, "ก่อนหน้า")
}

func (thai) ratio(of, by string) string { return of + " หารด้วย" + by }
