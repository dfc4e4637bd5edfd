package rest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// downloadBuffer is how much of a stream is held back: what fails within it can still be answered as a problem.
const downloadBuffer = 64 << 10

// Download answers with a stream that write fills, under the header given. A failure before the first byte is sent is
// answered as a problem; a later one breaks the connection, so that a half never looks like the whole.
func Download(header map[string]string, write func(ctx context.Context, w io.Writer) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		_, w := humago.Unwrap(hc)
		out := &download{to: w, header: header}
		held := bufio.NewWriterSize(out, downloadBuffer)
		err := write(hc.Context(), held)
		if err == nil {
			err = held.Flush()
		}
		if err == nil {
			out.begin() // of an empty stream
			return
		}
		if out.gone || hc.Context().Err() != nil {
			err = fmt.Errorf("%w: %w", context.Canceled, err)
		}
		note(hc.Context(), err)
		if !out.begun {
			WriteProblem(w, err)
			return
		}
		panic(http.ErrAbortHandler)
	}}
}

// download sends the header with the first byte and remembers whether the caller went away.
type download struct {
	to          http.ResponseWriter
	header      map[string]string
	begun, gone bool
}

func (d *download) begin() {
	if d.begun {
		return
	}
	d.begun = true
	for name, value := range d.header {
		d.to.Header().Set(name, value)
	}
	d.to.WriteHeader(http.StatusOK)
}

// Write sends b.
func (d *download) Write(b []byte) (int, error) {
	d.begin()
	n, err := d.to.Write(b)
	d.gone = d.gone || err != nil
	return n, err
}
