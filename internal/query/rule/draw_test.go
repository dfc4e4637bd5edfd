package rule_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query/rule"
)

const (
	hour = int64(3_600_000_000)
	days = 24 * hour
)

// origin is a Monday, three weeks before clocks change in Berlin and a week before they do in New York.
var origin = time.Date(2024, 3, 4, 0, 0, 0, 0, time.UTC).UnixMicro()

// drawWorld makes a small shop with all that is odd in it.
func drawWorld(r *rand.Rand) *world {
	zone, err := time.LoadLocation(pick(r, "UTC", "Asia/Seoul", "Europe/Berlin", "America/New_York"))
	if err != nil {
		panic(err)
	}
	w := &world{catalog: drawCatalog(zone, pick(r, 0, 2, 2, 3))}
	for i := range 3 + r.IntN(10) {
		c := customer{key: uint32(i + 1), name: pick(r, "", "Kim", "O'Hara"), email: pick(r, "", "kim@example.com")}
		if r.IntN(3) > 0 {
			c.state = map[string]any{
				"p_alive": pick[any](r, nil, 0.1, 0.5, 0.9), "m": pick[any](r, 1, 3, 5), "spend": pick[any](r, 0, 1000, 2550),
				"rfm_group": pick[any](r, "", "champions", "lost"), "lifecycle": pick[any](r, nil, "new", "at_risk"),
				"last_delivery_late": pick[any](r, nil, true, false), "last_order_day": pick[any](r, nil, int(day.Of(time.UnixMicro(origin).UTC()))+r.IntN(120)),
			}
		}
		for _, s := range []string{"friends", "staff"} {
			if r.IntN(3) == 0 {
				c.in = append(c.in, s)
			}
		}
		w.customers = append(w.customers, c)
	}
	for i := range 1 + r.IntN(5) {
		w.products = append(w.products, product{uint32(i + 1), pick(r, "", "p1", "p2", "p3"), pick(r, "", "Green tea", "Cup"), pick(r, "", "tea", "cups")})
	}
	for range 10*len(w.customers) + r.IntN(20*len(w.customers)) {
		w.events = append(w.events, drawFact(r, w))
	}
	for i := range r.IntN(8 * len(w.customers)) {
		w.orders = append(w.orders, drawOrder(r, w, i))
	}
	return w
}

func drawCatalog(zone *time.Location, digits int) *rule.Catalog {
	props := map[string]rule.Kind{"cat": rule.Text, "price": rule.Number, "ok": rule.Flag, "when": rule.Time, "box.size": rule.Number, "odd": rule.Unknown}
	c := &rule.Catalog{
		Events: map[string]rule.Event{
			"Viewed": {Key: 16, Properties: props}, "Carted": {Key: 17, Properties: props}, "Checked": {Key: 18, Properties: props},
			"Consent Changed": {Key: 19}, "Segment Entered": {Key: 20}, "Identified": {Key: 21}, "Order Completed": {Key: 1},
		},
		Attributes: map[string]rule.Kind{"plan": rule.Text, "age": rule.Number, "vip": rule.Flag, "born": rule.Time, "market": rule.Text, "country": rule.Text, "address.city": rule.Text, "odd": rule.Unknown},
		State:      stateSchema, Traits: map[string]rule.Named{}, Segments: map[string]rule.Segment{"friends": {Name: "Friends"}, "staff": {Name: "Staff"}},
		Markets: []string{"KR", "TH"}, Zone: zone, Currency: "EUR", Digits: digits,
	}
	for _, n := range rule.BuiltIn() {
		c.Traits[n.Name] = n
	}
	parse := func(text string) *rule.Rule {
		x, err := rule.Parse([]byte(text))
		if err != nil {
			panic(err)
		}
		return x
	}
	c.Segments["viewers"] = rule.Segment{Name: "Viewers", Rule: parse(`{"did":"Viewed","window":{"last":"30d"}}`)}
	c.Segments["close"] = rule.Segment{Name: "Close", Rule: parse(`{"or":[{"segment":"friends"},{"and":[{"segment":"viewers"},{"not":{"attribute":"plan","op":"=","value":"free"}}]}]}`)}
	return c
}

func drawAt(r *rand.Rand) int64 {
	at := origin + r.Int64N(100)*days + pick(r, 0, 0, 12*hour, r.Int64N(24)*hour)
	if r.IntN(4) == 0 {
		at += pick[int64](r, 1, -1, 59_999_999)
	}
	return at
}

