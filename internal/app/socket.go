package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/dangol/dangol/internal/kit/fault"
)

const (
	socketName = "dangol.sock"
	// The system's limit for a socket's path is 108 bytes with the final zero (104 on others).
	socketPathLimit = 100
)

// socketPath gives a path of the socket that is short enough to use. Where the folder's own is too long, the folder is
// opened and reached by its descriptor; release closes it.
func socketPath(c Config) (path string, release func(), err error) {
	abs, err := filepath.Abs(c.path(socketName))
	if err != nil {
		return "", nil, fmt.Errorf("socket: %w", err)
	}
	if len(abs) <= socketPathLimit {
		return abs, func() {}, nil
	}
	dir, err := os.Open(filepath.Dir(abs))
	if err != nil {
		return "", nil, fmt.Errorf("socket: %w", err)
	}
	short := fmt.Sprintf("/proc/self/fd/%d", dir.Fd())
	if _, err := os.Stat(short); err != nil {
		_ = dir.Close()
		return "", nil, fault.New(fault.Invalid, "app.long_path", "the data folder's path is too long for a socket").
			At(fault.Place{File: c.Data}).Then("Use a folder with a shorter path.")
	}
	return filepath.Join(short, socketName), func() { _ = dir.Close() }, nil
}

// listenSocket opens the folder's socket, for its owner alone. The folder's lock is held, so a socket that is there
// already was left by a process that is gone.
func listenSocket(ctx context.Context, c Config) (net.Listener, error) {
	path, release, err := socketPath(c)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		release()
		return nil, fmt.Errorf("socket: %w", err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		release()
		return nil, fmt.Errorf("socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		release()
		return nil, errors.Join(fmt.Errorf("socket: %w", err), l.Close())
	}
	return socketListener{l, release}, nil
}

type socketListener struct {
	net.Listener
	release func()
}

// Close removes the socket and lets go of the folder.
func (l socketListener) Close() error {
	defer l.release()
	return l.Listener.Close()
}

func dialSocket(ctx context.Context, c Config) (net.Conn, error) {
	path, release, err := socketPath(c)
	if err != nil {
		return nil, err
	}
	defer release()
	var d net.Dialer
	return d.DialContext(ctx, "unix", path)
}
