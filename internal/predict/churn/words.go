package churn

import (
	"fmt"
	"math"

	"github.com/dangol/dangol/internal/kit/day"
)

// told is a sentence in the languages of the house.
func told(en, ko, th string) map[string]string {
	return map[string]string{"en": en, "ko": ko, "th": th}
}

var reasonLabels = map[string]map[string]string{
	lateDelivery: told("Late delivery", "배송 지연", "ส่งช้า"),
	refunded:     told("Refunds", "환불", "การคืนเงิน"),
	discount:     told("Coupons", "쿠폰", "คูปอง"),
	silent:       told("Silence", "주문 공백", "เงียบหาย"),
	slowing:      told("Ordering less", "주문 감소", "สั่งน้อยลง"),
	oneOrder:     told("Only one order", "첫 주문뿐", "ซื้อครั้งเดียว"),
	manyOrders:   told("Number of orders", "주문 횟수", "จำนวนครั้งที่ซื้อ"),
	basket:       told("Order value", "주문 금액", "มูลค่าต่อครั้ง"),
	newness:      told("Time as a customer", "고객 기간", "ระยะเวลาเป็นลูกค้า"),
	byMarket:     told("Market", "시장", "ตลาด"),
	byChannel:    told("Channel", "채널", "ช่องทาง"),
	byCategory:   told("First category", "첫 카테고리", "หมวดแรกที่ซื้อ"),
}

// describe says a reason with her own values. The part decides only what is worth saying where both ends could be told.
func (f *facts) describe(b *book, window int32, w weighed) map[string]string {
	n := &f.number
	switch w.code {
	case lateDelivery:
		return f.deliveriesSaid()
	case refunded:
		return f.refundsSaid()
	case discount:
		return f.couponsSaid()
	case silent:
		if math.IsNaN(n[gap]) {
			return told(fmt.Sprintf("No second order for %.0f days", n[silence]), fmt.Sprintf("첫 주문 뒤 %.0f일째 재주문이 없습니다", n[silence]),
				fmt.Sprintf("ยังไม่ซื้อครั้งที่สองมา %.0f วัน", n[silence]))
		}
		return told(fmt.Sprintf("No order for %.0f days; used to order every %.0f", n[silence], n[gap]),
			fmt.Sprintf("%.0f일 동안 주문이 없습니다. 평소 간격은 %.0f일입니다", n[silence], n[gap]),
			fmt.Sprintf("ไม่ได้สั่งซื้อ %.0f วัน ปกติสั่งทุก %.0f วัน", n[silence], n[gap]))
	case slowing:
		return told(fmt.Sprintf("%s in the last %d days, %.0f in the %d before", orders(n[recentDays]), window, n[earlierDays], window),
			fmt.Sprintf("최근 %d일 주문 %.0f회, 그 앞 %d일은 %.0f회", window, n[recentDays], window, n[earlierDays]),
			fmt.Sprintf("%d วันล่าสุดสั่ง %.0f ครั้ง ก่อนหน้านั้น %d วันสั่ง %.0f ครั้ง", window, n[recentDays], window, n[earlierDays]))
	case oneOrder:
		return told("Has ordered only once", "주문이 한 번뿐입니다", "สั่งซื้อเพียงครั้งเดียว")
	case manyOrders:
		return told(fmt.Sprintf("Has ordered on %.0f days so far", n[days]), fmt.Sprintf("지금까지 %.0f일 주문했습니다", n[days]), fmt.Sprintf("สั่งซื้อมาแล้ว %.0f วัน", n[days]))
	case basket:
		return f.basketSaid()
	case newness:
		return told(fmt.Sprintf("A customer for %.0f days", n[tenure]), fmt.Sprintf("고객이 된 지 %.0f일입니다", n[tenure]), fmt.Sprintf("เป็นลูกค้ามา %.0f วัน", n[tenure]))
	}
	return f.placeSaid(b, w)
}

func orders(n float64) string {
	if n == 1 {
		return "1 order"
	}
	return fmt.Sprintf("%.0f orders", n)
}

