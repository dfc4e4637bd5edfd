package webhook

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dangol/dangol/internal/kit/fault"
)

func TestMappingsThatAreRefused(t *testing.T) {
	t.Parallel()
	event := func(fields string) string { return `{"events":[{"event":"A","user_id":"$.u",` + fields + `}]}` }
	for _, c := range []struct{ mapping, place, says string }{
		{``, "mapping", "needs a mapping"},
		{`[]`, "mapping", "cannot be read"},
		{`{"events":[]}`, "mapping.events", "between 1 and 100"},
		{`{"events":[{"event":"A","user":"$.u"}]}`, "mapping", `unknown field "user"`},
		{`{"events":[{"event":"A"}]}`, "mapping.events[0].user_id", "whose it is"},
		{`{"events":[{"user_id":"$.u"}]}`, "mapping.events[0].event", "no name"},
		{`{"zone":"Mars","events":[{"event":"A","user_id":"$.u"}]}`, "mapping.zone", "Mars"},
		{`{"signature":{"encoding":"rot13"},"events":[{"event":"A","user_id":"$.u"}]}`, "mapping.signature.encoding", "hex"},
		{`{"signature":{"signed":"{timestamp}"},"events":[{"event":"A","user_id":"$.u"}]}`, "mapping.signature.signed", "{body}"},
		{`{"signature":{"timestamp_header":"X"},"events":[{"event":"A","user_id":"$.u"}]}`, "mapping.signature.timestamp_header", "anybody"},
		{event(`"type":"shout"`), "mapping.events[0].type", "shout"},
		{event(`"topic":"[a"`), "mapping.events[0].topic", "pattern"},
		{event(`"each":"lines"`), "mapping.events[0].each", "neither $ nor @"},
		{event(`"when":[{"path":"$.a","op":"~","value":1}]`), "mapping.events[0].when[0].op", "~"},
		{event(`"when":[{"path":"$.a"}]`), "mapping.events[0].when[0].value", "no value"},
		{event(`"when":[{"path":"$.a","value":[1,2]}]`), "mapping.events[0].when[0].value", "list"},
		{event(`"properties":{"a":"{{$.b"}`), "mapping.events[0].properties.a", "not closed"},
		{event(`"properties":{"a":"{{b}}"}`), "mapping.events[0].properties.a", "neither $ nor @"},
		{event(`"properties":{"a":"$.b["}`), "mapping.events[0].properties.a", "cannot be read"},
		{event(`"properties":{"a":"$..b..c"}`), "mapping.events[0].properties.a", "everywhere"},
		{event(`"properties":{"a":["$.b"]}`), "mapping.events[0].properties.a", "list"},
		{event(`"properties":{"a":{"b":"$.c"}}`), "mapping.events[0].properties.a", `unknown field "b"`},
		{event(`"properties":{"a":{"path":"$.c","const":1}}`), "mapping.events[0].properties.a", "exactly one"},
		{event(`"properties":{"a":{"path":"$.c","unit":"cent"}}`), "mapping.events[0].properties.a.unit", "cent"},
		{event(`"properties":{"a":{"path":"$.c","date":"%Q"}}`), "mapping.events[0].properties.a.date", "%Q"},
		{event(`"properties":{"a":{"path":"$.c","as":"color"}}`), "mapping.events[0].properties.a.as", "color"},
		{event(`"properties":{"a":{"path":"$.c","as":"number","unit":"major"}}`), "mapping.events[0].properties.a", "money"},
		{event(`"properties":{"a":{"each":"$.l","fields":{"b":{"path":"q"}}}}`), "mapping.events[0].properties.a.fields.b.path", "neither"},
	} {
		_, err := compile(json.RawMessage(c.mapping))
		var f *fault.Fault
		if !errors.As(err, &f) || f.Where.Field != c.place || !strings.Contains(f.Sentence, c.says) || f.Next == "" && c.place == "" {
			t.Errorf("%s\n at %+v", c.mapping, err)
		}
	}
}

// told translates a body by the properties of a mapping, and returns those of the event.
func told(t *testing.T, properties, body string) (string, []Problem) {
	t.Helper()
	h := Hook{ID: "hook_1", Name: "t", Kind: Generic, Mapping: json.RawMessage(`{"zone":"Asia/Seoul","events":[{"event":"A","user_id":{"const":"1"},"properties":` + properties + `}]}`)}
	if err := h.check(); err != nil {
		t.Fatal(err)
	}
	tr := h.translate(Delivery{At: received, Body: []byte(body)}, nil)
	if len(tr.Events) == 0 {
		return "", tr.Problems
	}
	var e struct{ Properties json.RawMessage }
	if err := json.Unmarshal(tr.Events[0], &e); err != nil {
		t.Fatal(err)
	}
	return string(e.Properties), tr.Problems
}