func drawJSON(r *rand.Rand, kind string) string {
	switch kind {
	case "cat":
		return pick(r, `"tea"`, `"cake"`, `"te\u0061"`, `"O'Hara"`, `"한국"`, `""`, `null`, `"a\"b\\c"`, `"Tea"`)
	case "price":
		return pick(r, `1`, `2.5`, `"2.50"`, `" 7 "`, `"1_000"`, `-3`, `0.1`, `0.2`, `1e3`, `"abc"`, `null`, `"inf"`, `"+5"`, `true`, `1e-7`, `99999999999999`)
	case "ok":
		return pick(r, `true`, `false`, `"true"`, `1`, `null`)
	case "when":
		at := time.UnixMicro(drawAt(r)).UTC()
		form := pick(r, "2006-01-02", time.RFC3339, "2006-01-02T15:04:05.000Z", "2006-01-02 15:04:05", "2006-01-02T15:04:05+05:30", "2006-01-02T15:04:05-0800", "02.01.2006", "2006-1-2")
		if r.IntN(5) == 0 {
			return pick(r, `"2024-02-31"`, `"1992-02-29"`, `"1990-05-12"`, `"1890-01-01"`, `null`, `"soon"`, `20240301`)
		}
		return strconv.Quote(at.AddDate(-r.IntN(2)*r.IntN(40), 0, 0).Format(form))
	}
	return pick(r, `1`, `1.0`, `1.50`, `"1"`, `true`, `null`, `"x"`, `[1, "a"]`, `{"b":  2.0}`, `"true"`, `12345678901234`)
}