func (f *facts) deliveriesSaid() map[string]string {
	late := f.number[lastLate]
	switch {
	case f.deliveries == 0:
		return told("No delivery is known", "알려진 배송이 없습니다", "ไม่มีข้อมูลการจัดส่ง")
	case f.lateThree >= 2:
		return told(fmt.Sprintf("%d of the last %d deliveries came late", f.lateThree, f.ofThree), fmt.Sprintf("최근 배송 %d건 중 %d건이 늦었습니다", f.ofThree, f.lateThree),
			fmt.Sprintf("การจัดส่ง %d ใน %d ครั้งล่าสุดมาช้า", f.lateThree, f.ofThree))
	case late == 1 || f.lateDays > 0:
		days := "days"
		if f.lateDays == 1 {
			days = "day"
		}
		return told(fmt.Sprintf("The last delivery was %d %s late", f.lateDays, days), fmt.Sprintf("마지막 배송이 %d일 늦었습니다", f.lateDays), fmt.Sprintf("การจัดส่งครั้งล่าสุดช้าไป %d วัน", f.lateDays))
	case f.late > 0:
		return told(fmt.Sprintf("%d of %d deliveries came late, the last one in time", f.late, f.deliveries), fmt.Sprintf("배송 %d건 중 %d건이 늦었고, 마지막은 제때 왔습니다", f.deliveries, f.late),
			fmt.Sprintf("การจัดส่ง %d ใน %d ครั้งมาช้า ครั้งล่าสุดตรงเวลา", f.late, f.deliveries))
	}
	return told("Every delivery came in time", "배송이 모두 제때 왔습니다", "การจัดส่งตรงเวลาทุกครั้ง")
}

func (f *facts) refundsSaid() map[string]string {
	rate := 100 * f.number[refundRate]
	switch {
	case f.refunds == 0:
		return told("Nothing was given back", "환불이 없습니다", "ไม่เคยคืนเงิน")
	case f.number[refundSince] == 1:
		return told(fmt.Sprintf("The last order was refunded, whole or in part; %.0f %% of the spend so far", rate), fmt.Sprintf("마지막 주문이 일부 또는 전부 환불되었습니다. 지금까지 구매액의 %.0f%%", rate),
			fmt.Sprintf("คำสั่งซื้อล่าสุดถูกคืนเงินทั้งหมดหรือบางส่วน รวม %.0f%% ของยอดซื้อ", rate))
	}
	return told(fmt.Sprintf("%.0f %% of the spend was refunded", rate), fmt.Sprintf("구매액의 %.0f%%가 환불되었습니다", rate), fmt.Sprintf("%.0f%% ของยอดซื้อถูกคืนเงิน", rate))
}

func (f *facts) couponsSaid() map[string]string {
	part := 100 * f.number[couponShare]
	switch {
	case f.number[lastCoupon] == 1:
		return told(fmt.Sprintf("The last order was bought with a coupon, as %.0f %% of all", part), fmt.Sprintf("마지막 주문에 쿠폰을 썼습니다. 전체의 %.0f%%", part), fmt.Sprintf("คำสั่งซื้อล่าสุดใช้คูปอง คิดเป็น %.0f%% ของทั้งหมด", part))
	case part > 0:
		return told(fmt.Sprintf("%.0f %% of the orders used a coupon, the last one none", part), fmt.Sprintf("주문의 %.0f%%에 쿠폰을 썼고, 마지막에는 쓰지 않았습니다", part), fmt.Sprintf("%.0f%% ของคำสั่งซื้อใช้คูปอง ครั้งล่าสุดไม่ใช้", part))
	}
	return told("Has never used a coupon", "쿠폰을 쓴 적이 없습니다", "ไม่เคยใช้คูปอง")
}

