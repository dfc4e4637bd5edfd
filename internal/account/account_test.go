package account_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/account"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/store/storetest"
)

func TestKeyLife(t *testing.T) {
	now := time.Date(2024, 3, 31, 10, 0, 30, 0, time.UTC)
	s := account.New(storetest.Open(t, account.Schema), func() time.Time { return now }, slog.New(slog.DiscardHandler))
	ctx := t.Context()
	if some, err := s.AnyKey(ctx); some || err != nil {
		t.Fatalf("a new store has keys: %v %v", some, err)
	}
	key, secret, err := s.CreateKey(ctx, " sync ", rest.Write)
	if err != nil || !strings.HasPrefix(secret, account.SecretPrefix) || key.Name != "sync" {
		t.Fatalf("%+v %q %v", key, secret, err)
	}
	p, err := s.Verify(ctx, secret)
	if err != nil || p.Scope != rest.Write || p.Name != "sync" || p.Local {
		t.Errorf("verified as %+v, %v", p, err)
	}
	for _, wrong := range []string{"", secret + "x", strings.ToUpper(secret), "sync"} {
		if _, err := s.Verify(ctx, wrong); fault.CodeOf(err) != fault.Unauthenticated {
			t.Errorf("%q gave %v", wrong, err)
		}
	}
	keys, err := s.Keys(ctx)
	if err != nil || len(keys) != 1 || keys[0].LastUsedAt == nil || !keys[0].LastUsedAt.Equal(now.Truncate(time.Minute)) {
		t.Errorf("%+v %v", keys, err)
	}
	for range 2 {
		if err := s.RevokeKey(ctx, key.ID); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Verify(ctx, secret); fault.CodeOf(err) != fault.Unauthenticated {
		t.Errorf("a revoked key gave %v", err)
	}
	if err := s.RevokeKey(ctx, "key_none"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an unknown key gave %v", err)
	}
	if some, _ := s.AnyKey(ctx); some {
		t.Error("a revoked key counts")
	}
}

func TestKeyFaults(t *testing.T) {
	s := account.New(storetest.Open(t, account.Schema), time.Now, slog.New(slog.DiscardHandler))
	for _, c := range []struct {
		name   string
		scope  rest.Scope
		reason string
	}{
		{"", rest.Read, "account.key_name"},
		{strings.Repeat("단", 81), rest.Read, "account.key_name"},
		{"two\nlines", rest.Read, "account.key_name"},
		{"fine", "root", "account.key_scope"},
		{"fine", rest.Public, "account.key_scope"},
	} {
		if _, _, err := s.CreateKey(t.Context(), c.name, c.scope); fault.From(err).Reason != c.reason {
			t.Errorf("%q %q gave %v", c.name, c.scope, err)
		}
	}
}

func TestQueries(t *testing.T) { storetest.Prepare(t, account.Schema) }
