package say

import (
	"fmt"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/market"
)

// Leaving is by what leaving goes, in days.
type Leaving struct {
	Paid     bool // by the end of what is paid for
	Horizon  int
	Active   int // by orders: of whom it is told
	Usual    int // the usual gap
	Proposed bool
	Grace    int // by the end of what is paid for
	Term     int
}

// Definition is what leaving means.
func (l *Leaving) Definition() map[string]string {
	if l.Paid {
		return l.definitionPaid()
	}
	why := map[string]string{"en": "as it was set", "ko": "설정한 기준입니다", "th": "ตามที่ตั้งไว้"}
	if l.Proposed && l.Usual > 0 {
		why = map[string]string{
			"en": fmt.Sprintf("nine in ten repeat orders come within %d days of the one before", l.Usual),
			"ko": fmt.Sprintf("재주문 열 건 중 아홉 건은 앞 주문 뒤 %d일 안에 들어옵니다", l.Usual),
			"th": fmt.Sprintf("เก้าในสิบของการซื้อซ้ำเกิดขึ้นภายใน %d วันหลังครั้งก่อน", l.Usual),
		}
	} else if l.Proposed {
		why = map[string]string{"en": "nobody has ordered twice yet", "ko": "아직 두 번 주문한 고객이 없습니다", "th": "ยังไม่มีใครซื้อซ้ำ"}
	}
	return Told(
		fmt.Sprintf("A customer leaves who orders nothing for %d days: %s. Told for those who ordered within the last %d days.", l.Horizon, why["en"], l.Active),
		fmt.Sprintf("%d일 동안 주문이 없으면 이탈로 봅니다. %s. 최근 %d일 안에 주문한 고객을 대상으로 합니다.", l.Horizon, why["ko"], l.Active),
		fmt.Sprintf("ถือว่าลูกค้าจากไปเมื่อไม่สั่งซื้อเลย %d วัน: %s คำนวณเฉพาะผู้ที่สั่งซื้อภายใน %d วันที่ผ่านมา", l.Horizon, why["th"], l.Active))
}

// who they are that leave.
func (l *Leaving) who() map[string]string {
	h := l.Horizon
	if l.Paid {
		return Told(fmt.Sprintf("who will not renew what ends within %d days", h), fmt.Sprintf("%d일 안에 이용 기간이 끝나고 갱신하지 않을 고객", h), fmt.Sprintf("ใครจะหมดอายุภายใน %d วันแล้วไม่ต่อ", h))
	}
	return Told(fmt.Sprintf("who will order nothing for %d days", h), fmt.Sprintf("%d일 동안 주문하지 않을 고객", h), fmt.Sprintf("ใครจะไม่สั่งซื้อภายใน %d วัน", h))
}

// did is what they did who left.
func (l *Leaving) did() map[string]string {
	h := l.Horizon
	if l.Paid {
		return Told(fmt.Sprintf("did not renew within %d days", h), fmt.Sprintf("%d일 안에 미갱신", h), fmt.Sprintf("ไม่ต่ออายุภายใน %d วัน", h))
	}
	return Told(fmt.Sprintf("ordered nothing for %d days", h), fmt.Sprintf("%d일 무주문", h), fmt.Sprintf("ไม่สั่งซื้อ %d วัน", h))
}

// Chance is somebody's chance of leaving with the reason that raises it; nil where nothing does.
func (l *Leaving) Chance(risk float64, reason map[string]string) map[string]string {
	h, p := l.Horizon, Percent(risk)
	out := Told(fmt.Sprintf("Orders nothing within %d days with a chance of %s", h, p), fmt.Sprintf("%d일 안에 주문하지 않을 확률 %s", h, p), fmt.Sprintf("โอกาสไม่สั่งซื้อภายใน %d วัน: %s", h, p))
	if l.Paid {
		out = Told(fmt.Sprintf("What is paid for ends within %d days and is not renewed with a chance of %s", h, p), fmt.Sprintf("%d일 안에 이용 기간이 끝나고 갱신하지 않을 확률 %s", h, p),
			fmt.Sprintf("โอกาสหมดอายุภายใน %d วันแล้วไม่ต่อ: %s", h, p))
	}
	if reason == nil {
		return Told(out["en"]+"; nothing raises it.", out["ko"]+". 특별히 높이는 이유는 없습니다.", out["th"]+" ไม่มีเหตุใดทำให้สูงขึ้น")
	}
	for lang := range out {
		out[lang] += ". " + reason[lang] + "."
	}
	return out
}

// Silent is said of somebody who has left by her silence.
func Silent(days float64) map[string]string {
	return Told(fmt.Sprintf("No order for %.0f days: by the definition this customer has left already.", days), fmt.Sprintf("%.0f일 동안 주문이 없어 이미 떠난 고객으로 봅니다.", days),
		fmt.Sprintf("ไม่มีคำสั่งซื้อ %.0f วัน ถือว่าจากไปแล้ว", days))
}

