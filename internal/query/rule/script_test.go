package rule_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/ref"
	"github.com/dangol/dangol/internal/query/rule/render"
)

// TestScriptsDuckDB and TestScriptsClickHouse run each script of testdata (see its README.md) on ref and an engine.
func TestScriptsDuckDB(t *testing.T) { scripts(t, openDuck(t)) }

func TestScriptsClickHouse(t *testing.T) { scripts(t, openHouse(t)) }

func scripts(t *testing.T, e engine) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 2 {
		t.Fatalf("no scripts in testdata (%v)", err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "sentences.txtar") {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { script(t, e, file) })
	}
}

func script(t *testing.T, e engine, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var w *world
	got, changed := "", false
	for i, f := range a.Files {
		what, name, _ := strings.Cut(f.Name, " ")
		switch what {
		case "facts":
			if w, err = readFacts(string(f.Data)); err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			w.load(t, e)
		case "ask":
			if got, err = w.ask(t, e, string(f.Data)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		case "want":
			if got == strings.TrimSpace(string(f.Data)) {
				continue
			}
			if !*rewrite {
				t.Errorf("%s: got %s, want %s", name, got, f.Data)
			}
			a.Files[i].Data, changed = []byte(got+"\n"), true
		default:
			t.Fatalf("%s: a section is facts, ask or want", f.Name)
		}
	}
	if *rewrite && changed {
		if err := os.WriteFile(file, txtar.Format(a), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// ask gives the customers of whom a rule holds, on which ref and the engine agree; of a trait its values.
func (w *world) ask(t *testing.T, e engine, text string) (string, error) {
	t.Helper()
	head, body, _ := strings.Cut(strings.TrimSpace(text), "\n")
	asOf := int64(0)
	c := *w.catalog
	c.Segments = maps.Clone(c.Segments)
	for _, word := range strings.Fields(head) {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "as_of":
			at, err := readAt(value)
			if err != nil {
				return "", err
			}
			asOf = at
		case "zone":
			zone, err := time.LoadLocation(value)
			if err != nil {
				return "", err
			}
			c.Zone = zone
		default:
			return "", fmt.Errorf("%q is neither as_of nor zone", word)
		}
	}
	lines := strings.Split(body, "\n")
	for _, line := range lines[:len(lines)-1] { // segment NAME RULE
		words := strings.SplitN(line, " ", 3)
		r, err := rule.Parse([]byte(words[2]))
		if err != nil {
			return "", err
		}
		c.Segments[words[1]] = rule.Segment{Name: words[1], Rule: r}
	}
	last := lines[len(lines)-1]
	if strings.HasPrefix(last, `{"take"`) {
		return w.values(last, &c, asOf)
	}
	r, err := rule.Parse([]byte(last))
	var b *rule.Bound
	if err == nil {
		b, err = rule.Bind(r, &c)
	}
	if f := (*fault.Fault)(nil); errors.As(err, &f) {
		return "error: " + f.Where.Field + ": " + f.Sentence + ". " + f.Next, nil
	}
	w.compare(t, e, []*rule.Bound{b}, render.Ask{AsOfUS: asOf})
	var who []string
	for i := range w.customers {
		if ref.Holds(b, person{w, &w.customers[i]}, asOf) {
			who = append(who, strconv.Itoa(int(w.customers[i].key)))
		}
	}
	if len(who) == 0 {
		return "nobody", nil
	}
	return strings.Join(who, " "), nil
}

func (w *world) values(text string, c *rule.Catalog, asOf int64) (string, error) {
	tr, err := rule.ParseTrait([]byte(text))
	if err != nil {
		return "", err
	}
	b, err := rule.BindTrait(tr, c)
	if err != nil {
		return "", err
	}
	var out []string
	for i := range w.customers {
		v := ref.Value(b, person{w, &w.customers[i]}, asOf)
		if v == nil {
			v = "unset"
		}
		out = append(out, fmt.Sprintf("%d:%v", w.customers[i].key, v))
	}
	return strings.Join(out, " "), nil
}

func readAt(text string) (int64, error) {
	for _, form := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339} {
		if at, err := time.Parse(form, text); err == nil {
			return at.UnixMicro(), nil
		}
	}
	return 0, fmt.Errorf("%q is no time", text)
}

// readFacts reads what happened, one fact a line, in the order in which it came.
func readFacts(text string) (*world, error) {
	w := &world{catalog: drawCatalog(time.UTC, 2)}
	w.catalog.Events = map[string]rule.Event{"Consent Changed": {Key: 19}, "Identified": {Key: 20}, "Order Completed": {Key: 1}}
	for n, l := range strings.Split(strings.TrimSpace(text), "\n") {
		if l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		if err := w.read(l); err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
	}
	slices.SortFunc(w.customers, func(a, b customer) int { return int(a.key) - int(b.key) })
	return w, nil
}

func (w *world) read(l string) error {
	words := strings.SplitN(l, " ", 3)
	key, err := strconv.ParseUint(words[0], 10, 32)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(w.customers, func(c customer) bool { return c.key == uint32(key) })
	if i < 0 {
		i = len(w.customers)
		w.customers = append(w.customers, customer{key: uint32(key)})
	}
	c := &w.customers[i]
	if len(words) == 1 {
		return nil
	}
	rest := strings.Join(words[2:], "")
	switch words[1] {
	case "in":
		c.in = append(c.in, rest)
		return nil
	case "row":
		given := pairs(rest)
		c.name, c.email, c.phone = given["name"], given["email"], given["phone"]
		return nil
	case "state":
		c.state = map[string]any{}
		for k, v := range pairs(rest) {
			c.state[k] = stateOf(k, v)
		}
		return nil
	}
	at, err := readAt(words[1])
	if err != nil {
		return err
	}
	what, more, _ := strings.Cut(rest, " ")
	if what == "order" || what == "refund" {
		return w.readOrder(c.key, at, what, pairs(more))
	}
	f := fact{customer: c.key, at: at, place: uint64(len(w.events)+1) << 12, typ: 1, props: "{}", context: "{}", name: rest}
	if i := strings.Index(rest, "{"); i >= 0 {
		f.name, f.props = strings.TrimSpace(rest[:i]), rest[i:]
	}
	if props, context, ok := strings.Cut(f.props, " context "); ok {
		f.props, f.context = props, context
	}
	switch f.name {
	case "identify":
		f.typ, f.name = 4, "Identified"
	case "page":
		f.typ, f.name = 2, "Page Viewed"
	}
	if _, ok := w.catalog.Events[f.name]; !ok {
		w.catalog.Events[f.name] = rule.Event{Key: uint32(30 + len(w.catalog.Events))}
	}
	w.events = append(w.events, f)
	return nil
}

func pairs(text string) map[string]string {
	out := map[string]string{}
	for _, p := range strings.Fields(text) {
		k, v, _ := strings.Cut(p, "=")
		out[k] = v
	}
	return out
}

func stateOf(column, v string) any {
	switch column {
	case "p_alive":
		f, _ := strconv.ParseFloat(v, 64)
		return f
	case "m", "spend":
		n, _ := strconv.Atoi(v)
		return n
	case "last_delivery_late":
		return v == "true"
	case "last_order_day":
		d, _ := day.Parse(v)
		return int(d)
	}
	return v
}

func (w *world) readOrder(key uint32, at int64, what string, given map[string]string) error {
	o := order{customer: key, kind: 1, at: at, id: "o" + strconv.Itoa(len(w.orders)+1), currency: "EUR", market: given["market"], channel: given["channel"], coupon: given["coupon"], promised: day.Unknown, delivered: day.Unknown, paid: day.Unknown}
	if what == "refund" {
		o.kind = 2
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(o.id))
	o.key = h.Sum64()
	for name, into := range map[string]*day.Day{"promised": &o.promised, "delivered": &o.delivered, "paid_until": &o.paid} {
		if given[name] != "" {
			d, err := day.Parse(given[name])
			if err != nil {
				return err
			}
			*into = d
		}
	}
	revenue, err := strconv.ParseFloat(given["revenue"], 64)
	if err != nil {
		return err
	}
	quantity := 1.0
	if given["quantity"] != "" {
		if quantity, err = strconv.ParseFloat(given["quantity"], 64); err != nil {
			return err
		}
	}
	id := given["product"]
	p := slices.IndexFunc(w.products, func(p product) bool { return p.id == id })
	if p < 0 {
		p = len(w.products)
		w.products = append(w.products, product{uint32(p + 1), id, given["name"], given["category"]})
	}
	o.lines = []line{{hash: o.key + 1, product: w.products[p].key, quantity: int64(quantity * 1000), amount: int64(revenue*100 + 0.5)}}
	w.orders = append(w.orders, o)
	return nil
}
