package simulate

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
)

// Prefix begins the name of every simulated file, and Simulated recognises it, so that a workspace filled from one can say so.
const Prefix = "simulated-"

// Simulated reports whether a file's name marks it as simulated.
func Simulated(name string) bool { return strings.HasPrefix(filepath.Base(name), Prefix) }

// File is one file written: a market's order lines, in the language and the notation of its market.
type File struct {
	Path     string
	Market   string
	Currency string
	Zone     string // of the local times in it; give it to the import
	Rows     int64  // without the header
}

// Write simulates a shop and writes one CSV of order lines a market, a README and truth.json into dir.
func Write(dir string, opts Options) ([]File, Truth, error) {
	s, err := New(opts)
	if err != nil {
		return nil, Truth{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // the files hold nothing secret
		return nil, Truth{}, cannotWrite(dir, err)
	}
	truth := s.Truth()
	var files []File
	for i := range s.Markets {
		m := &s.Markets[i]
		f := File{Path: filepath.Join(dir, Prefix+"orders-"+m.Country+".csv"), Market: m.Country, Currency: m.Currency, Zone: m.Zone}
		err := create(f.Path, func(w io.Writer) error {
			var err error
			f.Rows, err = s.WriteCSV(w, i)
			return err
		})
		if err != nil {
			return nil, Truth{}, err
		}
		truth.Markets[i].File = filepath.Base(f.Path)
		files = append(files, f)
	}
	err = create(filepath.Join(dir, "truth.json"), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", " ")
		return e.Encode(truth)
	})
	if err != nil {
		return nil, Truth{}, err
	}
	err = create(filepath.Join(dir, "README.txt"), func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "SIMULATED DATA. No shop, person or order in these files exists.\n\n"+
			"Written by `dangol simulate` with seed %d: orders from %s to %s, one file a market.\n"+
			"truth.json holds the process they were drawn from and each customer's fate.\n", truth.Seed, truth.First, truth.Last)
		return err
	})
	return files, truth, err
}

func create(path string, write func(io.Writer) error) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return cannotWrite(path, err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return cannotWrite(path, err)
	}
	return nil
}

func cannotWrite(path string, err error) error {
	return fault.New(fault.Unavailable, "simulate.cannot_write", "the simulated files could not be written").
		At(fault.Place{File: path}).Then("Choose a folder you may write to, with free space.").Because(err)
}

// WriteCSV writes one market's order lines with a header in the market's language, and returns the number of rows.
func (s *Shop) WriteCSV(out io.Writer, at int) (int64, error) {
	m, b := &s.Markets[at], &s.Branches[at]
	w := csv.NewWriter(out)
	if err := w.Write(m.header); err != nil {
		return 0, err
	}
	var rows int64
	record := make([]string, len(m.header))
	for i := range b.Orders {
		o := &b.Orders[i]
		c := &b.Customers[o.Customer]
		for _, l := range o.Lines {
			p := &s.Products[l.Product]
			sign := int64(1)
			if o.Kind == event.Refund {
				sign = -1
			}
			// Korea and Thailand write what the line cost, Germany the price of one.
			paid := market.New(sign*l.Quantity*l.UnitMinor, m.Currency)
			if m.Country == "DE" {
				paid = market.New(l.UnitMinor, m.Currency)
			}
			copy(record, []string{
				o.ID, o.Day.Time().Add(time.Duration(o.Second) * time.Second).Format(m.timeLayout), c.ID, c.Name, c.Email, c.Phone,
				p.SKU, p.Name, p.Category, strconv.FormatInt(sign*l.Quantity, 10), paid.Decimal(), m.Currency, m.Country,
				o.Channel, o.Coupon, m.status(o.Kind), m.date(o.Promised), m.date(o.Delivered),
			})
			if err := w.Write(record); err != nil {
				return rows, err
			}
			rows++
		}
	}
	w.Flush()
	return rows, w.Error()
}

func (m *Market) date(d day.Day) string {
	if d == day.Unknown {
		return ""
	}
	return d.Time().Format(m.dayLayout)
}

func (m *Market) status(k event.Kind) string {
	refund := k == event.Refund
	switch m.Country {
	case "KR":
		if refund {
			return "환불"
		}
		return "구매확정"
	case "TH":
		if refund {
			return "คืนเงิน"
		}
		return "สำเร็จ"
	}
	if refund {
		return "refunded"
	}
	return "completed"
}

// Lines gives one market's order lines as the events an import makes of its file, in the file's order.
func (s *Shop) Lines(at int) (iter.Seq[event.OrderLine], error) {
	m, b := &s.Markets[at], &s.Branches[at]
	zone, err := time.LoadLocation(m.Zone)
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "simulate.no_zone", "the time zone %s is not known to this machine", m.Zone).Because(err)
	}
	return func(yield func(event.OrderLine) bool) {
		row := int64(1) // the header
		for i := range b.Orders {
			o := &b.Orders[i]
			c := &b.Customers[o.Customer]
			y, month, d := o.Day.Time().Date()
			at := time.Date(y, month, d, 0, 0, o.Second, 0, zone)
			for _, l := range o.Lines {
				row++
				p := &s.Products[l.Product]
				line := event.OrderLine{
					Customer: c.ID, Order: o.ID, AtUS: at.UnixMicro(), Day: o.Day, Kind: o.Kind, Product: p.SKU, ProductName: p.Name,
					Category: p.Category, QuantityMilli: l.Quantity * 1000, AmountMinor: l.Quantity * l.UnitMinor, Currency: m.Currency,
					Market: m.Country, Channel: o.Channel, Promised: o.Promised, Delivered: o.Delivered, PaidUntil: day.Unknown, Name: c.Name, Email: c.Email,
					Phone: c.Phone, Coupon: o.Coupon, SourceLine: row,
				}
				if !yield(line) {
					return
				}
			}
		}
	}, nil
}
