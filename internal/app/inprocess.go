package app

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// inProcess carries requests to a handler in the same process, streaming both bodies.
type inProcess struct{ handler http.Handler }

// RoundTrip runs the handler beside the caller and returns when it has answered with a status.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	read, write := io.Pipe()
	w := &pipeWriter{header: http.Header{}, body: write, answered: make(chan struct{})}
	in := r.Clone(ctx)
	in.RequestURI = r.URL.RequestURI()
	in.Host = "in-process"
	in.RemoteAddr = "in-process"
	if in.Body == nil {
		in.Body = http.NoBody
	}
	go func() {
		defer cancel()
		defer func() { _ = in.Body.Close() }() // as a transport must
		defer func() {
			err := error(nil)
			if p := recover(); p != nil {
				err = errors.New("the answer was cut off")
			}
			w.finish(err)
		}()
		t.handler.ServeHTTP(w, in)
	}()
	select {
	case <-w.answered:
	case <-ctx.Done():
		if r.Context().Err() != nil {
			cancel()
			return nil, r.Context().Err()
		}
		<-w.answered // the handler is through
	}
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: &pipeBody{read, cancel}, ContentLength: -1, Request: r,
	}, nil
}

type pipeWriter struct {
	header, sent http.Header
	body         *io.PipeWriter
	once         sync.Once
	status       int
	answered     chan struct{}
}

// Header is the header that will be sent.
func (w *pipeWriter) Header() http.Header { return w.header }

// WriteHeader lets the caller go on.
func (w *pipeWriter) WriteHeader(status int) {
	if status < 200 {
		return
	}
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.answered)
	})
}

// Write waits until the caller has read b.
func (w *pipeWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

// Flush has nothing to do: every write arrives at once.
func (w *pipeWriter) Flush() {}

// SetReadDeadline accepts any: nothing can be slow here but the caller itself.
func (w *pipeWriter) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline is as SetReadDeadline.
func (w *pipeWriter) SetWriteDeadline(time.Time) error { return nil }

func (w *pipeWriter) finish(err error) {
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	} else {
		w.WriteHeader(http.StatusOK)
	}
	_ = w.body.CloseWithError(err) // a nil error is the end of the body
}

type pipeBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

// Close tells a handler that still writes that nobody listens.
func (b *pipeBody) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}
