package event

import (
	"strings"
	"testing"
)

// plainly writes addresses in small letters and numbers of one country by their digits, as profile does with more care.
func plainly(i Identity) (string, bool) {
	if i.Kind == KindEmail {
		return strings.ToLower(i.Value), strings.Contains(i.Value, "@")
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, i.Value)
	if national, ok := strings.CutPrefix(digits, "0"); ok {
		digits = "82" + national
	}
	return "+" + digits, len(digits) > 8
}

func TestAPersonIsFoundHoweverSheIsNamed(t *testing.T) {
	t.Parallel()
	n := NewNamed([]Identity{
		{KindUser, "42"}, {KindUser, "kim_77"}, {KindAnonymous, "b5f1"}, {KindEmail, "kim@example.com"}, {KindPhone, "+821012345678"}, {KindDevice, "ab-cd"}, {KindKey, "7"},
	}, plainly)
	for _, text := range []string{
		`{"userId":42}`, `{"userId":" 42 "}`, `{"userId":"kim_77"}`, `{"anonymousId":"b5f1"}`, `{"previousId":"42"}`, `{"customer":{"id":42}}`, `{"customer_id":42}`, `{"buyer":{"member_id":"42"}}`,
		`{"traits":{"email":"KIM@Example.com"}}`, `{"properties":{"to":"Kim <kim@example.com>"}}`, `{"context":{"traits":{"phone":"010-1234-5678"}}}`, `{"phone":"+82 10 1234 5678"}`, `{"phone":1012345678}`,
		`{"phone":821012345678}`, `{"context":{"externalIds":[{"id":"42","type":"user"}]}}`, `{"context":{"externalIds":[{"id":"7","type":"key","collection":"users"}]}}`, `{"context":{"device":{"id":"AB-CD"}}}`,
		`{"body":"{\"user\":\"kim_77\"}"}`, `{"note":"kim\u0040example.com"}`, `[{"a":["kim_77"]}]`,
		`{"userId":"kim_77","name`, `{"traits":{"email":"Kim@Example.COM","x":`, `3;kim_77;2024-01-01;12.50`, `order 5 of KIM@EXAMPLE.COM`, `a|010 1234 5678|b`, `"kim_77"`,
	} {
		if !n.In([]byte(text)) {
			t.Errorf("she is not found in %s", text)
		}
	}
	for _, text := range []string{
		``, ` `, `{}`, `{"userId":"420"}`, `{"quantity":42}`, `{"product_id":42}`, `{"userId":"kim_777"}`, `{"email":"akim@example.com"}`, `{"email":"kim@example.com.kr"}`, `{"phone":"010-1234-5679"}`,
		`{"context":{"externalIds":[{"id":"7","type":"user"}]}}`, `{"order":{"id":"42"}}`, `{"at":1700000000000}`, `3;42;2024-01-01;12.50`, `{"sku":"x-kim_77-y"}`, `null`,
	} {
		if n.In([]byte(text)) {
			t.Errorf("she is found in %s", text)
		}
	}
}
