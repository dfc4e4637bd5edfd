package collect

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/id"
)

// Upload is a file that waits to be imported.
type Upload struct {
	ID    string `json:"upload"`
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

const (
	// maxUploadBytes bounds what one client can put on the disk.
	maxUploadBytes = 20 << 30
	uploadLife     = 24 * time.Hour
)

// Receive keeps the body as an upload.
func (s *Service) Receive(name string, body io.Reader) (Upload, error) {
	name = filepath.Base(strings.ReplaceAll(name, "\\", "/"))
	if name == "" || name == "." || name == "/" || strings.HasPrefix(name, ".") {
		return Upload{}, fault.New(fault.Invalid, "collect.upload_name", "the upload needs a file name such as orders.csv").At(fault.Place{Field: "name", Value: name})
	}
	if strings.ContainsFunc(name, unicode.IsControl) {
		return Upload{}, fault.New(fault.Invalid, "collect.upload_name", "the upload's name holds a character that is none").At(fault.Place{Field: "name", Value: name}).Then("Send it as orders.csv.")
	}
	// A server may run for months: what nobody imported goes when the next file comes.
	if err := s.sweepUploads(); err != nil {
		s.log.Warn("old uploads could not be dropped", "error", err)
	}
	u := Upload{ID: id.New("upl", s.clock()), Name: shortened(name)}
	name = u.Name
	dir := filepath.Join(s.folder, "uploads", u.ID)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Upload{}, fmt.Errorf("upload: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return Upload{}, fmt.Errorf("upload: %w", err)
	}
	u.Bytes, err = io.Copy(f, io.LimitReader(body, maxUploadBytes+1))
	err = errors.Join(err, f.Close())
	if err == nil && u.Bytes > maxUploadBytes {
		err = fault.New(fault.TooLarge, "collect.upload_too_large", "the file is larger than 20 GiB").Then("Import it on the server itself with `dangol import orders FILE`.")
	}
	if err == nil && u.Bytes == 0 {
		err = fault.New(fault.Invalid, "collect.empty_file", "the file is empty").At(fault.Place{File: name}).Then("Export it again.")
	}
	if err != nil {
		return Upload{}, errors.Join(err, os.RemoveAll(dir))
	}
	return u, nil
}

// shortened keeps the end of a name, which tells the format, within what a file system takes: 255 bytes, and a Thai or
// Korean character is three of them.
func shortened(name string) string {
	for len(name) > 240 {
		_, n := utf8.DecodeRuneInString(name)
		name = name[n:]
	}
	return strings.TrimLeft(name, ".")
}

// uploaded finds the file of an upload.
func (s *Service) uploaded(key string) (path, name string, err error) {
	if !strings.HasPrefix(key, "upl_") || strings.ContainsAny(key, "/\\.") {
		return "", "", unknownUpload(key)
	}
	dir := filepath.Join(s.folder, "uploads", key)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		return "", "", unknownUpload(key)
	}
	return filepath.Join(dir, entries[0].Name()), entries[0].Name(), nil
}

func unknownUpload(key string) error {
	return fault.Newf(fault.NotFound, "collect.unknown_upload", "there is no upload %q", key).Then("Uploads are kept for a day; send the file again.")
}

// discard drops an upload that has been imported.
func (s *Service) discard(key string) {
	if err := os.RemoveAll(filepath.Join(s.folder, "uploads", key)); err != nil {
		s.log.Warn("an upload could not be dropped", "upload", key, "error", err)
	}
}

func (s *Service) sweepUploads() error {
	entries, err := os.ReadDir(filepath.Join(s.folder, "uploads"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("uploads: %w", err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && s.clock().Sub(info.ModTime()) > uploadLife {
			s.discard(e.Name())
		}
	}
	return nil
}
