package gate

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
)

// intake is the memory of one request, used again by later ones.
type intake struct {
	text     []byte // the body, expanded
	wire     int    // bytes as they came
	reserved int64
	body     event.Body
	unzip    *gzip.Reader
}

const (
	bodyTimeout = 30 * time.Second
	atOnce      = 2 << 10
)

// The memory of larger requests is not kept: they are rare, and a pool never shrinks by itself.
const keepRoom = 128 << 10

var intakes = sync.Pool{New: func() any { return &intake{} }}

// receive reads the body into memory, within the limits of its size and of all requests together.
func (g *Gate) receive(w http.ResponseWriter, r *http.Request) (*intake, error) {
	encoding := r.Header.Get("Content-Encoding")
	zipped := strings.EqualFold(encoding, "gzip")
	if encoding != "" && !zipped && !strings.EqualFold(encoding, "identity") {
		return nil, fault.Newf(fault.Invalid, "gate.encoding", "the body is packed as %.20q, which is not known here", encoding).Then("Pack it with gzip, or not at all.")
	}
	if r.ContentLength > int64(g.o.MaxBody) {
		return nil, g.tooLarge()
	}
	reserve := r.ContentLength
	if zipped || reserve < 0 {
		reserve = int64(g.o.MaxBody)
	}
	if g.stats.inFlight.Add(reserve) > g.o.MaxInFlight {
		g.stats.inFlight.Add(-reserve)
		return nil, busy()
	}
	in, _ := intakes.Get().(*intake)
	in.reserved = reserve
	// A sender that dawdles holds memory that others could use. What is small came with the header, most often.
	dawdle := reserve > atOnce
	if dawdle {
		_ = http.NewResponseController(w).SetReadDeadline(g.o.Clock().Add(bodyTimeout))
	}
	if err := g.read(in, r, zipped); err != nil {
		g.stats.inFlight.Add(-reserve)
		in.release()
		return nil, err
	}
	if dawdle { // or it would end the wait for the log
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	}
	// What was reserved for the worst case goes to others.
	g.stats.inFlight.Add(int64(len(in.text)) - in.reserved)
	in.reserved = int64(len(in.text))
	return in, nil
}

func cutOff(err error) error {
	return fault.New(fault.Invalid, "gate.cut_off", "the body ended too early").Then("Send it again.").Because(err)
}

func busy() error {
	return fault.New(fault.RateLimited, "gate.busy", "the server is taking in as much as it can").Then("Send it again after the time in Retry-After.")
}

func (g *Gate) read(in *intake, r *http.Request, zipped bool) (err error) {
	wire := &countingReader{r: r.Body}
	defer func() { in.wire = wire.n }()
	if zipped {
		if in.unzip == nil {
			in.unzip = new(gzip.Reader)
		}
		if err = in.unzip.Reset(io.LimitReader(wire, int64(g.o.MaxBody)+1)); err == nil {
			in.text, err = readUpTo(in.unzip, in.text[:0], 0, g.o.MaxBody)
		}
	} else {
		in.text, err = readUpTo(wire, in.text[:0], int(r.ContentLength), g.o.MaxBody)
	}
	switch {
	case errors.Is(err, errTooLarge):
		return g.tooLarge()
	case err != nil && zipped:
		return fault.New(fault.Invalid, "gate.bad_gzip", "the body cannot be unpacked").Then("Send it as gzip, or leave \"Content-Encoding\" out.").Because(err)
	case err != nil:
		return cutOff(err)
	}
	return nil
}

func (g *Gate) tooLarge() error {
	return fault.Newf(fault.TooLarge, "gate.body_too_large", "the request is larger than %d bytes", g.o.MaxBody).Then("Send smaller batches.")
}

func (in *intake) release() {
	if cap(in.text) > keepRoom {
		in.text = nil
	}
	clear(in.body.Events)
	in.body = event.Body{Events: in.body.Events[:0]}
	intakes.Put(in)
}

var errTooLarge = errors.New("too large")

// readUpTo reads all of r into room, which it enlarges as needed, but no more than limit.
func readUpTo(r io.Reader, room []byte, expected, limit int) ([]byte, error) {
	if expected > cap(room) {
		room = make([]byte, 0, expected)
	}
	for {
		if len(room) == expected && expected > 0 {
			return room, nil // what Content-Length promised; the server lets no more through
		}
		if len(room) == cap(room) {
			larger := make([]byte, len(room), max(4096, min(2*cap(room), limit+1)))
			copy(larger, room)
			room = larger
		}
		n, err := r.Read(room[len(room):cap(room)])
		room = room[:len(room)+n]
		switch {
		case len(room) > limit:
			return room, errTooLarge
		case errors.Is(err, io.EOF):
			if len(room) < expected {
				return room, io.ErrUnexpectedEOF
			}
			return room, nil
		case err != nil:
			return room, err
		}
	}
}

type countingReader struct {
	r io.Reader
	n int
}

// Read counts what it reads.
func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}
