package load

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// stamp is a request of which each use is different: its events get new message ids, other customers, and orders new numbers.
type stamp struct {
	text      []byte
	n         int   // events
	ids       []int // where a message id's or an order's 16 digits stand
	customers []int // where a customer's 7 digits stand, those of one event side by side
	perEvent  []int // how many of customers each event has
	many      int
	next16    uint64
	random    *rand.Rand
}

const (
	idMark       = "iiiiiiiiiiiiiiii"
	customerMark = "ccccccc"
)

// FirstCustomer is the least of the numbers that customers have, so that all have seven digits.
const FirstCustomer = 1_000_000

// head and tail are those of an event as a shop's page or server sends it.
const (
	head = `{"type":%q,"messageId":"node-next-1767225600123-` + idMark + `","anonymousId":"5b1c2f60-9d7f-4c8e-8f0a-6a2f` + customerMark + `","userId":"%s` + customerMark + `",%s"timestamp":"%s",`
	tail = `"context":{"locale":"ko-KR","timezone":"Asia/Seoul","library":{"name":"@segment/analytics-node","version":"2.3.0"},"page":{"path":"/p/%d","title":"Floral dress %d","url":"https://shop.example/p/%d"}},"integrations":{}}`
)

// call is a kind of event, and how many of a thousand are of it. The texts in braces are filled in.
type call struct {
	share            int
	typ, name, props string
}

const product = `"product_id":"SKU-{n}","name":"Floral dress {n}","category":"{category}","brand":"b{small}","price":{price}.50,"currency":"USD","quantity":1,"url":"https://shop.example/p/{n}"`

// calls are what a shop's clients send: mostly looks, seldom an order. All sizes are near 600 bytes.
var calls = []call{
	{407, "page", "Page Viewed", `"name":"Product","path":"/p/{n}","referrer":"https://search.example/?q={n}","search":"?utm_source=mail&utm_campaign=c{small}"`},
	{300, "track", "Product Viewed", product},
	{70, "track", "Product Added", product},
	{60, "track", "Product List Viewed", `"list_id":"l{small}","category":"{category}","sort":"price","filters":"size:m,colour:blue","url":"https://shop.example/c/{small}"`},
	{40, "track", "Cart Viewed", `"cart_id":"c{n}","items":3,"value":{price}.50,"currency":"USD","url":"https://shop.example/cart"`},
	{30, "track", "Checkout Started", `"order_id":"o{n}","value":{price}.50,"step":1,"currency":"USD","url":"https://shop.example/checkout"`},
	{30, "track", "Products Searched", `"query":"birthday {category}","results":{small},"url":"https://shop.example/search"`},
	{35, "track", "Email Opened", `"campaign":"m{small}","subject":"What you looked at is on sale","link":"https://shop.example/p/{n}"`},
	{10, "track", "Email Link Clicked", `"campaign":"m{small}","link":"https://shop.example/p/{n}","subject":"What you looked at is on sale"`},
	{15, "identify", "", `"plan":"{plan}","age":{small},"country":"KR","newsletter":true,"email":"m-` + customerMark + `@shop.example","birthday":"1980-03-{day}"`},
	{3, "track", "Order Completed", `"order_id":"o-` + idMark + `","revenue":{price}.50,"currency":"USD","coupon":"C{small}","products":[{` + product + `}]`},
}

var (
	categories = []string{"dresses", "tea", "bags", "outerwear"}
	plans      = []string{"free", "gold", "black"}
)

// write adds an event that happened now.
func (c *call) write(to *bytes.Buffer, n int, prefix, now string) {
	what, bag := "", "properties"
	switch {
	case c.typ == "page":
		what = `"name":"Product",`
	case c.name != "":
		what = fmt.Sprintf(`"event":%q,`, c.name)
	default:
		bag = "traits"
	}
	fmt.Fprintf(to, head, c.typ, prefix, what, now)
	fill := strings.NewReplacer("{n}", fmt.Sprintf("%05d", n), "{small}", strconv.Itoa(18+n%40), "{category}", categories[n%len(categories)], "{price}", strconv.Itoa(1+n%900),
		"{plan}", plans[n%len(plans)], "{day}", fmt.Sprintf("%02d", 1+n%28))
	fmt.Fprintf(to, "%q:{%s},", bag, fill.Replace(c.props))
	fmt.Fprintf(to, tail, n, n%100, n)
}

// drawn is a kind of event, each as often as its share says.
func drawn(k int) *call {
	for i := range calls {
		if k -= calls[i].share; k < 0 {
			return &calls[i]
		}
	}
	return &calls[0]
}

func newStamp(batch int, host string, o *Options, nth int) *stamp {
	s := &stamp{n: max(batch, 1), many: o.Customers, random: rand.New(rand.NewPCG(uint64(nth), 1)), next16: uint64(time.Now().UnixNano())<<16 ^ uint64(nth)<<48}
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	var body bytes.Buffer
	path := "track"
	if batch > 0 {
		path = "batch"
		body.WriteString(`{"batch":[`)
	}
	for i := range s.n {
		if i > 0 {
			body.WriteByte(',')
		}
		from, c := body.Len(), drawn(s.random.IntN(1000))
		if batch == 0 {
			c = &calls[1] // the address says of what type it is
		}
		c.write(&body, s.random.IntN(90_000), o.Prefix, now)
		s.perEvent = append(s.perEvent, bytes.Count(body.Bytes()[from:], []byte(customerMark)))
	}
	if batch > 0 {
		fmt.Fprintf(&body, `],"sentAt":%q}`, now)
	}
	s.text = fmt.Appendf(nil, "POST /v1/%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, host, o.Key, body.Len(), body.Bytes())
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

func (s *stamp) events() int { return s.n }

const hex = "0123456789abcdef"

// next is the request with new ids.
func (s *stamp) next() []byte {
	for _, at := range s.ids {
		s.next16++
		for i, v := 15, s.next16; i >= 0; i, v = i-1, v>>4 {
			s.text[at+i] = hex[v&15]
		}
	}
	from := 0
	for _, n := range s.perEvent {
		c := FirstCustomer + s.random.IntN(s.many)
		for _, at := range s.customers[from : from+n] {
			for j, v := len(customerMark)-1, c; j >= 0; j, v = j-1, v/10 {
				s.text[at+j] = byte('0' + v%10)
			}
		}
		from += n
	}
	return s.text
}
