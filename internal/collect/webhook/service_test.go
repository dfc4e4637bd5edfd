package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/store/storetest"
)

// house is a service with what it tells.
type house struct {
	*Service
	server  *httptest.Server
	records *store.Store
	events  [][]byte
	asides  []Aside
	down    error
	now     time.Time
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{records: storetest.Open(t, Schema), now: received}
	h.Service = h.service()
	mux := http.NewServeMux()
	Register(rest.New(mux, "test"), mux, h.Service)
	owner := rest.Principal{Name: "test", Scope: rest.Admin}
	h.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if !strings.HasPrefix(r.URL.Path, "/v1/hooks/") {
			ctx = rest.WithPrincipal(ctx, owner)
		}
		mux.ServeHTTP(w, r.WithContext(ctx))
	}))
	t.Cleanup(h.server.Close)
	return h
}

func (h *house) service() *Service {
	return New(Options{
		Records: h.records, Clock: func() time.Time { return h.now }, Log: slog.New(slog.DiscardHandler),
		Put: func(_ context.Context, source string, events [][]byte) error {
			if h.down != nil {
				return h.down
			}
			if !strings.HasPrefix(source, "hook_") {
				return errors.New("the source is no hook")
			}
			h.events = append(h.events, events...)
			return nil
		},
		SetAside: func(_ context.Context, a Aside) error {
			h.asides = append(h.asides, a)
			return nil
		},
	})
}

// ask calls the API and reads the answer into out.
func (h *house) ask(t *testing.T, method, path, body string, out any) int {
	t.Helper()
	return h.send(t, method, path, body, nil, out)
}

func (h *house) send(t *testing.T, method, path, body string, header map[string]string, out any) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for name, v := range header {
		r.Header.Set(name, v)
	}
	answer, err := h.server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var b bytes.Buffer
	if _, err := b.ReadFrom(answer.Body); err != nil {
		t.Fatal(err)
	}
	if out != nil && b.Len() > 0 {
		if err := json.Unmarshal(b.Bytes(), out); err != nil {
			t.Fatalf("%s: %v", b.Bytes(), err)
		}
	}
	return answer.StatusCode
}

type created struct {
	ID, URL, Secret, Name string
	Mapping               json.RawMessage
	Enabled               bool
	LastState             State  `json:"last_state"`
	LastNote              string `json:"last_note"`
}

func (h *house) create(t *testing.T, body string) created {
	t.Helper()
	var c created
	if status := h.ask(t, http.MethodPost, "/v1/webhooks", body, &c); status != http.StatusCreated {
		t.Fatalf("creating answers %d", status)
	}
	return c
}

func sign(secret, body string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return mac.Sum(nil)
}

func base64of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

const shopifyOrder = `{"id":820982911946154508,"email":"nora@example.com","currency":"EUR","subtotal_price":"25.00","created_at":"2026-06-01T09:15:40Z","updated_at":"2026-06-01T09:15:40Z"}`

func shopifyHeader(secret, topic, body string) map[string]string {
	return map[string]string{
		"X-Shopify-Topic": topic, "X-Shopify-Hmac-Sha256": base64of(sign(secret, body)), "X-Shopify-Shop-Domain": "nord.myshopify.com", "X-Shopify-Webhook-Id": "d-1",
	}
}

func TestShopifyDelivers(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.create(t, `{"name":"Nord","kind":"shopify","secret":"hush"}`)
	if c.Secret != "" || c.URL != "/v1/hooks/"+c.ID || !c.Enabled {
		t.Errorf("%+v", c)
	}
	var out Outcome
	for range 2 { // delivered twice, as shops do: the same messages
		if status := h.send(t, http.MethodPost, c.URL, shopifyOrder, shopifyHeader("hush", "orders/create", shopifyOrder), &out); status != http.StatusOK || out.Events != 2 {
			t.Fatalf("%d, %+v", status, out)
		}
	}
	if len(h.events) != 4 || !bytes.Equal(h.events[0], h.events[2]) || !bytes.Equal(h.events[1], h.events[3]) {
		t.Errorf("%s", h.events)
	}
	refund := `{"id":5,"order_id":820982911946154508,"created_at":"2026-06-02T09:15:40Z","refund_line_items":[{"quantity":1,"subtotal":25,"total_tax":0,"line_item":{"product_id":7}}]}`
	if status := h.send(t, http.MethodPost, c.URL, refund, shopifyHeader("hush", "refunds/create", refund), &out); status != http.StatusOK || out.Events != 1 || len(out.Problems) > 0 {
		t.Errorf("the refund: %d, %+v", status, out)
	}
	f := decoded(t, h.events[4:], 1)[0]
	if diff := cmp.Diff([]event.Identity{{Kind: "email", Value: "nora@example.com"}}, f.Identities); diff != "" {
		t.Errorf("the refund is not of the buyer: %s", diff)
	}
	table, rows, err := h.Erase(t.Context(), []event.Identity{{Kind: "email", Value: "nora@example.com"}})
	if err != nil || rows != 1 || table != "collect_webhook_buyer" {
		t.Errorf("erasing: %s %d %v", table, rows, err)
	}
	if status := h.send(t, http.MethodPost, c.URL, refund, shopifyHeader("hush", "refunds/create", refund), &out); status != http.StatusOK || len(out.Problems) != 1 || len(h.asides) != 1 {
		t.Errorf("after the erasure: %d, %+v", status, out)
	}
	var again created
	if h.ask(t, http.MethodGet, "/v1/webhooks/"+c.ID, "", &again); again.LastState != SetAside || again.LastNote == "" {
		t.Errorf("%+v", again)
	}
}

