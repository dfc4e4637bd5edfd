// Package cli is the command line: one file a verb, each a thin client of the HTTP API, so that it prints the same
// whether a server runs, a server is named with --server, or neither and the house is opened in this process.
//
// Data goes to standard output, talk and progress to standard error; a progress bar shows only on a terminal. The exit
// status is 0 on success, 2 on wrong usage, 3 on bad input, 1 otherwise, and every error ends with the next step.
package cli
