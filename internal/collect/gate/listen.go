package gate

import (
	"bytes"
	"context"
	"errors"
	"io"
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
	for pause := time.Duration(0); ; {
		c, err := l.Listener.Accept()
		if err != nil {
			if pause = min(max(2*pause, leastPause), mostPause); !l.bear(err, pause) {
				return
			}
			continue
		}
		pause = 0
		tcp, ok := c.(*net.TCPConn)
		if !ok {
			l.hand(c)
			continue
		}
		d := &direct{TCPConn: tcp, l: l, small: make([]byte, 0, firstRoom)}
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

// What it rests after an error that passes, such as too many open files.
const (
	leastPause = 5 * time.Millisecond
	mostPause  = time.Second
)

// bear waits where an error passes, and hands on what does not.
func (l *Listener) bear(err error, pause time.Duration) bool {
	var failed net.Error
	if !errors.As(err, &failed) || !failed.Temporary() { //nolint:staticcheck // net/http tells by it too which errors pass
		select {
		case l.failed <- err:
		case <-l.closed:
		}
		return false
	}
	l.gate.o.Log.Warn("no connection can be accepted now", "error", err)
	select {
	case <-time.After(pause):
		return true
	case <-l.closed:
		return false
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
			if d.idle.Load() {
				_ = d.SetReadDeadline(time.Unix(1, 0))
			}
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

// stopping tells whether the listener was closed.
func (l *Listener) stopping() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// What a connection holds at most: a request that needs more is for net/http, as are those of large batches.
const (
	firstRoom = 4 << 10
	mostRoom  = 16 << 10
)

// larges are rooms of mostRoom, for who needs one now.
var larges = sync.Pool{New: func() any { b := make([]byte, 0, mostRoom); return &b }}

// direct is a connection of which every request was plain so far.
type direct struct {
	*net.TCPConn
	l       *Listener
	text    []byte // read and not taken yet; in small or in large
	small   []byte
	large   *[]byte
	part    part
	later   bool // than the first request
	idle    atomic.Bool
	request plain
	from    string
	answer  []byte
	until   time.Time // the deadline that is set
}

// part is how much of the request that text begins with was there when its deadline was set.
type part int

const (
	nothing part = iota
	aHead        // some of it
	aBody        // the head, and some of the body
)

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
			d.l.hand(&resumed{TCPConn: d.TCPConn, text: d.ownText()})
			return
		}
		_ = d.Close()
	}()
	d.from = senderAt(d.RemoteAddr().String())
	handOn = d.serve()
}

// serve takes requests, and tells whether the connection is for net/http.
func (d *direct) serve() (handOn bool) {
	d.text = d.small
	if !d.within(d.l.limits.Header) {
		return false
	}
	for {
		d.trim()
		whole := len(d.text) + 1
		found := readPlain(d.text, &d.request)
		if n := min(len(d.text), len(method)); found == other || !bytes.Equal(d.text[:n], method[:n]) {
			return true
		}
		if found == taken {
			whole = d.request.head + d.request.length
		}
		if whole > mostRoom || found == taken && d.request.length > d.l.gate.o.MaxBody {
			return true
		}
		if len(d.text) < whole {
			if err := d.read(whole, found); err != nil {
				return found == more && len(d.text) > 0 && errors.Is(err, io.EOF) // it says what is wrong with half a head
			}
			continue
		}
		if !d.take(d.text[d.request.head:whole]) {
			return false
		}
		d.drop(whole)
		if d.trim(); len(d.text) == 0 && !d.within(d.l.limits.Idle) {
			return false
		}
	}
}

var method = []byte("POST ")

// drop forgets a request that was answered.
func (d *direct) drop(whole int) {
	d.part, d.later = nothing, true
	rest := d.text[whole:]
	if d.large != nil && len(rest) <= firstRoom {
		d.text = append(d.small, rest...)
		larges.Put(d.large)
		d.large = nil
		return
	}
	d.text = d.text[:copy(d.text, rest)]
}

// trim forgets the empty line that some old clients send after a body.
func (d *direct) trim() {
	if d.later && len(d.text) > 0 && d.text[0] < ' ' {
		d.text = d.text[:copy(d.text, bytes.TrimLeft(d.text, "\r\n"))]
	}
}

// ownText is what was read, apart from a room that others get.
func (d *direct) ownText() []byte {
	if d.large == nil {
		return d.text
	}
	own := bytes.Clone(d.text)
	larges.Put(d.large)
	return own
}

// read reads more, towards a length.
func (d *direct) read(whole int, found reading) error {
	if !d.patience(found) {
		return net.ErrClosed
	}
	if cap(d.text) < whole {
		d.large = larges.Get().(*[]byte)
		d.text = append((*d.large)[:0], d.text...)
	}
	waits := len(d.text) == 0
	if d.idle.Store(waits); waits && d.l.stopping() {
		return net.ErrClosed
	}
	n, err := d.Read(d.text[len(d.text):cap(d.text)])
	if waits {
		d.idle.Store(false)
	}
	d.text = d.text[:len(d.text)+n]
	if n > 0 {
		return nil
	}
	if err != nil && found == taken {
		now := d.l.gate.o.Clock()
		d.refuse(cutOff(err), id.New("req", now), now, true)
		_, _ = d.Write(d.answer) // the sender may be gone
	}
	return err
}

// patience sets how long the rest of a request may take of which a part came. Most come whole.
func (d *direct) patience(found reading) bool {
	switch {
	case found == taken && d.part < aBody:
		d.part = aBody
		return d.within(bodyTimeout)
	case found == more && len(d.text) > 0 && d.part < aHead:
		d.part = aHead
		return d.within(d.l.limits.Header)
	}
	return true
}

// within sets the deadline of reading. One of an idle connection stays while it is far enough away: to set it costs as much as a read.
func (d *direct) within(limit time.Duration) bool {
	now := d.l.gate.o.Clock()
	if limit == d.l.limits.Idle && d.until.After(now.Add(limit/2)) {
		return true
	}
	d.until = now.Add(limit)
	return d.SetReadDeadline(d.until) == nil
}

// take takes a request in and answers it.
func (d *direct) take(body []byte) bool {
	g := d.l.gate
	now := g.o.Clock()
	g.stats.waiting.Add(1)
	err := d.accept(body, now)
	g.stats.waiting.Add(-1)
	name, last := id.New("req", now), d.l.stopping()
	if err != nil {
		d.refuse(err, name, now, last)
	} else {
		d.answer = append(d.answer[:0], "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: "...)
		d.answer = append(append(d.answer, name...), "\r\nDate: "...)
		d.answer = append(append(d.answer, dated(now)...), "\r\nContent-Length: 16\r\n"...)
		if last {
			d.answer = append(d.answer, "Connection: close\r\n"...)
		}
		d.answer = append(append(d.answer, "\r\n"...), success...)
	}
	_, err = d.Write(d.answer)
	return err == nil && !last
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
	in, _ := intakes.Get().(*intake)
	room := in.text
	in.text = body
	joined, err := g.join(d.l.ctx, in, &sender{authorization: d.request.authorization, address: d.from}, d.request.to, now)
	events := len(in.body.Events)
	in.text = room
	in.release() // the groups have their own copy
	if err != nil {
		return err
	}
	return g.settle(d.l.ctx, joined, events, len(body))
}

// refuse answers with what is wrong.
func (d *direct) refuse(err error, name string, now time.Time, last bool) {
	r := &refused{header: http.Header{"X-Request-Id": {name}, "Date": {dated(now)}}}
	d.l.gate.refuse(r, err)
	if last {
		r.header.Set("Connection", "close")
	}
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

// WriteTo writes first what was read before.
func (r *resumed) WriteTo(w io.Writer) (n int64, err error) {
	if len(r.text) > 0 {
		first, err := w.Write(r.text)
		if n, r.text = int64(first), r.text[first:]; err != nil {
			return n, err
		}
	}
	rest, err := r.TCPConn.WriteTo(w)
	return n + rest, err
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
