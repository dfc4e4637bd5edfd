package audience

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/query/rule"
)

// following is a service whose segments are followed, with helpers that make and change them.
type following struct {
	*Service
	t *testing.T
}

func follow(t *testing.T) following {
	t.Helper()
	s := previewing(t)
	ctx, stop := context.WithCancel(t.Context())
	var ended sync.WaitGroup
	ended.Go(func() { _ = s.engine.Run(ctx) })
	t.Cleanup(func() { stop(); ended.Wait() })
	return following{s, t}
}

func (f following) make(slug, text string) {
	f.t.Helper()
	if _, err := f.Create(f.t.Context(), Draft{ID: slug, Rule: json.RawMessage(text)}); err != nil {
		f.t.Fatalf("%s: %v", slug, err)
	}
}

func (f following) trait(name, text string, fresh bool) error {
	_, err := f.KeepTrait(f.t.Context(), TraitDraft{Name: name, TraitChange: TraitChange{Trait: json.RawMessage(text)}}, fresh)
	return err
}

// refuses expects a change to be refused for a reason, with words in it, and the segment to stay as it was.
func (f following) refuses(slug, text, reason, words string) {
	f.t.Helper()
	before, err := f.definition(f.t.Context(), slug)
	if err != nil {
		f.t.Fatal(err)
	}
	_, err = f.Update(f.t.Context(), slug, Draft{Rule: json.RawMessage(text)})
	if err == nil {
		f.t.Fatalf("%s may be %s", slug, text)
	}
	if why := fault.From(err); why.Reason != reason || why.Next == "" || !strings.Contains(why.Sentence, words) {
		f.t.Errorf("%s as %s: %s: %v", slug, text, why.Reason, err)
	}
	if after, err := f.definition(f.t.Context(), slug); err != nil || after.text != before.text || after.version != before.version {
		f.t.Errorf("%s was changed all the same: %+v, %v", slug, after, err)
	}
}

// TestNoCircles: a segment cannot come to name itself, by itself or through others, however deep they stand in a rule.
func TestNoCircles(t *testing.T) {
	t.Parallel()
	f := follow(t)
	f.make("a", `{"did":"Mug Admired"}`)
	f.make("b", `{"segment":"a"}`)
	f.make("c", `{"and":[{"did":"Mug Admired"},{"not":{"segment":"b"}}]}`)
	f.refuses("a", `{"segment":"a"}`, "audience.names_itself", `names "a" itself`)
	f.refuses("a", `{"segment":"b"}`, "audience.circle", "a → b → a")
	f.refuses("a", `{"or":[{"did":"Mug Admired"},{"not":{"segment":"c"}}]}`, "audience.circle", "a → c → b → a")
	if _, err := f.Update(t.Context(), "c", Draft{Rule: json.RawMessage(`{"or":[{"segment":"a"},{"segment":"b"}]}`)}); err != nil {
		t.Errorf("two ways to one segment are no circle: %v", err)
	}
	if m, err := f.Update(t.Context(), "a", Draft{Name: "A"}); err != nil || !m.Live {
		t.Errorf("a name alone: %+v, %v", m, err)
	}
}

