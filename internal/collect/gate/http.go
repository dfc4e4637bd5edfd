package gate

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/id"
	"github.com/dangol/dangol/internal/kit/rest"
)

// route is what is sent to an address.
type route struct {
	kind    event.Type // of a single call
	batch   bool
	discard bool // figures that clients send about themselves
}

var routes = map[string]route{
	"/v1/track": {kind: event.Track}, "/v1/t": {kind: event.Track},
	"/v1/page": {kind: event.Page}, "/v1/p": {kind: event.Page},
	"/v1/screen": {kind: event.Screen}, "/v1/s": {kind: event.Screen},
	"/v1/identify": {kind: event.Identify}, "/v1/i": {kind: event.Identify},
	"/v1/group": {kind: event.Group}, "/v1/g": {kind: event.Group},
	"/v1/alias": {kind: event.Alias}, "/v1/a": {kind: event.Alias},
	"/v1/batch": {batch: true}, "/v1/b": {batch: true}, "/v1/import": {batch: true},
	"/v1/m": {discard: true},
}

const settingsPrefix, settingsSuffix = "/v1/projects/", "/settings"

// Paths lists the addresses that Handler answers, as patterns of http.ServeMux.
func Paths() []string {
	paths := []string{settingsPrefix + "{key}" + settingsSuffix}
	for p := range routes {
		paths = append(paths, p)
	}
	return paths
}

// Handler answers Segment's addresses below /v1. It finds out by itself who calls, and lets pages of any site call:
// nothing here looks at cookies, and what a write key may do is write.
func (g *Gate) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to, known := routes[r.URL.Path]
		settings := !known && strings.HasPrefix(r.URL.Path, settingsPrefix) && strings.HasSuffix(r.URL.Path, settingsSuffix)
		if !known && !settings {
			g.refuse(w, fault.New(fault.NotFound, "gate.unknown_address", "events are not sent to this address").Then("Send them to /v1/batch, /v1/track, …."))
			return
		}
		if r.Header.Get("Origin") != "" {
			allowPages(w, r)
		}
		switch {
		case r.Method == http.MethodOptions:
			w.WriteHeader(http.StatusNoContent)
		case settings && (r.Method == http.MethodGet || r.Method == http.MethodHead):
			g.settings(w, r)
		case known && r.Method == http.MethodPost:
			g.collect(w, r, to)
		default:
			w.Header().Set("Allow", "POST, OPTIONS")
			g.answer(w, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "gate.method", "events are sent with POST"))
		}
	})
}

