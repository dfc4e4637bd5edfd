package consent

import "testing"

func TestAWordIsLikelyAnother(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		word, near, given string
	}{
		{"emial", "email", "email"},
		{"e-mail", "email", "email"},
		{"mail", "email", "email"},
		{"kakaotalk", "kakao", ""},
		{"posts", "post", "post"},
		{"phnoe", "phone", "phone"},
		{"mms", "sms", ""},
		{"pigeon", "", ""},
		{"whatsapp", "", ""},
		{"x", "", ""},
	} {
		if near := likely(c.word, channels, 2); near != c.near {
			t.Errorf("%s is likely %q, want %q", c.word, near, c.near)
		}
		if near := likely(c.word, channels, 1); near != c.given {
			t.Errorf("%s is a slip of %q, want %q", c.word, near, c.given)
		}
	}
}
