package gate

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dangol/dangol/internal/kit/id"
)

// Listener takes plain requests to the gate from connections itself, and hands a connection on to net/http, with all that was read of
// it, at the first request that is anything else. For an event that comes alone net/http costs more than all that is done with it
// before it is on disk: a goroutine that looks whether the sender went, several timers and maps.
type Listener struct {
	net.Listener
	gate   *Gate
	ctx    context.Context // that of everything taken, without an end
	limits Limits
	handed chan net.Conn
	failed chan error
	begin  sync.Once

	mu     sync.Mutex
	open   map[*direct]struct{}
	closed chan struct{}
	once   sync.Once
	err    error // of closing
	all    sync.WaitGroup
}

// Limits are those that net/http has for the same connections.
type Limits struct {
	Header time.Duration // of a new connection, until something comes
	Idle   time.Duration // between two requests, at most; at least half of it
}

// Listen wraps the TCP listener of an http.Server whose handler answers the gate's addresses too. Shut that down first, then Wait.
func (g *Gate) Listen(ctx context.Context, l net.Listener, limits Limits) *Listener {
	return &Listener{
		Listener: l, gate: g, ctx: context.WithoutCancel(ctx), limits: limits, handed: make(chan net.Conn), failed: make(chan error),
		open: map[*direct]struct{}{}, closed: make(chan struct{}),
	}
}

// Accept returns a connection that is for net/http.
func (l *Listener) Accept() (net.Conn, error) {
	l.begin.Do(func() { go l.accept() })
	select {
	case c := <-l.handed:
		return c, nil
	case err := <-l.failed:
		return nil, err
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *Listener) accept() {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			select {
			case l.failed <- err: // who waits knows which error passes
				continue
			case <-l.closed:
				return
			}
		}
		tcp, ok := c.(*net.TCPConn)
		if !ok {
			l.hand(c)
			continue
		}
		d := &direct{TCPConn: tcp, l: l, text: make([]byte, 0, firstRoom)}
		l.mu.Lock()
		select {
		case <-l.closed:
			_ = c.Close()
		default:
			l.open[d] = struct{}{}
			l.all.Go(d.run)
		}
		l.mu.Unlock()
	}
}

// hand gives a connection to net/http.
func (l *Listener) hand(c net.Conn) {
	select {
	case l.handed <- c:
	case <-l.closed:
		_ = c.Close()
	}
}

// Close takes no more connections, and ends those that wait for a request.
func (l *Listener) Close() error {
	l.once.Do(func() {
		l.err = l.Listener.Close()
		l.mu.Lock()
		defer l.mu.Unlock()
		close(l.closed)
		for d := range l.open {
			_ = d.SetReadDeadline(time.Unix(1, 0))
		}
	})
	return l.err
}

