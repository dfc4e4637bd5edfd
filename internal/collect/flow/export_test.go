package flow

import (
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/event"
)

// TestWhatIsHersIsHandedOut: an event that merely mentions her may be somebody else's, and is only told of.
func TestWhatIsHersIsHandedOut(t *testing.T) {
	t.Parallel()
	hers := named(event.Identity{Kind: event.KindUser, Value: "42"}, event.Identity{Kind: event.KindEmail, Value: "kim@x.kr"})
	for _, c := range []struct {
		raw, shared string
		says        bool
	}{
		{`{"userId":42}`, "", true},
		{`{"userId":"42","properties":{"friend":"lee@x.kr"}}`, "", true},
		{`{"userId":"lee","properties":{"friend":"kim@x.kr"}}`, "", false},
		{`{"userId":"lee","traits":{"email":"kim@x.kr"}}`, "", false},
		{`{"anonymousId":"a","properties":{"friend":"kim@x.kr"}}`, "", false},
		{`{"anonymousId":"a","traits":{"email":"KIM@x.kr"}}`, "", true},
		{`{"anonymousId":"a"}`, `{"context":{"traits":{"email":"kim@x.kr"}}}`, true},
		{`{"userId":"lee"}`, `{"context":{"traits":{"email":"kim@x.kr"}}}`, false},
		{`[{"userId":"42"},{"userId":"lee"}]`, "", false},
		{`{"userId":"42","cut off`, "", false},
	} {
		if got := says(hers, c.raw, c.shared); got != c.says {
			t.Errorf("%s with %s: %v", c.raw, c.shared, got)
		}
	}
}

func TestDeadLettersAreHandedOut(t *testing.T) {
	t.Parallel()
	h := open(t)
	name := "Poison"
	h.crowd.poison.Store(&name)
	h.put(t, `{"type":"track","event":"Poison","userId":"kim","messageId":"p"}`, `{"type":"track","event":"Poison","userId":"lee","messageId":"q"}`, `{"type":"track","userId":"kim","messageId":"r"}`)
	who := named(event.Identity{Kind: event.KindUser, Value: "kim"})
	if s := h.summary(t); s.DeadLetters != 1 {
		t.Fatalf("%+v", s)
	}
	kept, err := h.flow.KeptOf(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	n, err := h.flow.Erase(t.Context(), who)
	if err != nil || int(n) != len(kept) || n == 0 {
		t.Errorf("%d are handed out, %d erased, %v", len(kept), n, err)
	}
	for _, k := range kept {
		if !strings.Contains(k.Content, `"kim"`) || k.Note != "" || k.ReceivedAt.IsZero() || k.Reason != reasonLetter && k.Reason != "no_name" {
			t.Errorf("%+v", k)
		}
	}
}

// TestAConsentThatCannotBeKeptIsSetAside says why and what to do, and takes nothing else along.
func TestAConsentThatCannotBeKeptIsSetAside(t *testing.T) {
	t.Parallel()
	consent := func(props string) event.Fact {
		return event.Fact{Type: event.Track, Name: "Consent Withdrawn", MessageID: "m", Props: []byte(props), Context: []byte("{}")}
	}
	facts := []event.Fact{consent(`{"channel":"email"}`), consent(`{"channel":"pigeon","purpose":"ads"}`), consent(`{}`), consent(`{"channel":"` + strings.Repeat("x", 500) + `"}`)}
	stay, who, asides := (&Flow{}).ofSomeone(facts, []Who{{1, 1}, {Unheard, 1}, {Unheard, 1}, {Unheard, 1}})
	if len(stay) != 1 || len(who) != 1 || len(asides) != 3 {
		t.Fatalf("%d stay, %d are set aside", len(stay), len(asides))
	}
	for i, want := range []string{`on the channel "pigeon" for the purpose "ads", which is not known`, "does not say on which channel", `xxx"`} {
		a := asides[i]
		if a.Reason != "unusable_consent" || !strings.Contains(a.Sentence, want) || len(a.Sentence) > 200 || !strings.Contains(a.Next, "email, sms") || !a.claimed {
			t.Errorf("%+v", a.Trouble)
		}
	}
}
