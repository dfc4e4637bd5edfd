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

	"github.com/dangol/dangol/test/bench/load"
)

type options struct {
	load.Options
	mode   string
	rate   int
	server string
	pid    int
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
	flag.Float64Var(&o.Seconds, "seconds", 60, "how long each measurement lasts")
	flag.StringVar(&o.server, "server", "", "address of a running server; empty: the gate and the log alone are started")
	flag.StringVar(&o.Key, "key", "bench", "write key")
	flag.IntVar(&o.Connections, "connections", 64, "kept-alive connections")
	flag.IntVar(&o.Customers, "customers", 100_000, "different customers in the events")
	flag.StringVar(&o.Prefix, "prefix", "cust_", "of user ids, before seven digits from 1000000 on; those of test/bench/lines have none")
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

func plans(o options) ([]load.Plan, error) {
	all := []load.Plan{{Name: "batch100", Batch: 100}, {Name: "batch20", Batch: 20}, {Name: "single"}, {Name: "paced", Rate: o.rate}}
	if o.mode == "all" {
		return all, nil
	}
	for _, p := range all {
		if p.Name == o.mode {
			return []load.Plan{p}, nil
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
		alone, err := start(ctx, o.Key)
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
		before := load.Usage(o.pid)
		own := load.Usage(os.Getpid())
		r, err := load.Drive(ctx, to.Host, o.Options, p, i)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		after, ownAfter := load.Usage(o.pid), load.Usage(os.Getpid())
		perEvent := func(a, b load.Process) string {
			if a.CPU == 0 || r.Events == 0 {
				return "-"
			}
			return fmt.Sprintf("%.2f µs/ev", float64((a.CPU-b.CPU).Microseconds())/float64(r.Events))
		}
		fmt.Fprintf(out, "%-9s %10.0f %10.0f %9s %9s %9s %9d %11s %11s %6d MB\n", p.Name,
			float64(r.Events)/r.Lasted.Seconds(), float64(r.Requests)/r.Lasted.Seconds(), short(r.Quantile(0.50)), short(r.Quantile(0.99)), short(r.Longest),
			r.Refused, perEvent(after, before), perEvent(ownAfter, own), after.Memory>>20)
	}
	return nil
}

func short(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }
