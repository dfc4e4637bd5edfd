package event_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dangol/dangol/internal/event"
)

// received is when the events of these tests arrive: 2026-03-01T12:00:00Z.
var received = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMicro()

func header() event.Header { return event.Header{ReceivedUS: received, Source: "key_1"} }

// look prints what matters of a fact on one line.
func look(f event.Fact) string {
	var ids []string
	for _, i := range f.Identities {
		ids = append(ids, i.Kind+":"+i.Value)
	}
	s := f.Type.String() + "|" + f.Name + "|" + strings.Join(ids, " ")
	if f.Previous.Value != "" {
		s += "<" + f.Previous.Value
	}
	return s + "|" + string(f.Props) + "|" + string(f.Context)
}

func TestCalls(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		// The calls of the specification.
		`{"type":"track","userId":"u1","event":"Item Bought","properties":{"price":1.5}}`:                              `track|Item Bought|user:u1|{"price":1.5}|{}`,
		`{"type":"page","anonymousId":"a1","name":"Home","properties":{"path":"/"}}`:                                   `page|Page Viewed|anonymous:a1|{"path":"/","name":"Home"}|{}`,
		`{"type":"page","anonymousId":"a1","category":"Docs","name":"Go","properties":null}`:                           `page|Page Viewed|anonymous:a1|{"category":"Docs","name":"Go"}|{}`,
		`{"type":"page","anonymousId":"a1","name":"x","properties":{"name":"y"}}`:                                      `page|Page Viewed|anonymous:a1|{"name":"y"}|{}`,
		`{"type":"screen","userId":"u1","anonymousId":"a1","name":"Cart"}`:                                             `screen|Screen Viewed|user:u1 anonymous:a1|{"name":"Cart"}|{}`,
		`{"type":"identify","userId":"u1","traits":{"email":"kim@example.com","phone":"010-1234-5678","plan":"gold"}}`: `identify|Identified|user:u1 email:kim@example.com phone:010-1234-5678|{"email":"kim@example.com","phone":"010-1234-5678","plan":"gold"}|{}`,
		`{"type":"group","userId":"u1","groupId":"g1","traits":{"name":"Acme","email":"info@acme.example"}}`:           `group|Grouped|user:u1|{"name":"Acme","email":"info@acme.example","group_id":"g1"}|{}`,
		`{"type":"alias","userId":"u1","previousId":"a9"}`:                                                             `alias|Aliased|user:u1<a9|{}|{}`,
		// Identities.
		`{"type":"track","event":"E","userId":42}`:                                                                            `track|E|user:42|{}|{}`,
		`{"type":"track","event":"E","userId":" u1 ","anonymousId":""}`:                                                       `track|E|user:u1|{}|{}`,
		`{"type":"track","event":"E","userId":null,"anonymousId":"a"}`:                                                        `track|E|anonymous:a|{}|{}`,
		`{"type":"track","event":"E","userId":"u","context":{"traits":{"email":"a@b.c","phone":82105551234},"ip":"1.2.3.4"}}`: `track|E|user:u email:a@b.c phone:82105551234|{}|{"ip":"1.2.3.4"}`,
		`{"type":"track","event":"E","userId":"u","context":{"ip":"1.2.3.4","traits":{"email":"a@b.c"},"locale":"ko"}}`:       `track|E|user:u email:a@b.c|{}|{"ip":"1.2.3.4","locale":"ko"}`,
		`{"type":"track","event":"E","userId":"u","context":{"traits":{"email":"a@b.c"}}}`:                                    `track|E|user:u email:a@b.c|{}|{}`,
		`{"type":"track","event":"E","userId":"u","traits":{"email":"a@b.c"},"context":{"traits":{"email":"a@b.c"}}}`:         `track|E|user:u email:a@b.c|{}|{}`,
		`{"type":"track","event":"E","context":{"externalIds":[{"id":"U123","type":"line","collection":"users","encoding":"none"},{"id":7,"type":"shopify_customer_id"},{"id":"x","type":"Loyalty.Card"},{"id":"1","type":"key"},5,{"type":"line"}]}}`: `track|E|line:U123 shop:7 loyalty.card:x|{}|{"externalIds":[{"id":"U123","type":"line","collection":"users","encoding":"none"},{"id":7,"type":"shopify_customer_id"},{"id":"x","type":"Loyalty.Card"},{"id":"1","type":"key"},5,{"type":"line"}]}`,
		`{"type":"track","event":"E","userId":"u","context":{"device":{"id":"d1","advertisingId":"00000000-0000-0000-0000-000000000000","token":"t1"}}}`:                                                                                               `track|E|user:u device:d1 push:t1|{}|{"device":{"id":"d1","advertisingId":"00000000-0000-0000-0000-000000000000","token":"t1"}}`,
		// Tolerance.
		` { "type" : "TRACK" , "event" : " E " , "userId" : "u" , "properties" : { } , "context" : [ ] } `: `track|E|user:u|{ }|{}`,
		`{"type":"track","event":"\ud55c\uae00 \ud83d\ude00","userId":"\u00e9"}`:                           `track|한글 😀|user:é|{}|{}`,
		`{"type":"track","event":"E","userId":"u","properties":{"t":"cut \ud83d","s":"\ude00\\ud83d"}}`:    `track|E|user:u|{"t":"cut \ufffd","s":"\ufffd\\ud83d"}|{}`,
		`{"type":"track","event":"a","event":"b","userId":"u","unknown":{"deep":[1,2,{"x":null}]}}`:        `track|b|user:u|{}|{}`,
	} {
		f, trouble := event.Decode(header(), []byte(raw), 5<<12|7)
		if trouble != nil {
			t.Errorf("%s: %v", raw, trouble)
			continue
		}
		if got := look(f); got != want {
			t.Errorf("%s\n got %s\nwant %s", raw, got, want)
		}
		if f.MessageID != "place:20487" || f.AtUS != received || f.Source != "key_1" {
			t.Errorf("%s: %+v", raw, f)
		}
	}
}

