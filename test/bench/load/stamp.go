package load

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"time"
)

// stamp is a request of which each use is different: its events get new message ids, and other customers.
type stamp struct {
	text      []byte
	ids       []int // where a message id's 16 digits stand
	customers []int // where a customer's 8 digits stand
	many      int
	next16    uint64
	random    *rand.Rand
}

const (
	idMark       = "iiiiiiiiiiiiiiii"
	customerMark = "cccccccc"
)

// sample is an event as a shop's page or server sends it.
const sample = `{"type":"track","messageId":"node-next-1767225600123-` + idMark + `","anonymousId":"5b1c2f60-9d7f-4c8e-8f0a-6a2f` + customerMark + `","userId":"cust_` + customerMark + `",` +
	`"event":"%s","timestamp":"%s","properties":{"product_id":"SKU-%05d","name":"Floral dress %d","category":"%s","price":%d.50,"currency":"USD","quantity":%d,"url":"https://shop.example/p/%d"},` +
	`"context":{"locale":"ko-KR","timezone":"Asia/Seoul","library":{"name":"@segment/analytics-node","version":"2.3.0"},"page":{"path":"/p/%d","title":"Floral dress %d","url":"https://shop.example/p/%d"}},"integrations":{}}`

var (
	events     = []string{"Product Viewed", "Product Viewed", "Product Viewed", "Product Added", "Products Searched", "Cart Viewed", "Checkout Started"}
	categories = []string{"dresses", "shoes", "bags", "outerwear"}
)

func newStamp(batch int, host, key string, many, nth int) *stamp {
	s := &stamp{many: many, random: rand.New(rand.NewPCG(uint64(nth), 1)), next16: uint64(time.Now().UnixNano())<<16 ^ uint64(nth)<<48}
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	var body bytes.Buffer
	path := "track"
	if batch > 0 {
		path = "batch"
		body.WriteString(`{"batch":[`)
	}
	for i := range max(batch, 1) {
		if i > 0 {
			body.WriteByte(',')
		}
		n := s.random.IntN(90_000)
		fmt.Fprintf(&body, sample, events[n%len(events)], now, n, n%100, categories[n%len(categories)], n%900, 1+n%3, n, n, n%100, n)
	}
	if batch > 0 {
		fmt.Fprintf(&body, `],"sentAt":%q}`, now)
	}
	s.text = fmt.Appendf(nil, "POST /v1/%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, host, key, body.Len(), body.Bytes())
	s.ids, s.customers = places(s.text, idMark), places(s.text, customerMark)
	return s
}

func places(text []byte, mark string) (at []int) {
	for i := 0; ; {
		n := bytes.Index(text[i:], []byte(mark))
		if n < 0 {
			return at
		}
		at = append(at, i+n)
		i += n + len(mark)
	}
}

func (s *stamp) events() int { return len(s.ids) }

const hex = "0123456789abcdef"

// next is the request with new ids.
func (s *stamp) next() []byte {
	for _, at := range s.ids {
		s.next16++
		for i, v := 15, s.next16; i >= 0; i, v = i-1, v>>4 {
			s.text[at+i] = hex[v&15]
		}
	}
	for i := 0; i < len(s.customers); i += 2 { // the anonymous id and the user id of one event
		c := s.random.IntN(s.many)
		for _, at := range s.customers[i : i+2] {
			for j, v := 7, c; j >= 0; j, v = j-1, v/10 {
				s.text[at+j] = byte('0' + v%10)
			}
		}
	}
	return s.text
}
