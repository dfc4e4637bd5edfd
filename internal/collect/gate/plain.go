package gate

import (
	"bytes"
	"net/http"
	"strings"
)

// plain is a request that can be taken without net/http: one of the gate's addresses, a body of a known length, and nothing in its
// head that asks for more than to be taken.
type plain struct {
	to            route
	authorization string
	head, length  int // bytes of the head with its empty line, and of the body
}

// reading is what came of reading a head.
type reading int

const (
	more  reading = iota // the head is not whole yet
	taken                // it is plain
	other                // it is for net/http, or for nobody: that one has the words for what is wrong
)

var endOfHead = []byte("\r\n\r\n")

// readPlain reads the head of the request that text begins with. It is narrower than RFC 9112: what it takes, net/http reads in the
// same way (FuzzPlain), and of all else it takes nothing.
func readPlain(text []byte, p *plain) reading {
	end := bytes.Index(text, endOfHead)
	if end < 0 {
		if loneEnd(text) {
			return other
		}
		return more
	}
	p.head, p.length, p.authorization = end+len(endOfHead), -1, ""
	line, rest, _ := bytes.Cut(text[:end+2], crlf)
	path, ok := bytes.CutPrefix(line, []byte("POST "))
	if path, ok = cutSuffix(path, " HTTP/1.1", ok); !ok {
		return other
	}
	if p.to, ok = routes[string(path)]; !ok || p.to.discard {
		return other
	}
	hosts, keys := 0, 0
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, crlf)
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || !token(name) || !printable(value) {
			return other
		}
		switch value = bytes.Trim(value, " \t"); {
		case is(name, "Host"):
			hosts++
			ok = host(value)
		case is(name, "Content-Length"):
			ok = p.length < 0
			p.length, ok = decimal(value, ok)
		case is(name, "Authorization"):
			keys++
			ok = keys == 1
			p.authorization = string(value)
		case is(name, "Connection"):
			ok = is(value, "keep-alive")
		default:
			ok = !special[http.CanonicalHeaderKey(string(name))]
		}
		if !ok {
			return other
		}
	}
	if hosts != 1 || p.length <= 0 {
		return other
	}
	return taken
}

// loneEnd tells whether a line ends without CR: net/http takes that too.
func loneEnd(text []byte) bool {
	for i, c := range text {
		if c == '\n' && (i == 0 || text[i-1] != '\r') {
			return true
		}
	}
	return false
}

// special are fields that change what a request is, or of which the gate's handler makes something.
var special = map[string]bool{
	"Transfer-Encoding": true, "Content-Encoding": true, "Content-Range": true, "Trailer": true, "Te": true, "Expect": true, "Upgrade": true,
	"Proxy-Connection": true, "Keep-Alive": true, "Origin": true, "X-Forwarded-For": true, "X-Request-Id": true,
}

var crlf = []byte("\r\n")

func cutSuffix(text []byte, suffix string, so bool) ([]byte, bool) {
	before, ok := bytes.CutSuffix(text, []byte(suffix))
	return before, ok && so
}

// is compares names of fields.
func is(text []byte, name string) bool {
	return len(text) == len(name) && strings.EqualFold(string(text), name)
}

// token tells whether text may be the name of a field, of those that occur.
func token(text []byte) bool {
	for _, c := range text {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return len(text) > 0
}

// host tells whether text names a host in letters, digits and the signs of an address.
func host(text []byte) bool {
	for _, c := range text {
		if !token([]byte{c}) && c != '.' && c != ':' && c != '[' && c != ']' {
			return false
		}
	}
	return len(text) > 0
}

// printable tells whether text may be the value of a field, in ASCII.
func printable(text []byte) bool {
	for _, c := range text {
		if c < ' ' && c != '\t' || c > '~' {
			return false
		}
	}
	return true
}

// decimal reads a length.
func decimal(text []byte, so bool) (n int, ok bool) {
	const most = 9 // digits
	if !so || len(text) == 0 || len(text) > most {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
