// Package clients proves that Segment's official clients work unmodified when they are pointed at this server: the one
// for Node, the one for browsers in a real Chromium, and the one for Python, in a shop's order of calls, over a
// connection that refuses some requests and loses some answers.
//
// test/clients/run.sh installs the clients and runs it; plain `go test` skips it.
package clients
