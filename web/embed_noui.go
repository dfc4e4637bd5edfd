//go:build !ui

// Package web carries the console: the files that `npm run build` leaves in
// dist, embedded into the binary when it is built with the tag `ui`.
package web

import "io/fs"

// Dist returns nothing and false: this binary was built without the tag `ui`,
// so that a fresh clone builds before the console does. The server then answers
// page requests with a sentence that says how to build the console.
func Dist() (fs.FS, bool) { return nil, false }
