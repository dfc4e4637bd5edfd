package account

import (
	"embed"
	"time"

	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/store"
)

//go:embed queries.sql
var queries string

//go:embed migrations
var migrations embed.FS

// Schema is what the room keeps in the record store.
var Schema = store.Schema{Room: "account", Queries: queries, Migrations: migrations}

type keyRow struct {
	id, name, scope   string
	createdUS         int64
	usedUS, revokedUS *int64
}

func (r *keyRow) dest() []any {
	return []any{&r.id, &r.name, &r.scope, &r.createdUS, &r.usedUS, &r.revokedUS}
}

func scanKey(scan store.Scan) (Key, error) {
	var r keyRow
	if err := scan(r.dest()...); err != nil {
		return Key{}, err
	}
	return Key{
		ID: r.id, Name: r.name, Scope: rest.Scope(r.scope), CreatedAt: time.UnixMicro(r.createdUS).UTC(),
		LastUsedAt: instant(r.usedUS), RevokedAt: instant(r.revokedUS),
	}, nil
}

func instant(us *int64) *time.Time {
	if us == nil {
		return nil
	}
	t := time.UnixMicro(*us).UTC()
	return &t
}
