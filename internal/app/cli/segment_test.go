package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/kit/fault"
)

// reads runs a command line against the stub with something on standard input.
func (s stub) reads(t *testing.T, in string, args ...string) (status int, out, talk string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = Main(context.WithoutCancel(t.Context()), app.Build{}, append(args, "--server", s.serve(t)), Streams{
		In: strings.NewReader(in), Out: &stdout, Err: &stderr, Env: func(string) string { return "" },
	})
	return status, stdout.String(), stderr.String()
}

func TestDefinitionThatIsNone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, says string }{
		{`{bad`, "this is not JSON (standard input, line 1)"},
		{"{\n\"rule\":\n{\"did\":}}", "standard input, line 3"},
		{`{"rule":{"did":"X"}`, "this is not JSON"},
		{`[]`, "this is a list, not a JSON object"},
		{`"did"`, "this is a text"},
		{`null`, "this is null"},
		{" \n", "there is nothing in it (standard input)"},
	} {
		for _, args := range [][]string{{"segment", "create", "-"}, {"segment", "update", "vip", "-"}, {"segment", "preview", "-"}, {"trait", "create", "x", "-"}, {"trait", "update", "x", "-"}} {
			status, out, talk := stub{}.reads(t, c.in, args...)
			if status != fault.ExitBadInput || out != "" || !strings.Contains(talk, c.says) || !strings.Contains(talk, "→ Write an object") || strings.Contains(talk, "unmarshal") {
				t.Errorf("%v of %q: status %d, %q %q", args, c.in, status, out, talk)
			}
		}
	}
}

// TestDefinitionWithoutARule: a name alone is a change of the name, and not a rule.
func TestDefinitionWithoutARule(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{`{"name":"VIP"}`: `{"name":"VIP"}`, `{"did":"X"}`: `{"rule":{"did":"X"}}`} {
		got := ""
		s := stub{"GET /v1/segments/vip/dependants": says(200, `{"items":[]}`), "PUT /v1/segments/vip": func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got = string(body)
			says(200, `{"id":"vip"}`)(w, r)
		}}
		if status, _, talk := s.reads(t, in, "segment", "update", "vip", "-"); status != 0 || got != want || strings.Contains(talk, "Used by") {
			t.Errorf("%s: %d, %s, %s", in, status, got, talk)
		}
	}
}

// TestUsersAreToldBeforeAChange: on standard error, and also where the change is refused.
func TestUsersAreToldBeforeAChange(t *testing.T) {
	t.Parallel()
	s := stub{
		"GET /v1/segments/buyers/dependants": says(200, `{"items":["vip","callers"]}`),
		"PUT /v1/segments/buyers":            says(200, `{"id":"buyers","sentence":"Customers.","members":1}`),
		"GET /v1/traits/orders_30d":          says(200, `{"name":"orders_30d"}`), "GET /v1/traits/orders_30d/dependants": says(200, `{"segments":["vip"],"traits":["rate"]}`),
		"PUT /v1/traits/orders_30d": says(422, `{"type":"rule.circle","status":422,"code":"invalid","detail":"this goes in a circle","next":"Take one out."}`),
	}
	status, out, talk := s.reads(t, `{"did":"X"}`, "segment", "update", "buyers", "-", "--json")
	if status != 0 || !json.Valid([]byte(out)) || talk != "Used by: vip, callers.\n" {
		t.Errorf("%d %q %q", status, out, talk)
	}
	if _, _, talk := s.reads(t, `{"did":"X"}`, "segment", "update", "buyers", "-", "--quiet"); talk != "" {
		t.Errorf("%q", talk)
	}
	status, out, talk = s.reads(t, `{"take":"count","of":"X"}`, "trait", "update", "orders_30d", "-")
	if status != fault.ExitBadInput || out != "" || !strings.HasPrefix(talk, "Used by: vip, the trait rate.\n") {
		t.Errorf("%d %q %q", status, out, talk)
	}
}

func TestVerifySaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answer    string
		status    int
		out, talk string
	}{
		{`{"checked":24,"differing":0,"segments":[],"unchecked":[]}`, 0, "24 segments compared, 0 memberships differ.\n", ""},
		{`{"checked":2,"differing":1,"segments":["vip"],"unchecked":[]}`, 1, "1 membership differs.\nThey differ in: vip.\n", "within half an hour"},
		{`{"checked":2,"differing":5,"segments":["vip","callers"],"unchecked":[{"id":"a","broken":true,"why":"this goes in a circle"}]}`, 1, "They differ in: vip, callers.\nNot compared: a: this goes in a circle.\n", "5 memberships of the segments"},
		{`{"checked":2,"differing":0,"segments":[],"unchecked":[{"id":"a","broken":true,"why":"this goes in a circle"}]}`, 1, "Not compared: a", "the rule of a cannot be answered"},
		{`{"checked":2,"differing":0,"segments":[],"unchecked":[{"id":"a","broken":false,"why":"still being computed"}]}`, 0, "Not compared: a: still being computed.", ""},
	} {
		s := stub{"POST /v1/segments/verify": says(200, c.answer)}
		status, out, talk := s.run(t.Context(), t, "segment", "verify")
		if status != c.status || !strings.Contains(out, c.out) || !strings.Contains(talk, c.talk) || (c.status == 0) != (talk == "") {
			t.Errorf("%s: %d %q %q", c.answer, status, out, talk)
		}
		if status, out, _ := s.run(t.Context(), t, "segment", "verify", "--json"); status != c.status || !json.Valid([]byte(out)) {
			t.Errorf("%s: %d %q", c.answer, status, out)
		}
	}
}

func TestTraitListOfOnesOwn(t *testing.T) {
	t.Parallel()
	s := stub{"GET /v1/traits": says(200, `{"items":[{"name":"orders","own":false,"labels":{"ko":"주문"}},{"name":"mine","own":true,"labels":{"ko":"내"}}]}`)}
	for _, args := range [][]string{{"trait", "list"}, {"trait", "list", "--json"}} {
		if _, out, _ := s.run(t.Context(), t, args...); !strings.Contains(out, "orders") || !strings.Contains(out, "mine") {
			t.Errorf("%v: %s", args, out)
		}
		status, out, _ := s.run(t.Context(), t, append(args, "--own")...)
		if status != 0 || strings.Contains(out, "orders") || !strings.Contains(out, "mine") || (len(args) == 3) != strings.Contains(out, `"ko": "내"`) {
			t.Errorf("%v --own: %d %s", args, status, out)
		}
	}
	none := stub{"GET /v1/traits": says(200, `{"items":[]}`)}
	if _, out, _ := none.run(t.Context(), t, "trait", "list", "--own", "--json"); !strings.Contains(out, `"items": []`) {
		t.Error(out)
	}
}