func TestValues(t *testing.T) {
	t.Parallel()
	body := `{"a":"x","n":1.50,"big":123456789012345678901,"exact":0.30000000000000004,"yes":true,"nil":null,"empty":" ","cents":1999,"euro":"1.234,50","us":"1,234.50",
		"cur":"KRW","list":[{"s":"p","q":2},{"s":"q","q":0}],"tags":["r","t"],"unix":1780315200,"ms":1780315200000,"day":"01.06.2026","local":"2026-06-01 21:00:00","o":{"b":[1,{"c":"d"}]},"한국":"키"}`
	for _, c := range []struct{ value, want string }{
		{`"$.a"`, `"x"`},
		{`"constant"`, `"constant"`},
		{`7`, `7`},
		{`true`, `true`},
		{`{"const":"$.a"}`, `"$.a"`},
		{`{"const":[1,{"a":2}]}`, `[1,{"a":2}]`},
		{`"{{$.a}}-{{$.n}}"`, `"x-1.5"`},
		{`"{{ $.n }}"`, `1.5`},
		{`"$.big"`, `123456789012345678901`},
		{`"$.exact"`, `0.30000000000000004`},
		{`"$['한국']"`, `"키"`},
		{`"$.o"`, `{"b":[1,{"c":"d"}]}`},
		{`"$.o.b[1].c"`, `"d"`},
		{`"$..c"`, `"d"`},
		{`"$.list[?(@.q > 1)].s"`, `"p"`},
		{`"$.missing"`, ``},
		{`"$.nil"`, ``},
		{`"{{$.missing}} {{$.nil}}"`, ``},
		{`"Hello {{$.missing}}{{$.a}}"`, `"Hello x"`},
		{`{"path":"$.missing","default":"d"}`, `"d"`},
		{`{"path":"$.empty","default":"$.a"}`, `"x"`},
		{`{"path":"$.cents","unit":"minor"}`, `19.99`},
		{`{"path":"$.cents","unit":"minor","currency":"$.cur"}`, `1999`},
		{`{"path":"$.cents","unit":"minor","currency":"KWD"}`, `1.999`},
		{`{"path":"$.euro","unit":"major","decimal_comma":true}`, `1234.50`},
		{`{"path":"$.us","unit":"major"}`, `1234.50`},
		{`{"path":"$.us","as":"number"}`, `1234.5`},
		{`{"path":"$.n","as":"text"}`, `"1.5"`},
		{`{"path":"$.cents","as":"text"}`, `"1999"`},
		{`{"path":"$.yes","as":"boolean"}`, `true`},
		{`{"path":"$.tags[*]","as":"list"}`, `["r","t"]`},
		{`{"path":"$.unix","date":"auto"}`, `"2026-06-01T12:00:00Z"`},
		{`{"path":"$.ms","date":"auto"}`, `"2026-06-01T12:00:00Z"`},
		{`{"path":"$.ms","date":"unix_ms"}`, `"2026-06-01T12:00:00Z"`},
		{`{"path":"$.local","date":"auto"}`, `"2026-06-01T12:00:00Z"`},
		{`{"path":"$.local","date":"auto","zone":"UTC"}`, `"2026-06-01T21:00:00Z"`},
		{`{"path":"$.day","date":"%d.%m.%Y"}`, `"2026-05-31T15:00:00Z"`},
		{`{"path":"$.day","date":"%d.%m.%Y","as":"date"}`, `"2026-06-01"`},
		{`{"each":"$.list[*]","fields":{"sku":"@.s","all":"$.a","deep":{"fields":{"q":"@.q"}}}}`, `[{"all":"x","deep":{"q":2},"sku":"p"},{"all":"x","deep":{"q":0},"sku":"q"}]`},
		{`{"each":"$.tags[*]"}`, `["r","t"]`},
		{`{"each":"$.missing[*]","fields":{"sku":"@.s"}}`, ``},
		{`{"fields":{"b":"$.a","c":"$.missing"}}`, `{"b":"x"}`},
	} {
		want := ``
		if c.want != "" {
			want = `{"v":` + c.want + `}`
		}
		got, problems := told(t, `{"v":`+c.value+`}`, body)
		if diff := cmp.Diff(want, got); diff != "" || len(problems) > 0 {
			t.Errorf("%s: %s %+v", c.value, got, problems)
		}
	}
	for _, c := range []struct{ value, path string }{
		{`{"path":"$.a","unit":"major"}`, "$.a"},
		{`{"path":"$.n","unit":"minor"}`, "$.n"},
		{`{"path":"$.o","unit":"minor"}`, "$.o"},
		{`{"path":"$.a","date":"auto"}`, "$.a"},
		{`{"path":"$.a","as":"number"}`, "$.a"},
		{`{"path":"$.a","as":"boolean"}`, "$.a"},
		{`{"path":"$.missing","required":true}`, "$.missing"},
		{`{"each":"$.list[*]","fields":{"s":{"path":"@.s","as":"number"}}}`, "$.list[*][0].s"},
	} {
		got, problems := told(t, `{"v":`+c.value+`}`, body)
		if got != "" || len(problems) == 0 || problems[0].Path != c.path || problems[0].Next == "" {
			t.Errorf("%s: %s %+v", c.value, got, problems)
		}
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	body := []byte(`{"a":"paid","n":7,"l":["x","y"],"nil":null,"t":"12"}`)
	for _, c := range []struct {
		condition string
		want      bool
	}{
		{`{"path":"$.a","value":"paid"}`, true},
		{`{"path":"$.n","value":"7"}`, true},
		{`{"path":"$.a","op":"!=","value":"paid"}`, false},
		{`{"path":"$.missing","op":"!=","value":"paid"}`, true},
		{`{"path":"$.missing","value":"paid"}`, false},
		{`{"path":"$.a","op":"in","value":["open","paid"]}`, true},
		{`{"path":"$.a","op":"not in","value":["open","paid"]}`, false},
		{`{"path":"$.a","op":"contains","value":"ai"}`, true},
		{`{"path":"$.l","op":"contains","value":"y"}`, true},
		{`{"path":"$.l","op":"contains","value":"z"}`, false},
		{`{"path":"$.nil","op":"is set"}`, false},
		{`{"path":"$.missing","op":"is not set"}`, true},
		{`{"path":"$.t","op":">","value":9}`, true},
		{`{"path":"$.n","op":"<","value":"9"}`, true},
		{`{"path":"$.a","op":"<","value":9}`, false},
	} {
		h := Hook{ID: "hook_1", Name: "t", Kind: Generic, Mapping: json.RawMessage(`{"events":[{"event":"A","user_id":"$.n","when":[` + c.condition + `]}]}`)}
		if err := h.check(); err != nil {
			t.Fatal(err)
		}
		if tr := h.translate(Delivery{At: received, Body: body}, nil); (len(tr.Events) == 1) != c.want || (tr.Note != "") == c.want {
			t.Errorf("%s: %d events", c.condition, len(tr.Events))
		}
	}
}

// FuzzMapping looks for mappings and bodies that panic, or tell what is no JSON.
func FuzzMapping(f *testing.F) {
	for _, path := range paths(f) {
		r := readRecorded(f, path)
		for _, file := range r.archive.Files {
			if r.hook.Kind == Generic && !strings.HasSuffix(file.Name, "want") {
				f.Add([]byte(r.hook.Mapping), file.Data)
			}
		}
	}
	f.Add([]byte(`{"events":[{"event":"{{$.e}}","user_id":"$..u","each":"$.l[?(@.a == 'x' && @.n < 3.5)]","when":[{"path":"@.a","op":"in","value":[1]}],"properties":{"m":{"path":"@.n","unit":"minor","currency":"@.c"},"d":{"path":"@.d","date":"%d.%m.%y"}}}]}`), []byte(`{"u":1,"e":"E","l":[{"a":"x","n":1e3,"c":"KWD","d":"01.02.03"}]}`))
	f.Fuzz(func(t *testing.T, mapping, body []byte) {
		h := Hook{ID: "hook_1", Name: "fuzz", Kind: Generic, Mapping: mapping}
		if len(mapping) > 4000 || len(body) > 20_000 || h.check() != nil {
			return
		}
		for _, e := range h.translate(Delivery{Topic: "order.paid", At: received, Body: body}, nil).Events {
			if !json.Valid(e) {
				t.Fatalf("%q", e)
			}
		}
	})
}

// FuzzPaths puts arbitrary paths, texts and patterns into a mapping that is otherwise well made.
func FuzzPaths(f *testing.F) {
	f.Add("$.a.b[0]", "@.c", "{{$.a}} x {{@.b}}", "%d.%m.%Y", []byte(`{"a":{"b":[{"c":1}]}}`))
	f.Add("$..[?(@.a > 3 && @.b =~ /x.*/)]", "@['b',1]", "{{$[-1:2]}}", "%H%M", []byte(`[{"a":4,"b":"xy"},[1,2,[3]],{"a":"4"},null,1e400]`))
	f.Add("$[?(length(@.a) == 2)]", "@.*", "{{@..b}}", "unix_s", []byte(`{"x":{"a":"zz","b":{"b":1}}}`))
	f.Fuzz(func(t *testing.T, path, inner, text, pattern string, body []byte) {
		if len(body) > 2000 || len(path) > 100 || len(inner) > 100 || len(text) > 200 {
			return
		}
		quote := func(s string) string { b, _ := json.Marshal(s); return string(b) }
		mapping := `{"events":[{"event":` + quote(text) + `,"user_id":"u","each":` + quote(path) + `,"when":[{"path":` + quote(inner) + `,"op":"is set"}],"timestamp":{"path":` + quote(inner) + `,"date":` + quote(pattern) + `},
			"properties":{"a":` + quote(path) + `,"m":{"path":` + quote(inner) + `,"unit":"minor"},"n":{"path":` + quote(inner) + `,"as":"number"},"l":{"each":` + quote(path) + `,"fields":{"x":` + quote(inner) + `}}}}]}`
		h := Hook{ID: "hook_1", Name: "fuzz", Kind: Generic, Mapping: json.RawMessage(mapping)}
		if h.check() != nil {
			return
		}
		for _, e := range h.translate(Delivery{At: received, Body: body}, nil).Events {
			if !json.Valid(e) {
				t.Fatalf("%q", e)
			}
		}
	})
}
