package rule_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/render"
)

func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(rule.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("rule.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("rule.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validates(s *jsonschema.Schema, text []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// TestSchemaAcceptsWhatParses validates random rules, as they were written and as they are written back.
func TestSchemaAcceptsWhatParses(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	d := drawer{rand.New(rand.NewPCG(3, 5))}
	for range 3000 {
		text, err := json.Marshal(d.rule(3))
		if err != nil {
			t.Fatal(err)
		}
		r, err := rule.Parse(text)
		if err != nil {
			continue
		}
		if err := validates(s, text); err != nil {
			t.Fatalf("%s parses, and the schema says %v", text, err)
		}
		again, err := r.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := validates(s, again); err != nil {
			t.Fatalf("%s parses, is written as %s, and the schema says %v", text, again, err)
		}
		same, err := rule.Parse(again)
		if err != nil {
			t.Fatalf("%s is written as %s, which does not parse: %v", text, again, err)
		}
		twice, err := same.MarshalJSON()
		if err != nil || !bytes.Equal(again, twice) {
			t.Fatalf("%s is written as %s, then as %s (%v)", text, again, twice, err)
		}
	}
}

// refused are texts that Parse refuses: its place, and a part of what it says to do. The schema refuses them too,
// but for those marked ~.
var refused = []struct{ text, place, next string }{
	{`{"did":"Viewed","tims":{">=":2}}`, "tims", "Did you mean times?"},
	{`{"dit":"Viewed"}`, "dit", "Did you mean did?"},
	{`{}`, "rule", "Write one of and"},
	{`[]`, "rule", "Write an object"},
	{`{"did":"a","did_not":"b"}`, "did_not", "Join two conditions"},
	{`{"did":"a","op":"="}`, "op", "Beside did may stand: times, where, window."},
	{`{"segment":"a","window":{"last":"3d"}}`, "window", "Nothing may stand beside segment."},
	{`{"and":[]}`, "and", "Write [ ... ]."},
	{`{"and":[{"did":"a"},{"or":[{"did":"b","where":[{"property":"p","op":"==","value":1}]}]}]}`, "and[1].or[0].where[0].op", "Did you mean"},
	{`{"not":{"attribute":"plan","op":"="}}`, "not", "Give what to compare with."},
	{`{"attribute":"plan","op":"is set","value":1}`, "value", "Leave value out."},
	{`{"attribute":"plan","op":"in","value":"gold"}`, "value", "Write [ ... ]."},
	{`{"attribute":"plan","op":"in","value":["gold",1]}`, "value[1]", "Write all as texts"},
	{`{"attribute":"plan","op":"<","value":"gold"}`, "value", "before and after"},
	{`{"attribute":"plan","op":"<","value":true}`, "value", "Use =."},
	{`{"attribute":"plan","op":"=","value":null}`, "value", "is not set"},
	{`{"attribute":"plan","op":"=","value":{"a":1}}`, "value", "is not set"},
	{`{"attribute":"plan","op":"=","value":1e13}`, "value", "1e12"},
	{`{"attribute":"plan","op":"contains","value":3}`, "value", "quotes"},
	{`{"attribute":"born","op":"before","value":"31.3.2024"}`, "value", "2024-03-31"},
	{`~{"attribute":"born","op":"before","value":"2024-02-30"}`, "value", "2024-03-31"},
	{`{"attribute":"born","op":"in the last","value":"12h"}`, "value", "30d"},
	{`~{"attribute":"born","op":"anniversary within","value":"366d"}`, "value", "30d"},
	{`{"attribute":"a\"b","op":"is set"}`, "attribute", "no quotes"},
	{`{"attribute":"","op":"is set"}`, "attribute", "shorter"},
	{`{"did":"a","times":{">=":1.5}}`, "times.>=", "Write {"},
	{`{"did":"a","times":{">=":1,"<":5,"!=":3}}`, "times", "Write {"},
	{`{"did":"a","times":{"≥":1}}`, "times.≥", "It may hold"},
	{`{"did":"a","window":{"last":"30x"}}`, "window.last", "30m, 12h, 30d, 4w"},
	{`{"did":"a","window":{"last":"0d"}}`, "window.last", "30m, 12h, 30d, 4w"},
	{`~{"did":"a","window":{"last":"9999w"}}`, "window.last", "ten years"},
	{`{"did":"a","window":{"last":"3d","calendar":"today"}}`, "window", "Write {"},
	{`{"did":"a","window":{}}`, "window", "Write {"},
	{`{"did":"a","window":{"calendar":"this_mont"}}`, "window.calendar", "Did you mean this_month?"},
	{`~{"did":"a","window":{"from":"2024-02-01","to":"2024-01-01"}}`, "window.to", "later to"},
	{`{"did":"a","window":{"since":{"event":"b"}}}`, "window.since", "last or first"},
	{`{"did":"a","window":{"since":{"event":"b","which":"frist"}}}`, "window.since.which", "Did you mean first?"},
	{`{"trait":{"take":"summ","of":"a"},"op":"=","value":1}`, "trait.take", "Did you mean sum?"},
	{`{"trait":{"take":"sum","of":"a"},"op":"=","value":1}`, "trait", "property"},
	{`{"trait":{"take":"count","of":"a","property":"p"},"op":"=","value":1}`, "trait.property", "is set"},
	{`{"trait":{"take":"count"},"op":"=","value":1}`, "trait", "Order Completed"},
	{`{"trait":{"take":"trend","of":"a"},"op":"=","value":1}`, "trait", "30d"},
	{`{"trait":{"take":"ratio","of":"a"},"op":"=","value":1}`, "trait", "divide by"},
	{`{"trait":{"take":"count","of":"a","to":"orders"},"op":"=","value":1}`, "trait.to", "Leave to out."},
	{`{"trait":{"take":"sum","of":"*","property":"p"},"op":"=","value":1}`, "trait", "Name one event."},
	{`{"trait":"orders"}`, "rule", "Use one of ="},
	{`{"sequence":[{"did":"a"}]}`, "sequence", "Use did"},
	{`{"sequence":[{"did_not":"a"},{"did":"b"}]}`, "sequence[0]", "Begin with"},
	{`{"sequence":[{"did":"a","within":"3d"},{"did":"b"}]}`, "sequence[0].within", "window"},
	{`~{"sequence":[{"did":"a"},{"did_not":"b"},{"did_not":"c"}]}`, "sequence[2]", "two sequences"},
	{`~{"sequence":[{"did":"a"},{"did_not":"b","within":"3d"},{"did":"c"}]}`, "sequence[1].within", "last step"},
	{`{"sequence":[{"did":"a"},{"did":"b","did_not":"c"}]}`, "sequence[1]", "Write {"},
	{`{"consent":{"purpose":"m"},"is":"given"}`, "consent", "Write {"},
	{`{"consent":{"purpose":"m","channel":"email"},"is":"yes"}`, "is", "given, withdrawn, unknown"},
	{`{"consent":{"purpose":"m","channel":"email"}}`, "rule", "Write given"},
	{`{"market":"KR"}`, "market", "Write [ ... ]."},
	{`{"share":{"percent":101,"salt":"a"}}`, "share.percent", "Write {"},
	{`{"share":{"percent":10}}`, "share", "same word"},
	{`~{"did":"a","did":"b"}`, "did", "Keep one"},
	{`{"did":"a"} {"did":"b"}`, "", "Write an object"},
	{`{"did":"a"`, "", "Write an object"},
	{`{"did":'a'}`, "", "Write an object"},
}

func TestRefused(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	for _, c := range refused {
		text, tolerated := strings.CutPrefix(c.text, "~")
		_, err := rule.Parse([]byte(text))
		var f *fault.Fault
		if !errors.As(err, &f) {
			t.Errorf("%s: no fault but %v", text, err)
			continue
		}
		if f.Where.Field != c.place || !strings.Contains(f.Next, c.next) {
			t.Errorf("%s: at %q: %s %s\nwant %q: %s", text, f.Where.Field, f.Sentence, f.Next, c.place, c.next)
		}
		if err := validates(s, []byte(text)); (err == nil) != tolerated {
			t.Errorf("%s: the schema says %v", text, err)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, reason string }{
		"size":   {`{"attribute":"a","op":"in","value":["` + strings.Repeat("x", 70<<10) + `"]}`, "rule.too_large"},
		"depth":  {strings.Repeat(`{"not":`, 12) + `{"did":"a"}` + strings.Repeat("}", 12), "rule.too_deep"},
		"nested": {strings.Repeat(`[`, 100_00) + strings.Repeat("]", 100_00), "rule.too_deep"},
		"length": {`{"and":[` + strings.Repeat(`{"or":[`+strings.Repeat(`{"did":"a"},`, 99)+`{"did":"b"}]},`, 2) + `{"did":"c"}]}`, "rule.too_long"},
		"list":   {`{"attribute":"a","op":"in","value":[` + strings.Repeat("1,", 1000) + `1]}`, "rule.bad_list"},
		"utf8":   {"{\"did\":\"\xff\"}", "rule.bad_json"},
	} {
		_, err := rule.Parse([]byte(c.text))
		var f *fault.Fault
		if !errors.As(err, &f) || f.Reason != c.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAllFaultsAtOnce: a console can mark each of them.
func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := rule.Parse([]byte(`{"and":[{"attribute":"a","op":"≈","value":1},{"did":"b","window":{"last":"3y"}},{"segment":3}]}`))
	var all rule.Faults
	if !errors.As(err, &all) || len(all) != 3 {
		t.Fatalf("%v", err)
	}
	for i, place := range []string{"and[0].op", "and[1].window.last", "and[2].segment"} {
		if all[i].Where.Field != place {
			t.Errorf("%d: at %s, want %s", i, all[i].Where.Field, place)
		}
	}
}

// FuzzParse: whatever comes, Parse answers; what it accepts it writes as what it accepts.
func FuzzParse(f *testing.F) {
	for _, c := range refused {
		f.Add(strings.TrimPrefix(c.text, "~"))
	}
	d := drawer{rand.New(rand.NewPCG(9, 9))}
	for range 200 {
		text, err := json.Marshal(d.rule(3))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	s := compiled(f)
	c := drawWorld(rand.New(rand.NewPCG(1, 1))).catalog
	f.Fuzz(func(t *testing.T, text string) {
		r, err := rule.Parse([]byte(text))
		if err != nil {
			return
		}
		again, err := r.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := rule.Parse(again); err != nil {
			t.Fatalf("%s is written as %s: %v", text, again, err)
		}
		if err := validates(s, again); err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		for _, lang := range []string{"en", "ko", "th"} {
			if rule.Sentence(r, c, lang) == "" {
				t.Errorf("%s has no sentence in %s", text, lang)
			}
		}
		if b, err := rule.Bind(r, c); err == nil {
			if _, _, err := render.Rules([]*rule.Bound{b}, render.Ask{AsOfUS: origin}, render.DuckDB{}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
