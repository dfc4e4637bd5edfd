package cli

import (
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/fault"
)

// TestAReasonThatIsNone: who misspells a reason is told which there are, and not that there is nothing.
func TestAReasonThatIsNone(t *testing.T) {
	t.Parallel()
	const others = "no_name 1,200, no_identity 3"
	s := stub{
		"GET /v1/quarantine":         says(200, `{"items":[],"by_reason":{"no_identity":3,"no_name":1200},"next":""}`),
		"POST /v1/quarantine/replay": says(200, `{"replayed":0}`),
	}
	for _, c := range []struct {
		args []string
		out  string
	}{
		{[]string{"quarantine", "list", "--reason", "zzz"}, ""},
		{[]string{"quarantine", "list", "--reason", "zzz", "--json"}, `"by_reason"`},
		{[]string{"replay", "--reason", "zzz"}, "0 sent again"},
		{[]string{"replay", "--reason", "zzz", "--json"}, `{"replayed":0}`},
	} {
		status, out, talk := s.run(t.Context(), t, c.args...)
		if status != 0 || !strings.Contains(talk, others) || !strings.Contains(out, c.out) || strings.Contains(out, "Nothing is set aside") || c.out == "" && out != "" {
			t.Errorf("%v: %d %q %q", c.args, status, out, talk)
		}
	}
	empty := stub{"GET /v1/quarantine": says(200, `{"items":[],"by_reason":{},"next":""}`)}
	if status, out, talk := empty.run(t.Context(), t, "quarantine", "list", "--reason", "zzz"); status != 0 || out != "Nothing is set aside.\n" || talk != "" {
		t.Errorf("%d %q %q", status, out, talk)
	}
}

// TestAFateThatIsNone: nothing would ever come of it.
func TestAFateThatIsNone(t *testing.T) {
	t.Parallel()
	status, _, talk := stub{}.run(t.Context(), t, "tail", "--fate", "nope")
	if status != fault.ExitUsage || !strings.Contains(talk, "accepted, quarantined, duplicate") {
		t.Errorf("%d %q", status, talk)
	}
}
