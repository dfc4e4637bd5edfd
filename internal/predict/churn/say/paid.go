package say

import (
	"fmt"
	"math"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/market"
)

// definitionPaid is what leaving means where it goes by the end of what is paid for.
func (l *Leaving) definitionPaid() map[string]string {
	return Told(
		fmt.Sprintf("A customer leaves on the last day that she has paid for, if no order renews it up to %d days after: half of all orders that say pay for %d days or more. "+
			"Told for those who are paid up or in these %d days: who leaves within %d days.", l.Grace, l.Term, l.Grace, l.Horizon),
		fmt.Sprintf("결제한 이용 기간이 끝나고 %d일 안에 갱신 주문이 없으면 그 마지막 날에 이탈한 것으로 봅니다. 기간이 적힌 주문의 절반은 %d일 이상입니다. "+
			"이용 중이거나 끝난 지 %d일이 안 된 고객이 %d일 안에 이탈할지 알립니다.", l.Grace, l.Term, l.Grace, l.Horizon),
		fmt.Sprintf("ถือว่าลูกค้าจากไปในวันสุดท้ายที่ชำระไว้ เมื่อไม่มีคำสั่งซื้อต่ออายุภายใน %d วันหลังจากนั้น: ครึ่งหนึ่งของคำสั่งซื้อที่ระบุวันชำระไว้ %d วันขึ้นไป "+
			"คำนวณเฉพาะผู้ที่ยังไม่หมดอายุหรือยังอยู่ใน %d วันนั้น ว่าใครจะจากไปภายใน %d วัน", l.Grace, l.Term, l.Grace, l.Horizon))
}

// paidSaid says until when somebody has paid, and how often she has renewed.
func (f *Figures) paidSaid() map[string]string {
	if math.IsNaN(f.PaidLeft) {
		return Told("No order pays for any time", "이용 기간이 있는 주문이 없습니다", "ไม่มีคำสั่งซื้อที่ระบุระยะเวลา")
	}
	on, left := dayOfYear(f.PaidUntil), f.PaidLeft
	var out map[string]string
	switch {
	case left < 0:
		out = Told(fmt.Sprintf("Paid until %s, %s ago, and not renewed yet", on["en"], counted(-left, "day")), fmt.Sprintf("%s에 끝난 지 %.0f일, 아직 갱신하지 않았습니다", on["ko"], -left),
			fmt.Sprintf("ชำระไว้ถึง %s ผ่านมา %.0f วัน ยังไม่ต่ออายุ", on["th"], -left))
	case left == 0:
		out = Told(fmt.Sprintf("Paid until %s, the last day", on["en"]), fmt.Sprintf("%s까지 결제됨, 마지막 날입니다", on["ko"]), fmt.Sprintf("ชำระไว้ถึง %s ซึ่งเป็นวันสุดท้าย", on["th"]))
	default:
		out = Told(fmt.Sprintf("Paid until %s, %s left", on["en"], counted(left, "day")), fmt.Sprintf("%s까지 결제됨, %.0f일 남았습니다", on["ko"], left), fmt.Sprintf("ชำระไว้ถึง %s เหลือ %.0f วัน", on["th"], left))
	}
	had := Told(fmt.Sprintf("has renewed %.0f times", f.Renewals), fmt.Sprintf("지금까지 %.0f번 갱신했습니다", f.Renewals), fmt.Sprintf("ต่ออายุมาแล้ว %.0f ครั้ง", f.Renewals))
	switch f.Renewals {
	case 0:
		had = Told("has never renewed", "갱신한 적이 없습니다", "ยังไม่เคยต่ออายุ")
	case 1:
		had["en"] = "has renewed once"
	}
	return Told(out["en"]+"; "+had["en"], out["ko"]+". "+had["ko"], out["th"]+" "+had["th"])
}

// Lapsed is said of somebody who did not renew what she had paid for until a day.
func Lapsed(until int32) map[string]string {
	on := day.Day(until).String()
	return Told(fmt.Sprintf("Paid until %s and not renewed: by the definition this customer has left already.", on), fmt.Sprintf("이용 기간이 %s에 끝난 뒤 갱신하지 않아 이미 떠난 고객으로 봅니다.", on),
		fmt.Sprintf("ชำระไว้ถึง %s และไม่ได้ต่ออายุ ถือว่าจากไปแล้ว", on))
}

// NoSubscription is said of somebody who paid for no time.
func NoSubscription() map[string]string {
	return Told("No order of this customer pays for any time, so there is nothing to renew.", "이용 기간이 있는 주문이 없어 갱신할 것이 없습니다.", "ลูกค้ารายนี้ไม่มีคำสั่งซื้อที่ระบุระยะเวลา จึงไม่มีอะไรให้ต่ออายุ")
}

