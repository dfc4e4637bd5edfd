package app

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/store"
)

// snapshot is one part of a backup: write leaves a consistent copy at a path that does not exist yet.
type snapshot struct {
	name  string
	write func(ctx context.Context, path string) error
}

const (
	manifestName   = "dangol-backup.json"
	manifestFormat = 1
	recordsName    = "records.db"
	backupScratch  = "backup-" // begins the name of the folder in which a backup is gathered
)

type manifest struct {
	Format  int       `json:"format"`
	Version string    `json:"version"`
	MadeAt  time.Time `json:"made_at"`
	Records string    `json:"records"` // the engine that held them; those of PostgreSQL are not inside
}

// BackupResult tells what a backup holds.
type BackupResult struct {
	Path    string   `json:"path"`
	Bytes   int64    `json:"bytes"`
	Seconds float64  `json:"seconds"`
	Notes   []string `json:"notes,omitempty"`
}

type backupInput struct {
	Body struct {
		Path string `json:"path" doc:"where the backup goes, on the server's machine; must not exist" maxLength:"4096"`
	}
}

type jobOutput struct{ Body job.Job }

func (a *App) registerBackup() {
	rest.Register(a.api, rest.Op{
		ID: "create-backup", Method: http.MethodPost, Path: "/v1/backups", Tag: "Backups", Summary: "Write a backup file beside the running work",
		Description: "For callers on the server's own machine. Imports and analyses wait until it is written.", Needs: rest.Admin, Status: http.StatusAccepted,
	},
		func(ctx context.Context, in *backupInput) (*jobOutput, error) {
			if !rest.Caller(ctx).Local {
				return nil, fault.New(fault.Forbidden, "app.not_local", "a backup is written to the server's own disk, so only its own command line may ask for one").
					Then("Run `dangol backup FILE --data DIR` on the server's machine.")
			}
			path := in.Body.Path
			if !filepath.IsAbs(path) {
				return nil, fault.New(fault.Invalid, "app.relative_path", "the path is not absolute").At(fault.Place{Field: "path", Value: path})
			}
			if err := backupFree(path); err != nil {
				return nil, err
			}
			// In the line of jobs no import runs meanwhile, so records and warehouse are of one moment.
			j := a.jobs.Start("backup", func(ctx context.Context, p *job.Progress) (any, error) { return a.backup(ctx, path, p) })
			return &jobOutput{Body: j}, nil
		})
}

func backupFree(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fault.New(fault.Conflict, "app.backup_exists", "there is a file of this name already").
			At(fault.Place{File: path}).Then("Choose another name, or remove that file.")
	}
	return nil
}

func (a *App) backup(ctx context.Context, path string, p *job.Progress) (result *BackupResult, err error) {
	started := a.Clock()
	folder, err := os.MkdirTemp(a.Config.Data, backupScratch)
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	parts := a.snapshots()
	result = &BackupResult{Path: path}
	if a.records.Dialect() == store.SQLite {
		parts = append([]snapshot{{recordsName, a.records.Snapshot}}, parts...)
	} else {
		result.Notes = append(result.Notes, "The records are in PostgreSQL and not in this file; back them up with pg_dump.")
	}
	p.Stage("copying", "parts", int64(len(parts)))
	// What was acknowledged is in the copy, and every part of it is of one offset.
	if err := a.rooms.live.flow.Drain(ctx); err != nil {
		return nil, err
	}
	err = a.rooms.live.flow.Between(func() error {
		for i, part := range parts {
			if err := part.write(ctx, filepath.Join(folder, part.name)); err != nil {
				return fmt.Errorf("backup: %s: %w", part.name, err)
			}
			p.Set(int64(i+1), 0)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	p.Stage("packing", "bytes", 0)
	m := manifest{Format: manifestFormat, Version: a.Build.Version, MadeAt: started.UTC(), Records: string(a.records.Dialect())}
	if result.Bytes, err = pack(ctx, folder, path, m); err != nil {
		return nil, err
	}
	result.Seconds = a.Clock().Sub(started).Seconds()
	return result, nil
}

// copyOf copies a folder whose files do not change once they are written; one that is not there yet is empty.
func copyOf(folder string) func(context.Context, string) error {
	return func(_ context.Context, to string) error {
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return os.CopyFS(to, os.DirFS(folder))
	}
}

// pack writes the archive beside its final name and moves it there when it is whole and on disk.
func pack(ctx context.Context, folder, path string, m manifest) (size int64, err error) {
	out, err := os.CreateTemp(filepath.Dir(path), ".dangol-backup-")
	if err != nil {
		return 0, fault.New(fault.Invalid, "app.backup_place", "the backup cannot be written there").
			At(fault.Place{File: path}).Then("Check that the folder exists and that this user may write there.").Because(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, out.Close(), os.Remove(out.Name()))
		}
	}()
	zip, err := zstd.NewWriter(out)
	if err != nil {
		return 0, err
	}
	archive := tar.NewWriter(zip)
	if err := addManifest(archive, m); err != nil {
		return 0, err
	}
	err = filepath.WalkDir(folder, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		inside, err := filepath.Rel(folder, name)
		if err != nil {
			return err
		}
		return addFile(archive, name, filepath.ToSlash(inside))
	})
	if err = errors.Join(err, archive.Close(), zip.Close()); err != nil {
		return 0, fmt.Errorf("backup: %w", err)
	}
	if err := out.Sync(); err != nil {
		return 0, fmt.Errorf("backup: %w", err)
	}
	info, err := out.Stat()
	if err != nil {
		return 0, fmt.Errorf("backup: %w", err)
	}
	// Two backups of one name may have been asked for at once.
	if err := backupFree(path); err != nil {
		return 0, err
	}
	if err := errors.Join(out.Close(), os.Rename(out.Name(), path)); err != nil {
		return 0, fmt.Errorf("backup: %w", err)
	}
	return info.Size(), nil
}

func addManifest(archive *tar.Writer, m manifest) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Name: manifestName, Mode: 0o600, Size: int64(len(b)), ModTime: m.MadeAt}); err != nil {
		return err
	}
	_, err = archive.Write(b)
	return err
}

func addFile(archive *tar.Writer, path, name string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime()}); err != nil {
		return err
	}
	_, err = io.Copy(archive, f)
	return err
}