func TestWhoIsRefused(t *testing.T) {
	t.Parallel()
	h := open(t)
	shopify := h.create(t, `{"name":"a","kind":"shopify","secret":"hush"}`)
	woo := h.create(t, `{"name":"b","kind":"woocommerce"}`)
	cafe := h.create(t, `{"name":"c","kind":"cafe24","secret":"api-key"}`)
	own := h.create(t, `{"name":"d","kind":"generic","mapping":{"signature":{"signed":"{timestamp}.{body}","timestamp_header":"X-Time","prefix":"v1="},"events":[{"event":"Ping","user_id":"$.u"}]}}`)
	if woo.Secret == "" || own.Secret == "" {
		t.Fatal("no secrets were made")
	}
	at := func(d time.Duration) string { return strconv.FormatInt(received.Add(d).Unix(), 10) }
	stamped := func(d time.Duration) map[string]string {
		return map[string]string{"X-Time": at(d), "X-Signature": "v1=" + hex.EncodeToString(sign(own.Secret, at(d)+`.{"u":1}`))}
	}
	order := `{"id":7,"status":"processing","customer_id":3}`
	for _, c := range []struct {
		what, url, body string
		header          map[string]string
		status          int
	}{
		{"shopify, right", shopify.URL, shopifyOrder, shopifyHeader("hush", "orders/create", shopifyOrder), 200},
		{"shopify, wrong secret", shopify.URL, shopifyOrder, shopifyHeader("hash", "orders/create", shopifyOrder), 401},
		{"shopify, another body", shopify.URL, shopifyOrder + " ", shopifyHeader("hush", "orders/create", shopifyOrder), 401},
		{"shopify, unsigned", shopify.URL, shopifyOrder, nil, 401},
		{"shopify, no base64", shopify.URL, shopifyOrder, map[string]string{"X-Shopify-Hmac-Sha256": "%%%"}, 401},
		{"woo, right", woo.URL, order, map[string]string{"X-WC-Webhook-Topic": "order.created", "X-WC-Webhook-Signature": base64of(sign(woo.Secret, order)), "X-WC-Webhook-Source": "https://a.example/"}, 200},
		{"woo, wrong", woo.URL, order, map[string]string{"X-WC-Webhook-Topic": "order.created", "X-WC-Webhook-Signature": base64of(sign("x", order))}, 401},
		{"woo, ping", woo.URL, "webhook_id=12", nil, 200},
		{"woo, what looks like a ping", woo.URL, "webhook_id=12&x=1", nil, 401},
		{"shopify, a ping of woo", shopify.URL, "webhook_id=12", nil, 401},
		{"cafe24, right", cafe.URL, `{"event_no":90033}`, map[string]string{"X-API-Key": "api-key"}, 200},
		{"cafe24, wrong", cafe.URL, `{"event_no":90033}`, map[string]string{"X-API-Key": "api-keys"}, 401},
		{"cafe24, none", cafe.URL, `{"event_no":90033}`, nil, 401},
		{"generic, right", own.URL, `{"u":1}`, stamped(0), 200},
		{"generic, four minutes old", own.URL, `{"u":1}`, stamped(-4 * time.Minute), 200},
		{"generic, six minutes old", own.URL, `{"u":1}`, stamped(-6 * time.Minute), 401},
		{"generic, of tomorrow", own.URL, `{"u":1}`, stamped(24 * time.Hour), 401},
		{"generic, another time than signed", own.URL, `{"u":1}`, map[string]string{"X-Time": at(0), "X-Signature": stamped(-time.Hour)["X-Signature"]}, 401},
		{"generic, without prefix", own.URL, `{"u":1}`, map[string]string{"X-Time": at(0), "X-Signature": strings.TrimPrefix(stamped(0)["X-Signature"], "v1=")}, 401},
		{"nobody's hook", "/v1/hooks/hook_none", `{}`, nil, 404},
		{"too large", shopify.URL, strings.Repeat("x", bodyLimit+1), nil, 413},
	} {
		if status := h.send(t, http.MethodPost, c.url, c.body, c.header, nil); status != c.status {
			t.Errorf("%s: %d, want %d", c.what, status, c.status)
		}
	}
	if status := h.send(t, http.MethodGet, shopify.URL, "", nil, nil); status != http.StatusMethodNotAllowed {
		t.Errorf("GET answers %d", status)
	}
}

