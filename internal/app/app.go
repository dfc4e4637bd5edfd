package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dangol/dangol/internal/account"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/store"
)

// apiVersion is the version of the API, which the document carries; it is not the program's, so that the document
// changes only when the API does.
const apiVersion = "1"

// Build says which program this is.
type Build struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
	Console bool   `json:"console" doc:"whether the console is inside"`
}

// Options are what an App is opened with.
type Options struct {
	Config Config
	Build  Build
	Log    *slog.Logger
	Clock  clock.Clock
}

// App is the open house. Its engines belong to this process until Close.
type App struct {
	Options
	records  *store.Store
	accounts *account.Service
	sessions *sessions
	jobs     *job.Line
	rooms    rooms
	api      *rest.API
	mux      *http.ServeMux
	metrics  *prometheus.Registry
	closers  []func() error
	trusted  []*trusted      // callers of decide
	started  context.Context //nolint:containedctx // what work in the background inherits; it ends with Close, not with the opener
}

// Open takes the data folder, opens the engines and joins the rooms.
func Open(ctx context.Context, o Options) (*App, error) {
	a := &App{Options: o, mux: http.NewServeMux(), metrics: prometheus.NewRegistry(), started: ctx}
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) open(ctx context.Context) error {
	release, err := lockFolder(a.Config)
	if err != nil {
		return err
	}
	a.onClose(release)
	if err := errors.Join(sweepScratch(a.Config), finishRestore(a.Config)); err != nil {
		return err
	}
	a.records, err = store.Open(ctx, a.Config.storeAddress(), Schemas()...)
	if err != nil {
		return err
	}
	a.onClose(a.records.Close)
	a.accounts = account.New(a.records, a.Clock, a.Log)
	a.jobs = job.NewLine(a.Clock, a.Log)
	a.api = rest.New(a.mux, apiVersion)
	if err := a.compose(ctx); err != nil {
		return err
	}
	// Registered last, so closed first: work that runs must end before the engines do.
	a.onClose(func() error { a.jobs.Close(); return nil })
	a.register()
	return nil
}

// sweepScratch drops what a process that was killed left of backups and exports on their way. The folder's lock is held.
func sweepScratch(c Config) error {
	half, err := filepath.Glob(c.path(backupScratch + "*"))
	if err != nil {
		return err
	}
	for _, path := range append(half, c.path(scratchName)) {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
	}
	return nil
}

func (a *App) onClose(f func() error) { a.closers = append(a.closers, f) }

// Close ends running work and closes the engines, the last opened first. What waits for room on a full disk is let go before, for
// the work that is to end waits for it.
func (a *App) Close() error {
	if r := a.rooms.live.recall; r != nil {
		r.Release()
	}
	var errs []error
	for _, f := range slices.Backward(a.closers) {
		errs = append(errs, f())
	}
	a.closers = nil
	return errors.Join(errs...)
}

// API lists the operations, for the document and the tests that walk all of them.
func (a *App) API() *rest.API { return a.api }
