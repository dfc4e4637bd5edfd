package audience

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dangol/dangol/internal/kit/fault"
)

// known resolves a few people, as profile would.
func known(_ context.Context, ref string) (key uint32, id string, err error) {
	all := map[string]uint32{"42": 1, "user:42": 1, "email:kim@example.com": 2, "kim@example.com": 2, "phone:010-1234-5678": 3, "phone:+821012345678": 3, "anonymous:a1": 4, "anon:a1": 4}
	if key, found := all[ref]; found {
		return key, ref, nil
	}
	return 0, "", fault.New(fault.NotFound, "profile.unknown_customer", "nobody")
}

func TestListNamesPeople(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text     string
		keys     []uint32
		rows     int
		troubles []string // row reason value
	}{
		"without a header the first column counts": {"42\nkim@example.com,Kim\n+821012345678\n010-1234-5678\nanon:a1\n", []uint32{1, 2, 3, 3, 4}, 5, nil},
		"under a header the columns of identities": {"name,email,id\nKim,kim@example.com,\nLee,,42\nPark,nobody@example.com,42\n", []uint32{2, 1, 1}, 3, nil},
		"a header's kind":                          {"Phone number;x\n010-1234-5678;1\n", []uint32{3}, 1, nil},
		"in Korean, with tabs and a mark":          {"\ufeff이름\t전화번호\r\n김\t010-1234-5678\r\n", []uint32{3}, 1, nil},
		"an export's own marks":                    {"id,phone\n,'+821012345678\n", []uint32{3}, 1, nil},
		"rows that name nobody":                    {"id\n42\n99\n\nname\"x\n\" \"\nuser:42\n", []uint32{1, 1}, 5, []string{"3 unknown_person 99", "5 unreadable_row ", "6 no_identity "}},
	}
	for name, c := range cases {
		l, err := readList(t.Context(), []byte(c.text), known)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var troubles []string
		for _, x := range l.troubles {
			troubles = append(troubles, strings.Join([]string{string(rune('0' + x.Row)), x.Reason, x.Value}, " "))
		}
		if diff := cmp.Diff(c.keys, l.keys); diff != "" || l.rows != c.rows || l.troubled != len(c.troubles) {
			t.Errorf("%s: %d rows, %d troubles, %s", name, l.rows, l.troubled, diff)
		}
		if diff := cmp.Diff(c.troubles, troubles); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestListThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for text, reason := range map[string]string{
		"":                                   "audience.empty_list",
		"id\n":                               "audience.empty_list",
		"42\n\xc8 \n":                        "audience.list_encoding",
		"42\n\"kim@example.com\n42\n42\n":    "audience.open_quote",
		strings.Repeat("7\n", maxListRows+1): "audience.list_too_long",
	} {
		if _, err := readList(t.Context(), []byte(text), known); fault.From(err).Reason != reason {
			t.Errorf("%.20q: %v, not %s", text, err, reason)
		}
	}
}
