package table

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/dangol/dangol/internal/kit/fault"
)

// maxUnpacked bounds what a compressed Parquet or Excel file may unpack to on disk.
const maxUnpacked = 64 << 30

// source is an opened file with its compression taken off; reads are counted in the file's own bytes.
type source struct {
	io.Reader
	closers []func() error
}

func (s *source) close() error {
	var err error
	for i := len(s.closers) - 1; i >= 0; i-- {
		err = errors.Join(err, s.closers[i]())
	}
	s.closers = nil
	return err
}

// counted counts the bytes read and stops when the context ends.
type counted struct {
	ctx context.Context // a reader lives within one pass, which has one context
	r   io.Reader
	n   *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// openSource opens path and takes off the compression, adding the bytes read to n.
func openSource(ctx context.Context, path, compression string, n *atomic.Int64) (*source, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	s := &source{closers: []func() error{f.Close}}
	var r io.Reader = &counted{ctx, f, n}
	switch compression {
	case "gz":
		z, err := gzip.NewReader(bufio.NewReaderSize(r, 256<<10))
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
		s.closers = append(s.closers, z.Close)
		r = z
	case "zst":
		z, err := zstd.NewReader(bufio.NewReaderSize(r, 256<<10), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
		s.closers = append(s.closers, func() error { z.Close(); return nil })
		r = z
	}
	s.Reader = r
	return s, nil
}

// random opens the file for reading at any place, unpacking a compressed one to a temporary file first.
func random(ctx context.Context, path, compression string, n *atomic.Int64) (f *os.File, done func() error, err error) {
	if compression == "" {
		f, err = os.Open(path)
		if err != nil {
			return nil, nil, err
		}
		return f, f.Close, nil
	}
	src, err := openSource(ctx, path, compression, n)
	if err != nil {
		return nil, nil, err
	}
	defer src.close() //nolint:errcheck // only read from
	f, err = os.CreateTemp("", "dangol-unpacked-*")
	if err != nil {
		return nil, nil, err
	}
	done = func() error { return errors.Join(f.Close(), os.Remove(f.Name())) }
	size, err := io.Copy(f, io.LimitReader(src, maxUnpacked+1))
	if err == nil && size > maxUnpacked {
		err = fault.New(fault.TooLarge, "collect.unpacked_too_large", "The file unpacks to more than 64 GiB").At(fault.Place{File: filepath.Base(path)})
	}
	if err != nil {
		return nil, nil, errors.Join(err, done())
	}
	return f, done, nil
}

// statFile returns the size of a readable, regular, non-empty file, or the fault that says why not.
func statFile(path, name string) (int64, error) {
	st, err := os.Stat(path)
	at := fault.Place{File: name}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, fault.New(fault.NotFound, "collect.no_such_file", "There is no such file").At(at).Then("Check the name and the folder")
	case err != nil:
		return 0, fault.Newf(fault.Invalid, "collect.unreadable_file", "The file cannot be opened: %s", plain(err)).At(at).Then("Check its permissions, and that its disk is there").Because(err)
	case st.IsDir():
		return 0, fault.New(fault.Invalid, "collect.unreadable_file", "This is a folder, not a file").At(at).Then("Name the file inside it")
	case st.Mode().IsRegular() && st.Size() == 0:
		return 0, emptyFile(name)
	}
	return st.Size(), nil
}

func emptyFile(name string) error {
	return fault.New(fault.Invalid, "collect.empty_file", "The file holds no rows").At(fault.Place{File: name}).Then("Look into it, and export it again")
}

// plain is the innermost message of err: paths and wrappings are for operators.
func plain(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return strings.TrimSpace(err.Error())
		}
		err = next
	}
}
