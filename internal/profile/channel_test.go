package profile

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/rest"
)

// consent asks for an act by the API, and tells how it was answered.
func (d *desk) consent(in map[string]string) (code int, hint, next string) {
	d.t.Helper()
	var answer struct {
		rest.Problem
		Hint string
	}
	code = d.call(http.MethodPut, "/v1/customers/ann/consents", in, &answer)
	if code >= 300 && answer.Type != "profile.unknown_channel" {
		d.t.Errorf("%v: %+v", in, answer)
	}
	return code, answer.Hint, answer.Next
}

// A withdrawal on a channel that nobody was asked about would hold for nothing: she would stay written to.
func TestAChannelMustBeKnown(t *testing.T) {
	t.Parallel()
	d := openDesk(t, Joined{})
	d.say("identify user=ann")
	for _, c := range []struct {
		state, channel string
		code           int
		next           string
	}{
		{Given, "all", 200, ""},
		{Withdrawn, "emial", 422, "Did you mean email? Use one of email, sms, push, line, kakao, phone, post, or all."},
		{Unknown, "emial", 422, "Did you mean email?"},
		{Given, "emial", 422, "Did you mean email?"},
		{Withdrawn, "pigeon", 422, "Use one of email"},
		{Withdrawn, "aall", 422, "Did you mean all?"},
		{Withdrawn, "post", 200, ""},
		{Given, "pigeon", 200, ""},
		{Withdrawn, "Pigeon", 200, ""},
	} {
		code, _, next := d.consent(map[string]string{"channel": c.channel, "state": c.state})
		if code != c.code || !strings.HasPrefix(next, c.next) {
			t.Errorf("%s on %s: %d %q", c.state, c.channel, code, next)
		}
	}
	for _, c := range d.page("ann").Consents {
		if want := map[bool]string{true: Withdrawn, false: Given}[c.Channel == "post" || c.Channel == "pigeon"]; c.State != want {
			t.Errorf("%+v", c)
		}
	}
	d.consent(map[string]string{"channel": "pigeon", "state": Given})
	d.consent(map[string]string{"channel": "all", "state": Withdrawn})
	for _, c := range d.page("ann").Consents {
		if c.State != Withdrawn {
			t.Errorf("all was taken back, but %+v", c)
		}
	}
	// It is known after a start, too.
	d.registry.mu.Lock()
	d.registry.lost()
	d.registry.mu.Unlock()
	if code, _, _ := d.consent(map[string]string{"channel": "pigeon", "state": Withdrawn}); code != http.StatusOK {
		t.Errorf("after a start: %d", code)
	}
}

// Purposes are free words: one that may be misspelled is kept, with a hint.
func TestAPurposeThatMayBeMisspelledIsHinted(t *testing.T) {
	t.Parallel()
	d := openDesk(t, Joined{})
	d.say("identify user=ann")
	for _, c := range []struct{ purpose, state, hint string }{
		{"", Given, ""},
		{"marketing", Withdrawn, ""},
		{"marketng", Withdrawn, "marketing"},
		{"research", Given, ""},
		{"servce", Given, "service"},
		{"servce", Withdrawn, ""}, // somebody was asked for it by now
	} {
		code, hint, _ := d.consent(map[string]string{"purpose": c.purpose, "channel": "sms", "state": c.state})
		if code != http.StatusOK || (hint == "") != (c.hint == "") || !strings.Contains(hint, "Did you mean "+c.hint) && hint != "" {
			t.Errorf("%s: %d %q", c.purpose, code, hint)
		}
	}
}

// Events that tell of a consent that cannot be kept are told apart, and are when they come again, whatever was said since.
func TestEventsOfUnknownChannelsAreUnheard(t *testing.T) {
	t.Parallel()
	d := openDesk(t, Joined{})
	said := []struct {
		event string
		heard bool
	}{
		{"identify user=ann", true},
		{`track Consent_Given user=ann {"channel":"email"}`, true},
		{`track Consent_Withdrawn user=ann {"channel":"pigeon"}`, false},
		{`track Unsubscribed user=ann {"channel":"e-mail"}`, false},
		{`track Consent_Given user=ann {"channel":"emial"}`, false},
		{`track Consent_Given user=ann {}`, false},
		{`track Consent_Withdrawn user=ann {"channel":["email","sms"]}`, false},
		{`track Consent_Withdrawn user=ann {"channel":"sms","purpose":"광고"}`, false},
		{`track Consent_Given user=ann {"channel":"pigeon"}`, true},
		{`track Consent_Withdrawn user=ann {"channel":"pigeon"}`, true},
		{`track Consent_Withdrawn user=ann {}`, true},
		{`track Unsubscribed user=ann {}`, true},
		{`track Viewed user=ann {"channel":"nothing"}`, true},
	}
	var events []string
	for _, s := range said {
		events = append(events, s.event)
	}
	facts := d.facts(events...)
	for _, time := range []string{"first", "again"} {
		for i, who := range d.apply(facts) {
			if heard := who.Customer != Unheard; heard != said[i].heard || who.Origin == Nobody {
				t.Errorf("%s: %s: %+v", time, said[i].event, who)
			}
		}
	}
	for _, c := range d.page("ann").Consents {
		if c.State != Withdrawn || c.Purpose != marketing || c.Channel == "emial" {
			t.Errorf("%+v", c)
		}
	}
	if got := d.say(`track Consent_Withdrawn user=nobody {"channel":"owl"}`); got[0].Customer != Unheard {
		t.Errorf("%+v", got)
	}
}
