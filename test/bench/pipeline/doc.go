// Command pipeline measures the whole way of an event through the real binary: over HTTP into the log, through every stage,
// until it is seen.
//
//	go run ./test/bench/pipeline -seconds 60 -rate max
//	go run ./test/bench/pipeline -seconds 600 -rate 20000 -binary bin/dangol -json
//	go run ./test/bench/pipeline -data FOLDER -rate 2000 -customers 1000000 -prefix '' -look 2
//
// It starts the server on a fresh folder, or on the one of -data, and tells how many events were acknowledged and how many
// went all the way in a second, how many waited at the start, in the middle and at the end, how long acknowledgements took, how
// long it took until an event was seen in GET /v1/events/live, and what the server used of the processor and of memory; with
// -look, how long a customer's page and "why in" took meanwhile. The generator is on the same machine. Nothing is asserted.
package main
