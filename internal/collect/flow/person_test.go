package flow

import (
	"context"
	"slices"
	"testing"
)

// TestWhatWeTellNamesItsPerson: events that brought no name but our number are given what she is known by, all with one question; others
// are left as they are.
func TestWhatWeTellNamesItsPerson(t *testing.T) {
	t.Parallel()
	asked := [][]uint32{}
	names := func(_ context.Context, keys []uint32) (map[uint32]string, error) {
		asked = append(asked, keys)
		return map[uint32]string{0: "anon:a1"}, nil
	}
	events := []Event{
		{Customer: "key:0", Identities: []string{"key:0"}},
		{Customer: "key:0", Identities: []string{"user:42"}},
		{Customer: "key:1", Identities: []string{"key:1"}},
		{Customer: "key:0", Identities: []string{}},
		{Identities: []string{}},
	}
	recognise(t.Context(), events, names)
	for i, want := range []string{"anon:a1", "", "", "anon:a1", ""} {
		if events[i].Person != want {
			t.Errorf("event %d: %q, want %q", i, events[i].Person, want)
		}
	}
	if len(asked) != 1 || !slices.Equal(asked[0], []uint32{0, 1, 0}) {
		t.Errorf("asked %v", asked)
	}
	recognise(t.Context(), []Event{{Customer: "key:0", Identities: []string{"user:42"}}}, names)
	if len(asked) != 1 {
		t.Error("asked without need")
	}
}