func (f *facts) basketSaid() map[string]string {
	change := 100 * math.Expm1(f.number[valueRatio])
	switch {
	case f.orders > 1 && change <= -10:
		return told(fmt.Sprintf("The last order was %.0f %% below the usual one", -change), fmt.Sprintf("마지막 주문이 평소보다 %.0f%% 적었습니다", -change), fmt.Sprintf("คำสั่งซื้อล่าสุดต่ำกว่าปกติ %.0f%%", -change))
	case f.orders > 1 && change >= 10:
		return told(fmt.Sprintf("The last order was %.0f %% above the usual one", change), fmt.Sprintf("마지막 주문이 평소보다 %.0f%% 많았습니다", change), fmt.Sprintf("คำสั่งซื้อล่าสุดสูงกว่าปกติ %.0f%%", change))
	}
	return told("What an order of hers is worth", "주문 한 건의 금액 수준", "ระดับมูลค่าต่อคำสั่งซื้อ")
}

// unnamed is said of a word that is not known.
var unnamed = told("unknown", "알 수 없음", "ไม่ทราบ")

func (f *facts) placeSaid(b *book, w weighed) map[string]string {
	word := map[string]string{byMarket: b.markets.words[f.word[place]], byChannel: b.channels.words[f.word[channel]], byCategory: b.categories.words[f.word[category]]}[w.code]
	said := map[string]string{"en": word, "ko": word, "th": word}
	if word == "" {
		said = unnamed
	}
	switch w.code {
	case byMarket:
		return told("Buys in the market "+said["en"], "구매 시장: "+said["ko"], "ซื้อในตลาด "+said["th"])
	case byChannel:
		return told("Buys mostly through: "+said["en"], "주로 이용하는 채널: "+said["ko"], "ซื้อผ่านช่องทาง "+said["th"]+" เป็นส่วนใหญ่")
	}
	return told("Began with the category "+said["en"], "첫 구매 카테고리: "+said["ko"], "เริ่มจากหมวด "+said["th"])
}

func missingDays(short, horizon int) Limit {
	return Limit{"history", told(
		fmt.Sprintf("%d more days of orders are needed: with a horizon of %d days, three times that must have passed.", short, horizon),
		fmt.Sprintf("주문 기록이 %d일 더 필요합니다. 기준이 %d일이면 그 세 배의 기간이 있어야 합니다.", short, horizon),
		fmt.Sprintf("ต้องมีข้อมูลคำสั่งซื้อเพิ่มอีก %d วัน: เมื่อเกณฑ์คือ %d วัน ต้องมีประวัติสามเท่าของนั้น", short, horizon),
	)}
}

func missingCustomers(n int, cut int32) Limit {
	on := day.Day(cut).String()
	return Limit{"customers", told(
		fmt.Sprintf("Only %d customers could be looked at as of %s; at least %d are needed to tell chance from rule.", n, on, leastCustomers),
		fmt.Sprintf("%s 기준으로 볼 수 있는 고객이 %d명뿐입니다. 우연과 규칙을 가리려면 적어도 %d명이 필요합니다.", on, n, leastCustomers),
		fmt.Sprintf("ณ %s มีลูกค้าให้ดูเพียง %d คน ต้องมีอย่างน้อย %d คน", on, n, leastCustomers),
	)}
}

func missingKinds(left, stayed int) Limit {
	return Limit{"labels", told(
		fmt.Sprintf("In the last horizon %d customers left and %d stayed; at least %d of each are needed. Another horizon may help.", left, stayed, leastOfAKind),
		fmt.Sprintf("지난 기준 기간에 %d명이 떠나고 %d명이 남았습니다. 각각 적어도 %d명이 필요합니다. 기준 일수를 바꿔 보십시오.", left, stayed, leastOfAKind),
		fmt.Sprintf("ในช่วงล่าสุด จากไป %d คน อยู่ต่อ %d คน ต้องมีอย่างละ %d คนขึ้นไป ลองเปลี่ยนจำนวนวัน", left, stayed, leastOfAKind),
	)}
}

