// Package acts plays the stories of a user against the real binary, one script in testdata each.
//
// The scripts are testscript's, with these commands besides: serve starts a server on the folder $DATA and sets $URL,
// stop ends it, curl asks over HTTP, has looks for a field of JSON on standard output. DANGOL_BINARY names a binary that
// is built already.
package acts
