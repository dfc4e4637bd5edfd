package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
)

// Target says which house a client should speak to.
type Target struct {
	Server string // a server's address; empty for the data folder's own
	Key    string // the API key for Server
	Options
}

// Client speaks to a house over its HTTP API, wherever it is.
type Client struct {
	base  string
	key   string
	http  *http.Client
	local bool
	alone bool
	close func() error
}

// How long a client waits for a server that holds the folder but has no socket yet.
const (
	socketPatience = 5 * time.Second
	socketPause    = 50 * time.Millisecond
)

// Dial finds the house: the server that is named, else the one that holds the data folder, else it opens the folder
// in this process. Close must be called in the end.
func Dial(ctx context.Context, t Target) (*Client, error) {
	if t.Server != "" {
		return dialServer(t)
	}
	var waited time.Duration
	for {
		if c := trySocket(ctx, t.Config); c != nil {
			return c, nil
		}
		a, err := Open(ctx, t.Options)
		if err == nil {
			return &Client{base: "http://in-process", http: &http.Client{Transport: inProcess{a.OwnerHandler()}}, local: true, alone: true, close: a.Close}, nil
		}
		if !errors.Is(err, errInUse) || waited >= socketPatience {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(socketPause):
			waited += socketPause
		}
	}
}

func dialServer(t Target) (*Client, error) {
	u, err := url.Parse(t.Server)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fault.New(fault.Invalid, "app.bad_server", "the server's address is not http:// or https:// and a host").
			At(fault.Place{Field: "server", Value: t.Server}).Then("Write for example --server https://dangol.example.com.")
	}
	if u.Scheme == "http" && t.Key != "" && !isLoopback(u.Hostname()) {
		return nil, fault.New(fault.Invalid, "app.key_in_clear", "over http:// the key could be read on its way").
			At(fault.Place{Field: "server", Value: t.Server}).Then("Use the server's https:// address.")
	}
	return &Client{base: strings.TrimRight(u.String(), "/"), key: t.Key, http: &http.Client{}, close: func() error { return nil }}, nil
}

func trySocket(ctx context.Context, c Config) *Client {
	conn, err := dialSocket(ctx, c)
	if err != nil {
		return nil
	}
	_ = conn.Close() // it was only to see whether somebody answers
	transport := &http.Transport{
		DisableCompression: true,
		DialContext:        func(ctx context.Context, _, _ string) (net.Conn, error) { return dialSocket(ctx, c) },
	}
	return &Client{base: "http://data-folder", http: &http.Client{Transport: transport}, local: true, close: func() error {
		transport.CloseIdleConnections()
		return nil
	}}
}

// Local reports whether the house shares this machine's files, so that a path means the same to both.
func (c *Client) Local() bool { return c.local }

// Alone reports whether the house was opened in this process because no server runs on its folder: nobody else reaches it.
func (c *Client) Alone() bool { return c.alone }

// Close ends the connection, or the house if it was opened in this process.
func (c *Client) Close() error { return c.close() }

// Call sends in as JSON, where it is not nil, and reads the answer into out, where that is not nil.
func (c *Client) Call(ctx context.Context, method, path string, query url.Values, in, out any) error {
	var body io.Reader
	kind := ""
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body, kind = bytes.NewReader(b), "application/json"
	}
	answer, err := c.Stream(ctx, method, path, query, kind, body)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }()
	if out == nil {
		_, err = io.Copy(io.Discard, answer)
		return err
	}
	if raw, ok := out.(*json.RawMessage); ok {
		*raw, err = io.ReadAll(answer)
		return err
	}
	return json.NewDecoder(answer).Decode(out)
}

// Stream sends a body as it is and returns the answer's, which the caller closes. A failed answer is a fault.
func (c *Client) Stream(ctx context.Context, method, path string, query url.Values, kind string, body io.Reader) (io.ReadCloser, error) {
	address := c.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fault.New(fault.Unavailable, "app.no_answer", "the server does not answer").At(fault.Place{Field: "server", Value: c.base}).
			Then("Check its address, and that it runs.").Because(err)
	}
	if answer.StatusCode < 300 {
		return answer.Body, nil
	}
	defer func() { _ = answer.Body.Close() }()
	return nil, faultOf(answer)
}

func faultOf(answer *http.Response) error {
	var p rest.Problem
	b, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err == nil && strings.HasPrefix(answer.Header.Get("Content-Type"), "application/problem+json") && json.Unmarshal(b, &p) == nil {
		return p.FaultOf()
	}
	return fault.Newf(fault.CodeOfStatus(answer.StatusCode), "app.strange_answer", "the server answered with status %d and no reason", answer.StatusCode).
		Then("Check that the address is a Dangol server's.")
}
