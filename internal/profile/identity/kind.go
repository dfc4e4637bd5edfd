package identity

import (
	"slices"

	"github.com/dangol/dangol/internal/event"
)

// Kind is what sort of name an identity is. The numbers are kept in the records.
type Kind uint8

// The kinds that every workspace has. A workspace's rules may add others, numbered from FirstOwn.
const (
	None Kind = iota
	User
	Shop
	POS
	Line
	Kakao
	Email
	Phone
	Push
	Device
	Anonymous
	FirstOwn Kind = 32
	// Key is a customer's own number, by which our own events name her; it is kept nowhere.
	Key Kind = 255
)

var names = map[Kind]string{
	User: event.KindUser, Shop: event.KindShop, POS: event.KindPOS, Line: event.KindLine, Kakao: event.KindKakao, Email: event.KindEmail,
	Phone: event.KindPhone, Push: event.KindPush, Device: event.KindDevice, Anonymous: event.KindAnonymous, Key: event.KindKey,
}

// Mobile reports whether identities of the kind name a machine, which changes hands, and not a person.
func (k Kind) Mobile() bool { return k == Push || k == Device || k == Anonymous }

// Rule is what a workspace says of one kind.
type Rule struct {
	Kind     string `json:"kind" maxLength:"64" doc:"user, shop, pos, line, kakao, email, phone, push, device, anonymous, or a type of context.externalIds of your own"`
	Priority int    `json:"priority" minimum:"1" maximum:"100" doc:"1 is the strongest: the strongest identity of an event decides whose it is"`
	Limit    int    `json:"limit" minimum:"0" maximum:"1000" doc:"how many of the kind one person may have; 0 for any number"`
}

// Rules are what a workspace may change about identities.
type Rules struct {
	Kinds   []Rule   `json:"kinds" maxItems:"64"`
	Blocked []string `json:"blocked" maxItems:"2000" doc:"values that name nobody, of whatever kind, in any case; one * at the beginning or the end stands for anything"`
	Region  string   `json:"region" required:"false" maxLength:"2" doc:"country (ISO 3166) of phone numbers that name none; by default the one of the workspace's currency"`
}

// Default are the rules of a new workspace.
func Default() Rules {
	return Rules{
		Kinds: []Rule{
			{event.KindUser, 1, 1},
			{event.KindShop, 2, 5},
			{event.KindPOS, 3, 5},
			{event.KindLine, 4, 2},
			{event.KindKakao, 5, 2},
			{event.KindEmail, 6, 5},
			{event.KindPhone, 7, 5},
			{event.KindPush, 8, 20},
			{event.KindDevice, 9, 20},
			{event.KindAnonymous, 10, 100},
		},
		Blocked: []string{
			"0", "-", "-1", "00000000-0000-0000-0000-000000000000", "anonymous", "anon", "guest", "unknown", "undefined", "null", "nil", "none", "nan", "n/a", "na",
			"true", "false", "userid", "user_id", "empty", "[object object]", "{}", "[]", "\"\"", "''", "test@test.com", "none@none.com", "no@email.com", "noemail@*", "*@test.test",
		},
	}
}

// kinds numbers the kinds of the rules; own ones get the number they had before, or the next one free.
func (r Rules) kinds(before map[string]Kind) map[string]Kind {
	all := map[string]Kind{}
	next := FirstOwn
	for k, name := range names {
		all[name] = k
	}
	for name, k := range before {
		all[name] = k
		if k >= FirstOwn && k != Key {
			next = max(next, k+1)
		}
	}
	for _, rule := range r.Kinds {
		if _, known := all[rule.Kind]; !known && next < Key {
			all[rule.Kind] = next
			next++
		}
	}
	return all
}

// standard reports whether every workspace has the kind.
func standard(name string) bool {
	return slices.ContainsFunc(Default().Kinds, func(r Rule) bool { return r.Kind == name })
}

// Ref is how people write an identity: of a user her id alone.
func Ref(kind, value string) string {
	switch kind {
	case "user":
		return value
	case "anonymous":
		return "anon:" + value
	}
	return kind + ":" + value
}
