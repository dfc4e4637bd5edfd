package main

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestGather(t *testing.T) {
	root := fstest.MapFS{
		"cmd/x/main.go": {Data: []byte("package main\n")},
		"internal/shop/shop.go": {Data: []byte(`package shop
import "example.com/fault"
func a() error { return fault.New(fault.NotFound, "shop.gone", "it is gone").At(p).Then("Look " + where() + " first.").Because(err) }
func b() error { return fault.Newf(fault.Invalid, "shop.bad", "%q is 5%% bad", x) }
func d(at int, reason, say, next string) error { return fault.New(fault.Invalid, reason, say).Then(next) }
func e() error { return d(3, "shop.shut", "it is shut", "Come again.") }
func c() error { return fault.New(fault.Invalid, "shop.said", err.Error()) }
`)},
		"internal/shop/shop_test.go": {Data: []byte("package shop\nvar _ = fault.New(fault.Invalid, \"shop.test\", \"only a test\")\n")},
	}
	got, err := gather(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []told{
		{Reason: "shop.bad", Code: "invalid", Sentence: "… is 5% bad"},
		{Reason: "shop.gone", Code: "not_found", Sentence: "it is gone", Next: "Look … first."},
		{Reason: "shop.said", Code: "invalid", Sentence: "…"},
		{Reason: "shop.shut", Code: "invalid", Sentence: "it is shut", Next: "Come again."},
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(told{}, "At")); d != "" {
		t.Error(d)
	}
}

// Programs match on reasons: a reason has one code, and what is told by one sentence in a room has one reason.
func TestReasonsAreUnique(t *testing.T) {
	all, err := gather(os.DirFS("../../../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("only %d faults found", len(all))
	}
	first, spoken := map[string]told{}, map[string]told{}
	for _, f := range all {
		if was, ok := first[f.Reason]; ok && was.Code != f.Code {
			t.Errorf("%s: %s is %s here and %s at %s", f.At, f.Reason, f.Code, was.Code, was.At)
		}
		first[f.Reason] = f
		said := f.room() + ": " + f.Sentence
		if was, ok := spoken[said]; ok && was.Reason != f.Reason && f.Sentence != "…" {
			t.Errorf("%s: %s and %s (%s) are told by one sentence, %s", f.At, f.Reason, was.Reason, was.At, f.Sentence)
		}
		spoken[said] = f
	}
}