// TestCircleOfOldIsMended: where a circle was let in once, giving one of its segments another rule ends it.
func TestCircleOfOldIsMended(t *testing.T) {
	t.Parallel()
	f := follow(t)
	f.make("a", `{"did":"Mug Admired"}`)
	f.make("b", `{"segment":"a"}`)
	d, err := f.definition(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	d.text = `{"segment":"b"}`
	if err := f.put(t.Context(), &d); err != nil {
		t.Fatal(err)
	}
	v, err := f.Verify(t.Context())
	if err != nil || len(v.Unchecked) != 2 || !v.Unchecked[0].Broken || v.Unchecked[0].ID != "a" || v.Unchecked[1].ID != "b" || !strings.Contains(v.Unchecked[0].Why, "circle") {
		t.Errorf("%+v, %v", v, err)
	}
	if m, err := f.Update(t.Context(), "a", Draft{Rule: json.RawMessage(`{"did":"Mug Admired"}`)}); err != nil || !m.Live {
		t.Errorf("%+v, %v", m, err)
	}
	for tries := 0; ; tries++ { // the other one's members are computed after it
		v, err := f.Verify(t.Context())
		if err == nil && len(v.Unchecked) == 0 && v.Checked > 0 {
			break
		}
		if err != nil || tries > 200 {
			t.Fatalf("%+v, %v", v, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// TestTwoChangesTogetherCloseNoCircle: each would be right alone.
func TestTwoChangesTogetherCloseNoCircle(t *testing.T) {
	t.Parallel()
	f := follow(t)
	f.make("a", `{"did":"Mug Admired"}`)
	f.make("b", `{"did":"Mug Admired"}`)
	var both sync.WaitGroup
	errs := make([]error, 2)
	for i, way := range [][2]string{{"a", "b"}, {"b", "a"}} {
		both.Go(func() {
			_, errs[i] = f.Update(t.Context(), way[0], Draft{Rule: json.RawMessage(`{"segment":"` + way[1] + `"}`)})
		})
	}
	both.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("%v, %v", errs[0], errs[1])
	}
}

// TestReturnFromTheArchive: a segment comes back only where its rule can be answered.
func TestReturnFromTheArchive(t *testing.T) {
	t.Parallel()
	f, ctx := follow(t), t.Context()
	f.make("a", `{"did":"Mug Admired"}`)
	f.make("b", `{"segment":"a"}`)
	for _, slug := range []string{"b", "a"} {
		if err := f.Act(ctx, slug, "archive"); err != nil {
			t.Fatal(err)
		}
	}
	if why := fault.From(f.Act(ctx, "b", "restore")); why.Reason != "audience.cannot_return" || !strings.Contains(why.Next, "dangol segment restore a") {
		t.Errorf("%v", why)
	}
	if d, err := f.definition(ctx, "b"); err != nil || !d.archived {
		t.Errorf("it came back all the same: %v", err)
	}
	f.refuses("a", `{"segment":"b"}`, "rule.unknown_name", "no segment") // what is put away can be named by nobody
	d, err := f.definition(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	d.text, d.archived = `{"segment":"b"}`, false // as a circle that was let in once, half of it put away
	if err := f.put(ctx, &d); err != nil {
		t.Fatal(err)
	}
	if why := fault.From(f.Act(ctx, "b", "restore")); why.Reason != "audience.cannot_return" || !strings.Contains(why.Sentence, "b → a → b") {
		t.Errorf("%v", why)
	}
	if _, err := f.Update(ctx, "b", Draft{Rule: json.RawMessage(`{"did":"Mug Admired"}`)}); err != nil {
		t.Errorf("who is put away cannot be mended: %v", err)
	}
	if err := f.Act(ctx, "b", "restore"); err != nil {
		t.Error(err)
	}
}

// TestWhatNamesATraitHolds: also what names it through another trait or segment; circles of traits are refused.
func TestWhatNamesATraitHolds(t *testing.T) {
	t.Parallel()
	f, ctx := follow(t), t.Context()
	const count, days = `{"take":"count","of":"Mug Admired"}`, `{"take":"days_since_first","of":"Mug Admired"}` // by which nothing can be divided
	rate := func(of string) string { return `{"take":"ratio","of":"Mug Admired","to":"` + of + `"}` }
	for _, one := range [][2]string{{"admired", count}, {"rate", rate("admired")}} {
		if err := f.trait(one[0], one[1], true); err != nil {
			t.Fatal(err)
		}
	}
	f.make("rated", `{"trait":"rate","op":">=","value":1}`)
	f.make("best", `{"segment":"rated"}`)
	if why := fault.From(f.trait("admired", rate("rate"), false)); why.Reason != "rule.circle" {
		t.Errorf("%v", why)
	}
	if why := fault.From(f.trait("admired", days, false)); why.Reason != "audience.trait_breaks" || !strings.Contains(why.Sentence, "rated") {
		t.Errorf("%v", why)
	}
	u, err := f.TraitDependants(ctx, "rate")
	if err != nil || strings.Join(u.Segments, " ") != "rated" || len(u.Traits) != 0 {
		t.Errorf("%+v, %v", u, err)
	}
	if u, err = f.TraitDependants(ctx, "admired"); err != nil || len(u.Segments) != 0 || strings.Join(u.Traits, " ") != "rate" {
		t.Errorf("%+v, %v", u, err)
	}
	if _, err = f.TraitDependants(ctx, "nothing"); fault.From(err).Reason != "audience.unknown_trait" {
		t.Error(err)
	}
}

// TestChainTooDeepForThoseAbove: a change that its own rule bears may be too much for a segment far above it.
func TestChainTooDeepForThoseAbove(t *testing.T) {
	t.Parallel()
	f := follow(t)
	f.make("s0", `{"did":"Mug Admired"}`)
	before := "s0"
	for _, n := range strings.Fields("s1 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 s12 s13 s14 s15 s16 s17 s18 s19 s20") {
		f.make(n, `{"segment":"`+before+`"}`)
		before = n
	}
	f.make("other", `{"did":"Mug Admired"}`)
	f.refuses("s0", `{"segment":"other"}`, "audience.segment_breaks", "s20")
}

func TestCircle(t *testing.T) {
	t.Parallel()
	at := func(names ...string) rule.Segment {
		r := &rule.Rule{}
		for _, n := range names {
			r.And = append(r.And, &rule.Rule{Segment: n})
		}
		return rule.Segment{Rule: r}
	}
	all := map[string]rule.Segment{"a": at("x", "b"), "b": at("c", "gone"), "c": at("c", "a"), "x": {}, "far": at("a")}
	for slug, want := range map[string]string{"a": "a b c a", "b": "b c a b", "c": "c c", "x": "", "far": ""} {
		if got := strings.Join(circle(slug, all), " "); got != want {
			t.Errorf("%s: %q, not %q", slug, got, want)
		}
	}
}
