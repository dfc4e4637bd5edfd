package names_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dangol/dangol/internal/audience/names"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/query/rule"
)

func track(name, props string) *event.Fact {
	return &event.Fact{Type: event.Track, Name: name, Props: []byte(props), ReceivedUS: 5}
}

func TestLearnsKindsAndSamples(t *testing.T) {
	t.Parallel()
	b := names.New()
	b.Learn(track("Viewed", `{"price":12.5,"name":"tea","on":true,"day":"2024-03-31","zip":"10110","x":null,"cart":{"size":2,"gift":{"to":"Kim"}},"tags":["a"]}`))
	b.Learn(track("Viewed", `{"price":7,"name":"10","on":false,"day":"later","zip":"10120"}`))
	b.Learn(&event.Fact{Type: event.Identify, Name: event.Identified, Props: []byte(`{"plan":"gold","age":31}`)})
	want := map[string]rule.Kind{
		"price": rule.Number, "name": rule.Text, "on": rule.Flag, "day": rule.Unknown, "zip": rule.Unknown, "cart.size": rule.Number, "cart.gift.to": rule.Text, "tags": rule.Text,
	}
	if got := b.Events(map[string]uint32{"Viewed": 17})["Viewed"]; got.Key != 17 || !cmp.Equal(got.Properties, want) {
		t.Error(got.Key, cmp.Diff(want, got.Properties))
	}
	if got := b.Attributes(); !cmp.Equal(got, map[string]rule.Kind{"plan": rule.Text, "age": rule.Number}) {
		t.Error(got)
	}
	if got := b.Event("Viewed").Properties["zip"].Samples; !cmp.Equal(got, []string{"10110", "10120"}) {
		t.Error(got)
	}
}

func TestOfWhatReachesAPersonThereAreNoSamples(t *testing.T) {
	t.Parallel()
	b := names.New()
	b.Learn(&event.Fact{Type: event.Identify, Name: event.Identified, Props: []byte(`{"email":"kim@x.kr","phone":"010-1234-5678","name":"Kim","first_name":"Minji","id":"k7","plan":"gold","contact":{"nick":"kim@x.kr"},"home":{"address":{"city":"Seoul"}},"mobile":1012345678}`)})
	b.Learn(track("Bought", `{"name":"tea","to":"lee@x.kr","call":"+82 10 9876 5432","customer":{"name":"Lee","id":7,"tier":"silver"},"code":"10-20","billing":{"street":"Main"}}`))
	want := map[string][]string{"plan": {"gold"}}
	got := map[string][]string{}
	for name, p := range b.AttributeEntry().Properties {
		if len(p.Samples) > 0 {
			got[name] = p.Samples
		}
	}
	if want["home.address.city"] = []string{"Seoul"}; !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	want, got = map[string][]string{"name": {"tea"}, "customer.tier": {"silver"}, "code": {"10-20"}}, map[string][]string{}
	for name, p := range b.Event("Bought").Properties {
		if len(p.Samples) > 0 {
			got[name] = p.Samples
		}
	}
	if !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	if got := b.Attributes()["email"]; got != rule.Text {
		t.Errorf("the attribute itself is not learned: %v", got)
	}
	kept := map[string]string{}
	keep := func(name string, text []byte) error { kept[name] = string(text); return nil }
	if err := b.Changed(keep); err != nil {
		t.Fatal(err)
	}
	b.DropSamples()
	clear(kept)
	if err := b.Changed(keep); err != nil || len(kept) != 2 || strings.Contains(fmt.Sprint(kept), "samples") {
		t.Errorf("kept %v, %v", kept, err)
	}
	// What an earlier version kept goes as it is read.
	c := names.New()
	if err := c.Load(names.AttributesName, []byte(`{"properties":{"email":{"kind":"text","samples":["kim@x.kr"]},"plan":{"kind":"text","samples":["gold"]}}}`)); err != nil {
		t.Fatal(err)
	}
	clear(kept)
	if err := c.Changed(keep); err != nil || len(kept) != 1 || strings.Contains(kept[names.AttributesName], "kim") || !strings.Contains(kept[names.AttributesName], "gold") {
		t.Errorf("kept %v, %v", kept, err)
	}
}

func TestIsKeptAndReadAgain(t *testing.T) {
	t.Parallel()
	b, kept := names.New(), map[string]string{}
	keep := func(name string, text []byte) error { kept[name] = string(text); return nil }
	for i := range 3 {
		if new := b.Learn(track("Viewed", `{"price":1}`)); new != (i == 0) {
			t.Errorf("fact %d new: %v", i, new)
		}
	}
	b.Learn(&event.Fact{Type: event.Identify, Props: []byte(`{"plan":"gold"}`)})
	if err := b.Changed(keep); err != nil || len(kept) != 2 {
		t.Fatal(kept, err)
	}
	c := names.New()
	for name, text := range kept {
		if err := c.Load(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if !cmp.Equal(b.Events(nil), c.Events(nil)) || !cmp.Equal(b.Attributes(), c.Attributes()) {
		t.Error("another book came back")
	}
	clear(kept)
	if err := b.Changed(keep); err != nil || len(kept) != 0 {
		t.Error("kept twice", kept, err)
	}
}

func TestIsBounded(t *testing.T) {
	t.Parallel()
	b := names.New()
	for i := range 7000 {
		b.Learn(track(fmt.Sprintf("event %d", i), `{"a":1}`))
	}
	wide := map[string]int{strings.Repeat("x", 500): 1}
	for i := range 1000 {
		wide[fmt.Sprintf("p%d", i)] = i
	}
	text, err := json.Marshal(wide)
	if err != nil {
		t.Fatal(err)
	}
	b.Learn(track("event 1", string(text)))
	if n := len(b.Names()); n != 5000 {
		t.Errorf("%d events", n)
	}
	if n := len(b.Event("event 1").Properties); n != 300 {
		t.Errorf("%d properties", n)
	}
}

func BenchmarkLearn(b *testing.B) {
	book := names.New()
	f := track("Product Viewed", `{"product_id":"sku-1842","sku":"G-32","category":"Games","name":"Monopoly: 3rd Edition","brand":"Hasbro","variant":"200 pieces","price":18.99,"quantity":1,"coupon":"MAYDEALS","currency":"usd","position":3,"value":18.99,"url":"https://www.example.com/product/path"}`)
	b.ReportAllocs()
	for b.Loop() {
		book.Learn(f)
	}
}
