package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/app"
)

// TestLastEventsOfACustomer: her page ends with what she did last, for people and as JSON; a page of a past day does without.
func TestLastEventsOfACustomer(t *testing.T) {
	t.Parallel()
	s := stub{
		"GET /v1/status":       says(200, analysed),
		"GET /v1/customers/42": says(200, `{"id":"42","name":"Kim","spend":{"amount":"0","currency":"EUR"}}`),
		"GET /v1/customers/42/timeline": says(200, `{"items":[{"at":"2026-06-30T10:00:00Z","received_at":"2026-06-30T10:00:01Z","name":"Mug Admired","source":"web",
			"properties":{"colour":"green"}}],"next":""}`),
	}
	if status, out, talk := s.run(t.Context(), t, "customer", "42"); status != 0 || !strings.Contains(out, "Mug Admired") || !strings.Contains(out, `{"colour":"green"}`) {
		t.Errorf("%d %s %s", status, out, talk)
	}
	var page struct {
		Name string
		Last []struct{ Name string } `json:"last_events"`
	}
	status, out, talk := s.run(t.Context(), t, "customer", "42", "--json")
	if err := json.Unmarshal([]byte(out), &page); err != nil || status != 0 || page.Name != "Kim" || len(page.Last) != 1 || page.Last[0].Name != "Mug Admired" {
		t.Errorf("%d %v %s %s", status, err, out, talk)
	}
	if status, out, _ := s.run(t.Context(), t, "customer", "42", "--json", "--as-of", "2024-03-31"); status != 0 || strings.Contains(out, "last_events") {
		t.Errorf("%d %s", status, out)
	}
}

// TestWhoATailedEventIsAbout: by what the event brought, or by what she is known where that is our own number.
func TestWhoATailedEventIsAbout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    tailEvent
		want string
	}{
		{tailEvent{Identities: []string{"user:42"}, Customer: "key:7"}, "user:42"},
		{tailEvent{Identities: []string{"key:7"}, Customer: "key:7", Person: "anon:a1"}, "anon:a1"},
		{tailEvent{Identities: []string{"key:7"}, Customer: "key:7"}, "key:7"},
		{tailEvent{Customer: "key:7"}, "key:7"},
	} {
		if who := c.v.who(); who != c.want {
			t.Errorf("%+v: %s", c.v, who)
		}
	}
}

// TestTailSaysWhatItWaitsFor: on a folder that nobody serves nothing can come in; that is said, and the folder is let go of.
func TestTailSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var talk bytes.Buffer
	code := Main(ctx, app.Build{}, []string{"tail", "--data", t.TempDir()}, Streams{In: strings.NewReader(""), Out: &bytes.Buffer{}, Err: &talk, Env: func(string) string { return "" }})
	if code != 0 || ctx.Err() != nil || !strings.Contains(talk.String(), "No server runs on this data folder") || !strings.Contains(talk.String(), "dangol serve") {
		t.Errorf("%d %v %q", code, ctx.Err(), talk.String())
	}
	live := stub{"GET /v1/events/live": says(200, "data: {\"name\":\"Mug Admired\"}\n\n")}
	if _, out, said := live.run(t.Context(), t, "tail", "--count", "1"); !strings.Contains(said, "Waiting for events") || !strings.Contains(out, "Mug Admired") {
		t.Errorf("%q %q", out, said)
	}
}

// TestMergesThatCannotBeTakenBack: one that is taken back already conflicts with what there is; one that never was is a wrong name.
func TestMergesThatCannotBeTakenBack(t *testing.T) {
	t.Parallel()
	s := stub{"GET /v1/customers/42": says(200, `{"id":"42","merges":[{"id":"1","from":"7","into":"42","undone_at":"2026-06-30T10:00:00Z"}]}`)}
	if status, _, talk := s.run(t.Context(), t, "customer", "unmerge", "42"); status != 1 || !strings.Contains(talk, "no merge of 42 is left") {
		t.Errorf("%d %q", status, talk)
	}
	if status, _, talk := s.run(t.Context(), t, "customer", "unmerge", "42", "--merge", "9"); status != 3 || !strings.Contains(talk, "no merge 9 of 42") {
		t.Errorf("%d %q", status, talk)
	}
}

// TestConflictsAreFailures: the same command works once what is in its way is gone, so they are no bad input; see docs/look-up/cli.md.
func TestConflictsAreFailures(t *testing.T) {
	t.Parallel()
	s := stub{"POST /v1/merges": says(409, `{"type":"profile.same_person","status":409,"code":"conflict","detail":"1 and 2 are one customer already"}`)}
	if status, _, talk := s.run(t.Context(), t, "customer", "merge", "1", "2"); status != 1 || !strings.Contains(talk, "one customer already") {
		t.Errorf("%d %q", status, talk)
	}
}
