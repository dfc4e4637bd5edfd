package simulate

import (
	"time"

	"github.com/dangol/dangol/internal/kit/day"
)

// Process is how a market's customers buy, leave and spend; time is in days, spend in major units of the currency.
type Process struct {
	// While alive a customer buys at a rate per day drawn from Gamma(R, rate AlphaDays).
	R         float64 `json:"r"`
	AlphaDays float64 `json:"alpha_days"`
	// After each order she leaves with a chance drawn from Beta(A, B), times LateFactor when the delivery was late.
	A          float64 `json:"a"`
	B          float64 `json:"b"`
	LateFactor float64 `json:"late_factor"`
	// An order costs Gamma(P, rate nu) with nu drawn from Gamma(Q, rate V): the gamma-gamma model.
	P float64 `json:"p"`
	Q float64 `json:"q"`
	V float64 `json:"v"`
}

// MeanSpend is the mean order of the market's average customer.
func (p Process) MeanSpend() float64 { return p.P * p.V / (p.Q - 1) }

// Episode is a stretch of days with its own chance of a late delivery.
type Episode struct {
	From   day.Day `json:"from"`
	To     day.Day `json:"to"`
	Chance float64 `json:"chance"`
	Why    string  `json:"why"`
}

// Market is one country of the simulated shop, with everything that makes its customers what they are.
type Market struct {
	Country  string  `json:"country"`  // ISO 3166, also the market's code in the files
	Currency string  `json:"currency"` // ISO 4217
	Zone     string  `json:"zone"`     // IANA; the files hold its local times
	Share    float64 `json:"share"`    // of the shop's customers
	Process  Process `json:"process"`

	LateChance   float64   `json:"late_chance"` // on ordinary days
	LateEpisodes []Episode `json:"late_episodes"`
	RefundChance float64   `json:"refund_chance"` // of an order
	StoreChance  float64   `json:"store_chance"`  // of an order, bought in the shop's own store, with no delivery
	AppChance    float64   `json:"app_chance"`
	CouponChance float64   `json:"coupon_chance"`

	leadDays   int        // promised delivery, days after the order
	perEuro    float64    // list prices
	priceStep  int64      // minor units between list prices
	priceCharm int64      // minor units below the step: 9,900 and not 10,000
	roundTo    int64      // minor units a discounted price is rounded to
	hours      [24]int    // when people order, local time
	weekdays   [7]float64 // from Sunday
	yearPeak   float64    // day of the year of the gentle yearly peak
	yearSwing  float64
	lifts      []lift
	coupons    []string
	header     []string
	timeLayout string
	dayLayout  string
	people     people
}

// lift multiplies sales before and during a festival.
type lift struct {
	festival string
	before   int     // days of buying ahead
	ahead    float64 // the factor on those days
	during   float64
}

