package event_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
)

func TestReadBody(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text   string
		single bool
		want   string // write key, time, shared, events
	}{
		{`{"batch":[{"a":1},{"b":[2]}],"writeKey":"k","sentAt":"t","context":{"x":1},"integrations":{}}`, false, `k t {"x":1} [{"a":1} {"b":[2]}]`},
		{`{"batch":[]}`, false, `   []`},
		{"\n{ \"batch\" : [ 1 , \"x\" ] }\r\n", false, `   [1 "x"]`},
		{`{"batch":{"no":"list"}}`, false, `   [] no batch`},
		{`{"batch":[1],"batch":[2]}`, false, `   [2]`},
		{` {"event":"E","writeKey":"k","context":{"x":1},"sentAt":"t","batch":[1]} `, true, `k   [{"event":"E","writeKey":"k","context":{"x":1},"sentAt":"t","batch":[1]}]`},
		{`{}`, true, `   [{}]`},
	} {
		var b event.Body
		err := event.ReadBody([]byte(c.text), c.single, &b)
		got := fmt.Sprintf("%s %s %s %s", b.WriteKey, b.SentAt, b.Shared, b.Events)
		if !c.single && !b.HasBatch {
			got += " no batch"
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %q, want %q, %v", c.text, got, c.want, err)
		}
	}
}

func TestBodySyntax(t *testing.T) {
	t.Parallel()
	for text, at := range map[string]int{
		``: 0, `[`: 0, `{`: 1, `{"batch":[{]}`: 11, `{"batch":[1,]}`: 12, `{"batch":[1}`: 11, `{"a":tru}`: 5, `{"a":"` + "\n" + `"}`: 6, `{"a":"` + "\xff" + `"}`: 6,
		`{"a":1}{`: 7, `{a:1}`: 1, `{"a" 1}`: 5, `{"a":1,}`: 7, `{"a":"\x"}`: 7, `{"a":"\u12g4"}`: 7, `{"a":-}`: 6, `{"a":1.}`: 7, `{"a":1e}`: 7, `{"a":"é`: 8,
		`{"a":` + strings.Repeat("[", 600): 516,
	} {
		var b event.Body
		var syntax *event.SyntaxError
		err := event.ReadBody([]byte(text), false, &b)
		if !errors.As(err, &syntax) || syntax.Offset != at {
			t.Errorf("%.40q: %v, want byte %d", text, err, at+1)
		}
	}
}

