package flow

import (
	"fmt"

	"github.com/tidwall/gjson"

	"github.com/dangol/dangol/internal/event"
)

// Unheard is the customer of a fact that gives or withdraws consent in words that profile does not know. Kept as an event it
// would change nothing, and whoever sent it would believe that it did.
const Unheard = Nobody - 1

// longestWord is how much of a sender's word is said again.
const longestWord = 60

func unheardOf(f *event.Fact) event.Trouble {
	t := event.Trouble{
		Reason: "unusable_consent",
		Next: `Set "channel" to email, sms, push, line, kakao, phone, post or all, and "purpose" to small Latin letters such as marketing, ` +
			`then replay. A channel of your own is known once consent is given on it.`,
	}
	said := gjson.GetManyBytes(f.Props, "channel", "purpose")
	if said[0].String() == "" {
		t.Sentence = "It tells of a consent and does not say on which channel."
		return t
	}
	t.Sentence = fmt.Sprintf("It tells of a consent on the channel %.*q", longestWord, said[0].String())
	if said[1].String() != "" {
		t.Sentence += fmt.Sprintf(" for the purpose %.*q", longestWord, said[1].String())
	}
	t.Sentence += ", which is not known, so that it would change nothing."
	return t
}
