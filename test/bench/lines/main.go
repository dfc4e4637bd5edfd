// Command lines writes a large, SIMULATED file of order lines for benchmarks, with the columns of Online Retail:
//
//	go run ./test/bench/lines -customers 1000000 -lines 20000000 -o /tmp/orders.csv
//
// The same flags give the same bytes. Without -o it writes to the standard output.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/dangol/dangol/internal/simulate"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "lines:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	var c simulate.Crowd
	flag.IntVar(&c.Customers, "customers", 1_000_000, "number of customers")
	flag.IntVar(&c.Lines, "lines", 20_000_000, "number of order lines, without the header")
	flag.Float64Var(&c.Cancelled, "cancelled", 0.015, "share of orders with a credit note")
	flag.Float64Var(&c.Dirty, "dirty", 0, "share of lines that an import must set aside")
	flag.Uint64Var(&c.Seed, "seed", 1, "seed")
	path := flag.String("o", "", "file to write; the standard output when empty")
	flag.Parse()

	out := io.Writer(os.Stdout)
	if *path != "" {
		f, err := os.Create(*path)
		if err != nil {
			return err
		}
		defer func() {
			if closing := f.Close(); err == nil {
				err = closing
			}
		}()
		out = f
	}
	began := time.Now()
	if err := simulate.WriteLines(out, c); err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Fprintf(os.Stderr, "%d lines of %d customers in %.1f s, %.1f million lines/s\n",
		c.Lines, c.Customers, took.Seconds(), float64(c.Lines)/took.Seconds()/1e6)
	return nil
}
