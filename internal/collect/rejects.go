package collect

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/dangol/dangol/internal/collect/orders"
	"github.com/dangol/dangol/internal/store"
)

// rejectsFile is made when the first row is set aside.
type rejectsFile struct {
	path string
	file *os.File
	csv  *csv.Writer
}

func (f *rejectsFile) add(r orders.Reject) error {
	if f.file == nil {
		if err := f.open(); err != nil {
			return err
		}
	}
	if err := f.csv.Write([]string{strconv.FormatInt(r.Line, 10), r.Column, r.Value, string(r.Reason), r.Row}); err != nil {
		return fmt.Errorf("rejects file: %w", err)
	}
	return nil
}

func (f *rejectsFile) open() error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return fmt.Errorf("rejects folder: %w", err)
	}
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("rejects file: %w", err)
	}
	f.file, f.csv = file, csv.NewWriter(file)
	if err := f.csv.Write([]string{"line", "column", "value", "reason", "row"}); err != nil {
		return fmt.Errorf("rejects file: %w", err)
	}
	return nil
}

// finish makes the file durable and returns its path, "" when nothing was set aside.
func (f *rejectsFile) finish() (string, error) {
	if f.file == nil {
		return "", nil
	}
	f.csv.Flush()
	if err := f.csv.Error(); err != nil {
		return "", fmt.Errorf("rejects file: %w", err)
	}
	if err := f.file.Sync(); err != nil {
		return "", fmt.Errorf("rejects file: %w", err)
	}
	path, err := filepath.Abs(f.path)
	if err != nil {
		return "", fmt.Errorf("rejects file: %w", err)
	}
	return path, nil
}

func (f *rejectsFile) close() {
	if f.file != nil {
		_ = f.file.Close()
	}
}

func (s *Service) storeResult(ctx context.Context, id int64, text string) error {
	err := s.store.In(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "collect.KeepResult", id, text)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep import result: %w", err)
	}
	return nil
}