func drawFact(r *rand.Rand, w *world) fact {
	f := fact{customer: pick(r, w.customers...).key, place: uint64(len(w.events)+1)<<12 | uint64(r.IntN(3)), at: drawAt(r), typ: 1, props: "{}", context: "{}"}
	object := func(keys ...string) string {
		var parts []string
		for _, k := range keys {
			if r.IntN(4) > 0 {
				parts = append(parts, strconv.Quote(k)+": "+drawJSON(r, map[string]string{"plan": "cat", "age": "price", "vip": "ok", "born": "when"}[k]+map[bool]string{true: k}[strings.Contains("cat price ok when odd", k)]))
			}
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	switch r.IntN(10) {
	case 0, 1:
		f.typ, f.name = 4, "Identified"
		f.props = object("plan", "age", "vip", "born", "odd")
		var more []string
		for _, k := range []string{"email", "market", "country", "address"} {
			if r.IntN(3) == 0 {
				more = append(more, strconv.Quote(k)+":"+map[string]string{"email": pick(r, `null`, `"new@example.com"`), "market": pick(r, `"KR"`, `""`), "country": `"TH"`, "address": pick(r, `{"city":"Seoul","country":"KR"}`, `"Seoul"`)}[k])
			}
		}
		if len(more) > 0 && f.props == "{}" {
			f.props = "{" + strings.Join(more, ",") + "}"
		} else if len(more) > 0 {
			f.props = f.props[:len(f.props)-1] + "," + strings.Join(more, ",") + "}"
		}
	case 2:
		f.name = "Consent Changed"
		f.props = fmt.Sprintf(`{"purpose":%q,"channel":%q,"state":%q}`, pick(r, "marketing", "service"), pick(r, "email", "sms"), pick(r, "given", "withdrawn", "unknown"))
	case 3:
		f.name = pick(r, "Segment Entered", "Order Completed")
	default:
		f.name = pick(r, "Viewed", "Viewed", "Carted", "Checked")
		f.typ = pick[uint8](r, 1, 1, 1, 2, 3)
		f.props = object("cat", "price", "ok", "when", "odd")
		if r.IntN(3) == 0 {
			f.props = fmt.Sprintf(`{"box":{"size":%s},"price":%s}`, drawJSON(r, "price"), drawJSON(r, "price"))
		}
		if r.IntN(3) == 0 {
			f.context = fmt.Sprintf(`{"page":{"path":%q}}`, pick(r, "/", "/tea"))
		}
	}
	return f
}

func drawOrder(r *rand.Rand, w *world, i int) order {
	o := order{
		customer: pick(r, w.customers...).key, key: r.Uint64(), kind: pick[uint8](r, 1, 1, 1, 2), at: drawAt(r), id: "o" + strconv.Itoa(i), currency: "EUR",
		market: pick(r, "", "KR", "TH"), channel: pick(r, "", "app", "web"), coupon: pick(r, "", "TEN"), promised: day.Unknown, delivered: day.Unknown, paid: day.Unknown,
	}
	d := day.Of(time.UnixMicro(o.at).UTC())
	if r.IntN(2) == 0 {
		o.promised = d + 3
	}
	if r.IntN(2) == 0 {
		o.delivered = d + day.Day(r.IntN(8))
	}
	if r.IntN(3) == 0 {
		o.paid = d + day.Day(r.IntN(60)) - 2
	}
	for range 1 + r.IntN(2) {
		o.lines = append(o.lines, line{r.Uint64(), pick(r, w.products...).key, 500 * (1 + r.Int64N(4)), r.Int64N(4) * 1250})
	}
	return o
}

// drawer draws rules as JSON objects.
type drawer struct{ *rand.Rand }

func (d drawer) duration() string {
	return pick(d.Rand, "1d", "3d", "30d", "2w", "12h", "90m", "60d", "45d", "20d", "10d")
}

func (d drawer) date() string {
	t := time.UnixMicro(drawAt(d.Rand)).UTC()
	return pick(d.Rand, t.Format(time.DateOnly), t.Format(time.RFC3339), t.Format("2006-01-02T15:04:05+09:00"))
}

func (d drawer) event() string {
	return pick(d.Rand, "Viewed", "Viewed", "Carted", "Checked", "Order Completed", "Order Refunded", "Product Bought", "Never Happened", "Segment Entered")
}

type object = map[string]any

func (d drawer) rule(depth int) object {
	if depth > 0 && d.IntN(2) == 0 {
		switch d.IntN(3) {
		case 0:
			return object{"not": d.rule(depth - 1)}
		default:
			var parts []any
			for range 1 + d.IntN(3) {
				parts = append(parts, d.rule(depth-1))
			}
			return object{pick(d.Rand, "and", "or"): parts}
		}
	}
	switch d.IntN(14) {
	case 0, 1:
		o := d.compare(pick(d.Rand, "plan", "age", "vip", "born", "odd", "email", "name", "address.city", "country"), "attribute")
		return o
	case 2, 3, 4, 5:
		return d.traitRule()
	case 6, 7, 8:
		return d.did()
	case 9, 10:
		return d.sequence()
	case 11:
		return pick(d.Rand, object{"segment": pick(d.Rand, "friends", "staff", "viewers", "close")}, object{"share": object{"percent": pick(d.Rand, 0, 12.5, 50, 100), "salt": pick(d.Rand, "a", "b")}})
	case 12:
		return pick(d.Rand, object{"market": []any{pick(d.Rand, "KR", "TH")}}, object{"rfm": []any{"champions"}}, object{"lifecycle": []any{"at_risk", "new"}},
			object{"consent": object{"purpose": "marketing", "channel": pick(d.Rand, "email", "sms")}, "is": pick(d.Rand, "given", "withdrawn", "unknown")})
	}
	return d.scoreRule()
}

func (d drawer) scoreRule() object {
	switch name := pick(d.Rand, "p_alive", "m", "spend", "rfm_group", "last_delivery_late", "last_order_day"); name {
	case "rfm_group":
		return object{"score": name, "op": pick(d.Rand, "=", "!="), "value": pick(d.Rand, "champions", "lost")}
	case "last_delivery_late":
		return object{"score": name, "op": pick(d.Rand, "=", "!="), "value": d.IntN(2) == 0}
	case "last_order_day":
		return d.timeOp(object{"score": name})
	default:
		return d.numberOp(object{"score": name}, 0.5, 1.0, 3.0, 10.0, 25.5)
	}
}

func (d drawer) numberOp(o object, values ...float64) object {
	op := pick(d.Rand, "=", "!=", "<", "<=", ">", ">=", "<", "<=", ">", ">=", "in", "not in", "is set", "is not set")
	o["op"] = op
	switch op {
	case "in", "not in":
		o["value"] = []any{pick(d.Rand, values...), pick(d.Rand, values...)}
	case "is set", "is not set":
	default:
		o["value"] = pick(d.Rand, values...)
	}
	return o
}

func (d drawer) textOp(o object, values ...string) object {
	op := pick(d.Rand, "=", "=", "!=", "in", "not in", "contains", "starts with", "is set", "is not set")
	o["op"] = op
	switch op {
	case "in", "not in":
		o["value"] = []any{pick(d.Rand, values...), pick(d.Rand, values...)}
	case "is set", "is not set":
	case "contains", "starts with":
		o["value"] = pick(d.Rand, "te", "t", "O'", "한", "\\", "2024-0", "a", "K", "1", "/", "p", "c", "e", "w")
	default:
		o["value"] = pick(d.Rand, values...)
	}
	return o
}

func (d drawer) timeOp(o object) object {
	op := pick(d.Rand, "before", "after", "in the last", "not in the last", "in the next", "anniversary within")
	if o["score"] != nil {
		op = pick(d.Rand, "before", "after", "in the last", "not in the last", "in the next")
	}
	o["op"], o["value"] = op, pick(d.Rand, "1d", "30d", "7d", "8w", "300d")
	if op == "before" || op == "after" {
		o["value"] = d.date()
	}
	return o
}

// compare draws a comparison with a property or attribute.
func (d drawer) compare(name, field string) object {
	o := object{field: name}
	switch name {
	case "price", "age", "box.size", "revenue", "quantity", "lines", "late_days":
		return d.numberOp(o, 1, 2.5, 7, 12.5, 1000, 0, 25)
	case "ok", "vip":
		return object{field: name, "op": pick(d.Rand, "=", "!="), "value": d.IntN(2) == 0}
	case "when", "born", "paid_until_day":
		return d.timeOp(o)
	case "odd":
		switch d.IntN(4) {
		case 0:
			return d.numberOp(o, 1, 1.5, 2)
		case 1:
			return object{field: name, "op": "=", "value": true}
		}
	}
	values := map[string][]string{
		"cat": {"tea", "cake", "O'Hara", "한국", `a"b\c`}, "plan": {"tea", "cake", "한국"}, "odd": {"1", "1.5", "1.0", "x", "true", `[1,"a"]`}, "email": {"kim@example.com", "new@example.com"},
		"name": {"Kim", "O'Hara", "Cup"}, "market": {"KR", "TH"}, "country": {"TH"}, "channel": {"app", "web"}, "coupon": {"TEN"}, "context.page.path": {"/", "/tea"}, "product": {"p1", "p2"},
		"category": {"tea", "cups"}, "address.city": {"Seoul"}, "order_id": {"o1", "o2", "o3"},
	}[name]
	if d.IntN(10) == 0 || len(values) == 0 {
		values = []string{"tea", "1", "KR"}
	}
	return d.textOp(o, values...)
}

func (d drawer) properties(event string) []string {
	switch event {
	case "Order Completed", "Order Refunded":
		return []string{"revenue", "quantity", "lines", "market", "channel", "coupon", "late_days", "order_id", "paid_until_day"}
	case "Product Bought":
		return []string{"product", "name", "category", "quantity", "revenue", "market", "channel"}
	case "Segment Entered", "Never Happened":
		return []string{"odd"}
	}
	return []string{"cat", "price", "ok", "when", "odd", "box.size", "context.page.path"}
}

func (d drawer) where(o object, event string) object {
	if event == "*" || d.IntN(5) < 3 {
		return o
	}
	var list []any
	for range 1 + d.IntN(2) {
		list = append(list, d.compare(pick(d.Rand, d.properties(event)...), "property"))
	}
	o["where"] = list
	return o
}

func (d drawer) window(o object) object {
	switch d.IntN(11) {
	case 0, 1, 2:
		o["window"] = object{"last": d.duration()}
	case 3:
		o["window"] = object{"calendar": pick(d.Rand, "today", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_month", "last_month", "this_year", "this_year", "last_year")}
	case 4:
		o["window"] = pick(d.Rand, object{"from": d.date()}, object{"to": d.date()}, object{"from": "2024-03-01"}, object{"from": "2024-03-20", "to": "2024-04-20"})
	case 5:
		e := pick(d.Rand, d.event(), d.event(), "*")
		o["window"] = object{"since": d.where(object{"event": e, "which": pick(d.Rand, "first", "last")}, e)}
	}
	return o
}

func (d drawer) did() object {
	e := pick(d.Rand, d.event(), d.event(), d.event(), "*")
	o := d.window(d.where(object{}, e))
	if d.IntN(3) == 0 {
		o["did_not"] = e
		return o
	}
	o["did"] = e
	if d.IntN(2) == 0 {
		times := object{}
		for range 1 + d.IntN(2) {
			times[pick(d.Rand, "=", "!=", "<", "<=", ">", ">=")] = d.IntN(4)
		}
		o["times"] = times
	}
	return o
}

func (d drawer) trait(depth int) (o object, kind string) {
	take := pick(d.Rand, "count", "sum", "average", "min", "max", "first", "last", "distinct", "most_frequent", "days_since_first", "days_since_last", "ratio", "trend")
	e := d.event()
	if d.IntN(6) == 0 && slices.Contains([]string{"count", "days_since_first", "days_since_last"}, take) {
		e = "*"
	}
	o = d.window(d.where(object{"take": take, "of": e}, e))
	numbers := map[string][]string{"Order Completed": {"revenue", "quantity", "lines", "late_days"}, "Order Refunded": {"revenue"}, "Product Bought": {"quantity", "revenue"}}[e]
	if numbers == nil {
		numbers = []string{"price", "odd", "box.size"}
	}
	if e == "Segment Entered" || e == "Never Happened" {
		numbers = []string{"odd"}
	}
	kind = "number"
	switch take {
	case "sum", "average":
		o["property"] = pick(d.Rand, numbers...)
	case "min", "max", "first", "last", "most_frequent":
		p := pick(d.Rand, d.properties(e)...)
		o["property"] = p
		switch p {
		case "price", "box.size", "revenue", "quantity", "lines", "late_days":
		case "ok":
			kind = "ok"
		case "when", "paid_until_day":
			kind = "when"
		case "odd":
			kind = "odd"
		default:
			kind = "cat"
		}
	case "distinct":
		o["property"] = pick(d.Rand, d.properties(e)...)
	case "trend":
		o["window"] = object{"last": d.duration()}
	case "ratio":
		if d.IntN(2) == 0 {
			o["property"] = pick(d.Rand, numbers...)
		}
		to, toKind := d.trait(0)
		for depth == 0 || toKind != "number" || to["take"] == "ratio" || strings.HasPrefix(to["take"].(string), "days") {
			to, toKind = object{"take": "count", "of": d.event()}, "number"
			break
		}
		o["to"] = to
	}
	if take == "trend" && d.IntN(2) == 0 {
		o["property"] = pick(d.Rand, numbers...)
	}
	return o, kind
}

func (d drawer) traitRule() object {
	if d.IntN(6) == 0 {
		return d.numberOp(object{"trait": pick(d.Rand, "orders", "spend", "avg_order_value", "days_since_last_order")}, 0, 1, 2, 12.5, 25, 30)
	}
	t, kind := d.trait(1)
	o := object{"trait": t}
	switch kind {
	case "number":
		return d.numberOp(o, 0, 1, 2, 2.5, 0.5, 3, 7, 12.5, 30, -0.5, 0.3)
	case "ok":
		return object{"trait": t, "op": pick(d.Rand, "=", "!="), "value": d.IntN(2) == 0}
	case "when":
		return d.timeOp(o)
	case "odd":
		if d.IntN(2) == 0 {
			return d.numberOp(o, 1, 1.5)
		}
	}
	return d.textOp(o, "tea", "cake", "KR", "app", "1", "p1", "cups", "/tea", "web", "cups", "TH")
}

func (d drawer) sequence() object {
	step := func(field, event string, within bool) object {
		o := d.where(object{field: event}, event)
		if within && d.IntN(2) == 0 {
			o["within"] = d.duration()
		}
		return o
	}
	event := func() string {
		return pick(d.Rand, "Viewed", "Viewed", "Carted", "Checked", "Order Completed", "Order Completed", "Order Refunded")
	}
	steps := []any{step("did", event(), false)}
	for range 1 + d.IntN(3) {
		if last := steps[len(steps)-1].(object); last["did"] != nil && d.IntN(3) == 0 {
			steps = append(steps, step("did_not", event(), false))
		}
		steps = append(steps, step("did", event(), true))
	}
	if d.IntN(2) == 0 {
		steps = append(steps, step("did_not", event(), true))
	}
	if len(steps) > 6 {
		steps = steps[:6]
	}
	return d.window(object{"sequence": steps})
}

// draw gives a rule that passes its checks.
func (d drawer) draw(t testing.TB, c *rule.Catalog) *rule.Bound {
	t.Helper()
	for {
		text, err := json.Marshal(d.rule(3))
		if err != nil {
			t.Fatal(err)
		}
		r, err := rule.Parse(text)
		if err != nil {
			if !strings.Contains(err.Error(), "ends before") {
				t.Fatalf("%v in %s", err, text)
			}
			continue
		}
		b, err := rule.Bind(r, c)
		if err != nil {
			continue
		}
		return b
	}
}
