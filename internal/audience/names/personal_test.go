package names

import "testing"

func TestWhatIsAPersons(t *testing.T) {
	for _, name := range []string{"이름", "고객명", "수령인_주소", "휴대폰번호", "ชื่อ", "ชื่อลูกค้า", "ที่อยู่จัดส่ง", "เบอร์โทร", "given_name", "family-name", "mobile", "mobileNumber", "ssn", "mail"} {
		if aboutOf(true, name) != person {
			t.Errorf("%q is about nobody", name)
		}
	}
	for _, name := range []string{"class_name", "business_name", "is_mobile", "상품이름", "ชื่อสินค้า", "plan", "등급"} {
		if aboutOf(true, name) == person {
			t.Errorf("%q is about a person", name)
		}
	}
}
