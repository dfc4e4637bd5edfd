//go:build ui

// Package web carries the console: the files that `npm run build` leaves in
// dist, embedded into the binary when it is built with the tag `ui`.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var files embed.FS

// Dist returns the built console, rooted at the folder that holds index.html,
// and true: this binary was built with the console inside.
func Dist() (fs.FS, bool) {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		return nil, false
	}
	return dist, true
}