// Wait returns when the requests under way are answered, or ctx ends: then their connections are closed.
func (l *Listener) Wait(ctx context.Context) {
	ended := make(chan struct{})
	go func() { l.all.Wait(); close(ended) }()
	select {
	case <-ended:
		return
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for d := range l.open {
		_ = d.Close()
	}
}

// What a connection holds: a request that needs more is for net/http, as are those of large batches.
const (
	firstRoom = 4 << 10
	mostRoom  = 16 << 10
)

// direct is a connection of which every request was plain so far.
type direct struct {
	*net.TCPConn
	l       *Listener
	text    []byte // read and not taken yet
	begun   bool   // of the request that text begins with a part came, and the rest is waited for
	request plain
	in      intake
	from    string
	answer  []byte
	until   time.Time // the deadline that is set
}

// run serves the connection until it ends or is handed on.
func (d *direct) run() {
	handOn := false
	defer func() {
		if p := recover(); p != nil {
			d.l.gate.o.Log.Error("a request could not be taken", "panic", p, "stack", string(debug.Stack()))
		}
		d.l.mu.Lock()
		delete(d.l.open, d)
		d.l.mu.Unlock()
		if handOn && d.SetReadDeadline(time.Time{}) == nil {
			d.l.hand(&resumed{TCPConn: d.TCPConn, text: d.text})
			return
		}
		_ = d.Close()
	}()
	d.from = senderAt(d.RemoteAddr().String())
	handOn = d.serve()
}

// serve takes requests, and tells whether the connection is for net/http.
func (d *direct) serve() (handOn bool) {
	if !d.within(d.l.limits.Header) {
		return false
	}
	for {
		whole := 0
		switch readPlain(d.text, &d.request) {
		case other:
			return true
		case taken:
			whole = d.request.head + d.request.length
		case more:
			if whole = len(d.text) + 1; len(d.text) >= len(method) && !bytes.HasPrefix(d.text, method) {
				return true
			}
		}
		if whole > mostRoom {
			return true
		}
		if len(d.text) < whole {
			if !d.read(whole) {
				return false
			}
			continue
		}
		if !d.take(d.text[d.request.head:whole]) {
			return false
		}
		d.text, d.begun = d.text[:copy(d.text, d.text[whole:])], false
		if len(d.text) == 0 && !d.within(d.l.limits.Idle) {
			return false
		}
	}
}

var method = []byte("POST ")

// read reads more, towards a length.
func (d *direct) read(whole int) bool {
	if len(d.text) > 0 && !d.begun { // seldom: most come whole
		if d.begun = true; !d.within(bodyTimeout) {
			return false
		}
	}
	if cap(d.text) < whole {
		larger := make([]byte, len(d.text), min(max(whole, 2*cap(d.text)), mostRoom))
		copy(larger, d.text)
		d.text = larger
	}
	n, err := d.Read(d.text[len(d.text):cap(d.text)])
	d.text = d.text[:len(d.text)+n]
	return n > 0 || err == nil
}

// within sets the deadline of reading. One of an idle connection stays while it is far enough away: to set it costs as much as a read.
func (d *direct) within(limit time.Duration) bool {
	now := d.l.gate.o.Clock()
	if limit == d.l.limits.Idle && d.until.After(now.Add(limit/2)) {
		return true
	}
	d.until = now.Add(limit)
	err := d.SetReadDeadline(d.until)
	select {
	case <-d.l.closed: // and the deadline that says so may be overwritten
		return false
	default:
		return err == nil
	}
}

// take takes a request in and answers it.
func (d *direct) take(body []byte) bool {
	g := d.l.gate
	now := g.o.Clock()
	g.stats.waiting.Add(1)
	err := d.accept(body, now)
	g.stats.waiting.Add(-1)
	name := id.New("req", now)
	if err != nil {
		d.refuse(err, name, now)
	} else {
		d.answer = append(d.answer[:0], "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: "...)
		d.answer = append(append(d.answer, name...), "\r\nDate: "...)
		d.answer = append(append(d.answer, dated(now)...), "\r\nContent-Length: 16\r\n\r\n"...)
		d.answer = append(d.answer, success...)
	}
	_, err = d.Write(d.answer)
	return err == nil
}

// accept returns when the events of a body are on disk.
func (d *direct) accept(body []byte, now time.Time) error {
	g, size := d.l.gate, int64(len(body))
	if err := g.disk.check(); err != nil {
		return err
	}
	defer g.stats.inFlight.Add(-size)
	if g.stats.inFlight.Add(size) > g.o.MaxInFlight {
		return busy()
	}
	d.in.text, d.in.wire = body, len(body)
	joined, err := g.join(d.l.ctx, &d.in, &sender{authorization: d.request.authorization, address: d.from}, d.request.to, now)
	events := len(d.in.body.Events)
	d.in.forget()
	if err != nil {
		return err
	}
	return g.settle(d.l.ctx, joined, events, len(body))
}

// refuse answers with what is wrong.
func (d *direct) refuse(err error, name string, now time.Time) {
	r := &refused{header: http.Header{"X-Request-Id": {name}, "Date": {dated(now)}}}
	d.l.gate.refuse(r, err)
	r.header.Set("Content-Length", strconv.Itoa(r.body.Len()))
	var out bytes.Buffer
	out.WriteString("HTTP/1.1 " + strconv.Itoa(r.status) + " " + http.StatusText(r.status) + "\r\n")
	_ = r.header.Write(&out) // into memory
	out.WriteString("\r\n")
	out.Write(r.body.Bytes())
	d.answer = out.Bytes()
}

// refused is an answer that is put together in memory.
type refused struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *refused) Header() http.Header         { return r.header }
func (r *refused) WriteHeader(status int)      { r.status = status }
func (r *refused) Write(b []byte) (int, error) { return r.body.Write(b) }

// resumed is a connection of which some was read.
type resumed struct {
	*net.TCPConn
	text []byte
}

// Read gives first what was read before.
func (r *resumed) Read(p []byte) (int, error) {
	if len(r.text) == 0 {
		return r.TCPConn.Read(p)
	}
	n := copy(p, r.text)
	if r.text = r.text[n:]; len(r.text) == 0 {
		r.text = nil
	}
	return n, nil
}

// second is the text of a second.
type second struct {
	unix int64
	text string
}

var lastSecond atomic.Pointer[second]

// dated is a time as answers have it.
func dated(now time.Time) string {
	if s := lastSecond.Load(); s != nil && s.unix == now.Unix() {
		return s.text
	}
	s := &second{now.Unix(), now.UTC().Format(http.TimeFormat)}
	lastSecond.Store(s)
	return s.text
}
