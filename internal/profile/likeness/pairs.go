package likeness

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"
)

// What is what people can have in common.
type What string

// What several may have.
const (
	Email   What = "email"
	Mailbox What = "mailbox"
	Phone   What = "phone"
)

// How sure a reason makes it that two are one.
const (
	sureEmail    = 0.9
	sureMailbox  = 0.85
	surePhone    = 0.8
	sureBirthday = 0.6 // to which the likeness of the names adds
)

// crowd is how many people may share an address: more are a family, a shop or a test.
const crowd = 8

// trace is that a person has something.
type trace struct {
	hash   uint64
	person uint32
}

// common is what several people have.
type common struct {
	what   What
	value  string
	people []uint32
}

type nameOf struct {
	person uint32
	name   string
}

type suggestion struct {
	reasons []string
	unsure  float64 // the chance that none of the reasons is right
}

// Pairs finds, by what they have in common, who may be one. It is told everything twice: first it keeps only hashes of what
// people have, for a million customers have millions of addresses; after Sift the few that several have.
type Pairs struct {
	seen      []trace
	by        map[uint64]*common // by hash; nil in the first reading
	birthdays map[string][]nameOf
	pairs     map[[2]uint32]*suggestion
}

// Pair is two who may be one.
type Pair struct {
	A, B    uint32 // the smaller number first
	Reasons []string
	Sure    float64 // from 0 to 1
}

// NewPairs knows of nobody yet.
func NewPairs() *Pairs {
	return &Pairs{birthdays: map[string][]nameOf{}, pairs: map[[2]uint32]*suggestion{}}
}

// Has says what a person has.
func (s *Pairs) Has(person uint32, what What, value string) {
	hash := xxh3.HashString(string(what) + "\x00" + value)
	if s.by == nil {
		s.seen = append(s.seen, trace{hash, person})
		return
	}
	if c := s.by[hash]; c != nil && !slices.Contains(c.people, person) && len(c.people) <= crowd {
		c.what, c.value, c.people = what, value, append(c.people, person)
	}
}

// Born says when a person was born, and her name.
func (s *Pairs) Born(person uint32, day, name string) {
	if s.by != nil {
		s.birthdays[day] = append(s.birthdays[day], nameOf{person, name})
	}
}

// Sift ends the first reading: it keeps what more than one person has.
func (s *Pairs) Sift() {
	slices.SortFunc(s.seen, func(a, b trace) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.person, b.person)) })
	s.seen = slices.Compact(s.seen)
	s.by = map[uint64]*common{}
	for i := 0; i < len(s.seen); {
		end := i
		for end < len(s.seen) && s.seen[end].hash == s.seen[i].hash {
			end++
		}
		if n := end - i; n > 1 && n <= crowd {
			s.by[s.seen[i].hash] = &common{}
		}
		i = end
	}
	s.seen = nil
}

// MailboxOf is where mail to an address goes: what follows a + does not count, nor do dots at the one provider that ignores them.
func MailboxOf(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	local, _, _ = strings.Cut(local, "+")
	if domain == "googlemail.com" {
		domain = "gmail.com"
	}
	if domain == "gmail.com" {
		local = strings.ReplaceAll(local, ".", "")
	}
	return local + "@" + domain
}

// Compare ends the second reading: it makes pairs of those who have something in common.
func (s *Pairs) Compare() {
	groups := slices.SortedFunc(maps.Values(s.by), func(a, b *common) int {
		return cmp.Or(cmp.Compare(a.what, b.what), strings.Compare(a.value, b.value))
	})
	for _, c := range groups {
		for i, a := range c.people {
			for _, b := range c.people[:i] {
				s.inCommon(a, b, c)
			}
		}
	}
	for _, day := range slices.Sorted(maps.Keys(s.birthdays)) {
		list := s.birthdays[day]
		if len(list) > 2000 {
			continue // a day that a form fills in by itself
		}
		for i, a := range list {
			for _, b := range list[:i] {
				if like := Names(a.name, b.name); like >= Alike {
					s.suggest(a.person, b.person, sureBirthday+0.3*like, fmt.Sprintf("Born on %s, and called %q and %q.", day, a.name, b.name))
				}
			}
		}
	}
}

func (s *Pairs) inCommon(a, b uint32, c *common) {
	switch c.what {
	case Email:
		s.suggest(a, b, sureEmail, fmt.Sprintf("Both are reached at %s.", c.value))
	case Phone:
		s.suggest(a, b, surePhone, fmt.Sprintf("Both have the phone number %s.", c.value))
	case Mailbox: // of one address it is no news
		if known := s.pairs[order(a, b)]; known == nil || !strings.HasPrefix(known.reasons[0], "Both are reached") {
			s.suggest(a, b, sureMailbox, fmt.Sprintf("Their addresses lead to one mailbox, %s.", c.value))
		}
	}
}

func order(a, b uint32) [2]uint32 { return [2]uint32{min(a, b), max(a, b)} }

func (s *Pairs) suggest(a, b uint32, sure float64, reason string) {
	if a == b {
		return
	}
	pair := s.pairs[order(a, b)]
	if pair == nil {
		pair = &suggestion{unsure: 1}
		s.pairs[order(a, b)] = pair
	}
	if !slices.Contains(pair.reasons, reason) {
		pair.reasons, pair.unsure = append(pair.reasons, reason), pair.unsure*(1-sure)
	}
}

// Len is how many pairs were found.
func (s *Pairs) Len() int { return len(s.pairs) }

// Surest are the pairs found, the surest first, and at most so many.
func (s *Pairs) Surest(most int) []Pair {
	keys := slices.SortedFunc(maps.Keys(s.pairs), func(x, y [2]uint32) int {
		return cmp.Or(cmp.Compare(s.pairs[x].unsure, s.pairs[y].unsure), cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]))
	})
	list := make([]Pair, 0, min(len(keys), most))
	for _, k := range keys[:min(len(keys), most)] {
		list = append(list, Pair{k[0], k[1], s.pairs[k].reasons, 1 - s.pairs[k].unsure})
	}
	return list
}