// allowPages answers what a browser asks before a page of another site may call.
func allowPages(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	if r.Method != http.MethodOptions {
		h.Set("Access-Control-Expose-Headers", "Retry-After, X-Request-Id")
		return
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	wanted := r.Header.Get("Access-Control-Request-Headers")
	if wanted == "" || len(wanted) > 500 {
		wanted = "Authorization, Content-Type, Content-Encoding"
	}
	h.Set("Access-Control-Allow-Headers", wanted)
	h.Set("Access-Control-Max-Age", "86400")
}

var (
	success  = []byte(`{"success":true}`)
	jsonType = []string{"application/json"}
)

func (g *Gate) collect(w http.ResponseWriter, r *http.Request, to route) {
	now := g.o.Clock()
	w.Header()["X-Request-Id"] = []string{requestID(r, now)}
	if to.discard {
		w.Header()["Content-Type"] = jsonType
		_, _ = w.Write(success)
		return
	}
	g.stats.waiting.Add(1)
	err := g.take(w, r, to, now)
	g.stats.waiting.Add(-1)
	if err != nil {
		g.refuse(w, err)
		return
	}
	w.Header()["Content-Type"] = jsonType
	_, _ = w.Write(success)
}

// take takes a request in and returns when its events are on disk.
func (g *Gate) take(w http.ResponseWriter, r *http.Request, to route, now time.Time) error {
	if err := g.disk.check(); err != nil {
		return err
	}
	in, err := g.receive(w, r)
	if err != nil {
		return err
	}
	wire, reserved := in.wire, in.reserved
	defer func() { g.stats.inFlight.Add(-reserved) }()
	joined, err := g.join(r.Context(), in, g.senderOf(r), to, now)
	events := len(in.body.Events)
	in.release() // the groups have their own copy
	if err != nil {
		return err
	}
	return g.settle(r.Context(), joined, events, wire)
}

// settle returns when the events of a request are on disk. A sender that has gone changes nothing: they are on their way.
func (g *Gate) settle(ctx context.Context, joined []*group, events, wire int) error {
	if err := wait(context.WithoutCancel(ctx), joined); err != nil {
		return unavailable(err)
	}
	g.stats.requests.Add(1)
	g.stats.events.Add(int64(events))
	g.stats.bytes.Add(int64(wire))
	return nil
}

// sender is what is known of who sends.
type sender struct {
	authorization string
	address       string
	page          bool   // of any site, in a browser
	userAgent     string // of a page
}

// join checks a request and lets its events join groups.
func (g *Gate) join(ctx context.Context, in *intake, from *sender, to route, now time.Time) ([]*group, error) {
	if err := event.ReadBody(in.text, !to.batch, &in.body); err != nil {
		var syntax *event.SyntaxError
		errors.As(err, &syntax)
		return nil, fault.New(fault.Invalid, "gate.bad_json", "the request is "+syntax.Error()).Then("Send one JSON object in UTF-8.")
	}
	source, err := g.keys.source(ctx, headerKey(from.authorization), in.body.WriteKey)
	if err != nil {
		return nil, err
	}
	if err := g.checkSize(in, to); err != nil {
		return nil, err
	}
	h := event.Header{ReceivedUS: now.UnixMicro(), Source: source, Type: to.kind, SentAt: in.body.SentAt, Shared: in.body.Shared, IP: from.address, Direct: from.page, UserAgent: from.userAgent}
	return g.groups.add(ctx, nil, &h, in.body.Events)
}

func (g *Gate) checkSize(in *intake, to route) error {
	if !to.batch {
		if n := len(in.body.Events[0]); n > g.o.MaxEvent {
			return fault.Newf(fault.TooLarge, "gate.event_too_large", "the call has %d bytes; at most %d are taken", n, g.o.MaxEvent).
				Then("Send less with it, for example a link instead of a document.")
		}
		return nil
	}
	if !in.body.HasBatch {
		return fault.New(fault.Invalid, "gate.no_batch", "the request holds no list \"batch\"").Then("Send {\"batch\": [ … ]}.")
	}
	if n := len(in.body.Events); n > g.o.MaxEvents {
		return fault.Newf(fault.TooLarge, "gate.too_many_events", "the batch has %d events; at most %d are taken", n, g.o.MaxEvents).
			Then("Send them in smaller batches.")
	}
	return nil
}

// senderOf tells who sent a request.
func (g *Gate) senderOf(r *http.Request) *sender {
	s := &sender{authorization: r.Header.Get("Authorization"), address: g.addressOf(r)}
	if r.Header.Get("Origin") != "" {
		s.page, s.userAgent = true, r.UserAgent()
	}
	return s
}

func (g *Gate) addressOf(r *http.Request) string {
	if g.o.Forwarded {
		if all := r.Header.Values("X-Forwarded-For"); len(all) > 0 {
			last := all[len(all)-1]
			if ip := net.ParseIP(strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])); ip != nil {
				return ip.String()
			}
		}
	}
	return senderAt(r.RemoteAddr)
}

// senderAt is the address without its port.
func senderAt(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	return strings.Trim(host, "[]")
}

// unavailable hides why the log refused from senders, but for what helps them: that sending again is right.
func unavailable(err error) error {
	if fault.CodeOf(err) == fault.Unavailable {
		return err
	}
	return fault.New(fault.Unavailable, "gate.not_written", "the events could not be written").Then("Send them again in a moment.").Because(err)
}

// requestID keeps the name that the caller gave its request, where it is a short plain word.
func requestID(r *http.Request, now time.Time) string {
	given := r.Header.Get("X-Request-Id")
	if given == "" || len(given) > 64 {
		return id.New("req", now)
	}
	for _, c := range []byte(given) {
		if c <= ' ' || c > '~' {
			return id.New("req", now)
		}
	}
	return given
}

// retryAfter is how many seconds a sender should wait, by the reason of the fault.
var retryAfter = map[string]int{"gate.disk_full": 60, "gate.busy": 1, "gate.closed": 5}

// refuse answers with a problem. Where the rest of the API says 413 or 422, Segment's clients expect 400.
func (g *Gate) refuse(w http.ResponseWriter, err error) {
	status := fault.Status(fault.CodeOf(err))
	if status == http.StatusRequestEntityTooLarge || status == http.StatusUnprocessableEntity {
		status = http.StatusBadRequest
	}
	g.answer(w, status, err)
}

func (g *Gate) answer(w http.ResponseWriter, status int, err error) {
	f := fault.From(err)
	refused, told := g.stats.refuse(f.Reason, g.o.Clock())
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		seconds := max(retryAfter[f.Reason], 1)
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	if status >= http.StatusInternalServerError && told {
		g.o.Log.Warn("events refused", "reason", f.Reason, "requests", refused, "error", err, "cause", f.Unwrap())
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(refusal{
		Problem: &rest.Problem{Type: f.Reason, Title: http.StatusText(status), Status: status, Detail: f.Sentence, Next: f.Next, Code: f.Code},
		Message: f.Error(),
	})
}

// refusal is a problem with the field in which Segment's clients look for a sentence to log.
type refusal struct {
	*rest.Problem
	Message string `json:"message"`
}
