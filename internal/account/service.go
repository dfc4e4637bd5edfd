package account

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/id"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/store"
)

// Service makes, lists, revokes and verifies keys.
type Service struct {
	records *store.Store
	clock   clock.Clock
	log     *slog.Logger
	// Changed is called after a key was made or ended, for whoever remembers keys.
	Changed func()
}

// New returns the service over records that were opened with Schema.
func New(records *store.Store, c clock.Clock, log *slog.Logger) *Service {
	return &Service{records: records, clock: c, log: log, Changed: func() {}}
}

// CreateKey makes a key; the secret it returns can be had only now.
func (s *Service) CreateKey(ctx context.Context, name string, scope rest.Scope) (Key, string, error) {
	name = strings.TrimSpace(name)
	if err := checkKey(name, scope); err != nil {
		return Key{}, "", err
	}
	now := s.clock().UTC().Truncate(time.Microsecond)
	key := Key{ID: id.New("key", now), Name: name, Scope: scope, CreatedAt: now}
	secret := SecretPrefix + id.Secret()
	err := s.records.In(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "account.AddKey", key.ID, key.Name, string(key.Scope), hash(secret), now.UnixMicro())
		return err
	})
	if err == nil {
		s.Changed()
	}
	return key, secret, err
}

// Keys lists all keys, newest first.
func (s *Service) Keys(ctx context.Context) (keys []Key, err error) {
	err = s.records.View(ctx, func(tx *store.Tx) error {
		keys, err = store.Collect(ctx, tx, "account.Keys", nil, scanKey)
		return err
	})
	return keys, err
}

// RevokeKey ends a key at once; to revoke it twice is no error.
func (s *Service) RevokeKey(ctx context.Context, keyID string) error {
	err := s.records.In(ctx, func(tx *store.Tx) error {
		var row keyRow
		found, err := tx.One(ctx, "account.FindKey", store.Args{keyID}, row.dest()...)
		if err != nil {
			return err
		}
		if !found {
			return fault.New(fault.NotFound, "account.unknown_key", "there is no key with this id").
				At(fault.Place{Field: "id", Value: keyID}).Then("List the keys with `dangol key list`.")
		}
		_, err = tx.Exec(ctx, "account.Revoke", keyID, s.clock().UnixMicro())
		return err
	})
	if err == nil {
		s.Changed()
	}
	return err
}

// AnyKey reports whether a key exists that still verifies and may do more than send events: from then on every caller who
// looks or changes needs one.
func (s *Service) AnyKey(ctx context.Context) (bool, error) {
	_, more, err := s.valid(ctx)
	return more > 0, err
}

// AnySender reports whether a key of any scope exists that still verifies: from then on whoever sends events needs one.
func (s *Service) AnySender(ctx context.Context) (bool, error) {
	all, _, err := s.valid(ctx)
	return all > 0, err
}

func (s *Service) valid(ctx context.Context) (all, more int, err error) {
	err = s.records.View(ctx, func(tx *store.Tx) error {
		_, err := tx.One(ctx, "account.CountValid", nil, &all, &more)
		return err
	})
	return all, more, err
}

// Verify tells who holds the secret.
func (s *Service) Verify(ctx context.Context, secret string) (rest.Principal, error) {
	var row keyRow
	var found bool
	err := s.records.View(ctx, func(tx *store.Tx) (err error) {
		found, err = tx.One(ctx, "account.KeyOfSecret", store.Args{hash(secret)}, row.dest()...)
		return err
	})
	if err != nil {
		return rest.Principal{}, err
	}
	if !found || row.revokedUS != nil {
		return rest.Principal{}, fault.New(fault.Unauthenticated, "account.bad_key", "this API key is not known or was revoked").
			Then("Make one with `dangol key create` and send it as \"Authorization: Bearer KEY\".")
	}
	s.touch(ctx, row)
	return rest.Principal{ID: row.id, Name: row.name, Scope: rest.Scope(row.scope)}, nil
}

// touch notes the use of a key. A failure is logged and no more: the caller's request does not depend on it.
func (s *Service) touch(ctx context.Context, row keyRow) {
	now := s.clock().Truncate(time.Minute)
	if row.usedUS != nil && *row.usedUS >= now.UnixMicro() {
		return
	}
	err := s.records.In(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "account.Touch", row.id, now.UnixMicro())
		return err
	})
	if err != nil {
		s.log.WarnContext(ctx, "key use not noted", "key", row.id, "error", err)
	}
}