func TestTroubles(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 101)
	for raw, want := range map[string]string{
		``: event.BadJSON, `[]`: event.BadJSON, `7`: event.BadJSON, `{"type":"track"`: event.BadJSON, `{"a":1} x`: event.BadJSON, `{"a":01}`: event.BadJSON,
		`{"userId":"u","event":"E"}`:                                                                                       event.BadType,
		`{"type":"buy","userId":"u","event":"E"}`:                                                                          event.BadType,
		`{"type":7,"userId":"u","event":"E"}`:                                                                              event.BadType,
		`{"type":"track","event":"E"}`:                                                                                     event.NoIdentity,
		`{"type":"track","event":"E","userId":"","anonymousId":null}`:                                                      event.NoIdentity,
		`{"type":"track","event":"E","userId":{}}`:                                                                         event.BadField,
		`{"type":"track","event":"E","userId":true}`:                                                                       event.BadField,
		`{"type":"track","event":"E","userId":"a\u0000b"}`:                                                                 event.BadField,
		`{"type":"track","event":"E","userId":"` + strings.Repeat("가", 256) + `"}`:                                         event.BadField,
		`{"type":"track","userId":"u"}`:                                                                                    event.NoName,
		`{"type":"track","event":" ","userId":"u"}`:                                                                        event.NoName,
		`{"type":"track","event":["E"],"userId":"u"}`:                                                                      event.BadField,
		`{"type":"track","event":"` + strings.Repeat("E", 201) + `","userId":"u"}`:                                         event.BadField,
		`{"type":"track","event":"E","userId":"u","messageId":"` + long + `"}`:                                             event.BadField,
		`{"type":"track","event":"E","userId":"u","properties":[1]}`:                                                       event.BadField,
		`{"type":"track","event":"E","userId":"u","properties":"x"}`:                                                       event.BadField,
		`{"type":"identify","userId":"u","traits":5}`:                                                                      event.BadField,
		`{"type":"group","userId":"u"}`:                                                                                    event.NoGroup,
		`{"type":"alias","userId":"u"}`:                                                                                    event.NoPrevious,
		`{"type":"track","event":"E","userId":"u","timestamp":"yesterday"}`:                                                event.BadTime,
		`{"type":"track","event":"E","userId":"u","timestamp":{}}`:                                                         event.BadTime,
		`{"type":"track","event":"E","userId":"u","timestamp":"2026-02-30T00:00:00Z"}`:                                     event.BadTime,
		`{"type":"track","event":"E","userId":"u","timestamp":"1969-12-31T23:59:59Z"}`:                                     event.ImpossibleTime,
		`{"type":"track","event":"E","userId":"u","properties":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`: event.TooDeep,
		`{"type":"track","event":"E","userId":"u","properties":{"x":"` + strings.Repeat("x", 33<<10) + `"}}`:               event.TooLarge,
	} {
		_, trouble := event.Decode(header(), []byte(raw), 1)
		if trouble == nil || trouble.Reason != want {
			t.Errorf("%.90s: %v, want %s", raw, trouble, want)
			continue
		}
		if trouble.Sentence == "" || trouble.Next == "" || strings.HasSuffix(trouble.Sentence, ".") || !strings.HasSuffix(trouble.Next, ".") {
			t.Errorf("%.90s: %+v", raw, trouble)
		}
	}
}

