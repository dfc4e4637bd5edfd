package names

import (
	"slices"
	"strings"
)

// Parts of the names of properties that name or reach a person, or tell her from all others, written without what parts words. Those of
// Korea and Thailand are there as shops write them.
var (
	personalParts = []string{
		"email", "phone", "msisdn", "firstname", "lastname", "givenname", "familyname", "fullname", "surname", "nickname", "username", "birth", "address", "street", "postal", "postcode", "passport", "nationalid",
		"이름", "성명", "성함", "고객명", "회원명", "주문자", "구매자", "수령인", "수취인", "받는", "닉네임", "아이디", "주소", "우편", "전화", "휴대폰", "핸드폰", "연락처", "이메일", "메일", "생일", "생년월일", "주민", "여권",
		"ชื่อ", "นามสกุล", "ที่อยู่", "ไปรษณีย์", "โทร", "เบอร์", "มือถือ", "อีเมล", "วันเกิด", "บัตรประชาชน", "ผู้รับ", "ผู้ซื้อ",
	}
	// personalNames are whole names, of which things may have others like them.
	personalNames = []string{"tel", "fax", "dob", "avatar", "userid", "anonymousid", "customerid", "memberid", "lineid", "kakaoid", "ssn", "rrn", "mobilenumber", "mobileno", "성", "ไลน์"}
	// personalWords are words among others: of "is_mobile" things are told too.
	personalWords = []string{"mail", "mobile", "ssn"}
	// ofThings are words of Korea and Thailand that make a name one of a thing.
	ofThings = []string{"상품", "제품", "브랜드", "카테고리", "สินค้า", "แบรนด์", "หมวด"}
	// whose says of a name or an id that it is a person's.
	whose = []string{"customer", "user", "member", "buyer", "recipient", "contact", "person", "billing", "shipping"}
)

// about says whom or what a property is about.
type about uint8

const (
	unknown about = iota
	thing
	person
)

// aboutOf reads it from the property's name. Of an attribute, name and id are a person's.
func aboutOf(attribute bool, path string) about {
	path = strings.ToLower(path)
	owner, name := "", path
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		owner, name = path[:i], path[i+1:]
	}
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '-' || r == ' ' })
	name = strings.Join(words, "")
	if slices.ContainsFunc(ofThings, func(of string) bool { return strings.Contains(name, of) }) {
		return thing
	}
	asked := len(words) > 0 && (words[0] == "is" || words[0] == "has")
	hers := name == "name" || name == "id"
	switch {
	case !asked && slices.ContainsFunc(words, func(word string) bool { return slices.Contains(personalWords, word) }),
		slices.Contains(personalNames, name), slices.ContainsFunc(personalParts, func(part string) bool { return strings.Contains(name, part) }),
		hers && attribute && owner == "", hers && slices.ContainsFunc(whose, func(who string) bool { return strings.Contains(owner, who) }):
		return person
	}
	return thing
}

// reaches tells whether a value is an address or a number of a person, whatever its property is called.
func reaches(text string) bool { return strings.Contains(text, "@") || likePhone(text) }

// likePhone tells whether a text is written as a phone number is: with a + or a 0 before seven digits at least, and perhaps what
// groups them.
func likePhone(text string) bool {
	if text == "" || text[0] != '+' && text[0] != '0' && text[0] != '(' {
		return false
	}
	digits := 0
	for _, c := range []byte(text) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case !strings.ContainsRune("+-() ", rune(c)):
			return false
		}
	}
	return digits >= 7
}