// Card is a model in a sentence: whose it is, its AUC, on how many customers, what it said of them on average and how many left.
func (l *Leaving) Card(winner string, auc float64, rows int, said, left float64) map[string]string {
	who := l.who()
	return Told(
		fmt.Sprintf("%s tells %s: of two customers, one who leaves and one who stays, it names the right one %.0f times in 100. Of %s it said %s on average, and %s left.",
			winner, who["en"], 100*auc, counted(float64(rows), "customer"), Percent(said), Percent(left)),
		fmt.Sprintf("%s을 가려냅니다(%s). 떠난 고객과 남은 고객 한 쌍 중 100번에 %.0f번 맞힙니다. 평가한 %d명에게 평균 %s라고 했고, 실제로 %s가 떠났습니다.",
			who["ko"], winner, 100*auc, rows, Percent(said), Percent(left)),
		fmt.Sprintf("บอกว่า%s (%s): จากคู่ลูกค้าที่จากไปและที่อยู่ต่อ ทายถูก %.0f ใน 100 ครั้ง จาก %d คนที่ประเมิน คาดเฉลี่ย %s จริง %s",
			who["th"], winner, 100*auc, rows, Percent(said), Percent(left)))
}

// MissingDays says how much history is missing.
func (l *Leaving) MissingDays(short int) map[string]string {
	if l.Paid {
		return l.missingPaidDays(short)
	}
	return Told(
		fmt.Sprintf("%d more days of orders are needed: with a horizon of %d days, three times that must have passed.", short, l.Horizon),
		fmt.Sprintf("주문 기록이 %d일 더 필요합니다. 기준이 %d일이면 그 세 배의 기간이 있어야 합니다.", short, l.Horizon),
		fmt.Sprintf("ต้องมีข้อมูลคำสั่งซื้อเพิ่มอีก %d วัน: เมื่อเกณฑ์คือ %d วัน ต้องมีประวัติสามเท่าของนั้น", short, l.Horizon))
}

// MissingCustomers says that too few could be looked at.
func MissingCustomers(n int, cut int32, least int) map[string]string {
	on := day.Day(cut).String()
	return Told(
		fmt.Sprintf("Only %d customers could be looked at as of %s; at least %d are needed to tell chance from rule.", n, on, least),
		fmt.Sprintf("%s 기준으로 볼 수 있는 고객이 %d명뿐입니다. 우연과 규칙을 가리려면 적어도 %d명이 필요합니다.", on, n, least),
		fmt.Sprintf("ณ %s มีลูกค้าให้ดูเพียง %d คน ต้องมีอย่างน้อย %d คน", on, n, least))
}

// MissingKinds says that too few left or stayed.
func MissingKinds(left, stayed, least int) map[string]string {
	return Told(
		fmt.Sprintf("In the last horizon %d customers left and %d stayed; at least %d of each are needed. Another horizon may help.", left, stayed, least),
		fmt.Sprintf("지난 기준 기간에 %d명이 떠나고 %d명이 남았습니다. 각각 적어도 %d명이 필요합니다. 기준 일수를 바꿔 보십시오.", left, stayed, least),
		fmt.Sprintf("ในช่วงล่าสุด จากไป %d คน อยู่ต่อ %d คน ต้องมีอย่างละ %d คนขึ้นไป ลองเปลี่ยนจำนวนวัน", left, stayed, least))
}

// Few warns of figures of few customers.
func Few(rows int, low, high float64) map[string]string {
	return Told(
		fmt.Sprintf("Judged on %d customers only: the true AUC may lie anywhere between %.2f and %.2f.", rows, low, high),
		fmt.Sprintf("고객 %d명만으로 평가했습니다. 실제 AUC는 %.2f~%.2f 사이일 수 있습니다.", rows, low, high),
		fmt.Sprintf("ประเมินจากลูกค้าเพียง %d คน AUC จริงอาจอยู่ระหว่าง %.2f ถึง %.2f", rows, low, high))
}

// Unseen says what a model does not know.
func (l *Leaving) Unseen() map[string]string {
	if l.Paid {
		return Told(
			"It knows orders, refunds, deliveries and until when orders pay. What customers look at, write or say is not among its traits, nor is a notice that they have given.",
			"주문, 환불, 배송과 주문의 이용 기간만 압니다. 방문이나 문의, 해지 예고는 반영하지 않습니다.",
			"รู้เฉพาะคำสั่งซื้อ การคืนเงิน การจัดส่ง และวันที่ชำระไว้ถึง ไม่รวมการเข้าชม ข้อความ หรือการแจ้งยกเลิก")
	}
	return Told(
		"It knows orders, refunds and deliveries. What customers look at, write or say is not among its traits, and contracts have no end here.",
		"주문, 환불, 배송만 압니다. 방문이나 문의는 반영하지 않으며, 계약의 만료일은 보지 않습니다.",
		"รู้เฉพาะคำสั่งซื้อ การคืนเงิน และการจัดส่ง ไม่รวมการเข้าชมหรือข้อความ และไม่ดูวันสิ้นสุดของสัญญา")
}

