// Command intake measures how fast a server takes events in over HTTP: how many it acknowledges in a second, and after
// how long.
//
//	go run ./test/bench/intake -mode batch100 -seconds 60 -server http://127.0.0.1:8080 -key KEY
//	go run ./test/bench/intake -mode all            # the gate and the log alone, in a process of their own
//
// It sends events of about 600 bytes, each with its own message id and one of many customers, over kept-alive
// connections, from requests that are built once and only stamped: the generator shares the machine with the server, so
// it must cost little. The processor time of both is told beside the rates, since other work on the machine slows the
// clock on the wall but not that.
package main
