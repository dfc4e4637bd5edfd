package flow

import (
	"context"
	"errors"
	"testing"
)

// TestWhatWeTellNamesItsPerson: an event that brought no name but our number is given what she is known by; others are left as they are.
func TestWhatWeTellNamesItsPerson(t *testing.T) {
	t.Parallel()
	known := map[string]string{"key:0": "anon:a1", "key:1": "key:1"}
	resolve := func(_ context.Context, ref string) (uint32, string, error) {
		if id := known[ref]; id != "" {
			return 0, id, nil
		}
		return 0, "", errors.New("nobody")
	}
	for _, c := range []struct {
		e    Event
		want string
	}{
		{Event{Customer: "key:0", Identities: []string{"key:0"}}, "anon:a1"},
		{Event{Customer: "key:0", Identities: []string{"user:42"}}, ""},
		{Event{Customer: "key:1", Identities: []string{"key:1"}}, ""},
		{Event{Customer: "key:9", Identities: []string{"key:9"}}, ""},
		{Event{Identities: []string{}}, ""},
	} {
		if c.e.recognise(t.Context(), resolve); c.e.Person != c.want {
			t.Errorf("%+v, want %q", c.e, c.want)
		}
	}
}
