package storetest

import (
	"io/fs"
	"path"
)

// subFS shows the folder testschema as the root.
type subFS struct{ inner fs.FS }

// Open opens a file below testschema.
func (s subFS) Open(name string) (fs.File, error) { return s.inner.Open(path.Join("testschema", name)) }

// onlyFirst shows the first migration alone, as an older program has it.
type onlyFirst struct{ fs.FS }

// ReadDir leaves out all but the first file.
func (o onlyFirst) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	return entries[:min(1, len(entries))], err
}
