package identity

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"pgregory.net/rapid"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
)

func book(t testing.TB, region string) *Book {
	t.Helper()
	b, err := NewBook(Default(), nil, region)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOneSpelling(t *testing.T) {
	t.Parallel()
	b, phones := book(t, "KR"), NewPhones()
	for _, c := range []struct {
		kind        Kind
		value, want string
	}{
		{User, " 42 ", "42"},
		{User, "단골", "단골"},
		{User, "", ""},
		{User, "null", ""},
		{User, "NULL ", ""},
		{User, "n/a", ""},
		{Anonymous, "00000000-0000-0000-0000-000000000000", ""},
		{Anonymous, "a\x00b", ""},
		{Anonymous, "a\xffb", ""},
		{Anonymous, strings.Repeat("x", 300), ""},
		{Device, "6D92078A-8246", "6d92078a-8246"},
		{Email, " Kim@Example.COM ", "kim@example.com"},
		{Email, "mailto:kim@example.com", "kim@example.com"},
		{Email, "kim＠example．com", "kim@example.com"},
		{Email, "kim@xn--bb0bu7i.kr", "kim@단골.kr"},
		{Email, "김@단골.kr", "김@단골.kr"},
		{Email, "STRASSE@MÜLLER.de", "strasse@müller.de"},
		{Email, "test@test.com", ""},
		{Email, "noemail@shop.kr", ""},
		{Email, "x@test.test", ""},
		{Email, "kim", ""},
		{Email, "kim@", ""},
		{Email, "@kim", ""},
		{Email, "a@b@c", ""},
		{Email, "a b@c.d", ""},
		{Email, "a@b..c", ""},
		{Phone, "010-1234-5678", "+821012345678"},
		{Phone, "+82 10 1234 5678", "+821012345678"},
		{Phone, "+82 (0)10-1234-5678", "+821012345678"},
		{Phone, "０１０－１２３４－５６７８", "+821012345678"},
		{Phone, "+66 ๘๑ ๒๓๔ ๕๖๗๘", "+66812345678"},
		{Phone, "+1 (212) 555-0123", "+12125550123"},
		{Phone, "00000000", ""},
		{Phone, "123", ""},
		{Phone, "call me", ""},
	} {
		got, ok := b.Normalise(c.kind, c.value, phones, "")
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s %q is %q, want %q", b.Name(c.kind), c.value, got, c.want)
		}
		if again, _ := b.Normalise(c.kind, got, phones, ""); ok && again != got {
			t.Errorf("%q becomes %q", got, again)
		}
	}
	if got, _ := b.Normalise(Phone, "081-234-5678", phones, "TH"); got != "+66812345678" {
		t.Errorf("a Thai number is %q", got)
	}
	if got, ok := book(t, "").Normalise(Phone, "081-234-5678", phones, ""); ok {
		t.Errorf("a number of no country is %q", got)
	}
}

// What is remembered of one number must hold for the others of its shape.
func TestRememberedShapesAgreeWithTheLibrary(t *testing.T) {
	t.Parallel()
	regions := []string{"KR", "TH", "US", "GB", "DE", "JP", "FR", "IT", "BR", "AR", "MX", "IN", "CN", "VN", "AU", "SG"}
	phones := NewPhones()
	rapid.Check(t, func(t *rapid.T) {
		region := rapid.SampledFrom(regions).Draw(t, "region")
		example := phonenumbers.GetExampleNumberForType(region, rapid.SampledFrom([]phonenumbers.PhoneNumberType{phonenumbers.MOBILE, phonenumbers.FIXED_LINE}).Draw(t, "type"))
		form := rapid.SampledFrom([]phonenumbers.PhoneNumberFormat{phonenumbers.NATIONAL, phonenumbers.INTERNATIONAL, phonenumbers.E164}).Draw(t, "form")
		text := []byte(phonenumbers.Format(example, form))
		change := rapid.IntRange(1, 5).Draw(t, "change")
		for i := len(text) - 1; i >= 0 && change > 0; i-- {
			if text[i] >= '0' && text[i] <= '9' {
				text[i] = byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
				change--
			}
		}
		got, ok := phones.normalise(string(text), region)
		want, wanted := parse(string(text), region)
		if got != want || ok != wanted {
			t.Fatalf("%q in %s is %q, and by the library %q", text, region, got, want)
		}
		if again, _ := phones.normalise(got, "DE"); ok && again != got {
			t.Fatalf("%q becomes %q", got, again)
		}
	})
}

func TestRules(t *testing.T) {
	t.Parallel()
	r := Default()
	r.Kinds = append(r.Kinds, Rule{"crm", 3, 2})
	b, err := NewBook(r, nil, "KR")
	if err != nil || b.Kind("crm") != FirstOwn || b.Kind("other") != None || b.Kind(event.KindKey) != Key || b.Limit(b.Kind("crm")) != 2 || b.Priority(User) != 1 {
		t.Fatalf("%v %v", b, err)
	}
	// A kind that is taken out and comes back has its number again, and another does not get it.
	without, err := NewBook(Default(), b.Numbers, "KR")
	if err != nil || without.Kind("crm") != None {
		t.Fatal(err)
	}
	r.Kinds[len(r.Kinds)-1].Kind = "pms"
	if other, err := NewBook(r, without.Numbers, "KR"); err != nil || other.Kind("pms") != FirstOwn+1 || other.Name(FirstOwn) != "crm" {
		t.Errorf("%v", err)
	}
	for reason, change := range map[string]func(*Rules){
		"profile.bad_kind":       func(r *Rules) { r.Kinds = append(r.Kinds, Rule{"user", 1, 1}) },
		"profile.no_user_kind":   func(r *Rules) { r.Kinds = r.Kinds[1:] },
		"profile.bad_blocked":    func(r *Rules) { r.Blocked = []string{"*a*"} },
		"profile.unknown_region": func(r *Rules) { r.Region = "QQ" },
	} {
		r := Default()
		change(&r)
		if _, err := NewBook(r, nil, ""); fault.From(err).Reason != reason || fault.From(err).Next == "" {
			t.Errorf("%s: %v", reason, err)
		}
	}
}

func BenchmarkNormalise(b *testing.B) {
	rules, phones := book(b, "KR"), NewPhones()
	for name, values := range map[string]func(i int) (Kind, string){
		"user":  func(int) (Kind, string) { return User, "customer-12345" },
		"email": func(int) (Kind, string) { return Email, "Kim.Minji@Example.com" },
		"phone": func(i int) (Kind, string) { return Phone, fmt.Sprintf("010-%04d-%04d", i%10000, i%9973) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				k, v := values(i)
				if _, ok := rules.Normalise(k, v, phones, ""); !ok {
					b.Fatal(v)
				}
			}
		})
	}
}
