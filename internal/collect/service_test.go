package collect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/store/pgtest"
	"github.com/dangol/dangol/internal/store/storetest"
	"github.com/dangol/dangol/internal/warehouse"
)

// registry numbers customers in memory, as profile does in the records; it can be told to fail.
type registry struct {
	keys     map[string]uint32
	kept     map[int64][]string
	failKeep error
	failUndo error
}

type people struct {
	r     *registry
	fresh []warehouse.Person
}

func (p *people) Whose(l *event.OrderLine) (customer, origin uint32) {
	id := strings.Clone(l.Customer)
	if key, ok := p.r.keys[id]; ok {
		return key, key
	}
	for i := range p.fresh {
		if p.fresh[i].ID == id {
			return p.fresh[i].Key, p.fresh[i].Key
		}
	}
	key := uint32(len(p.r.keys) + len(p.fresh))
	p.fresh = append(p.fresh, warehouse.Person{Key: key, ID: id})
	return key, key
}

func (p *people) Fresh() []warehouse.Person { return p.fresh }

func (p *people) KeepMet(context.Context, int64) error { return nil }

func (r *registry) Begin(context.Context) (People, error) { return &people{r: r}, nil }

func (r *registry) Keep(_ context.Context, id int64, list []warehouse.Person) error {
	for _, p := range list {
		r.keys[p.ID] = p.Key
		r.kept[id] = append(r.kept[id], p.ID)
	}
	return r.failKeep
}

func (r *registry) Done(context.Context, int64) error { return nil }

func (r *registry) Forget(_ context.Context, id int64) error {
	if r.failUndo != nil {
		return r.failUndo
	}
	for _, c := range r.kept[id] {
		delete(r.keys, c)
	}
	delete(r.kept, id)
	return nil
}

type house struct {
	*Service
	registry *registry
}

func open(t *testing.T) house {
	t.Helper()
	return openAt(t, t.TempDir(), storetest.Open(t, Schema, market.Schema))
}

