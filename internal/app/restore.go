package app

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	stdpath "path"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/predict/suggest"
)

// A restore unpacks into one folder and renames it when it is whole; whoever opens the house next moves the parts
// to their places. A restore that dies half-way leaves the data folder empty or complete.
const (
	unpackingFolder = "restore-unpacking"
	readyFolder     = "restore-ready"
)

func notABackup(path string, err error) error {
	return fault.New(fault.Invalid, "app.not_a_backup", "this file is not a whole Dangol backup").
		At(fault.Place{File: path}).Then("Use a file that `dangol backup` wrote; if this is one, it was cut short.").Because(err)
}

// Restore fills an empty data folder from a backup file.
func Restore(ctx context.Context, c Config, path string) (err error) {
	in, err := os.Open(path)
	if err != nil {
		return fault.New(fault.NotFound, "app.no_backup", "the backup cannot be opened").At(fault.Place{File: path}).Then("Check the file's name.").Because(err)
	}
	defer func() { _ = in.Close() }()
	release, err := lockFolder(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := onlyEmpty(c); err != nil {
		return err
	}
	unpacking := c.path(unpackingFolder)
	if err := os.RemoveAll(unpacking); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := unpack(ctx, in, path, unpacking); err != nil {
		return errors.Join(err, os.RemoveAll(unpacking))
	}
	if err := os.Rename(unpacking, c.path(readyFolder)); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return finishRestore(c)
}

func onlyEmpty(c Config) error {
	entries, err := os.ReadDir(c.Data)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for _, e := range entries {
		switch e.Name() {
		case "dangol.lock", ConfigFile, unpackingFolder, socketName:
			continue
		}
		return fault.New(fault.Conflict, "app.folder_not_empty", "the data folder holds data already, and a restore never overwrites").
			At(fault.Place{File: c.path(e.Name())}).Then("Restore into a new folder with --data DIR, or move this one away.")
	}
	return nil
}

func unpack(ctx context.Context, in io.Reader, path, folder string) error {
	zip, err := zstd.NewReader(in)
	if err != nil {
		return notABackup(path, err)
	}
	defer zip.Close()
	archive := tar.NewReader(zip)
	if err := checkManifest(archive, path); err != nil {
		return err
	}
	for ctx.Err() == nil {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return notABackup(path, err)
		}
		if !belongs(h.Name) || h.Typeflag != tar.TypeReg {
			return notABackup(path, fmt.Errorf("it holds %q", h.Name))
		}
		if err := unpackFile(archive, filepath.Join(folder, filepath.FromSlash(h.Name))); err != nil {
			return notABackup(path, err)
		}
	}
	return ctx.Err()
}

// belongs tells what a backup may bring: data, but no settings, which could send the records elsewhere.
func belongs(name string) bool {
	top, _, inside := strings.Cut(name, "/")
	return filepath.IsLocal(filepath.FromSlash(name)) && stdpath.Clean(name) == name && (inside && (top == rejectsName || top == suggest.Folder) || name == recordsName || name == warehouseName)
}

func checkManifest(archive *tar.Reader, path string) error {
	h, err := archive.Next()
	if err != nil || h.Name != manifestName {
		return notABackup(path, err)
	}
	var m manifest
	if err := json.NewDecoder(archive).Decode(&m); err != nil {
		return notABackup(path, err)
	}
	if m.Format != manifestFormat {
		return fault.Newf(fault.Conflict, "app.newer_backup", "this backup was written by dangol %s in a form that this program does not know", m.Version).
			At(fault.Place{File: path}).Then("Restore it with that version.")
	}
	return nil
}

func unpackFile(from io.Reader, path string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.Copy(f, from); err != nil {
		return err
	}
	return f.Sync()
}

// finishRestore moves what a whole restore left to its place; each step can be repeated.
func finishRestore(c Config) error {
	ready := c.path(readyFolder)
	entries, err := os.ReadDir(ready)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for _, e := range entries {
		if err := os.Rename(filepath.Join(ready, e.Name()), c.path(e.Name())); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
	}
	return os.Remove(ready)
}
