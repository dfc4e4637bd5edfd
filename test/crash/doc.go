// Package crash kills the real binary with SIGKILL at random moments and looks at what is left.
//
// The short form runs 15 rounds; DANGOL_CRASH_ROUNDS=200 runs the long one.
package crash
