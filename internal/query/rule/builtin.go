package rule

import "github.com/dangol/dangol/internal/query"

// BuiltIn are the traits that every workspace has, always up to date with the last event. Those of the same names in
// customer_state are as the last analysis found them; rules read them as scores.
func BuiltIn() []Named {
	order := func(take Take, property, last string, where ...Where) *Trait {
		t := &Trait{Take: take, Of: orderCompleted, Property: property, Where: where}
		if last != "" {
			t.Window = &Window{Last: last}
		}
		return t
	}
	bought := func(take Take, property string) *Trait {
		return &Trait{Take: take, Of: productBought, Property: property}
	}
	refund := func(take Take, property string) *Trait {
		return &Trait{Take: take, Of: orderRefunded, Property: property}
	}
	coupon := Where{Property: "coupon", Op: IsSet}
	late := Where{Property: LateDays, Op: Gt, Value: 0.0}
	share := func(t *Trait, to *Trait) *Trait { t.Take, t.To = Ratio, to; return t }
	named := func(name string, unit query.Unit, en, ko, th string, t *Trait) Named {
		return Named{Name: name, Unit: unit, Labels: map[string]string{"en": en, "ko": ko, "th": th}, Trait: t}
	}
	return []Named{
		named("orders", query.UnitCount, "number of orders", "주문 횟수", "จำนวนคำสั่งซื้อ", order(Count, "", "")),
		named("orders_30d", query.UnitCount, "number of orders in the last 30 days", "최근 30일 주문 횟수", "จำนวนคำสั่งซื้อใน 30 วันที่ผ่านมา", order(Count, "", "30d")),
		named("orders_90d", query.UnitCount, "number of orders in the last 90 days", "최근 90일 주문 횟수", "จำนวนคำสั่งซื้อใน 90 วันที่ผ่านมา", order(Count, "", "90d")),
		named("orders_365d", query.UnitCount, "number of orders in the last 365 days", "최근 365일 주문 횟수", "จำนวนคำสั่งซื้อใน 365 วันที่ผ่านมา", order(Count, "", "365d")),
		named("spend", query.UnitMoney, "spend", "총 구매액", "ยอดซื้อรวม", order(Sum, "revenue", "")),
		named("spend_90d", query.UnitMoney, "spend in the last 90 days", "최근 90일 구매액", "ยอดซื้อใน 90 วันที่ผ่านมา", order(Sum, "revenue", "90d")),
		named("spend_365d", query.UnitMoney, "spend in the last 365 days", "최근 365일 구매액", "ยอดซื้อใน 365 วันที่ผ่านมา", order(Sum, "revenue", "365d")),
		named("avg_order_value", query.UnitMoney, "average order value", "평균 주문 금액", "มูลค่าเฉลี่ยต่อคำสั่งซื้อ", order(Average, "revenue", "")),
		named("largest_order", query.UnitMoney, "largest order", "가장 큰 주문 금액", "ยอดคำสั่งซื้อสูงสุด", order(Max, "revenue", "")),
		named("days_since_last_order", query.UnitDays, "number of days since the last order", "마지막 주문 이후 일수", "จำนวนวันนับจากคำสั่งซื้อล่าสุด", order(DaysSinceLast, "", "")),
		named("tenure_days", query.UnitDays, "number of days since the first order", "첫 주문 이후 일수", "จำนวนวันนับจากคำสั่งซื้อแรก", order(DaysSinceFirst, "", "")),
		named("paid_until_day", query.UnitDate, "last day paid for", "결제된 마지막 날", "วันสุดท้ายที่ชำระไว้", order(Max, PaidUntilDay, "")),
		named("items", query.UnitNumber, "number of items bought", "구매한 수량", "จำนวนชิ้นที่ซื้อ", order(Sum, "quantity", "")),
		named("first_market", query.UnitText, "market of the first order", "첫 주문 시장", "ตลาดของคำสั่งซื้อแรก", order(First, "market", "")),
		named("last_market", query.UnitText, "market of the last order", "마지막 주문 시장", "ตลาดของคำสั่งซื้อล่าสุด", order(Last, "market", "")),
		named("channel", query.UnitText, "usual channel", "주로 쓰는 채널", "ช่องทางที่ใช้บ่อย", order(MostFrequent, "channel", "")),
		named("coupon_orders", query.UnitCount, "number of orders with a coupon", "쿠폰을 쓴 주문 횟수", "จำนวนคำสั่งซื้อที่ใช้คูปอง", order(Count, "", "", coupon)),
		named("coupon_share", query.UnitShare, "share of orders with a coupon", "쿠폰을 쓴 주문 비율", "สัดส่วนคำสั่งซื้อที่ใช้คูปอง", share(order(Ratio, "", "", coupon), order(Count, "", ""))),
		named("spend_trend", query.UnitShare, "trend of spend over 90 days", "90일 구매액 추세", "แนวโน้มยอดซื้อ 90 วัน", order(Trend, "revenue", "90d")),
		named("distinct_products", query.UnitCount, "number of different products bought", "구매한 상품 종류 수", "จำนวนสินค้าที่ต่างกัน", bought(Distinct, "product")),
		named("favourite_product", query.UnitText, "favourite product", "가장 자주 산 상품", "สินค้าที่ซื้อบ่อยที่สุด", bought(MostFrequent, "name")),
		named("favourite_category", query.UnitText, "favourite category", "가장 자주 산 카테고리", "หมวดที่ซื้อบ่อยที่สุด", bought(MostFrequent, "category")),
		named("first_category", query.UnitText, "first category", "처음 산 카테고리", "หมวดแรกที่ซื้อ", bought(First, "category")),
		named("late_deliveries", query.UnitCount, "number of late deliveries", "늦은 배송 횟수", "จำนวนครั้งที่ส่งช้า", order(Count, "", "", late)),
		named("refunds", query.UnitMoney, "refunds", "환불액", "ยอดคืนเงิน", refund(Sum, "revenue")),
		named("refund_orders", query.UnitCount, "number of refunds", "환불 횟수", "จำนวนครั้งที่คืนเงิน", refund(Count, "")),
		named("refund_rate", query.UnitShare, "refund rate", "환불 비율", "อัตราการคืนเงิน", share(refund(Ratio, "revenue"), order(Sum, "revenue", ""))),
		named("days_since_last_seen", query.UnitDays, "number of days since the last activity", "마지막 활동 이후 일수", "จำนวนวันนับจากกิจกรรมล่าสุด", &Trait{Take: DaysSinceLast, Of: AnyEvent}),
		named("events_30d", query.UnitCount, "number of activities in the last 30 days", "최근 30일 활동 횟수", "จำนวนกิจกรรมใน 30 วันที่ผ่านมา", &Trait{Take: Count, Of: AnyEvent, Window: &Window{Last: "30d"}}),
	}
}
