// Command predict measures the real binary on a large, SIMULATED file: a whole training of who leaves, and a scoring of everybody.
//
//	go run ./test/bench/predict -binary bin/dangol                        # 1M customers, 20M order lines
//	go run ./test/bench/predict -binary bin/dangol -data DIR              # a data folder that is there already, analysed
//
// It prints a Markdown table: seconds by the clock, seconds of the processor, and the highest memory. Nothing is asserted: machines differ.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/dangol/dangol/internal/simulate"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "predict:", err)
		os.Exit(1)
	}
}

type bench struct {
	binary, data string
	out          *bufio.Writer
}

func run(ctx context.Context) error {
	crowd := simulate.Crowd{Seed: 1, Cancelled: 0.015}
	binary := flag.String("binary", "bin/dangol", "the binary to measure")
	file := flag.String("file", "", "file of orders; a simulated one when empty")
	flag.IntVar(&crowd.Customers, "customers", 1_000_000, "customers of the simulated file")
	flag.IntVar(&crowd.Lines, "lines", 20_000_000, "lines of the simulated file")
	keep := flag.String("data", "", "data folder to keep; an imported one is not imported again")
	flag.Parse()
	scratch, err := os.MkdirTemp("", "dangol-predict-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	b := bench{binary: *binary, data: *keep, out: bufio.NewWriter(os.Stdout)}
	defer func() { _ = b.out.Flush() }()
	if b.data == "" {
		b.data = filepath.Join(scratch, "data")
	}
	b.row("what", "clock", "processor", "memory")
	b.row("---", "---:", "---:", "---:")
	if _, err := os.Stat(filepath.Join(b.data, "warehouse.duckdb")); err != nil {
		if *file == "" {
			*file = filepath.Join(scratch, "orders.csv")
			if err := write(*file, crowd); err != nil {
				return err
			}
		}
		for _, args := range [][]string{{"import", "orders", *file}, {"analyze"}} {
			if err := b.measure(ctx, args...); err != nil {
				return err
			}
		}
	}
	for _, args := range [][]string{{"train", "churn"}, {"models", "churn"}, {"analyze"}} {
		if err := b.measure(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

func write(path string, c simulate.Crowd) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(simulate.WriteLines(f, c), f.Close())
}

func (b *bench) row(cells ...string) {
	_, _ = fmt.Fprintf(b.out, "| %s |\n", strings.Join(cells, " | "))
	_ = b.out.Flush()
}

// measure runs a verb in a process of its own.
func (b *bench) measure(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, b.binary, append(args, "--data", b.data, "--quiet")...)
	cmd.Stderr = os.Stderr
	began := time.Now()
	out, err := cmd.Output()
	took := time.Since(began)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
	}
	memory := int64(0)
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		memory = usage.Maxrss / 1024
	}
	b.row("`"+strings.Join(args[:min(2, len(args))], " ")+"`", fmt.Sprintf("%.1f s", took.Seconds()),
		fmt.Sprintf("%.1f s", (cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()).Seconds()), fmt.Sprintf("%d MB", memory))
	return nil
}
