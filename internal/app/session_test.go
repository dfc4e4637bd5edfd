package app

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/rest"
)

func TestBrowserSession(t *testing.T) {
	t.Parallel()
	a := openTest(t)
	key, secret, err := a.accounts.CreateKey(t.Context(), "console", rest.Read)
	if err != nil {
		t.Fatal(err)
	}
	far := a.Handler(false)
	if w, _ := (shot{method: http.MethodPost, path: "/v1/session", body: `{"key":"wrong"}`}).at(t, far); w.Code != http.StatusUnauthorized || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("a wrong key gives %d and the cookie %q", w.Code, w.Header().Get("Set-Cookie"))
	}
	w, _ := shot{method: http.MethodPost, path: "/v1/session", body: `{"key":"` + secret + `"}`, header: map[string]string{"X-Forwarded-Proto": "https"}}.at(t, far)
	set := w.Header().Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "Secure", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(set, want) {
			t.Errorf("the cookie %q lacks %s", set, want)
		}
	}
	if strings.Contains(set, secret) {
		t.Error("the cookie holds the key itself")
	}
	carry, _, _ := strings.Cut(set, ";")
	as := func(method, path, body string, more ...string) int {
		header := map[string]string{"Cookie": carry}
		for i := 0; i+1 < len(more); i += 2 {
			header[more[i]] = more[i+1]
		}
		w, _ := shot{method: method, path: path, body: body, header: header}.at(t, far)
		return w.Code
	}
	if got := as(http.MethodGet, "/v1/status", ""); got != http.StatusOK {
		t.Errorf("status with the cookie = %d", got)
	}
	if got := as(http.MethodPost, "/v1/analyses", "{}"); got != http.StatusForbidden {
		t.Errorf("a session of a reading key may write: %d", got)
	}
	if got := as(http.MethodPost, "/v1/analyses", "{}", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); got != http.StatusForbidden {
		t.Errorf("another site's page got %d", got)
	}
	if err := a.accounts.RevokeKey(t.Context(), key.ID); err != nil {
		t.Fatal(err)
	}
	if got := as(http.MethodGet, "/v1/status", ""); got != http.StatusUnauthorized {
		t.Errorf("after the key was revoked the session gives %d", got)
	}
}

func TestSignOutEndsTheSession(t *testing.T) {
	t.Parallel()
	a := openTest(t)
	_, secret, err := a.accounts.CreateKey(t.Context(), "console", rest.Admin)
	if err != nil {
		t.Fatal(err)
	}
	far := a.Handler(false)
	w, _ := shot{method: http.MethodPost, path: "/v1/session", body: `{"key":"` + secret + `"}`}.at(t, far)
	carry, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	header := map[string]string{"Cookie": carry}
	if w, _ := (shot{method: http.MethodDelete, path: "/v1/session", header: header}).at(t, far); w.Code != http.StatusOK {
		t.Errorf("sign-out = %d", w.Code)
	}
	if w, _ := (shot{method: http.MethodGet, path: "/v1/status", header: header}).at(t, far); w.Code != http.StatusUnauthorized {
		t.Errorf("after sign-out status = %d", w.Code)
	}
}
