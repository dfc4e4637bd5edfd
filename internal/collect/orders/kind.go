package orders

import "strings"

// kindMode is how a column tells refunds.
type kindMode uint8

const (
	kindStatus kindMode = iota // what became of the order: "refunded", "취소완료", "ยกเลิก"
	kindFlag                   // by yes or no: the header is "is_refund", "환불여부"
	kindFilled                 // by being filled: the header is "cancelled_at"
	kindType                   // what the row itself is: "sale", "refund", each on a row of its own
)

// undoing is what a row's status says of its sale.
type undoing uint8

const (
	stands    undoing = iota
	cancelled         // it was called off: nothing was bought and no money went back
	neverPaid         // it waits for its money, or will never see it
	returned          // it was bought, and given back: both happened, and both are in this row
	givenBack         // the row is the refund, of a sale that has a row of its own
)

// typeHeaders name what a row is, rather than what became of its order.
var typeHeaders = wordSet("kind|type|transaction type|trans type|order type|line type|record type|구분|주문구분|거래구분|거래유형|매출구분|ประเภทรายการ|ประเภท")

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Split(words, "|") {
		m[normalise(w)] = true
	}
	return m
}

func kindModeOf(header string) kindMode {
	n := normalise(header)
	refundish := strings.Contains(n, "refund") || strings.Contains(n, "cancel") || strings.Contains(n, "return")
	switch {
	case refundish && strings.HasSuffix(n, "at"):
		return kindFilled
	case refundish && (strings.HasPrefix(n, "is") || !strings.Contains(n, "status")), strings.HasSuffix(n, "여부"):
		return kindFlag
	case typeHeaders[n]:
		return kindType
	}
	return kindStatus
}

// isStatusHeader tells the headers of states, which are of few values and identify nobody.
func isStatusHeader(header string) bool {
	n := normalise(header)
	for _, w := range []string{"status", "fulfillment", "fulfilment", "financial", "상태", "สถานะ"} {
		if strings.Contains(n, w) {
			return true
		}
	}
	return false
}

// Words by which a status says that the order was undone, and words that take it back: asked for, refused, withdrawn, in part.
var (
	refundWords = []string{"refund", "return", "cancel", "void", "chargeback", "creditnote", "creditmemo", "reversal", "reversed", "storno", "환불", "취소", "반품", "คืนเงิน", "ยกเลิก", "คืนสินค้า", "ส่งคืน"}
	notRefund   = []string{
		"partial", "request", "pending", "reject", "denied", "withdraw", "notreturn", "notrefund", "notcancel", "nonrefund", "noreturn", "norefund", "nocancel", "uncancel", "returning", "unreturn",
		"요청", "신청", "접수", "철회", "거부", "부분", "미취소", "미환불", "미반품", "불가", "없음", "ไม่", "บางส่วน", "คำขอ", "ขอคืน", "รอ",
	}
	cancelWords = []string{"cancel", "취소", "ยกเลิก"}
	rowWords    = wordSet("refund|return|sale return|creditnote|credit note|credit memo|creditmemo|storno|chargeback|reversal|reversed") // of a row that is itself the refund
	unpaidWords = wordSet("void|voided|unpaid|expired|failed|payment pending|pending payment|awaiting payment|wc-pending|wc-failed|입금대기|입금 전|미입금|결제대기|결제실패|결제 전|ยังไม่ชำระ|ยังไม่ชำระเงิน|ที่ต้องชำระ|รอชำระเงิน|รอการชำระเงิน|ยังไม่ได้ชำระเงิน")
	yesWords    = map[string]bool{"1": true, "y": true, "yes": true, "true": true, "t": true, "o": true, "예": true, "네": true, "ใช่": true, "x": true}
)

// kindReader tells what became of a sale by a status column, remembering the words it has met.
type kindReader struct {
	mode    kindMode
	calls   bool // the header speaks of cancelling
	payment bool // the header speaks of payment
	marks   marks
	known   map[string]undoing
}

func newKindReader(mode kindMode, header string) kindReader {
	n := normalise(header)
	return kindReader{mode: mode, calls: containsAny(n, cancelWords), payment: containsAny(n, []string{"financial", "payment", "결제", "ชำระ"})}
}

func (k *kindReader) read(cell string) undoing {
	if isNull(cell) {
		return stands
	}
	if k.mode == kindFilled {
		if k.marks.read(cell) {
			return k.byHeader()
		}
		return stands
	}
	u, ok := k.known[cell]
	if ok {
		return u
	}
	u = k.meaning(cell)
	if k.known == nil {
		k.known = map[string]undoing{}
	}
	if len(k.known) < 4096 {
		k.known[strings.Clone(cell)] = u
	}
	return u
}

func (k *kindReader) byHeader() undoing {
	if k.calls {
		return cancelled
	}
	return returned
}

func (k *kindReader) meaning(cell string) undoing {
	n := normalise(cell)
	if k.mode == kindFlag && yesWords[n] {
		return k.byHeader()
	}
	if k.mode != kindType && (unpaidWords[n] || k.payment && (n == "pending" || n == "authorized" || n == "authorised")) {
		return neverPaid
	}
	switch {
	case containsAny(n, notRefund) || !containsAny(n, refundWords):
		return stands
	case k.mode == kindType || rowWords[n]:
		return givenBack
	case containsAny(n, cancelWords):
		return cancelled
	}
	return returned
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// isCreditNote recognises the number of a credit note among numbers made of digits: C536379.
func isCreditNote(order string) bool {
	if order == "" || (order[0]|0x20) < 'a' {
		return false
	}
	for _, p := range []string{"C", "CN", "CR", "RF", "c"} {
		rest, ok := strings.CutPrefix(order, p)
		if rest = strings.TrimPrefix(rest, "-"); ok && allDigits(rest) {
			return true
		}
	}
	return false
}
