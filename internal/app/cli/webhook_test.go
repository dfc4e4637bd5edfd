package cli

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWebhookVerbs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var asked string
	keep := func(answer string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			asked = string(b)
			_, _ = io.WriteString(w, answer)
		}
	}
	s := stub{
		"POST /v1/webhooks":           keep(`{"id":"hook_1","url":"/v1/hooks/hook_1","secret":"made"}`),
		"GET /v1/webhooks":            says(200, `{"items":[{"id":"hook_1","name":"Nord","kind":"shopify","enabled":true,"last_at":"2026-06-01T12:00:00Z","last_state":"told"}]}`),
		"POST /v1/webhooks/preview":   keep(`{"events":[{"type":"track"}],"problems":[{"path":"$.a","sentence":"it is odd","next":"Mend it."}]}`),
		"DELETE /v1/webhooks/hook_1":  says(204, ""),
		"DELETE /v1/webhooks/unknown": says(404, `{"type":"webhook.unknown","status":404,"code":"not_found","detail":"there is no hook with this id"}`),
	}
	status, out, _ := s.run(t.Context(), t, "webhook", "create", "Nord", "--kind", "generic", "--secret-file", write("secret", "hush\n"), "--mapping", write("m.json", `{"events":[]}`))
	if status != 0 || out != "/v1/hooks/hook_1\nmade\n" || asked != `{"kind":"generic","mapping":{"events":[]},"name":"Nord","secret":"hush"}` {
		t.Errorf("create: %d %q %s", status, out, asked)
	}
	if status, out, _ := s.run(t.Context(), t, "webhook", "list"); status != 0 || !strings.Contains(out, "hook_1  Nord  shopify  2026-06-01 12:00  told") {
		t.Errorf("list: %d %q", status, out)
	}
	status, out, talk := s.run(t.Context(), t, "webhook", "preview", write("s.json", `{"id":1}`), "--kind", "shopify", "--topic", "orders/create")
	if status != 1 || out != "{\"type\":\"track\"}\n" || !strings.Contains(talk, "$.a: it is odd\n  → Mend it.") {
		t.Errorf("preview: %d %q %q", status, out, talk)
	}
	if status, _, talk := s.run(t.Context(), t, "webhook", "preview", write("bad.json", `{`), "--kind", "shopify"); status != 3 || !strings.Contains(talk, "not JSON") {
		t.Errorf("preview of no JSON: %d %q", status, talk)
	}
	if status, _, _ := s.run(t.Context(), t, "webhook", "delete", "hook_1"); status != 0 {
		t.Errorf("delete: %d", status)
	}
	if status, _, _ := s.run(t.Context(), t, "webhook", "delete", "unknown"); status != 3 {
		t.Errorf("delete of an unknown one: %d", status)
	}
}

// TestWebhookWithoutAKind: what is left out of the command line is its usage, and the kinds are told.
func TestWebhookWithoutAKind(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"webhook", "preview", "missing.json"}, {"webhook", "create", "Nord"}} {
		if status, _, talk := (stub{}).run(t.Context(), t, args...); status != 2 || !strings.Contains(talk, "--kind") || !strings.Contains(talk, "shopify, woocommerce, cafe24 or generic") {
			t.Errorf("%v: %d %q", args, status, talk)
		}
	}
}
