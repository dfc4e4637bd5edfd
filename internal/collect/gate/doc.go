// Package gate is the front door for events: Segment's HTTP interface, the check of key, size and JSON syntax, and the
// grouping of events into messages of the log. It answers 200 only when the events are on disk.
//
// It looks at what a request is, not at what its events mean: an event without a person or a name is taken in, and its
// fate is told by who reads the log.
package gate
