package load

import (
	"bytes"
	"errors"
	"strconv"
	"time"
)

var (
	headEnd    = []byte("\r\n\r\n")
	lengthName = []byte("\r\nContent-Length: ")
	laterName  = []byte("\r\nRetry-After: ")
)

// answerEnd is where an answer ends of which text is the beginning; 0 while its head is not there.
func answerEnd(text []byte) (int, error) {
	head := bytes.Index(text, headEnd)
	if head < 0 {
		return 0, nil
	}
	i := bytes.Index(text[:head], lengthName)
	if i < 0 {
		return 0, errors.New("an answer without Content-Length")
	}
	return head + len(headEnd) + number(text[i+len(lengthName):]), nil
}

func number(text []byte) (n int) {
	for _, c := range text {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int(c-'0')
	}
	return n
}

func (c *connection) status() int {
	status, _ := strconv.Atoi(string(c.room[9:12]))
	return status
}

// retryAfter is what the server asks for.
func (c *connection) retryAfter() time.Duration {
	seconds := 1
	if _, rest, ok := bytes.Cut(c.room[:c.have], laterName); ok {
		seconds = number(rest)
	}
	return time.Duration(seconds) * time.Second
}