// Markets returns the simulated shop's markets. The numbers are invented, and chosen so that the markets differ in
// ways worth finding: Korea buys often, Thailand suffers late deliveries and loses customers to them, Germany buys
// seldom and sends much back.
func Markets() []Market {
	evening := [24]int{3, 2, 1, 1, 1, 1, 2, 4, 6, 7, 8, 8, 9, 8, 7, 7, 7, 8, 9, 11, 13, 14, 12, 7}
	noon := [24]int{2, 1, 1, 1, 1, 1, 2, 5, 8, 9, 10, 12, 14, 11, 9, 8, 8, 8, 9, 11, 12, 11, 8, 4}
	return []Market{
		{
			Country: "KR", Currency: "KRW", Zone: "Asia/Seoul", Share: 0.46,
			Process:    Process{R: 0.95, AlphaDays: 36, A: 0.75, B: 4.2, LateFactor: 2.5, P: 4.2, Q: 4.5, V: 43000},
			LateChance: 0.04,
			LateEpisodes: []Episode{
				{day.New(2024, time.September, 8), day.New(2024, time.September, 16), 0.18, "parcels before Chuseok"},
				{day.New(2025, time.September, 26), day.New(2025, time.October, 4), 0.18, "parcels before Chuseok"},
			},
			RefundChance: 0.034, StoreChance: 0.12, AppChance: 0.55, CouponChance: 0.20,
			leadDays: 2, perEuro: 1480, priceStep: 500, priceCharm: 100, roundTo: 10,
			hours: evening, weekdays: [7]float64{1.12, 1.04, 0.98, 0.97, 0.96, 0.93, 1.0}, yearPeak: 330, yearSwing: 0.08,
			lifts: []lift{
				{"seollal", 16, 1.75, 0.45}, {"chuseok", 16, 1.80, 0.45}, {"double_11", 0, 1, 1.7}, {"black_friday", 0, 1, 1.4}, {"christmas", 12, 1.2, 1.0},
			},
			coupons:    []string{"APP5", "DANGOL10", "FREESHIP10"},
			header:     []string{"주문번호", "주문일시", "고객ID", "고객명", "이메일", "휴대폰", "상품코드", "상품명", "카테고리", "수량", "결제금액", "통화", "국가", "판매채널", "쿠폰", "주문상태", "배송예정일", "배송완료일"},
			timeLayout: "2006-01-02 15:04:05", dayLayout: "2006-01-02", people: korean,
		},
		{
			Country: "TH", Currency: "THB", Zone: "Asia/Bangkok", Share: 0.32,
			Process:    Process{R: 0.80, AlphaDays: 40, A: 0.80, B: 3.4, LateFactor: 2.5, P: 3.6, Q: 4.2, V: 840},
			LateChance: 0.09,
			LateEpisodes: []Episode{
				{day.New(2024, time.September, 10), day.New(2024, time.October, 10), 0.22, "monsoon floods"},
				{day.New(2025, time.September, 10), day.New(2025, time.October, 10), 0.22, "monsoon floods"},
				{day.New(2026, time.March, 1), day.New(2026, time.May, 15), 0.34, "the Bangkok warehouse moves"},
			},
			RefundChance: 0.036, StoreChance: 0.16, AppChance: 0.58, CouponChance: 0.26,
			leadDays: 4, perEuro: 38, priceStep: 1000, priceCharm: 100, roundTo: 100,
			hours: evening, weekdays: [7]float64{1.08, 0.97, 0.96, 0.97, 1.0, 1.06, 0.96}, yearPeak: 345, yearSwing: 0.10,
			lifts:      []lift{{"songkran", 10, 1.45, 0.6}, {"double_11", 0, 1, 2.6}, {"christmas", 14, 1.25, 1.1}},
			coupons:    []string{"LINE10", "PAYDAY8", "FREESHIP5"},
			header:     []string{"เลขที่คำสั่งซื้อ", "วันที่สั่งซื้อ", "รหัสลูกค้า", "ชื่อลูกค้า", "อีเมล", "เบอร์โทร", "รหัสสินค้า", "ชื่อสินค้า", "หมวดหมู่", "จำนวน", "ยอดรวม", "สกุลเงิน", "ประเทศ", "ช่องทาง", "คูปอง", "สถานะ", "วันที่กำหนดส่ง", "วันที่จัดส่งสำเร็จ"},
			timeLayout: "02/01/2006 15:04", dayLayout: "02/01/2006", people: thai,
		},
		{
			Country: "DE", Currency: "EUR", Zone: "Europe/Berlin", Share: 0.22,
			Process:      Process{R: 0.70, AlphaDays: 62, A: 0.70, B: 3.1, LateFactor: 2.5, P: 4.0, Q: 4.4, V: 47},
			LateChance:   0.06,
			LateEpisodes: []Episode{{day.New(2025, time.December, 8), day.New(2025, time.December, 22), 0.20, "strike before Christmas"}},
			RefundChance: 0.058, StoreChance: 0.06, AppChance: 0.30, CouponChance: 0.14,
			leadDays: 3, perEuro: 1, priceStep: 50, priceCharm: 10, roundTo: 1,
			hours: noon, weekdays: [7]float64{1.15, 1.06, 1.0, 0.97, 0.96, 0.9, 0.96}, yearPeak: 345, yearSwing: 0.14,
			lifts:      []lift{{"black_friday", 3, 1.3, 2.4}, {"christmas", 21, 1.55, 0.5}},
			coupons:    []string{"NEWS10", "DANKE10", "VERSAND5"},
			header:     []string{"Order number", "Order date", "Customer ID", "Customer name", "E-mail", "Phone", "SKU", "Product name", "Category", "Quantity", "Unit price", "Currency", "Country", "Channel", "Coupon code", "Status", "Promised delivery", "Delivered on"},
			timeLayout: "02.01.2006 15:04", dayLayout: "02.01.2006", people: german,
		},
	}
}

// Base is the currency the simulated shop keeps its books in, and BaseRates the units of a market's currency that
// one unit of it buys; both are invented for the simulation and fixed, so that figures stay the same.
const Base = "KRW"

// BaseRates returns the simulation's rates, as the workspace's settings take them.
func BaseRates() map[string]string { return map[string]string{"THB": "0.026", "EUR": "0.000675"} }
