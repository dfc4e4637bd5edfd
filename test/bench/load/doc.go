// Package load sends events over HTTP at a server and measures how long their acknowledgement takes. It is what the
// benchmarks of the intake and of the whole pipeline share: the generator runs on the server's machine, so it costs little.
package load
