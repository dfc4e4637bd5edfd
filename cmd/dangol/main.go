// Command dangol is the whole platform in one binary: server, console and command line.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	_ "time/tzdata" // zones resolve on machines that have no zone files

	"github.com/dangol/dangol/internal/app"
	"github.com/dangol/dangol/internal/app/cli"
	"github.com/dangol/dangol/web"
)

// Set by the linker; see the Makefile.
var (
	version = "0.0.0-dev"
	commit  = "unknown"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	_, console := web.Dist()
	b := app.Build{Version: version, Commit: commit, Go: runtime.Version(), Console: console}
	return cli.Main(ctx, b, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Getenv})
}
