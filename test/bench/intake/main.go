package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"time"
)

// plan is one measurement.
type plan struct {
	name  string
	batch int // events a request; 0: single calls
	rate  int // events/s to hold; 0: as fast as it goes
}

type options struct {
	mode        string
	rate        int
	seconds     float64
	server, key string
	connections int
	customers   int
	pid         int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) > 1 && os.Args[1] == serveVerb {
		exit(serve(ctx, os.Args[2:], os.Stdout))
	}
	var o options
	flag.StringVar(&o.mode, "mode", "all", "batch100, batch20, single, paced (single calls at -rate) or all")
	flag.IntVar(&o.rate, "rate", 10_000, "events/s of paced")
	flag.Float64Var(&o.seconds, "seconds", 60, "how long each measurement lasts")
	flag.StringVar(&o.server, "server", "", "address of a running server; empty: the gate and the log alone are started")
	flag.StringVar(&o.key, "key", "bench", "write key")
	flag.IntVar(&o.connections, "connections", 64, "kept-alive connections")
	flag.IntVar(&o.customers, "customers", 100_000, "different customers in the events")
	flag.IntVar(&o.pid, "pid", 0, "process of -server on this machine, to tell its memory and processor time")
	flag.Parse()
	exit(run(ctx, o, os.Stdout))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "intake:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func plans(o options) ([]plan, error) {
	all := []plan{{"batch100", 100, 0}, {"batch20", 20, 0}, {"single", 0, 0}, {"paced", 0, o.rate}}
	if o.mode == "all" {
		return all, nil
	}
	for _, p := range all {
		if p.name == o.mode {
			return []plan{p}, nil
		}
	}
	return nil, fmt.Errorf("there is no mode %q", o.mode)
}

func run(ctx context.Context, o options, out io.Writer) (err error) {
	chosen, err := plans(o)
	if err != nil {
		return err
	}
	if o.server == "" {
		alone, err := start(ctx, o.key)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, alone.stop()) }()
		o.server, o.pid = alone.url, alone.pid
	}
	to, err := url.Parse(o.server)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%-9s %10s %10s %9s %9s %9s %9s %11s %11s %9s\n", "mode", "events/s", "requests/s", "p50", "p99", "longest", "refused", "server cpu", "driver cpu", "memory")
	for i, p := range chosen {
		before := usage(o.pid)
		own := usage(os.Getpid())
		r, err := drive(ctx, to.Host, o, p, i)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		after, ownAfter := usage(o.pid), usage(os.Getpid())
		perEvent := func(a, b process) string {
			if a.cpu == 0 || r.events == 0 {
				return "-"
			}
			return fmt.Sprintf("%.2f µs/ev", float64((a.cpu-b.cpu).Microseconds())/float64(r.events))
		}
		fmt.Fprintf(out, "%-9s %10.0f %10.0f %9s %9s %9s %9d %11s %11s %6d MB\n", p.name,
			float64(r.events)/r.lasted.Seconds(), float64(r.requests)/r.lasted.Seconds(), short(r.quantile(0.50)), short(r.quantile(0.99)), short(r.longest),
			r.refused, perEvent(after, before), perEvent(ownAfter, own), after.memory>>20)
	}
	return nil
}

func short(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }
