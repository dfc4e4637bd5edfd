package orders

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// walkIns are what tills and shops write where they do not know who bought.
var walkIns = wordSet("guest|guests|guest user|guest customer|guest checkout|walk-in|walkin customer|walk in customers|cash customer|cash sale|anonymous|unknown|unknown customer|" +
	"비회원|비회원구매|비회원 주문|비회원 고객|손님|일반고객|일반 손님|익명|게스트|" +
	"ลูกค้าทั่วไป|ลูกค้าหน้าร้าน|ลูกค้าเงินสด|ลูกค้าขาจร|ขาจร|ผู้ซื้อทั่วไป|ไม่ระบุ|ไม่ระบุชื่อ|ไม่ทราบชื่อ|ไม่เป็นสมาชิก|ไม่ใช่สมาชิก")

// isWalkIn tells a word for nobody in particular from a customer's key.
func isWalkIn(s string) bool {
	if last := s[len(s)-1]; len(s) > 60 || last >= '0' && last <= '9' {
		return false // nearly every key
	}
	return walkIns[normalise(s)]
}

// phoneKeys writes phone numbers in one way, so that one number in several spellings is one customer.
type phoneKeys struct{ known map[string]string }

// key is the number in E.164, or as it stands where it is no number that can be dialled.
func (k *phoneKeys) key(s string, p *plan) string {
	if had, ok := k.known[s]; ok {
		return had
	}
	region := regionOf(p.market, p.currency)
	plain, _ := withoutThaiDigits(s)
	key := strings.Clone(s)
	if n, err := phonenumbers.Parse(plain, region); err == nil && phonenumbers.IsPossibleNumber(n) {
		key = phonenumbers.Format(n, phonenumbers.E164)
	} else if digits := onlyDigits(plain); len(digits) >= 7 && !strings.ContainsFunc(plain, func(r rune) bool { return r == '*' || r == 'x' || r == 'X' }) {
		key = digits
	}
	if k.known == nil || len(k.known) >= 1<<16 {
		k.known = map[string]string{}
	}
	k.known[strings.Clone(s)] = key
	return key
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