// caution says what to know before believing.
func (t *training) caution() {
	add := func(code string, sentences map[string]string) {
		t.card.Limits = append(t.card.Limits, Limit{code, sentences})
	}
	q := t.card.Quality
	if q.Rows < fewCustomers {
		add("few", told(
			fmt.Sprintf("Judged on %d customers only: the true AUC may lie anywhere between %.2f and %.2f.", q.Rows, q.AUCLow, q.AUCHigh),
			fmt.Sprintf("고객 %d명만으로 평가했습니다. 실제 AUC는 %.2f~%.2f 사이일 수 있습니다.", q.Rows, q.AUCLow, q.AUCHigh),
			fmt.Sprintf("ประเมินจากลูกค้าเพียง %d คน AUC จริงอาจอยู่ระหว่าง %.2f ถึง %.2f", q.Rows, q.AUCLow, q.AUCHigh)))
	}
	if t.card.Status == Baseline {
		add("baseline", told("Nothing told better who leaves than the baseline, so that scores.", "기준 규칙보다 나은 모델이 없어 기준 규칙으로 점수를 냅니다.", "ไม่มีแบบจำลองใดดีกว่ากฎพื้นฐาน จึงใช้กฎพื้นฐาน"))
	}
	if t.seasonAt(t.asOf) == nil {
		add("season", told("The orders do not reach back a year and a horizon: the season is not known to the model.", "주문 기록이 1년과 기준 기간에 못 미쳐 계절 효과를 알 수 없습니다.", "ข้อมูลยังไม่ครบหนึ่งปี แบบจำลองจึงไม่รู้ฤดูกาล"))
	}
	if classes := t.classes[t.card.Winner]; classes != nil {
		for _, n := range classes.Notes {
			if n.Reason == "classify.tell_tale" {
				add("tell_tale", told(n.Message, n.Message, n.Message))
			}
		}
	}
	add("orders_only", told(
		"It knows orders, refunds and deliveries. What customers look at, write or say is not among its traits, and contracts have no end here.",
		"주문, 환불, 배송만 압니다. 방문이나 문의는 반영하지 않으며, 계약 만료가 있는 구독은 다루지 않습니다.",
		"รู้เฉพาะคำสั่งซื้อ การคืนเงิน และการจัดส่ง ไม่รวมการเข้าชมหรือข้อความ และยังไม่รองรับสัญญาสมาชิก"))
}

// words is the card in a sentence.
func (c *Card) words() map[string]string {
	q, h := c.Quality, c.Definition.HorizonDays
	winner := label(c.Winner)
	return told(
		fmt.Sprintf("%s tells who will order nothing for %d days: of two customers, one who leaves and one who stays, it names the right one %.0f times in 100. Of %s it said %s on average, and %s left.",
			winner, h, 100*q.AUC, count(q.Rows), percent(meanOf(q)), percent(q.Churned)),
		fmt.Sprintf("%d일 동안 주문하지 않을 고객을 가려냅니다(%s). 떠난 고객과 남은 고객 한 쌍 중 100번에 %.0f번 맞힙니다. 평가한 %d명에게 평균 %s라고 했고, 실제로 %s가 떠났습니다.",
			h, winner, 100*q.AUC, q.Rows, percent(meanOf(q)), percent(q.Churned)),
		fmt.Sprintf("บอกว่าใครจะไม่สั่งซื้อภายใน %d วัน (%s): จากคู่ลูกค้าที่จากไปและที่อยู่ต่อ ทายถูก %.0f ใน 100 ครั้ง จาก %d คนที่ประเมิน คาดเฉลี่ย %s จริง %s",
			h, winner, 100*q.AUC, q.Rows, percent(meanOf(q)), percent(q.Churned)))
}

// meanOf is the mean chance that was given.
func meanOf(q *Quality) float64 {
	sum, n := 0.0, 0
	for _, r := range q.Reliability {
		sum += r.Predicted * float64(r.Rows)
		n += r.Rows
	}
	return sum / float64(max(n, 1))
}

func percent(x float64) string { return fmt.Sprintf("%.0f%%", 100*x) }

func count(n int) string {
	if n == 1 {
		return "1 customer"
	}
	return fmt.Sprintf("%d customers", n)
}

func unknownDrift() Drift {
	return Drift{Status: "unknown", Features: []FeatureDrift{}, Calibration: []Reliable{}}
}