func openAt(t *testing.T, folder string, st *store.Store) house {
	t.Helper()
	w, err := warehouse.Open(t.Context(), "", warehouse.Options{MemoryMB: 256, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	r := &registry{keys: map[string]uint32{}, kept: map[int64][]string{}}
	return house{NewService(w, st, market.NewWorkspace(st), r, time.Now, slog.New(slog.DiscardHandler), folder), r}
}

// file writes a file into the data folder.
func (h house) file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(h.folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (h house) take(t *testing.T, name, text string, o Options) (Result, error) {
	t.Helper()
	return h.Import(t.Context(), h.file(t, name, text), name, o, &job.Progress{})
}

func (h house) settings(t *testing.T) market.Settings {
	t.Helper()
	s, err := h.workspace.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const linesFile = `order_id,customer_id,order_date,sku,quantity,unit_price,currency
1,ann,2024-03-01,mug,2,4.50,EUR
1,ann,2024-03-01,mug,2,4.50,EUR
1,ann,2024-03-01,cup,1,3.00,EUR
2,bob,2024-03-05,mug,1,4.50,EUR
2,bob,2024-03-09,mug,-1,4.50,EUR
3,,2024-03-05,mug,1,4.50,EUR
,cid,2024-03-05,mug,1,4.50,EUR
4,cid,soon,mug,1,4.50,EUR
5,cid,2024-02-31,mug,1,4.50,EUR
6,cid,2024-03-05,mug,1,4.50,QQQ
7,cid,2024-03-05,mug,1,cheap,EUR
8,cid,2024-03-05,mug,few,4.50,EUR
9,cid,2024-03-05,mug,1,123456789012345678901234,EUR
10,cid,2024-03-05,mug,0,4.50,EUR
11,cid,2024-03-05,mug,1,-4.50,EUR
12,cid,2024-03-05,mug,1,0.00,EUR
`

var linesColumns = map[string]string{"order": "order_id", "customer": "customer_id", "at": "order_date", "product": "sku", "quantity": "quantity", "price": "unit_price", "currency": "currency"}

// counts are the keys of `dangol import orders --json` that scripts add up.
type counts struct {
	LinesRead      int64            `json:"lines_read"`
	LinesAccepted  int64            `json:"lines_accepted"`
	Orders         int64            `json:"orders"`
	Customers      int64            `json:"customers"`
	RefundLines    int64            `json:"refund_lines"`
	SetAside       map[string]int64 `json:"set_aside"`
	RejectsFile    string           `json:"rejects_file"`
	AlreadyPresent int64            `json:"already_present"`
	Revenue        market.Money     `json:"revenue"`
	Refunds        market.Money     `json:"refunds"`
}

func countsOf(t *testing.T, r Result) counts {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var c counts
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	sum := c.LinesAccepted + c.RefundLines + c.AlreadyPresent
	for _, n := range c.SetAside {
		sum += n
	}
	if sum != c.LinesRead {
		t.Errorf("%s\nlines add up to %d", text, sum)
	}
	return c
}

func TestCountsOfAnImport(t *testing.T) {
	t.Parallel()
	h := open(t)
	o := Options{}
	o.Columns = linesColumns
	r, err := h.take(t, "lines.csv", linesFile, o)
	if err != nil {
		t.Fatal(err)
	}
	c := countsOf(t, r)
	if c.LinesRead != 16 || c.LinesAccepted != 4 || c.RefundLines != 1 || c.AlreadyPresent != 0 || c.Orders != 2 || c.Customers != 2 ||
		c.Revenue.String() != "25.50 EUR" || c.Refunds.String() != "4.50 EUR" {
		t.Errorf("%+v", c)
	}
	for _, reason := range []string{
		"missing_customer", "missing_order", "unreadable_date", "impossible_date", "unknown_currency", "unreadable_amount", "unreadable_quantity",
		"too_large", "zero_quantity", "negative_price", "free_line",
	} {
		if c.SetAside[reason] != 1 {
			t.Errorf("%d lines were set aside as %s, want 1", c.SetAside[reason], reason)
		}
	}
	rejects, err := os.ReadFile(c.RejectsFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"line,column,value,reason,row\n", "7,customer_id,,missing_customer,", "9,order_date,soon,unreadable_date,", `,zero_quantity,`} {
		if !strings.Contains(string(rejects), want) {
			t.Errorf("no %q in\n%s", want, rejects)
		}
	}
	again, err := h.take(t, "lines.csv", linesFile, o)
	if c := countsOf(t, again); err != nil || c.AlreadyPresent != 5 || c.LinesAccepted != 0 || c.RefundLines != 0 || c.Orders != 0 || c.Customers != 0 {
		t.Errorf("again: %+v, %v", c, err)
	}
	list, err := h.History(t.Context(), 10)
	if err != nil || len(list) != 2 || list[0].Import != 2 || list[1].State != "done" || list[1].LinesAccepted != 4 || list[1].FinishedAt == nil {
		t.Errorf("history %+v, %v", list, err)
	}
}

func ordersIn(currency, first string) string {
	return "order_id,customer_id,order_date,amount,currency\n" + first + "1,ann,2024-03-01,10.00," + currency + "\n" + first + "2,bob,2024-03-02,20.00," + currency + "\n"
}

func TestASecondCurrencyNeedsARate(t *testing.T) {
	t.Parallel()
	h := open(t)
	if r, err := h.take(t, "eur.csv", ordersIn("EUR", "e"), Options{}); err != nil || r.Revenue.String() != "30.00 EUR" {
		t.Fatalf("%+v, %v", r, err)
	}
	_, err := h.take(t, "krw.csv", ordersIn("KRW", "k"), Options{})
	if f := fault.From(err); f.Reason != "market.no_rate" || f.Where.Line != 2 || !strings.Contains(f.Next, "--rate KRW=") {
		t.Fatalf("without a rate: %v", err)
	}
	if span, err := h.warehouse.Span(t.Context()); err != nil || span.Lines != 2 {
		t.Errorf("the refused file left %+v, %v", span, err)
	}
	r, err := h.take(t, "krw.csv", ordersIn("KRW", "k"), Options{Rates: map[string]string{"KRW": "1500"}})
	if err != nil || r.Revenue.String() != "0.02 EUR" { // 10 and 20 won are two thirds of a cent and one and a third
		t.Errorf("with a rate: %+v, %v", r, err)
	}
	if got := h.settings(t).Rates["KRW"]; got != "1500" {
		t.Errorf("the rate is kept as %q", got)
	}
	_, err = h.take(t, "usd.csv", ordersIn("USD", "u"), Options{BaseCurrency: "USD"})
	if f := fault.From(err); f.Reason != "market.currency_fixed" {
		t.Errorf("another base gave %v", err)
	}
}

func TestTheCurrencyYieldsWhileEmpty(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.workspace.Put(t.Context(), market.Settings{Currency: "KRW"}, false); err != nil {
		t.Fatal(err)
	}
	if r, err := h.take(t, "thb.csv", ordersIn("THB", "t"), Options{}); err != nil || r.Currency != "THB" || h.settings(t).Currency != "THB" {
		t.Errorf("%+v, %v", r, err)
	}
	given := open(t)
	if err := given.workspace.Put(t.Context(), market.Settings{Currency: "KRW"}, false); err != nil {
		t.Fatal(err)
	}
	r, err := given.take(t, "thb.csv", ordersIn("THB", "t"), Options{Rates: map[string]string{"THB": "0.025"}})
	if err != nil || r.Revenue.String() != "1200 KRW" || given.settings(t).Currency != "KRW" {
		t.Errorf("with a rate it stays: %+v, %v", r, err)
	}
}

// A file of which nothing is kept leaves the workspace as it was, also its currency and whether it is simulated.
func TestAFileWithoutALineChangesNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	empty := "order_id,customer_id,order_date,sku,quantity,unit_price,currency\n1,ann,2024-03-01,mug,0,4.50,EUR\n2,bob,2024-03-01,mug,0,4.50,EUR\n"
	o := Options{Rates: map[string]string{"USD": "1.1"}}
	o.Columns = linesColumns
	_, err := h.take(t, "simulated-orders.csv", empty, o)
	if f := fault.From(err); f.Reason != "collect.nothing_usable" || !strings.Contains(f.Next, "zero_quantity") {
		t.Fatalf("%v", err)
	}
	if s := h.settings(t); s.Currency != "" || s.Simulated || len(s.Rates) != 0 {
		t.Errorf("%+v", s)
	}
	list, err := h.History(t.Context(), 10)
	if err != nil || len(list) != 1 || list[0].State != "failed" || list[0].Problem == "" {
		t.Errorf("%+v, %v", list, err)
	}
	if left, _ := filepath.Glob(filepath.Join(h.folder, "rejects", "*")); len(left) != 0 {
		t.Errorf("rejects are left: %v", left)
	}
}

// Customers of an import that never was would be known without being anywhere: they must be forgotten before the next one.
func TestWhatCouldNotBeUndoneIsUndoneLater(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.registry.failKeep, h.registry.failUndo = errors.New("the disk is full"), errors.New("still full")
	if _, err := h.take(t, "eur.csv", ordersIn("EUR", "e"), Options{}); err == nil {
		t.Fatal("no error")
	}
	if list, err := h.History(t.Context(), 1); err != nil || list[0].State != "running" {
		t.Errorf("the record must stay open: %+v, %v", list, err)
	}
	h.registry.failKeep, h.registry.failUndo = nil, nil
	if r, err := h.take(t, "eur.csv", ordersIn("EUR", "e"), Options{}); err != nil || r.Customers != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	if list, err := h.History(t.Context(), 2); err != nil || list[0].State != "done" || list[1].State != "failed" {
		t.Errorf("%+v, %v", list, err)
	}
	if len(h.registry.kept[1]) != 0 || len(h.registry.kept[2]) != 2 {
		t.Errorf("customers by import: %v", h.registry.kept)
	}
}

// A cancelled import ends as failed and takes its customers back.
func TestACancelledImport(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	h.Pause = func(step string) {
		if step == "before commit" {
			cancel()
		}
	}
	_, err := h.Import(ctx, h.file(t, "eur.csv", ordersIn("EUR", "e")), "eur.csv", Options{}, &job.Progress{})
	if !errors.Is(err, context.Canceled) || len(h.registry.keys) != 0 {
		t.Errorf("%v, customers %v", err, h.registry.keys)
	}
	if list, err := h.History(t.Context(), 1); err != nil || list[0].State != "failed" {
		t.Errorf("%+v, %v", list, err)
	}
}

// Keys of customers are in the records and orders in the warehouse: those of two folders must not meet.
func TestRecordsOfAnotherFolder(t *testing.T) {
	t.Parallel()
	h := open(t)
	if _, err := h.take(t, "eur.csv", ordersIn("EUR", "e"), Options{}); err != nil {
		t.Fatal(err)
	}
	if err := h.Recover(t.Context()); err != nil {
		t.Error(err)
	}
	h.store = storetest.Open(t, Schema, market.Schema)
	if f := fault.From(h.Recover(t.Context())); f.Reason != "collect.mixed_folders" || !strings.Contains(f.Sentence, "only in the warehouse") {
		t.Errorf("fresh records: %+v", f)
	}
	other := open(t)
	if _, err := other.take(t, "eur.csv", ordersIn("EUR", "e"), Options{}); err != nil {
		t.Fatal(err)
	}
	empty := openAt(t, t.TempDir(), other.store)
	if f := fault.From(empty.Recover(t.Context())); f.Reason != "collect.mixed_folders" || !strings.Contains(f.Sentence, "only in the records") {
		t.Errorf("fresh warehouse: %+v", f)
	}
}

func TestOnPostgres(t *testing.T) {
	t.Parallel()
	h := openAt(t, t.TempDir(), storetest.OpenAt(t, pgtest.Start(t).Database(t), Schema, market.Schema))
	o := Options{}
	o.Columns = linesColumns
	r, err := h.take(t, "lines.csv", linesFile, o)
	if err != nil || r.LinesAccepted != 4 {
		t.Fatalf("%+v, %v", r, err)
	}
	if err := h.Recover(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestNamesOfUploads(t *testing.T) {
	t.Parallel()
	h := open(t)
	for name, want := range map[string]string{
		"orders.csv": "orders.csv", "../../orders.csv": "orders.csv", `C:\shop\orders.csv`: "orders.csv",
		strings.Repeat("주", 200) + ".csv.gz": strings.Repeat("주", 77) + ".csv.gz", ".hidden": "", "..": "", "/": "", "": "", "a\x00b.csv": "", "a\nb.csv": "",
	} {
		u, err := h.Receive(name, strings.NewReader("x"))
		if want == "" {
			if f := fault.From(err); f.Reason != "collect.upload_name" {
				t.Errorf("%q gave %v", name, err)
			}
			continue
		}
		if err != nil || u.Name != want {
			t.Errorf("%q is kept as %q, %v", name, u.Name, err)
			continue
		}
		path, kept, err := h.uploaded(u.ID)
		if err != nil || kept != want || !strings.HasPrefix(path, filepath.Join(h.folder, "uploads", u.ID)) {
			t.Errorf("%q is at %q, %v", name, path, err)
		}
	}
	for _, key := range []string{"", "upl_", "upl_../x", "upl_..", "x", "upl_/etc"} {
		if _, _, err := h.uploaded(key); err == nil {
			t.Errorf("%q names an upload", key)
		}
	}
}

func TestOldUploadsGoWhenAFileComes(t *testing.T) {
	t.Parallel()
	h := open(t)
	now := time.Now()
	h.clock = func() time.Time { return now }
	old, err := h.Receive("old.csv", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(uploadLife / 2)
	young, err := h.Receive("young.csv", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	// The younger was written by the machine's clock: give it the day it stands for.
	if err := os.Chtimes(filepath.Join(h.folder, "uploads", young.ID), now, now); err != nil {
		t.Fatal(err)
	}
	now = now.Add(uploadLife * 3 / 4)
	if _, err := h.Receive("new.csv", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.uploaded(old.ID); err == nil {
		t.Error("the old upload is still there")
	}
	if _, _, err := h.uploaded(young.ID); err != nil {
		t.Error(err)
	}
}

func TestQueries(t *testing.T) { storetest.Prepare(t, Schema) }
