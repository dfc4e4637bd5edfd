package account

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
)

// SecretPrefix marks a secret as ours, so that scanners of leaked secrets can find it.
const SecretPrefix = "dgl_"

const nameLimit = 80

// Key is an API key without its secret.
type Key struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Scope      rest.Scope `json:"scope" enum:"collect,read,write,admin"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at" doc:"to the minute"`
	RevokedAt  *time.Time `json:"revoked_at"`
}

func checkKey(name string, scope rest.Scope) error {
	if name == "" || utf8.RuneCountInString(name) > nameLimit || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
		return fault.Newf(fault.Invalid, "account.key_name", "a key needs a name of 1 to %d characters on one line", nameLimit).
			At(fault.Place{Field: "name", Value: name}).Then("Name it after who or what will use it, e.g. \"warehouse sync\".")
	}
	switch scope {
	case rest.Collect, rest.Read, rest.Write, rest.Admin:
		return nil
	case rest.Public:
	}
	return fault.New(fault.Invalid, "account.key_scope", "the scope is not one of collect, read, write, admin").
		At(fault.Place{Field: "scope", Value: string(scope)}).Then("Use collect for web pages and apps that send events, read for reports, write for imports, admin for keys and settings.")
}

func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