// Risked is who may leave: how many, how many of them will, what that puts at risk, and whether they are those of a segment.
type Risked struct {
	Customers int64
	Leaving   float64
	Money     market.Money
	Segment   bool
}

// Risk is the picture of who may leave.
func (l *Leaving) Risk(r *Risked) map[string]string {
	of, in := Told("", "", ""), Told("", "", "")
	if r.Segment {
		of, in = Told(" of this segment", "이 세그먼트에서 ", "ในเซกเมนต์นี้ "), Told(" in this segment", "이 세그먼트에는 ", "ในเซกเมนต์นี้")
	}
	if r.Customers == 0 {
		return l.nobody(in)
	}
	leaving, n := market.FormatNumber(int64(r.Leaving+0.5)), market.FormatNumber(r.Customers)
	if l.Paid {
		return l.riskPaid(r, of, leaving)
	}
	return Told(
		fmt.Sprintf("Of %s%s who ordered within %d days, about %s will order nothing for %d days; %s of their expected value is at risk.",
			customersOf(r.Customers), of["en"], l.Active, leaving, l.Horizon, r.Money.Compact(market.English)),
		fmt.Sprintf("%s최근 %d일 안에 주문한 %s명 중 약 %s명이 %d일 동안 주문하지 않을 것으로 보입니다. 위험 금액 %s.", of["ko"], l.Active, n, leaving, l.Horizon, r.Money.Compact(market.Korean)),
		fmt.Sprintf("%sลูกค้าที่สั่งซื้อภายใน %d วัน %s คน คาดว่าราว %s คนจะไม่สั่งซื้อเลย %d วัน มูลค่าที่เสี่ยง %s", of["th"], l.Active, n, leaving, l.Horizon, r.Money.Compact(market.Thai)))
}

// nobody says that of none it can be told whether she leaves.
func (l *Leaving) nobody(in map[string]string) map[string]string {
	who := Told(fmt.Sprintf("ordered within %d days", l.Active), fmt.Sprintf("최근 %d일 안에 주문한", l.Active), fmt.Sprintf("สั่งซื้อภายใน %d วัน", l.Active))
	if l.Paid {
		who = Told(fmt.Sprintf("is paid up or in the %d days after", l.Grace), fmt.Sprintf("이용 중이거나 끝난 지 %d일이 안 된", l.Grace), fmt.Sprintf("ยังไม่หมดอายุหรือหมดอายุไม่เกิน %d วัน", l.Grace))
	}
	return Told(
		fmt.Sprintf("Nobody%s %s, so nobody may leave.", in["en"], who["en"]),
		fmt.Sprintf("%s%s 고객이 없어 떠날 수 있는 고객이 없습니다.", in["ko"], who["ko"]),
		fmt.Sprintf("%sไม่มีลูกค้าที่%s จึงไม่มีใครที่อาจจากไป", in["th"], who["th"]))
}

// Driving is a reason that comes first in a segment oftener than among all, by its shares of those whose risk is medium or high.
type Driving struct {
	Labels    map[string]string // nil where none does
	Here, All float64
	Market    string
}

// Drives says what drives the people of a segment away oftener than others.
func Drives(d *Driving) map[string]string {
	if d.Labels == nil {
		return Told("No reason comes first in this segment clearly more often than among all.", "이 세그먼트에서 전체보다 뚜렷이 더 잦은 첫째 이유는 없습니다.", "ไม่มีเหตุผลใดที่เป็นเหตุผลแรกในเซกเมนต์นี้บ่อยกว่าทั้งหมดอย่างชัดเจน")
	}
	all := Told("of all", "전체에서는", "ของทั้งหมด")
	if d.Market != "" {
		all = Told(fmt.Sprintf("of all in %s", d.Market), fmt.Sprintf("%s 전체에서는", d.Market), fmt.Sprintf("ของทั้งหมดใน %s", d.Market))
	}
	return Told(
		fmt.Sprintf("%s: the first reason of %s of those in this segment whose risk is medium or high, and of %s %s.", d.Labels["en"], Percent(d.Here), Percent(d.All), all["en"]),
		fmt.Sprintf("%s: 위험이 중간 이상인 고객 중 이 세그먼트에서는 %s, %s %s의 첫째 이유입니다.", d.Labels["ko"], Percent(d.Here), all["ko"], Percent(d.All)),
		fmt.Sprintf("%s: เหตุผลแรกของ %s ของผู้ที่เสี่ยงปานกลางขึ้นไปในเซกเมนต์นี้ และของ %s %s", d.Labels["th"], Percent(d.Here), Percent(d.All), all["th"]))
}

