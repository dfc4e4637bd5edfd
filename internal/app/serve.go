package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/dangol/dangol/internal/collect/gate"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/heap"
)

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	stopTimeout   = 10 * time.Second
	headerBytes   = 64 << 10
)

// Serve opens the house and answers at the configured address and on the folder's socket until ctx ends; then it lets
// requests finish, ends running work and closes. started is told the console's address once both are listening.
func Serve(ctx context.Context, o Options, started func(url string)) (err error) {
	a, err := Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.mayServe(ctx); err != nil {
		return err
	}
	tcp, err := listen(ctx, o.Config.Addr)
	if err != nil {
		return err
	}
	socket, err := listenSocket(ctx, o.Config)
	if err != nil {
		return errors.Join(err, tcp.Close())
	}
	letRequestsBetween()
	heap.Floor(heapFloor)
	direct := a.rooms.live.gate.Listen(ctx, tcp, gate.Limits{Header: headerTimeout, Idle: idleTimeout})
	servers := []*http.Server{server(a.Handler(o.Config.Loopback()), o.Log), server(a.OwnerHandler(), o.Log)}
	failed := make(chan error, len(servers))
	for i, l := range []net.Listener{direct, socket} {
		go func() { failed <- servers[i].Serve(l) }()
	}
	started("http://" + shown(tcp.Addr().String()))
	select {
	case <-ctx.Done():
		o.Log.InfoContext(ctx, "stopping")
	case err = <-failed:
	}
	// ctx is over; what is being answered gets a little longer.
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	for _, s := range servers {
		if stopping := s.Shutdown(grace); stopping != nil {
			_ = s.Close()
		}
	}
	direct.Wait(grace)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func server(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: headerBytes,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// busyGoroutines is how many can be at work for long at once, beside requests: the two halves of a step, the two that decode the
// next, and the engine that keeps what is remembered in order.
const busyGoroutines = 6

// heapFloor is how many bytes the heap has before it is collected, or twice what lives in it if that is more. Collecting takes every
// core, and a request that comes meanwhile waits: with some 80 MB that live and 150 MB a second that are thrown away it was done
// three times a second, and one request in a hundred met it.
const heapFloor = 320 << 20

// letRequestsBetween has the runtime run more goroutines at once than there are cores. A goroutine that works holds its place for
// ten milliseconds before another gets it, and an event changes hands eight times before it is acknowledged: with a place a core
// it waited behind the steps each time. So there is a place that is free, and the system's scheduler shares out the cores: whoever
// slept comes first there.
var letRequestsBetween = sync.OnceFunc(func() { runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + busyGoroutines) })

// mayServe refuses an address that others can reach while nobody would need a key.
func (a *App) mayServe(ctx context.Context) error {
	if a.Config.Loopback() {
		return nil
	}
	some, err := a.accounts.AnyKey(ctx)
	if err != nil || some {
		return err
	}
	return fault.New(fault.Forbidden, "app.key_needed", "others can reach this address, and no API key exists yet").
		At(fault.Place{Field: "addr", Value: a.Config.Addr}).
		Then("Make a key with `dangol key create NAME --scope admin`, then serve again; or serve on 127.0.0.1.")
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "app.cannot_listen", "this address cannot be listened on; another program may hold it").
			At(fault.Place{Field: "addr", Value: addr}).Then("Choose another with --addr, for example 127.0.0.1:8081.").Because(err)
	}
	return l, nil
}

// shown turns "every address" into one that a browser can open.
func shown(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