func TestClockCorrection(t *testing.T) {
	t.Parallel()
	at := func(s string) int64 {
		v, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return v.UnixMicro()
	}
	for _, c := range []struct{ name, sentAt, fields, want string }{
		{"nothing given", "", ``, "2026-03-01T12:00:00Z"},
		{"sender's clock is right", "2026-03-01T12:00:00Z", `"timestamp":"2026-03-01T11:59:50Z"`, "2026-03-01T11:59:50Z"},
		{"clock an hour ahead", "2026-03-01T13:00:00.250Z", `"timestamp":"2026-03-01T12:59:50Z"`, "2026-03-01T11:59:49.75Z"},
		{"clock of 1970", "1970-01-01T00:01:00Z", `"timestamp":"1970-01-01T00:00:30Z"`, "2026-03-01T11:59:30Z"},
		{"sent by the event itself", "", `"sentAt":"2026-03-01T13:00:00Z","timestamp":"2026-03-01T12:59:50Z"`, "2026-03-01T11:59:50Z"},
		{"the batch's time of sending counts", "2026-03-01T13:00:00Z", `"sentAt":"2001-03-01T13:00:00Z","timestamp":"2026-03-01T12:59:50Z"`, "2026-03-01T11:59:50Z"},
		{"history, no time of sending", "", `"timestamp":"2019-05-05T10:00:00+09:00"`, "2019-05-05T01:00:00Z"},
		{"original timestamp", "2026-03-01T12:00:00Z", `"originalTimestamp":"2026-03-01T11:00:00Z","timestamp":"2026-03-01T10:00:00Z"`, "2026-03-01T11:00:00Z"},
		{"future is clamped", "", `"timestamp":"2031-01-01T00:00:00Z"`, "2026-03-01T12:00:00Z"},
		{"future by correction is clamped", "2026-03-01T12:00:00Z", `"timestamp":"2026-03-01T12:00:05Z"`, "2026-03-01T12:00:00Z"},
		{"unreadable time of sending", "now", `"timestamp":"2026-03-01T11:00:00Z"`, "2026-03-01T11:00:00Z"},
		{"milliseconds", "", `"timestamp":1767225600123`, "2026-01-01T00:00:00.123Z"},
		{"seconds", "", `"timestamp":1767225600`, "2026-01-01T00:00:00Z"},
		{"empty", "", `"timestamp":""`, "2026-03-01T12:00:00Z"},
		{"null", "", `"timestamp":null`, "2026-03-01T12:00:00Z"},
		{"date", "", `"timestamp":"2026-01-02"`, "2026-01-02T00:00:00Z"},
		{"python", "", `"timestamp":"2026-01-02T03:04:05.123456+00:00"`, "2026-01-02T03:04:05.123456Z"},
		{"no zone", "", `"timestamp":"2026-01-02 03:04:05"`, "2026-01-02T03:04:05Z"},
		{"nanoseconds", "", `"timestamp":"2026-01-02T03:04:05.123456789-0330"`, "2026-01-02T06:34:05.123456Z"},
	} {
		h := header()
		h.SentAt = c.sentAt
		raw := `{"type":"track","event":"E","userId":"u"`
		if c.fields != "" {
			raw += "," + c.fields
		}
		f, trouble := event.Decode(h, []byte(raw+"}"), 1)
		if trouble != nil || f.AtUS != at(c.want) || f.ReceivedUS != received {
			t.Errorf("%s: at %s, want %s, %v", c.name, time.UnixMicro(f.AtUS).UTC().Format(time.RFC3339Nano), c.want, trouble)
		}
	}
}

