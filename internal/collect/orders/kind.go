package orders

import "strings"

// kindMode is how a column tells refunds.
type kindMode uint8

const (
	kindStatus kindMode = iota // by a word: "refunded", "취소완료", "คืนเงิน"
	kindFlag                   // by yes or no: the header is "is_refund", "환불여부"
	kindFilled                 // by being filled: the header is "cancelled_at"
)

func kindModeOf(header string) kindMode {
	n := normalise(header)
	refundish := strings.Contains(n, "refund") || strings.Contains(n, "cancel") || strings.Contains(n, "return")
	switch {
	case refundish && strings.HasSuffix(n, "at"):
		return kindFilled
	case refundish && (strings.HasPrefix(n, "is") || !strings.Contains(n, "status")), strings.HasSuffix(n, "여부"):
		return kindFlag
	}
	return kindStatus
}

// Words by which a status says that the order was undone, and words that take it back: asked for, refused, withdrawn, in part.
var (
	refundWords = []string{"refund", "return", "cancel", "void", "chargeback", "creditnote", "creditmemo", "reversal", "reversed", "storno", "환불", "취소", "반품", "คืนเงิน", "ยกเลิก", "คืนสินค้า", "ส่งคืน"}
	notRefund   = []string{
		"partial", "request", "pending", "reject", "denied", "withdraw", "notreturn", "notrefund", "notcancel", "nonrefund", "noreturn", "norefund", "nocancel", "uncancel", "returning", "unreturn",
		"요청", "신청", "접수", "철회", "거부", "부분", "미취소", "미환불", "미반품", "불가", "없음", "ไม่", "บางส่วน", "คำขอ", "ขอคืน", "รอ",
	}
	yesWords = map[string]bool{"1": true, "y": true, "yes": true, "true": true, "t": true, "o": true, "예": true, "네": true, "ใช่": true, "x": true}
)

// kindReader tells refunds by a status column, remembering the words it has met.
type kindReader struct {
	mode  kindMode
	known map[string]bool
}

func (k *kindReader) refund(cell string) bool {
	if isNull(cell) || (k.mode == kindFilled && cell == "0") {
		return false
	}
	if k.mode == kindFilled {
		return true
	}
	is, ok := k.known[cell]
	if ok {
		return is
	}
	is = k.meansRefund(cell)
	if k.known == nil {
		k.known = map[string]bool{}
	}
	if len(k.known) < 4096 {
		k.known[strings.Clone(cell)] = is
	}
	return is
}

func (k *kindReader) meansRefund(cell string) bool {
	n := normalise(cell)
	if k.mode == kindFlag && yesWords[n] {
		return true
	}
	for _, w := range notRefund {
		if strings.Contains(n, w) {
			return false
		}
	}
	for _, w := range refundWords {
		if strings.Contains(n, w) {
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
