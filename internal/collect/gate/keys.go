package gate

import (
	"context"
	"encoding/base64"
	"strings"
	"sync"
	"time"

	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/fault"
)

const (
	knownFor   = 10 * time.Second // a revoked key is known to be so after this at the latest
	unknownFor = 2 * time.Second  // a key that was just made is good after this at the latest
	maxKnown   = 4096
	maxKey     = 200
)

// headerKey reads a write key from the Authorization header: as Basic it is the user, with or without the colon behind it.
func headerKey(authorization string) string {
	scheme, rest, _ := strings.Cut(authorization, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		return rest
	case strings.EqualFold(scheme, "Basic"):
		plain, err := base64.StdEncoding.DecodeString(rest)
		if err != nil {
			if plain, err = base64.RawStdEncoding.DecodeString(rest); err != nil {
				return ""
			}
		}
		user, _, _ := strings.Cut(string(plain), ":")
		return user
	}
	return ""
}

// keyring remembers for a short while whom a write key belongs to.
type keyring struct {
	verify Verifier
	clock  clock.Clock

	mu    sync.RWMutex
	known map[string]verdict
}

type verdict struct {
	source      string
	err         error
	from, until time.Time
}

func newKeyring(v Verifier, c clock.Clock) *keyring {
	return &keyring{verify: v, clock: c, known: map[string]verdict{}}
}

// source tells whose the first key is that is good. Without any key the verifier decides too: it may let this machine's user in.
func (k *keyring) source(ctx context.Context, keys ...string) (source string, err error) {
	err = fault.New(fault.Unauthenticated, "gate.no_key", "the request carries no write key").
		Then("Send it as the user of HTTP Basic, as \"Authorization: Bearer KEY\", or as \"writeKey\" in the body; make one with `dangol key create NAME --scope collect`.")
	given := false
	for _, key := range keys {
		if key == "" {
			continue
		}
		given = true
		if source, err = k.one(ctx, key); err == nil {
			return source, nil
		}
	}
	if given {
		return "", err
	}
	source, refused := k.one(ctx, "")
	if refused == nil {
		return source, nil
	}
	if fault.CodeOf(refused) == fault.Unavailable {
		return "", refused
	}
	return "", err
}

func (k *keyring) one(ctx context.Context, key string) (string, error) {
	now := k.clock()
	k.mu.RLock()
	v, ok := k.known[key]
	k.mu.RUnlock()
	if ok && now.Before(v.until) && !now.Before(v.from) { // a clock that was set back must not prolong it
		return v.source, v.err
	}
	if len(key) > maxKey {
		return "", fault.New(fault.Unauthenticated, "gate.bad_key", "this is no write key").Then("Copy the key again.")
	}
	v.source, v.err = k.verify(ctx, key)
	v.from, v.until = now, now.Add(knownFor)
	if v.err != nil {
		if code := fault.CodeOf(v.err); code != fault.Unauthenticated && code != fault.Forbidden {
			return "", fault.New(fault.Unavailable, "gate.keys_unavailable", "the write key cannot be checked now").Then("Send it again in a moment.").Because(v.err)
		}
		v.until = now.Add(unknownFor)
	}
	k.mu.Lock()
	if len(k.known) >= maxKnown {
		clear(k.known)
	}
	k.known[key] = v
	k.mu.Unlock()
	return v.source, v.err
}

func (k *keyring) forget() {
	k.mu.Lock()
	clear(k.known)
	k.mu.Unlock()
}
