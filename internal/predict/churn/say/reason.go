package say

import (
	"fmt"
	"math"
)

// The reasons.
const (
	LateDelivery = "late_delivery"
	Refunded     = "refund"
	Discount     = "discount"
	Silence      = "silence"
	PaidTime     = "paid_ending"
	Slowing      = "slowing"
	OneOrder     = "one_order"
	ManyOrders   = "orders"
	Basket       = "basket"
	Newness      = "tenure"
	Market       = "market"
	Channel      = "channel"
	Category     = "category"
)

// Labels name the reasons.
var Labels = map[string]map[string]string{
	LateDelivery: Told("Late delivery", "배송 지연", "ส่งช้า"),
	Refunded:     Told("Refunds", "환불", "การคืนเงิน"),
	Discount:     Told("Coupons", "쿠폰", "คูปอง"),
	Silence:      Told("Silence", "주문 공백", "เงียบหาย"),
	PaidTime:     Told("Paid time", "이용 기간", "ระยะเวลาที่ชำระไว้"),
	Slowing:      Told("Ordering less", "주문 감소", "สั่งน้อยลง"),
	OneOrder:     Told("Only one order", "첫 주문뿐", "ซื้อครั้งเดียว"),
	ManyOrders:   Told("Number of orders", "주문 횟수", "จำนวนครั้งที่ซื้อ"),
	Basket:       Told("Order value", "주문 금액", "มูลค่าต่อครั้ง"),
	Newness:      Told("Time as a customer", "고객 기간", "ระยะเวลาเป็นลูกค้า"),
	Market:       Told("Market", "시장", "ตลาด"),
	Channel:      Told("Channel", "채널", "ช่องทาง"),
	Category:     Told("First category", "첫 카테고리", "หมวดแรกที่ซื้อ"),
}

// Figures are what sentences say of one customer. NaN stands for what there is none of.
type Figures struct {
	Window                                         int32 // days of recent orders
	Silence, Gap, Recent, Earlier, Days, Tenure    float64
	Orders, Deliveries, Late, LateOfThree, OfThree int
	LateDays                                       int32
	LastLate                                       float64
	Refunds                                        int
	RefundRate, RefundSince                        float64
	CouponShare, LastCoupon                        float64
	ValueRatio                                     float64 // her last order against the usual one, as a logarithm
	Market, Channel, Category                      string
	PaidUntil                                      int32
	PaidLeft, Renewals                             float64 // days paid for
}

// Reason says a reason with her own values.
func (f *Figures) Reason(code string) map[string]string {
	switch code {
	case LateDelivery:
		return f.deliveriesSaid()
	case Refunded:
		return f.refundsSaid()
	case Discount:
		return f.couponsSaid()
	case Silence:
		if math.IsNaN(f.Gap) {
			return Told(fmt.Sprintf("No second order for %.0f days", f.Silence), fmt.Sprintf("첫 주문 뒤 %.0f일째 재주문이 없습니다", f.Silence),
				fmt.Sprintf("ยังไม่ซื้อครั้งที่สองมา %.0f วัน", f.Silence))
		}
		return Told(fmt.Sprintf("No order for %.0f days; used to order every %.0f", f.Silence, f.Gap),
			fmt.Sprintf("%.0f일 동안 주문이 없습니다. 평소 간격은 %.0f일입니다", f.Silence, f.Gap),
			fmt.Sprintf("ไม่ได้สั่งซื้อ %.0f วัน ปกติสั่งทุก %.0f วัน", f.Silence, f.Gap))
	case PaidTime:
		return f.paidSaid()
	case Slowing:
		return Told(fmt.Sprintf("%s in the last %d days, %.0f in the %d before", counted(f.Recent, "order"), f.Window, f.Earlier, f.Window),
			fmt.Sprintf("최근 %d일 주문 %.0f회, 그 앞 %d일은 %.0f회", f.Window, f.Recent, f.Window, f.Earlier),
			fmt.Sprintf("%d วันล่าสุดสั่ง %.0f ครั้ง ก่อนหน้านั้น %d วันสั่ง %.0f ครั้ง", f.Window, f.Recent, f.Window, f.Earlier))
	case OneOrder:
		return Told("Has ordered only once", "주문이 한 번뿐입니다", "สั่งซื้อเพียงครั้งเดียว")
	case ManyOrders:
		return Told(fmt.Sprintf("Has ordered on %.0f days so far", f.Days), fmt.Sprintf("지금까지 %.0f일 주문했습니다", f.Days), fmt.Sprintf("สั่งซื้อมาแล้ว %.0f วัน", f.Days))
	case Basket:
		return f.basketSaid()
	case Newness:
		return Told(fmt.Sprintf("A customer for %.0f days", f.Tenure), fmt.Sprintf("고객이 된 지 %.0f일입니다", f.Tenure), fmt.Sprintf("เป็นลูกค้ามา %.0f วัน", f.Tenure))
	}
	return f.placeSaid(code)
}

