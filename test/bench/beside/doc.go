// Package beside is what benchmarks beside a peer share: the clock and the
// processor around a piece of work, medians, the search for a Python that has
// the peer, and the peer's run, whose answer is JSON. What is compared, and how
// it is printed, is each benchmark's own.
package beside
