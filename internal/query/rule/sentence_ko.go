package rule

import (
	"strings"
	"time"
	"unicode/utf8"
)

type korean struct{}

// The endings of predicates: before 고객, before "and", before "or".
func being(noun string) clause { return clause{noun + "인", noun + "이고", noun + "이거나"} }
func having(s string) clause   { return clause{s + "있는", s + "있고", s + "있거나"} }
func lacking(s string) clause  { return clause{s + "없는", s + "없고", s + "없거나"} }

// subject adds the particle 이 or 가; what does not end in Korean is called a value first.
func subject(s string) string {
	r, _ := utf8.DecodeLastRuneInString(s)
	switch {
	case r < '가' || r > '힣':
		return s + " 값이"
	case (r-'가')%28 == 0:
		return s + "가"
	}
	return s + "이"
}

func (korean) whole(end string) string { return end + " 고객." }

func (korean) join(parts []clause, or, inner bool) clause {
	last := len(parts) - 1
	var before strings.Builder
	for _, p := range parts[:last] {
		if or {
			before.WriteString(p.or + " ")
		} else {
			before.WriteString(p.and + " ")
		}
	}
	c := clause{before.String() + parts[last].end, before.String() + parts[last].and, before.String() + parts[last].or}
	if inner {
		c = clause{"(" + c.end + ")", "(" + c.and + ")", "(" + c.or + ")"}
	}
	return c
}

func (korean) not(c clause) clause {
	if s, ok := strings.CutSuffix(c.end, "에 속한"); ok {
		return clause{s + "에 속하지 않은", s + "에 속하지 않고", s + "에 속하지 않거나"}
	}
	return clause{c.end + " 경우에 해당하지 않는", c.end + " 경우에 해당하지 않고", c.end + " 경우에 해당하지 않거나"}
}

func (korean) quote(name string) string { return "‘" + name + "’" }

func (korean) duration(n int, unit byte) string {
	return number(float64(n)) + map[byte]string{'m': "분", 'h': "시간", 'd': "일", 'w': "주"}[unit]
}

func (korean) date(t time.Time, clock bool) string {
	if clock {
		return t.Format("2006년 1월 2일 15:04")
	}
	return t.Format("2006년 1월 2일")
}

func (korean) list(values []string) string {
	if len(values) > 1 {
		return strings.Join(values, ", ") + " 중 하나"
	}
	return strings.Join(values, "")
}

func (korean) yes(v bool) string {
	if v {
		return "예"
	}
	return "아니요"
}

func (korean) attribute(name string) string { return name + " 속성" }

func (k korean) compared(of string, x comparison) clause {
	s := subject(of) + " "
	v := k.list(x.values)
	switch x.op {
	case Ne, NotIn:
		return being(s + strings.Join(x.values, ", ") + " 이외의 값")
	case Lt:
		return being(s + v + " 미만")
	case Le:
		return being(s + v + " 이하")
	case Gt:
		return being(s + v + " 초과")
	case Ge:
		return being(s + v + " 이상")
	case Contains:
		return having(of + "에 " + v + " 글자가 들어 ")
	case StartsWith:
		return clause{s + v + " 글자로 시작하는", s + v + " 글자로 시작하고", s + v + " 글자로 시작하거나"}
	case IsSet:
		return having(s)
	case IsNotSet:
		return lacking(s)
	case Before:
		return clause{s + v + "보다 이른", s + v + "보다 이르고", s + v + "보다 이르거나"}
	case After:
		return clause{s + v + "보다 늦은", s + v + "보다 늦고", s + v + "보다 늦거나"}
	case InLast:
		return being(s + "최근 " + x.days + " 이내")
	case NotInLast:
		s += "최근 " + x.days + " 이내가 "
		return clause{s + "아닌", s + "아니고", s + "아니거나"}
	case InNext:
		return being(s + "앞으로 " + x.days + " 이내")
	case Anniversary:
		return being(of + "의 기념일이 앞으로 " + x.days + " 이내")
	default: // Eq, In
		return being(s + v)
	}
}

func (k korean) filter(of string, x comparison) clause { return k.compared(of, x) }

func (k korean) where(filters []clause) string { return k.join(filters, false, false).end }

func (korean) times(op Op, n string) string {
	switch op {
	case Ge:
		return n + "회 이상"
	case Gt:
		return n + "회 넘게"
	case Eq:
		return "정확히 " + n + "회"
	case Ne:
		return n + "회가 아닌 횟수로"
	case Le:
		return n + "회 이하로"
	}
	return n + "회 미만으로"
}

func (korean) last(d string) string { return "최근 " + d + " 동안" }

func (korean) calendar(name string) string {
	return map[string]string{
		"today": "오늘", "yesterday": "어제", "this_week": "이번 주에", "last_week": "지난주에", "this_month": "이번 달에", "last_month": "지난달에", "this_year": "올해", "last_year": "작년에",
	}[name]
}

