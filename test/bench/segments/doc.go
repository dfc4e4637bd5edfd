// Package segments measures the rule language at a size: 50 rules over 1M customers and 20M events, against the bare
// scan of the same columns in the same run, and the preview of single rules.
//
//	go test ./test/bench/segments -run '^$' -bench . -benchtime 1x -timeout 60m
//
// The data are SIMULATED. DANGOL_BENCH_FILE keeps the DuckDB file between runs; DANGOL_BENCH_EVENTS and
// DANGOL_BENCH_CUSTOMERS give other sizes.
package segments
