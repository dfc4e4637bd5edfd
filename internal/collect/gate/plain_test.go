package gate

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"
)

// FuzzPlain: what is taken for plain, net/http reads in the same way.
func FuzzPlain(f *testing.F) {
	for _, s := range []string{
		"POST /v1/track HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
		"POST /v1/batch HTTP/1.1\r\nhost: a\r\ncontent-length: 02\r\nAuthorization: Basic d2s6\r\nConnection: keep-alive\r\nX-A: \tb \r\n\r\n{}POST /",
		"POST /v1/t HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
		"POST /v1/track HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
		"POST /v1/track HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nX: a\r\n b\r\n\r\n{}",
		"POST /v1/track HTTP/1.1\r\nHost: \r\nContent-Length: 2\r\n\r\n{}",
		"POST /v1/track HTTP/1.1\r\nHost: a b\r\nContent-Length: 2\r\n\r\n{}",
		"POST /v1/track HTTP/1.1\r\nHost: a\r\nAuthorization: \r\nAuthorization: Bearer wk\r\nContent-Length: 2\r\n\r\n{}",
		"GET /v1/track HTTP/1.1\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var p plain
		if readPlain(text, &p) != taken {
			return
		}
		in := bufio.NewReaderSize(bytes.NewReader(text), len(text)+16)
		r, err := http.ReadRequest(in)
		if err != nil {
			t.Fatalf("%v: %q", err, text)
		}
		to, known := routes[r.URL.Path]
		if r.Method != http.MethodPost || !known || to != p.to || r.ContentLength != int64(p.length) || r.Close || len(r.TransferEncoding)+len(r.Trailer) > 0 ||
			r.Header.Get("Authorization") != p.authorization || r.Header.Get("Origin")+r.Header.Get("Content-Encoding")+r.Header.Get("Expect") != "" || r.URL.RawQuery != "" {
			t.Fatalf("%+v of %q, and net/http has %+v", p, text, r)
		}
		body, _ := io.ReadAll(r.Body) // it may be cut off
		if rest := text[p.head:]; !bytes.Equal(body, rest[:min(p.length, len(rest))]) {
			t.Fatalf("another body of %q", text)
		}
	})
}