// FewDrive says that too few in a segment may well leave to tell what drives them.
func FewDrive(n int64) map[string]string {
	if n == 0 {
		return Told("Nobody in this segment has a medium or high risk.", "이 세그먼트에는 위험이 중간 이상인 고객이 없습니다.", "ในเซกเมนต์นี้ไม่มีใครเสี่ยงปานกลางขึ้นไป")
	}
	return Told(
		fmt.Sprintf("Only %s in this segment with a medium or high risk: too few to compare with all.", customersOf(n)),
		fmt.Sprintf("이 세그먼트에서 위험이 중간 이상인 고객이 %d명뿐이어서 전체와 비교하기에 부족합니다.", n),
		fmt.Sprintf("ในเซกเมนต์นี้มีผู้ที่เสี่ยงปานกลางขึ้นไปเพียง %d คน น้อยเกินกว่าจะเทียบกับทั้งหมด", n))
}

// Group says how many have one reason first; none is without labels.
func Group(labels map[string]string, customers int64, money market.Money) map[string]string {
	n := market.FormatNumber(customers)
	if labels == nil {
		return Told(
			fmt.Sprintf("No single reason stands out for %s, with %s at risk", customersOf(customers), money.Compact(market.English)),
			fmt.Sprintf("고객 %s명은 뚜렷한 이유가 없습니다. 위험 금액 %s", n, money.Compact(market.Korean)),
			fmt.Sprintf("ลูกค้า %s คนไม่มีเหตุผลใดเด่นชัด มูลค่าเสี่ยง %s", n, money.Compact(market.Thai)))
	}
	return Told(
		fmt.Sprintf("%s: the first reason of %s, with %s at risk", labels["en"], customersOf(customers), money.Compact(market.English)),
		fmt.Sprintf("%s: 고객 %s명의 첫째 이유, 위험 금액 %s", labels["ko"], n, money.Compact(market.Korean)),
		fmt.Sprintf("%s: เหตุผลแรกของลูกค้า %s คน มูลค่าเสี่ยง %s", labels["th"], n, money.Compact(market.Thai)))
}

func customersOf(n int64) string {
	if n == 1 {
		return "1 customer"
	}
	return market.FormatNumber(n) + " customers"
}

var happenedTo = map[string]map[string]string{
	LateDelivery: Told("whose last order came late", "마지막 주문이 늦게 온", "ที่คำสั่งซื้อล่าสุดมาช้า"),
	Refunded:     Told("whose last order was refunded", "마지막 주문이 환불된", "ที่คำสั่งซื้อล่าสุดถูกคืนเงิน"),
}

// Found is that those to whom something happened leave oftener, and how many of them can still be reached.
type Found struct {
	Code, Market         string
	Ratio, Left, LeftNot float64
	Customers            int64
	Money                market.Money
	Segment              bool // of the customers
}

// Finding says what was found.
func (l *Leaving) Finding(f *Found) map[string]string {
	in := Told("Customers", "고객 중", "ลูกค้า")
	if f.Market != "" {
		in = Told(fmt.Sprintf("In %s customers", f.Market), fmt.Sprintf("%s 고객 중", f.Market), fmt.Sprintf("ใน %s ลูกค้า", f.Market))
	}
	of, with, did, n := Told("of them", "아직", "ยัง"), happenedTo[f.Code], l.did(), market.FormatNumber(f.Customers)
	if f.Segment {
		of = Told("of them in this segment", "이 세그먼트에서 아직", "ในเซกเมนต์นี้ยัง")
	}
	return Told(
		fmt.Sprintf("%s %s leave %.1f× as often as others (%s against %s %s); %s %s, with %s at risk, can still be reached.",
			in["en"], with["en"], f.Ratio, Percent(f.Left), Percent(f.LeftNot), did["en"], n, of["en"], f.Money.Compact(market.English)),
		fmt.Sprintf("%s %s 고객은 다른 고객보다 %.1f배 자주 떠납니다(%s %s 대 %s). %s 붙잡을 수 있는 고객 %s명, 위험 금액 %s.",
			in["ko"], with["ko"], f.Ratio, did["ko"], Percent(f.Left), Percent(f.LeftNot), of["ko"], n, f.Money.Compact(market.Korean)),
		fmt.Sprintf("%s%s จากไปบ่อยกว่าคนอื่น %.1f เท่า (%s: %s เทียบกับ %s) %sติดต่อได้ %s คน มูลค่าที่เสี่ยง %s",
			in["th"], with["th"], f.Ratio, did["th"], Percent(f.Left), Percent(f.LeftNot), of["th"], n, f.Money.Compact(market.Thai)))
}
