package identity

import (
	"fmt"
	"maps"
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/dangol/dangol/internal/kit/fault"
)

// Book is a set of rules made ready for use. It is not changed after it is made.
type Book struct {
	Rules    Rules
	Numbers  map[string]Kind // every kind ever used, by its name
	names    [256]string
	priority [256]uint8 // 0: the kind is not in use
	limit    [256]uint16
	region   string
	blocked  map[string]struct{}
	prefixes []string
	suffixes []string
	longest  int // of the blocked values
}

var kindName = regexp.MustCompile(`^[a-z][a-z0-9_.-]*$`)

// NewBook checks the rules. numbers are those of the book before, nil for the first; region is the workspace's country,
// used where the rules name none.
func NewBook(r Rules, numbers map[string]Kind, region string) (*Book, error) {
	b := &Book{Rules: r, Numbers: r.kinds(numbers), region: strings.ToUpper(r.Region), blocked: map[string]struct{}{}}
	if b.region == "" {
		b.region = region
	}
	if b.region != "" && !phonenumbers.GetSupportedRegions()[b.region] {
		return nil, fault.Newf(fault.Invalid, "profile.unknown_region", "%q is no country that has phone numbers", r.Region).
			At(fault.Place{Field: "region", Value: r.Region}).Then("Write its code of two letters, e.g. KR or TH.")
	}
	for name, k := range b.Numbers {
		b.names[k] = name
	}
	for i, rule := range r.Kinds {
		k := b.Numbers[rule.Kind]
		if problem := b.problem(rule, k); problem != "" {
			return nil, fault.New(fault.Invalid, "profile.bad_kind", problem).At(fault.Place{Field: fmt.Sprintf("kinds[%d]", i), Value: rule.Kind}).
				Then("See GET /v1/identity-rules for rules that hold.")
		}
		b.priority[k], b.limit[k] = uint8(rule.Priority), uint16(rule.Limit)
	}
	if b.priority[User] == 0 {
		return nil, fault.New(fault.Invalid, "profile.no_user_kind", "the rules leave out the kind user, by which customers are known").Then("Add {\"kind\":\"user\",\"priority\":1,\"limit\":1}.")
	}
	return b, b.block(r.Blocked)
}

func (b *Book) problem(rule Rule, k Kind) string {
	switch {
	case !kindName.MatchString(rule.Kind) || k == Key:
		return "a kind is a word of small letters, digits, dots, dashes and underscores, and not key"
	case k == None:
		return "there are too many kinds"
	case b.priority[k] != 0:
		return "the kind stands twice"
	case rule.Priority < 1 || rule.Priority > 100:
		return "a priority is a number from 1 to 100"
	case rule.Limit < 0 || rule.Limit > 1000:
		return "a limit is a number from 0 to 1000"
	}
	return ""
}

func (b *Book) block(values []string) error {
	for i, v := range values {
		v = strings.ToLower(strings.TrimSpace(v))
		head, open := strings.CutSuffix(v, "*")
		tail, start := strings.CutPrefix(v, "*")
		switch {
		case len(strings.Trim(v, "*")) == 0 || strings.Count(v, "*") > 1 || strings.Contains(strings.Trim(v, "*"), "*"):
			return fault.New(fault.Invalid, "profile.bad_blocked", "a blocked value is a word, with at most one * at its beginning or end").
				At(fault.Place{Field: fmt.Sprintf("blocked[%d]", i), Value: v}).Then("Write the value itself, or e.g. noemail@*.")
		case open:
			b.prefixes = append(b.prefixes, head)
		case start:
			b.suffixes = append(b.suffixes, tail)
		default:
			b.blocked[v] = struct{}{}
			b.longest = max(b.longest, len(v))
		}
	}
	return nil
}

// Kind is the kind of a name, None where the rules do not use it.
func (b *Book) Kind(name string) Kind {
	k := b.Numbers[name]
	if k != Key && b.priority[k] == 0 {
		return None
	}
	return k
}

// Name is the name of a kind.
func (b *Book) Name(k Kind) string { return b.names[k] }

// Priority of a kind: the smaller, the stronger. A kind that is not in use any more is the weakest.
func (b *Book) Priority(k Kind) uint8 {
	if b.priority[k] == 0 {
		return 255
	}
	return b.priority[k]
}

// Limit is how many of the kind one person may have.
func (b *Book) Limit(k Kind) int {
	if b.limit[k] == 0 {
		return 1 << 30
	}
	return int(b.limit[k])
}

// Region is the country of phone numbers that name none, empty where none is known.
func (b *Book) Region() string { return b.region }

// Blocked reports whether the value names nobody.
func (b *Book) Blocked(value string) bool {
	if strings.Trim(value, "0-") == "" {
		return true // an all-zero UUID, phone or number
	}
	if len(value) <= b.longest {
		var room [64]byte
		if len(value) <= len(room) {
			if _, found := b.blocked[string(lower(room[:0], value))]; found {
				return true
			}
		} else if _, found := b.blocked[strings.ToLower(value)]; found {
			return true
		}
	}
	for _, p := range b.prefixes {
		if len(value) >= len(p) && strings.EqualFold(value[:len(p)], p) {
			return true
		}
	}
	for _, s := range b.suffixes {
		if len(value) >= len(s) && strings.EqualFold(value[len(value)-len(s):], s) {
			return true
		}
	}
	return false
}

func lower(dst []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if c >= 0x80 {
			return append(dst[:0], strings.ToLower(s)...)
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// Extra lists the kinds of the workspace's own.
func (b *Book) Extra() map[string]Kind {
	own := maps.Clone(b.Numbers)
	maps.DeleteFunc(own, func(name string, _ Kind) bool { return standard(name) || name == names[Key] })
	return own
}