func TestASignatureInAList(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.create(t, `{"name":"d","kind":"generic","mapping":{"signature":{"header":"Sig","signed":"{timestamp}.{body}","prefix":"v1="},"events":[{"event":"Ping","user_id":"$.u"}]}}`)
	stamp := strconv.FormatInt(received.Unix(), 10)
	header := map[string]string{"Sig": "t=" + stamp + ",v1=" + hex.EncodeToString(sign(c.Secret, stamp+`.{"u":1}`)) + ",v0=00"}
	if status := h.send(t, http.MethodPost, c.URL, `{"u":1}`, header, nil); status != http.StatusOK || len(h.events) != 1 {
		t.Errorf("%d, %s", status, h.events)
	}
}

func TestNothingIsAcknowledgedThatIsNotDurable(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.create(t, `{"name":"Nord","kind":"shopify","secret":"hush"}`)
	h.down = fault.New(fault.Unavailable, "bus.full", "the log is full")
	if status := h.send(t, http.MethodPost, c.URL, shopifyOrder, shopifyHeader("hush", "orders/create", shopifyOrder), nil); status != http.StatusServiceUnavailable {
		t.Errorf("it answers %d", status)
	}
}

func TestWhatIsSetAsideCanBeReplayed(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.create(t, `{"name":"till","kind":"generic","secret":"s","mapping":{"signature":{"topic_header":"X-Event","delivery_header":"X-Id"},"events":[{"topic":"sale","event":"Sold","user_id":"$.buyer","properties":{"sum":{"path":"$.sum","unit":"major"}}}]}}`)
	body := `{"customer":"42","sum":"1.50"}`
	header := map[string]string{"X-Event": "sale", "X-Id": "9", "X-Signature": hex.EncodeToString(sign("s", body))}
	var out Outcome
	if status := h.send(t, http.MethodPost, c.URL, body, header, &out); status != http.StatusOK || len(out.Problems) != 1 || len(h.asides) != 1 {
		t.Fatalf("%d, %+v, %+v", status, out, h.asides)
	}
	a := h.asides[0]
	if a.Source != c.ID || a.Sentence == "" || a.Next == "" || !json.Valid(a.Raw) {
		t.Errorf("%+v", a)
	}
	if again, err := h.Replay(t.Context(), a.Source, a.Raw); err != nil || len(again.Problems) != 1 || len(h.asides) != 1 {
		t.Errorf("%+v, %v", again, err)
	}
	change := `{"name":"till","mapping":{"signature":{"topic_header":"X-Event","delivery_header":"X-Id"},"events":[{"topic":"sale","event":"Sold","user_id":"$.customer","properties":{"sum":{"path":"$.sum","unit":"major"}}}]}}`
	if status := h.ask(t, http.MethodPut, "/v1/webhooks/"+c.ID, change, nil); status != http.StatusOK {
		t.Fatalf("changing answers %d", status)
	}
	out, err := h.Replay(t.Context(), a.Source, a.Raw)
	if err != nil || len(out.Problems) > 0 || out.Events != 1 || len(h.events) != 1 || !strings.Contains(string(h.events[0]), `"sum":1.50`) {
		t.Errorf("%+v, %v, %s", out, err, h.events)
	}
	// The secret stayed, and the same delivery sent again is the same message.
	if h.send(t, http.MethodPost, c.URL, body, header, &out); len(h.events) != 2 || !bytes.Equal(h.events[0], h.events[1]) {
		t.Errorf("%s", h.events)
	}
	text := "no json"
	if status := h.send(t, http.MethodPost, c.URL, text, map[string]string{"X-Signature": hex.EncodeToString(sign("s", text))}, nil); status != http.StatusOK || len(h.asides) != 2 || !strings.Contains(string(h.asides[1].Raw), text) {
		t.Errorf("%d, %+v", status, h.asides)
	}
}