func (korean) between(from, to string) string {
	if from != "" {
		from += "부터"
	}
	if to != "" {
		to += " 전까지"
	}
	return words(from, to)
}

func (k korean) since(which string, d deed) string {
	return words(d.where, map[string]string{"last": "마지막", "first": "첫"}[which], k.thing(d), "이후")
}

// thing is what was done, as a noun.
func (korean) thing(d deed) string {
	if name, ok := map[string]string{"": "활동", orderCompleted: "주문", orderRefunded: "환불", productBought: "상품 구매"}[d.event]; ok {
		return name
	}
	return d.name + " 활동"
}

// object and verb of what was done: 주문을 한.
func (k korean) object(d deed) string {
	switch d.event {
	case productBought:
		return "상품을"
	case "":
		return "어떤 활동이든"
	}
	return k.thing(d) + "을"
}

func (korean) stem(d deed) (end, past, negative string) {
	switch d.event {
	case orderRefunded:
		return "받은", "받았", "받지"
	case productBought:
		return "구매한", "구매했", "구매하지"
	}
	return "한", "했", "하지"
}

func (k korean) did(d deed, never bool) clause {
	end, past, negative := k.stem(d)
	if !never {
		s := words(d.window, d.where, k.object(d), strings.Join(d.times, " "), "")
		return clause{s + " " + end, s + " " + past + "고", s + " " + past + "거나"}
	}
	return k.undone(d, words(d.window, d.where), negative)
}

func (k korean) undone(d deed, before, negative string) clause {
	object := k.object(d)
	if d.event == "" {
		object = "아무 활동도"
	}
	if d.window == "" && d.within == "" && before == d.where && d.event != "" {
		object += " 한 번도"
	}
	s := words(before, object, negative) + " "
	return clause{s + "않은", s + "않았고", s + "않았거나"}
}

func (k korean) sequence(steps []deed, window string) clause {
	text := []string{window}
	for i, s := range steps {
		end, past, negative := k.stem(s)
		last := i == len(steps)-1
		within := ""
		if s.within != "" {
			within = s.within + " 이내에"
		}
		switch {
		case s.not && !last: // told with the step after it
			text = append(text, s.where, k.object(s), negative, "않고")
		case s.not:
			if within == "" {
				within = "그 뒤로"
			}
			c := k.undone(deed{event: s.event, name: s.name, within: " "}, words(within, s.where), negative)
			before := words(text...) + " "
			return clause{before + c.end, before + c.and, before + c.or}
		case !last:
			text = append(text, within, s.where, k.object(s), end, "다음")
		default:
			before := words(append(text, within, s.where, k.object(s))...) + " "
			return clause{before + end, before + past + "고", before + past + "거나"}
		}
	}
	return same(words(text...))
}

func (korean) segment(name string) clause {
	s := name + " 세그먼트에 "
	return clause{s + "속한", s + "속하고", s + "속하거나"}
}

func (korean) consent(purpose, channel, is string) clause {
	s := purpose + " 목적의 " + channel + " 수신"
	switch is {
	case "given":
		return clause{s + "에 동의한", s + "에 동의했고", s + "에 동의했거나"}
	case "withdrawn":
		return clause{s + " 동의를 철회한", s + " 동의를 철회했고", s + " 동의를 철회했거나"}
	}
	return lacking(s + " 동의 여부를 알 수 ")
}

func (korean) share(percent string) clause {
	s := "전체 고객 중 무작위 " + percent + "에 "
	return clause{s + "드는", s + "들고", s + "들거나"}
}

func (k korean) group(what string, values []string) clause {
	return being(map[string]string{"rfm": "RFM 그룹이 ", "lifecycle": "생애 단계가 ", "market": "시장이 "}[what] + k.list(values))
}

func (k korean) noun(d deed) string { return words(d.window, d.where, k.thing(d)) }

func (korean) take(t Take, of, property, window string) string {
	switch t {
	case Count:
		return of + " 횟수"
	case Sum:
		return of + "의 " + property + " 합계"
	case Average:
		return of + "의 " + property + " 평균"
	case Min:
		return of + "의 " + property + " 최솟값"
	case Max:
		return of + "의 " + property + " 최댓값"
	case First:
		return of + "의 첫 " + property + " 값"
	case Last:
		return of + "의 마지막 " + property + " 값"
	case Distinct:
		return of + "의 서로 다른 " + property + " 수"
	case MostFrequent:
		return of + "에서 가장 흔한 " + property + " 값"
	case DaysSinceFirst:
		return of + " 중 첫 번째 이후 일수"
	case DaysSinceLast:
		return of + " 중 마지막 이후 일수"
	}
	if property == "" {
		return of + " 횟수의 직전 " + window + " 대비 추세"
	}
	return of + "의 " + property + " 합계의 직전 " + window + " 대비 추세"
}

func (korean) ratio(of, by string) string { return by + " 대비 " + of + "의 비율" }