func (f *Figures) deliveriesSaid() map[string]string {
	late := f.LastLate
	switch {
	case f.Deliveries == 0:
		return Told("No delivery is known", "알려진 배송이 없습니다", "ไม่มีข้อมูลการจัดส่ง")
	case f.LateOfThree >= 2:
		return Told(fmt.Sprintf("%d of the last %d deliveries came late", f.LateOfThree, f.OfThree), fmt.Sprintf("최근 배송 %d건 중 %d건이 늦었습니다", f.OfThree, f.LateOfThree),
			fmt.Sprintf("การจัดส่ง %d ใน %d ครั้งล่าสุดมาช้า", f.LateOfThree, f.OfThree))
	case late == 1 || f.LateDays > 0:
		days := "days"
		if f.LateDays == 1 {
			days = "day"
		}
		return Told(fmt.Sprintf("The last delivery was %d %s late", f.LateDays, days), fmt.Sprintf("마지막 배송이 %d일 늦었습니다", f.LateDays), fmt.Sprintf("การจัดส่งครั้งล่าสุดช้าไป %d วัน", f.LateDays))
	case f.Late > 0:
		return Told(fmt.Sprintf("%d of %d deliveries came late, the last one in time", f.Late, f.Deliveries), fmt.Sprintf("배송 %d건 중 %d건이 늦었고, 마지막은 제때 왔습니다", f.Deliveries, f.Late),
			fmt.Sprintf("การจัดส่ง %d ใน %d ครั้งมาช้า ครั้งล่าสุดตรงเวลา", f.Late, f.Deliveries))
	}
	return Told("Every delivery came in time", "배송이 모두 제때 왔습니다", "การจัดส่งตรงเวลาทุกครั้ง")
}

func (f *Figures) refundsSaid() map[string]string {
	rate := 100 * f.RefundRate
	switch {
	case f.Refunds == 0:
		return Told("Nothing was given back", "환불이 없습니다", "ไม่เคยคืนเงิน")
	case f.RefundSince == 1:
		return Told(fmt.Sprintf("The last order was refunded, whole or in part; %.0f %% of the spend so far", rate), fmt.Sprintf("마지막 주문이 일부 또는 전부 환불되었습니다. 지금까지 구매액의 %.0f%%", rate),
			fmt.Sprintf("คำสั่งซื้อล่าสุดถูกคืนเงินทั้งหมดหรือบางส่วน รวม %.0f%% ของยอดซื้อ", rate))
	}
	return Told(fmt.Sprintf("%.0f %% of the spend was refunded", rate), fmt.Sprintf("구매액의 %.0f%%가 환불되었습니다", rate), fmt.Sprintf("%.0f%% ของยอดซื้อถูกคืนเงิน", rate))
}

func (f *Figures) couponsSaid() map[string]string {
	part := 100 * f.CouponShare
	switch {
	case f.LastCoupon == 1:
		return Told(fmt.Sprintf("The last order was bought with a coupon, as %.0f %% of all", part), fmt.Sprintf("마지막 주문에 쿠폰을 썼습니다. 전체의 %.0f%%", part), fmt.Sprintf("คำสั่งซื้อล่าสุดใช้คูปอง คิดเป็น %.0f%% ของทั้งหมด", part))
	case part > 0:
		return Told(fmt.Sprintf("%.0f %% of the orders used a coupon, the last one none", part), fmt.Sprintf("주문의 %.0f%%에 쿠폰을 썼고, 마지막에는 쓰지 않았습니다", part), fmt.Sprintf("%.0f%% ของคำสั่งซื้อใช้คูปอง ครั้งล่าสุดไม่ใช้", part))
	}
	return Told("Has never used a coupon", "쿠폰을 쓴 적이 없습니다", "ไม่เคยใช้คูปอง")
}

func (f *Figures) basketSaid() map[string]string {
	change := 100 * math.Expm1(f.ValueRatio)
	switch {
	case f.Orders > 1 && change <= -10:
		return Told(fmt.Sprintf("The last order was %.0f %% below the usual one", -change), fmt.Sprintf("마지막 주문이 평소보다 %.0f%% 적었습니다", -change), fmt.Sprintf("คำสั่งซื้อล่าสุดต่ำกว่าปกติ %.0f%%", -change))
	case f.Orders > 1 && change >= 10:
		return Told(fmt.Sprintf("The last order was %.0f %% above the usual one", change), fmt.Sprintf("마지막 주문이 평소보다 %.0f%% 많았습니다", change), fmt.Sprintf("คำสั่งซื้อล่าสุดสูงกว่าปกติ %.0f%%", change))
	}
	return Told("What an order of hers is worth", "주문 한 건의 금액 수준", "ระดับมูลค่าต่อคำสั่งซื้อ")
}

// unnamed is said of a word that is not known.
var unnamed = Told("unknown", "알 수 없음", "ไม่ทราบ")

func (f *Figures) placeSaid(code string) map[string]string {
	word := map[string]string{Market: f.Market, Channel: f.Channel, Category: f.Category}[code]
	said := map[string]string{"en": word, "ko": word, "th": word}
	if word == "" {
		said = unnamed
	}
	switch code {
	case Market:
		return Told("Buys in the market "+said["en"], "구매 시장: "+said["ko"], "ซื้อในตลาด "+said["th"])
	case Channel:
		return Told("Buys mostly through: "+said["en"], "주로 이용하는 채널: "+said["ko"], "ซื้อผ่านช่องทาง "+said["th"]+" เป็นส่วนใหญ่")
	}
	return Told("Began with the category "+said["en"], "첫 구매 카테고리: "+said["ko"], "เริ่มจากหมวด "+said["th"])
}