// FuzzReadBody holds: it takes exactly the JSON objects that are not nested too deeply, and cuts batches rightly.
func FuzzReadBody(f *testing.F) {
	for _, s := range []string{`{"batch":[{"a":1.5e-7},{"b":"é\u00e9\n"},[],null,true,false,-0]}`, `{"batch":[1,],"x":{}}`, `{"x":"12345678\"90"}`, `{"batch" : [ ] }x`, `{"batch":[{}],"batch":7}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var b event.Body
		err := event.ReadBody(text, false, &b)
		var object map[string]json.RawMessage
		// The standard library mends wrong UTF-8 where we refuse it.
		valid := json.Unmarshal(text, &object) == nil && object != nil && json.Valid(text) && bytes.Equal(bytes.ToValidUTF8(text, nil), text)
		if (err == nil) != valid && !strings.Contains(fmt.Sprint(err), "deeply") {
			t.Fatalf("%q: %v, valid %t", text, err, valid)
		}
		if err != nil || bytes.Count(text, []byte("batch")) != 1 {
			return
		}
		var want []json.RawMessage
		if json.Unmarshal(object["batch"], &want) == nil && len(want) != len(b.Events) {
			t.Fatalf("%q: %d events, want %d", text, len(b.Events), len(want))
		}
		for i := range want {
			if !bytes.Equal(want[i], b.Events[i]) {
				t.Fatalf("event %d is %q, want %q", i, b.Events[i], want[i])
			}
		}
	})
}

func sampleRequests() []event.Request {
	h := event.Header{ReceivedUS: 1_772_366_400_000_000, Source: "key_1", IP: "203.0.113.9", UserAgent: "ua", Direct: true, Type: event.Alias, SentAt: "2026-03-01T12:00:00Z", Shared: []byte(`{"x":1}`)}
	return []event.Request{
		{Header: h, Events: [][]byte{[]byte(`{"a":1}`), []byte(`{}`)}},
		{Header: event.Header{ReceivedUS: 5}, Events: [][]byte{[]byte(strings.Repeat(`x`, 70_000)), {}}},
		{Events: [][]byte{}},
	}
}

func TestGroup(t *testing.T) {
	t.Parallel()
	want := sampleRequests()
	message := event.AppendGroup([]byte("before"), want)
	if !bytes.HasPrefix(message, []byte("before")) {
		t.Error("what stood before is gone")
	}
	message = message[len("before"):]
	if len(message) > 10_000 {
		t.Errorf("%d bytes: not packed", len(message))
	}
	got, err := event.ReadGroup(message)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for n := range message {
		if _, err := event.ReadGroup(message[:n]); err == nil {
			t.Errorf("%d of %d bytes are taken for a group", n, len(message))
		}
	}
	if _, err := event.ReadGroup([]byte("E\x02abc")); fault.From(err).Reason != "event.unreadable_group" {
		t.Errorf("another version gave %v", err)
	}
	if none, err := event.ReadGroup(event.AppendGroup(nil, nil)); len(none) != 0 || err != nil {
		t.Errorf("an empty group gave %v, %v", none, err)
	}
}

// FuzzReadGroup holds: no bytes make it fail otherwise than by an error, and what is read can be written again.
func FuzzReadGroup(f *testing.F) {
	f.Add(event.AppendGroup(nil, sampleRequests()))
	f.Add([]byte{'E', 1, 0})
	f.Fuzz(func(t *testing.T, message []byte) {
		requests, err := event.ReadGroup(message)
		if err != nil {
			return
		}
		again, err := event.ReadGroup(event.AppendGroup(nil, requests))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(requests, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

// cpu is the processor time that this process has used: other work on the machine does not count.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure runs op and reports events and bytes per second of processor time.
func measure(b *testing.B, events, size int, op func()) {
	b.ReportAllocs()
	began := cpu(b)
	for b.Loop() {
		op()
	}
	spent := (cpu(b) - began).Seconds()
	b.ReportMetric(float64(b.N*events)/spent, "events/cpu-s")
	b.ReportMetric(float64(b.N*size)/spent/1e6, "MB/cpu-s")
}

// typical is an event as a shop's page sends it, 600 bytes.
const typical = `{"type":"track","messageId":"ajs-next-1767225600123-0b7c5a52-7f4e-4b1d-9a53-2d7f0e6c8a11","anonymousId":"5b1c2f60-9d7f-4c8e-8f0a-6a2f3b0c9d11","userId":"cust_48213",` +
	`"event":"Product Viewed","timestamp":"2026-03-01T11:59:50.123Z","properties":{"product_id":"SKU-20931","name":"잔꽃 원피스","category":"dresses","price":39900,"currency":"KRW","quantity":1,"url":"https://shop.example/p/20931"},` +
	`"context":{"locale":"ko-KR","timezone":"Asia/Seoul","library":{"name":"analytics.js","version":"npm:next-1.81.0"},"page":{"path":"/p/20931","title":"잔꽃 원피스","url":"https://shop.example/p/20931"}},"integrations":{}}`

func BenchmarkDecode(b *testing.B) {
	d := event.NewDecoder(event.DecoderOptions{})
	h := header()
	raw := []byte(typical)
	measure(b, 1, len(raw), func() {
		if _, trouble := d.Decode(&h, raw, 1); trouble != nil {
			b.Fatal(trouble)
		}
	})
}

func BenchmarkReadBody(b *testing.B) {
	text := []byte(`{"batch":[` + strings.Repeat(typical+",", 99) + typical + `],"sentAt":"2026-03-01T12:00:00Z"}`)
	var body event.Body
	measure(b, 100, len(text), func() {
		if err := event.ReadBody(text, false, &body); err != nil || len(body.Events) != 100 {
			b.Fatal(err)
		}
	})
}

func BenchmarkGroup(b *testing.B) {
	events, size := make([][]byte, 500), 0
	for i := range events {
		events[i] = []byte(strings.Replace(typical, "48213", fmt.Sprint(48213+i*7919), 1))
		size += len(events[i])
	}
	h := event.Header{ReceivedUS: time.Now().UnixMicro()}
	var group, message []byte
	b.Run("append", func(b *testing.B) {
		measure(b, len(events), size, func() { group = event.AppendRequest(group[:0], &h, events) })
	})
	b.Run("pack", func(b *testing.B) {
		measure(b, len(events), size, func() { message = event.PackGroup(message, group) })
		b.ReportMetric(float64(size)/float64(len(message)), "ratio")
	})
	b.Run("read", func(b *testing.B) {
		measure(b, len(events), size, func() {
			if _, err := event.ReadGroup(message); err != nil {
				b.Fatal(err)
			}
		})
	})
}
