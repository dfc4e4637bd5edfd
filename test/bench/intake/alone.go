package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	_ "net/http/pprof" // on this machine only

	"github.com/dangol/dangol/internal/bus"
	"github.com/dangol/dangol/internal/collect/gate"
	"github.com/dangol/dangol/internal/kit/clock"
)

const serveVerb = "serve-alone"

// alone is a process that is only the gate and the log.
type alone struct {
	url  string
	pid  int
	done func() error
}

func (a *alone) stop() error { return a.done() }

// start runs this program once more as the server, in a folder that is removed afterwards.
func start(ctx context.Context, key string) (*alone, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "intake")
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, self, serveVerb, "-dir", dir, "-key", key)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	a := &alone{pid: command.Process.Pid, done: func() error {
		_ = command.Process.Signal(os.Interrupt)
		err := command.Wait()
		return errors.Join(err, os.RemoveAll(dir))
	}}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(err, a.done())
	}
	a.url = strings.TrimSpace(line)
	return a, nil
}

// serve is the process of start.
func serve(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet(serveVerb, flag.ContinueOnError)
	dir := flags.String("dir", "", "folder of the log")
	key := flags.String("key", "", "write key")
	if err := flags.Parse(args); err != nil {
		return err
	}
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 6) // as app.Serve has it
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	b, err := bus.Open(ctx, bus.Options{Dir: filepath.Join(*dir, "log"), Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	g := gate.New(gate.Options{Bus: b, Clock: clock.System(), Log: log, Dir: *dir, Keys: func(_ context.Context, k string) (string, error) {
		if k != *key {
			return "", errors.New("another key")
		}
		return "bench", nil
	}})
	defer func() { err = errors.Join(err, g.Close()) }()
	mux := http.NewServeMux()
	for _, p := range gate.Paths() {
		mux.Handle(p, g.Handler())
	}
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(out, "http://%s\n", l.Addr())
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(g.Listen(ctx, l, gate.Limits{Header: 10 * time.Second, Idle: time.Minute})) }()
	select {
	case <-ctx.Done():
		return s.Close()
	case err := <-failed:
		return err
	}
}