// riskPaid is the picture of risk where leaving goes by the end of what is paid for.
func (l *Leaving) riskPaid(r *Risked, of map[string]string, leaving string) map[string]string {
	n := market.FormatNumber(r.Customers)
	return Told(
		fmt.Sprintf("Of %s%s who are paid up or in the %d days after, about %s will not renew what ends within %d days; %s of their expected value is at risk.",
			customersOf(r.Customers), of["en"], l.Grace, leaving, l.Horizon, r.Money.Compact(market.English)),
		fmt.Sprintf("%s이용 중이거나 끝난 지 %d일이 안 된 %s명 중 약 %s명이 %d일 안에 끝나는 기간을 갱신하지 않을 것으로 보입니다. 위험 금액 %s.", of["ko"], l.Grace, n, leaving, l.Horizon, r.Money.Compact(market.Korean)),
		fmt.Sprintf("%sลูกค้าที่ยังไม่หมดอายุหรือหมดอายุไม่เกิน %d วัน %s คน คาดว่าราว %s คนจะไม่ต่ออายุที่หมดภายใน %d วัน มูลค่าที่เสี่ยง %s", of["th"], l.Grace, n, leaving, l.Horizon, r.Money.Compact(market.Thai)))
}

// MissingTerms says that no order pays for any time.
func MissingTerms() map[string]string {
	return Told(
		"No order says until when it pays, so nobody has a paid time that could end. Map the column to paid_until, or let leaving go by orders.",
		"언제까지의 결제인지 적힌 주문이 없어 끝날 이용 기간이 없습니다. 열을 paid_until로 지정하거나 주문을 기준으로 학습하십시오.",
		"ไม่มีคำสั่งซื้อใดระบุวันที่ชำระไว้ถึง จึงไม่มีวันหมดอายุ ให้จับคู่คอลัมน์กับ paid_until หรือใช้เกณฑ์ตามคำสั่งซื้อ")
}

func (l *Leaving) missingPaidDays(short int) map[string]string {
	return Told(
		fmt.Sprintf("%d more days of orders that say until when they pay are needed: with a horizon of %d days and %d of grace, three times both must have passed.", short, l.Horizon, l.Grace),
		fmt.Sprintf("이용 기간이 적힌 주문 기록이 %d일 더 필요합니다. 기준 %d일과 유예 %d일이면 그 합의 세 배가 지나야 합니다.", short, l.Horizon, l.Grace),
		fmt.Sprintf("ต้องมีคำสั่งซื้อที่ระบุวันชำระเพิ่มอีก %d วัน: เมื่อเกณฑ์คือ %d วันและผ่อนผัน %d วัน ต้องมีประวัติสามเท่าของผลรวม", short, l.Horizon, l.Grace))
}

// MissingRenewals says that too few renewed, or too few did not.
func MissingRenewals(left, renewed, least int) map[string]string {
	return Told(
		fmt.Sprintf("Of those whose paid time ended in the last horizon %d left and %d renewed; at least %d of each are needed. Each renewal must be an order of its own. Another horizon may help, or leaving by orders.", left, renewed, least),
		fmt.Sprintf("지난 기준 기간에 이용 기간이 끝난 고객 중 %d명이 떠나고 %d명이 갱신했습니다. 각각 적어도 %d명이 필요합니다. 갱신은 매번 별도의 주문이어야 합니다. 기준 일수를 바꾸거나 주문을 기준으로 학습해 보십시오.", left, renewed, least),
		fmt.Sprintf("ในช่วงล่าสุด ผู้ที่หมดอายุจากไป %d คน ต่ออายุ %d คน ต้องมีอย่างละ %d คนขึ้นไป การต่ออายุแต่ละครั้งต้องเป็นคำสั่งซื้อใหม่ ลองเปลี่ยนจำนวนวัน หรือใช้เกณฑ์ตามคำสั่งซื้อ", left, renewed, least))
}

// PaidBeyond says how much of a figure is owed to those who had no need to renew: what they paid for tells by itself that they stay.
func PaidBeyond(share, auc float64) map[string]string {
	return Told(
		fmt.Sprintf("%s of those judged had paid beyond the horizon and could not leave within it. Of the others alone it names the right one %.0f times in 100.", Percent(share), 100*auc),
		fmt.Sprintf("평가한 고객의 %s는 기준 기간보다 오래 결제해 그 안에 떠날 수 없었습니다. 나머지만 보면 100번에 %.0f번 맞힙니다.", Percent(share), 100*auc),
		fmt.Sprintf("ผู้ที่ประเมิน %s ชำระไว้เกินช่วงเวลานี้ จึงจากไปภายในช่วงไม่ได้ หากดูเฉพาะคนที่เหลือ ทายถูก %.0f ใน 100 ครั้ง", Percent(share), 100*auc))
}
