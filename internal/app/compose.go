package app

import (
	"context"

	"github.com/dangol/dangol/internal/account"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/store"
)

// Schemas lists what every room keeps in the record store.
func Schemas() []store.Schema {
	return []store.Schema{account.Schema}
}

// rooms are the features of the house; only this file knows how they are joined.
type rooms struct{}

// compose opens the remaining engines and joins the rooms. Whatever is opened is given to onClose at once.
func (a *App) compose(_ context.Context) error {
	account.Register(a.api, a.accounts)
	job.Register(a.api, a.jobs)
	return nil
}

// snapshots lists what a backup holds besides the record store: a name in the archive and what writes it to a path.
func (a *App) snapshots() []snapshot {
	return nil
}
