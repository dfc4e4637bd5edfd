// Package live measures how people move between segments: making recall and fifty segments of a folder with 1M customers and
// 20M events, the time from an event to its transition in the log at 2,000 events a second, and what a batch costs when they
// come as fast as they can.
//
//	go test ./test/bench/live -run '^$' -bench . -benchtime 1x -timeout 90m
//
// The data are SIMULATED. DANGOL_BENCH_FOLDER keeps the folder between runs; DANGOL_BENCH_EVENTS, DANGOL_BENCH_CUSTOMERS and
// DANGOL_BENCH_SECONDS give other sizes. The stages before this one (log, people) are not in it: see test/bench/pipeline.
package live