func TestHeader(t *testing.T) {
	t.Parallel()
	h := header()
	h.Type, h.IP, h.UserAgent = event.Page, "203.0.113.9", `Mozilla "x"`
	raw := []byte(`{"type":"track","anonymousId":"a","context":{"locale":"th"}}`)
	f, trouble := event.Decode(h, raw, 1)
	if trouble != nil || f.Type != event.Page || string(f.Context) != `{"locale":"th"}` {
		t.Errorf("the address says the type, and a server's address is nobody's: %s, %v", look(f), trouble)
	}
	h.Direct = true
	f, _ = event.Decode(h, raw, 1)
	if string(f.Context) != `{"locale":"th","ip":"203.0.113.9","userAgent":"Mozilla \"x\""}` {
		t.Errorf("direct: %s", f.Context)
	}
	f, _ = event.Decode(h, []byte(`{"anonymousId":"a","context":{"ip":"1.1.1.1","userAgent":"own"}}`), 1)
	if string(f.Context) != `{"ip":"1.1.1.1","userAgent":"own"}` {
		t.Errorf("what the sender says counts: %s", f.Context)
	}
	h.Direct = false
	f, _ = event.Decode(h, []byte(`{"anonymousId":"a","context":{"direct":true}}`), 1)
	if string(f.Context) != `{"direct":true,"ip":"203.0.113.9"}` {
		t.Errorf("forced: %s", f.Context)
	}
	h.Shared = []byte(`{"locale":"ko","app":{"name":"Shop"},"traits":{"email":"x@y.z"}}`)
	f, _ = event.Decode(h, raw, 1)
	if string(f.Context) != `{"locale":"th","app":{"name":"Shop"}}` || len(f.Identities) != 1 {
		t.Errorf("shared: %s %v", f.Context, f.Identities)
	}
	own := header()
	own.Source = event.OwnSource
	f, _ = event.Decode(own, []byte(`{"type":"track","event":"Segment Entered","context":{"externalIds":[{"type":"key","id":"7"}]}}`), 1)
	if diff := cmp.Diff([]event.Identity{{Kind: event.KindKey, Value: "7"}}, f.Identities); diff != "" {
		t.Errorf("our own events name a customer by key: %s", diff)
	}
}

func TestRename(t *testing.T) {
	t.Parallel()
	asked := 0
	d := event.NewDecoder(event.DecoderOptions{Rename: func(name string) string {
		asked++
		if name == "Completed Order" {
			return "Order Completed"
		}
		return name
	}})
	h := header()
	for range 3 {
		for _, name := range []string{"Completed Order", "Order Completed"} {
			f, trouble := d.Decode(&h, []byte(`{"type":"track","userId":"u","event":"`+name+`"}`), 1)
			if trouble != nil || f.Name != "Order Completed" {
				t.Errorf("%s became %q, %v", name, f.Name, trouble)
			}
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}

// FuzzDecode holds: no text makes it fail otherwise than by a trouble, a fact keeps its promises, and syntax is JSON's.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"type":"track","userId":"u","event":"E","properties":{"a":[1,{"b":"\ud83d"}]},"context":{"traits":{"email":"a@b.c"},"ip":"1"}}`), uint8(0), "", []byte(`{"x":1}`))
	f.Add([]byte(`{"userId":5,"timestamp":1e14,"groupId":"g","traits":{}}`), uint8(event.Group), "2026-03-01T12:00:00Z", []byte(nil))
	f.Add([]byte(`{"userId":"u","previousId":"p","context":{"externalIds":[{"id":"a","type":"b"}],"device":{"id":1}}}`), uint8(event.Alias), "x", []byte(`{}`))
	f.Fuzz(func(t *testing.T, raw []byte, kind uint8, sentAt string, shared []byte) {
		if !json.Valid(shared) || shared[0] != '{' {
			shared = nil
		}
		h := event.Header{ReceivedUS: received, Source: "s", Type: event.Type(kind % 7), SentAt: sentAt, Shared: shared, Direct: kind > 100, IP: "::1", UserAgent: "\xff\"\x00"}
		before := string(raw)
		fact, trouble := event.Decode(h, raw, 1)
		if before != string(raw) {
			t.Fatal("the raw event was changed")
		}
		if trouble != nil {
			if trouble.Reason == "" || trouble.Sentence == "" || trouble.Next == "" {
				t.Fatalf("%+v", trouble)
			}
			return
		}
		if !json.Valid(raw) {
			t.Fatalf("taken, but not JSON: %q", raw)
		}
		if fact.Name == "" || fact.MessageID == "" || len(fact.Identities) == 0 || fact.AtUS > received || fact.AtUS < 0 || fact.Type.String() == "" {
			t.Fatalf("%+v", fact)
		}
		for _, object := range [][]byte{fact.Props, fact.Context} {
			var v map[string]any
			if err := json.Unmarshal(object, &v); err != nil {
				t.Fatalf("%q: %v", object, err)
			}
		}
		for _, i := range fact.Identities {
			if i.Kind == "" || i.Value == "" || i.Kind == event.KindKey {
				t.Fatalf("%+v", fact.Identities)
			}
		}
	})
}
