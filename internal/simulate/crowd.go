package simulate

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/dangol/dangol/internal/kit/fault"
)

// Crowd asks for a large file of order lines, for benchmarks: Online Retail's columns, in the order of time, over two
// years. Customers live by one BG/NBD-like process, so that models fitted to the file converge as on real data.
type Crowd struct {
	Seed      uint64
	Customers int
	Lines     int     // exactly so many rows follow the header
	Cancelled float64 // share of orders followed by a credit note for their first line, as Online Retail's C536379
	Dirty     float64 // share of lines without a customer or with a price of zero, which an import sets aside
}

const (
	crowdDays     = 730
	crowdProducts = 4000
	crowdChunk    = 1 << 20
)

// crowdStart is the midnight before the first order.
var crowdStart = time.Date(2024, time.July, 1, 0, 0, 0, 0, time.UTC)

var crowdCountries = [...]string{"United Kingdom", "United Kingdom", "United Kingdom", "United Kingdom", "Germany", "France", "EIRE", "Spain", "Netherlands", "Belgium"}

// WriteLines writes the file to w. It holds eight bytes an order in memory and writes several million lines a second.
func WriteLines(w io.Writer, c Crowd) error {
	if c.Customers < 1 || c.Customers > math.MaxInt32 || c.Lines < c.Customers {
		return fault.New(fault.Invalid, "simulate.crowd", "a crowd needs at least one customer, and a line for each").
			At(fault.Place{Field: "lines", Value: strconv.Itoa(c.Lines)})
	}
	orders := c.orders()
	if len(orders) > c.Lines {
		orders = orders[:c.Lines]
	}
	p := newPress(c)
	for i, o := range orders {
		// The running share of the lines, blurred, gives every order one line or more and the file the exact number.
		until := c.Lines
		if i < len(orders)-1 {
			blur := p.r.Float64()
			until = int(float64(c.Lines) * (float64(i) + 0.5 + blur) / float64(len(orders)))
			until = min(max(until, p.lines+1), c.Lines-(len(orders)-1-i))
		}
		p.order(i, o, until-p.lines)
		if len(p.buf) > crowdChunk-1<<14 {
			if err := p.flush(w); err != nil {
				return err
			}
		}
	}
	return p.flush(w)
}

// packed is a customer's order: day, minute of the day and customer in one number.
type packed uint64

func pack(day, minute int, customer int) packed {
	return packed(day)<<44 | packed(minute)<<32 | packed(customer)
}

// orders draws every customer's life and returns all orders by day: the days are counted first, so no sort is needed.
func (c Crowd) orders() []packed {
	var starts [crowdDays + 1]int
	all := make([]packed, 0, 4*c.Customers)
	src := rand.NewPCG(c.Seed, 7)
	r := rand.New(src) //nolint:gosec // a repeatable stream is wanted
	rate := distuv.Gamma{Alpha: 0.8, Beta: 60, Src: src}
	leave := distuv.Beta{Alpha: 0.9, Beta: 3.6, Src: src}
	for i := range c.Customers {
		lambda, p := rate.Rand(), leave.Rand()
		for t := r.Float64() * crowdDays; t < crowdDays; t += r.ExpFloat64() / lambda {
			d := int(t)
			all = append(all, pack(d, 480+r.IntN(720), i))
			starts[d+1]++
			if r.Float64() < p {
				break
			}
		}
	}
	for d := range crowdDays {
		starts[d+1] += starts[d]
	}
	sorted := make([]packed, len(all))
	for _, o := range all {
		d := int(o >> 44)
		sorted[starts[d]] = o
		starts[d]++
	}
	return sorted
}

// press turns orders into rows of bytes.
type press struct {
	Crowd
	r        *rand.Rand
	buf      []byte
	lines    int
	product  [crowdProducts]struct{ code, price string }
	dates    [crowdDays]string
	invoice  int
	dirtyCut uint32
	cancels  uint32
}

func newPress(c Crowd) *press {
	p := &press{Crowd: c, r: rand.New(rand.NewPCG(c.Seed, 8)), buf: make([]byte, 0, crowdChunk), invoice: 536365} //nolint:gosec // repeatable
	p.buf = append(p.buf, "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"...)
	for i := range p.product {
		cents := int(math.Exp(p.r.NormFloat64()*0.8+5.8)) + 10
		p.product[i].code = fmt.Sprintf("%d,\"PRODUCT %04d, %s\",", 20000+i, i, [...]string{"RED", "BLUE", "SMALL", "SET OF 4"}[i%4])
		p.product[i].price = fmt.Sprintf(",%d.%02d,", cents/100, cents%100)
	}
	for d := range p.dates {
		p.dates[d] = "," + crowdStart.AddDate(0, 0, d).Format("2006-01-02") + " "
	}
	p.dirtyCut = uint32(c.Dirty * math.MaxUint32)
	p.cancels = uint32(c.Cancelled * math.MaxUint32)
	return p
}

// order appends an order's rows; a credit note takes the place of its last line, so the count stays.
func (p *press) order(i int, o packed, lines int) {
	cancelled := lines > 1 && p.cancels > 0 && p.r.Uint32() < p.cancels
	if cancelled {
		lines--
	}
	first := uint32(0)
	for j := range lines {
		u := p.r.Uint64()
		product := uint32(u) % crowdProducts
		product = min(product, uint32(u>>8)%crowdProducts)
		quantity := 1 + byte(u>>32)%12
		dirty := p.dirtyCut > 0 && uint32(p.r.Uint64()) < p.dirtyCut
		if j == 0 {
			first = product
		}
		p.row("", i, o, product, quantity, dirty, u>>63 == 0)
	}
	if cancelled {
		p.row("C", i, o, first, 1, false, false)
	}
}

func (p *press) row(mark string, i int, o packed, product uint32, quantity byte, dirty, nobody bool) {
	b := p.buf
	b = append(b, mark...)
	b = strconv.AppendInt(b, int64(p.invoice+i), 10)
	b = append(b, ',')
	b = append(b, p.product[product].code...)
	if mark != "" {
		b = append(b, '-')
	}
	b = strconv.AppendUint(b, uint64(quantity), 10)
	b = append(b, p.dates[o>>44]...)
	minute := int(o>>32) & 0xfff
	b = append(b, '0'+byte(minute/600), '0'+byte(minute/60%10), ':', '0'+byte(minute%60/10), '0'+byte(minute%10), ':', '0', '0')
	if dirty && !nobody {
		b = append(b, ",0.00,"...)
	} else {
		b = append(b, p.product[product].price...)
	}
	customer := uint32(o)
	if !dirty || !nobody {
		b = strconv.AppendUint(b, 1_000_000+uint64(customer), 10)
	}
	b = append(b, ',')
	b = append(b, crowdCountries[customer%uint32(len(crowdCountries))]...)
	p.buf = append(b, '\n')
	p.lines++
}

func (p *press) flush(w io.Writer) error {
	if _, err := w.Write(p.buf); err != nil {
		return fmt.Errorf("write order lines: %w", err)
	}
	p.buf = p.buf[:0]
	return nil
}
