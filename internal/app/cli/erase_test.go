package cli

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/kit/fault"
)

// TestEraseHeedsWhatAPipeAnswers: a script that answers nothing is obeyed, one that answers no is too.
func TestEraseHeedsWhatAPipeAnswers(t *testing.T) {
	t.Parallel()
	erased := 0
	url := stub{"POST /v1/erasures": func(w http.ResponseWriter, r *http.Request) {
		erased++
		says(200, `{"id":"erasure_1","customer":"42","state":"done"}`)(w, r)
	}}.serve(t)
	for _, c := range []struct {
		answer string
		more   []string
		done   bool
	}{
		{"", nil, true},
		{"", []string{"--json"}, true},
		{"n\n", nil, false},
		{"n\n", []string{"--json"}, false},
		{"n", []string{"--json"}, false},
		{"\n", nil, false},
		{"43\n44\n", []string{"--json"}, false},
		{strings.Repeat("y", 1<<20), nil, false},
		{"y\n", []string{"--json"}, true},
		{"YES\r\n", nil, true},
		{"42\n", nil, true}, // as a terminal is asked for it
		{"n\n", []string{"--yes"}, true},
	} {
		var out, talk bytes.Buffer
		erased = 0
		status := Main(t.Context(), app.Build{}, append([]string{"erase", "42", "--server", url}, c.more...),
			Streams{In: strings.NewReader(c.answer), Out: &out, Err: &talk, Env: func(string) string { return "" }})
		want, times := fault.ExitUsage, 0
		if c.done {
			want, times = fault.ExitOK, 1
		}
		if status != want || erased != times || !c.done && (!strings.Contains(talk.String(), "nothing was erased") || out.Len() > 0) {
			t.Errorf("%.20q %v: status %d, %d erased, %q %q", c.answer, c.more, status, erased, out.String(), talk.String())
		}
	}
}

// TestOneAnswerLeavesTheRest: the list that a loop of a shell reads is not swallowed.
func TestOneAnswerLeavesTheRest(t *testing.T) {
	t.Parallel()
	in := strings.NewReader("n\nnext\n")
	line, given := oneAnswer(in)
	rest, err := io.ReadAll(in)
	if line != "n" || !given || string(rest) != "next\n" || err != nil {
		t.Errorf("%q %v %q %v", line, given, rest, err)
	}
}

// TestASilentPipeIsNoAnswer: a pipe that nobody writes to must not hold up a script.
func TestASilentPipeIsNoAnswer(t *testing.T) {
	t.Parallel()
	in, silent := io.Pipe()
	defer func() { _ = silent.Close() }()
	e := &env{Streams: Streams{In: in, Out: io.Discard, Err: io.Discard}}
	if err := e.agreed("42"); err != nil {
		t.Error(err)
	}
}