func TestHooksAreKept(t *testing.T) {
	t.Parallel()
	h := open(t)
	a := h.create(t, `{"name":"one","kind":"shopify","secret":"hush","mapping":{"user_id":"customer"}}`)
	h.now = h.now.Add(time.Second)
	b := h.create(t, `{"name":"two","kind":"woocommerce","secret":"ssh","enabled":false}`)
	if b.Enabled || b.Secret != "" {
		t.Errorf("%+v", b)
	}
	if status := h.send(t, http.MethodPost, b.URL, "{}", nil, nil); status != http.StatusNotFound {
		t.Errorf("a hook that is off answers %d", status)
	}
	list, err := h.service().List(t.Context()) // by another process
	if err != nil || len(list) != 2 || list[0].ID != b.ID || list[1].secret != "hush" || list[1].shop.UserID != "customer" {
		t.Errorf("%+v, %v", list, err)
	}
	var all struct{ Items []json.RawMessage }
	h.ask(t, http.MethodGet, "/v1/webhooks", "", &all)
	if len(all.Items) != 2 || bytes.Contains(all.Items[0], []byte("ssh")) || bytes.Contains(all.Items[1], []byte("hush")) {
		t.Errorf("%s", all.Items)
	}
	if status := h.ask(t, http.MethodDelete, "/v1/webhooks/"+a.ID, "", nil); status != http.StatusNoContent {
		t.Errorf("deleting answers %d", status)
	}
	if status := h.ask(t, http.MethodDelete, "/v1/webhooks/"+a.ID, "", nil); status != http.StatusNotFound {
		t.Errorf("deleting again answers %d", status)
	}
}

func TestWrongHooks(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, c := range []struct{ body, reason, place string }{
		{`{"name":" ","kind":"shopify","secret":"x"}`, "webhook.name", "name"},
		{`{"name":"a","kind":"shopify"}`, "webhook.secret", "secret"},
		{`{"name":"a","kind":"cafe24"}`, "webhook.secret", "secret"},
		{`{"name":"a"}`, "webhook.kind", "kind"},
		{`{"name":"a","kind":"generic"}`, "webhook.mapping", "mapping"},
		{`{"name":"a","kind":"shopify","secret":"x","mapping":{"user":"customer"}}`, "webhook.options", "mapping"},
		{`{"name":"a","kind":"shopify","secret":"x","mapping":{"user_id":"nickname"}}`, "webhook.options", "mapping.user_id"},
	} {
		var p rest.Problem
		if status := h.ask(t, http.MethodPost, "/v1/webhooks", c.body, &p); status != http.StatusUnprocessableEntity || p.Type != c.reason || p.Where == nil || p.Where.Field != c.place || p.Next == "" {
			t.Errorf("%s: %d %+v", c.body, status, p)
		}
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	h := open(t)
	var out struct {
		Events   []json.RawMessage
		Problems []Problem
		Note     string
	}
	if status := h.ask(t, http.MethodPost, "/v1/webhooks/preview", `{"kind":"shopify","topic":"orders/create","sample":`+shopifyOrder+`}`, &out); status != http.StatusOK || len(out.Events) != 2 || len(h.events) != 0 {
		t.Errorf("%d %+v", status, out)
	}
	body := `{"kind":"generic","mapping":{"events":[{"event":"Sold","user_id":"$.u","properties":{"sum":{"path":"$.sum","unit":"minor"}}}]},"sample":{"u":7,"sum":"1.5"}}`
	if status := h.ask(t, http.MethodPost, "/v1/webhooks/preview", body, &out); status != http.StatusOK || len(out.Events) != 0 || len(out.Problems) != 1 || out.Problems[0].Path != "$.sum" {
		t.Errorf("%d %+v", status, out)
	}
}

func TestProductsGoToTheCatalogue(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.create(t, `{"name":"Nord","kind":"shopify","secret":"hush"}`)
	body := `{"id":7,"title":"Tote","product_type":"Bags","updated_at":"2026-06-01T09:15:40Z","variants":[{"price":"30.00","sku":"T"}]}`
	var out Outcome
	if h.send(t, http.MethodPost, c.URL, body, shopifyHeader("hush", "products/update", body), &out); out.Note == "" || out.Products != 0 {
		t.Errorf("without a catalogue: %+v", out)
	}
	var got []Product
	h.Catalogue = func(_ context.Context, source string, products []Product) error {
		if source != c.ID {
			t.Errorf("from %s", source)
		}
		got = append(got, products...)
		return h.down
	}
	h.send(t, http.MethodPost, c.URL, body, shopifyHeader("hush", "products/update", body), &out)
	want := []Product{{ID: "7", Name: "Tote", Category: "Bags", SKU: "T", Price: "30.00", At: time.Date(2026, 6, 1, 9, 15, 40, 0, time.UTC)}}
	if diff := cmp.Diff(want, got); diff != "" || out.Products != 1 || len(h.events)+len(h.asides) > 0 {
		t.Errorf("%s %+v", diff, out)
	}
	h.down = errors.New("the warehouse is away")
	if status := h.send(t, http.MethodPost, c.URL, body, shopifyHeader("hush", "products/update", body), nil); status != http.StatusInternalServerError {
		t.Errorf("it answers %d", status)
	}
}

func TestQueries(t *testing.T) { storetest.Prepare(t, Schema) }
