// Package segment has what the verbs of segments and traits know without the command line: what a definition in a file looks like, and what
// to say of a comparison.
package segment

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/dangol/dangol/internal/kit/fault"
)

// What a file is expected to hold.
const (
	segmentNext = `Write an object with "name" and "rule", such as {"name":"Buyers","rule":{"did":"Order Completed"}}, or the rule alone.`
	traitNext   = `Write an object such as {"take":"count","of":"Product Viewed"}, or one with "labels", "unit" and that as "trait".`
)

// object reads a JSON object; next says what it should be.
func object(file string, text []byte, next string) (map[string]any, error) {
	where := fault.Place{File: file}
	if file == "-" {
		where.File = "standard input"
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		var bad *json.SyntaxError
		if errors.As(err, &bad) {
			where.Line = int64(bytes.Count(text[:min(max(bad.Offset-1, 0), int64(len(text)))], []byte{'\n'})) + 1
		}
		if len(bytes.TrimSpace(text)) == 0 {
			return nil, fault.New(fault.Invalid, "app.empty_definition", "there is nothing in it").At(fault.Place{File: where.File}).Then(next)
		}
		return nil, fault.New(fault.Invalid, "app.definition_not_json", "this is not JSON").At(where).Then(next).Because(err)
	}
	in, ok := v.(map[string]any)
	if !ok {
		return nil, fault.Newf(fault.Invalid, "app.definition_not_object", "this is %s, not a JSON object", jsonKind(v)).At(where).Then(next)
	}
	return in, nil
}

func jsonKind(v any) string {
	switch v.(type) {
	case []any:
		return "a list"
	case string:
		return "a text"
	case float64:
		return "a number"
	case bool:
		return "true or false"
	default:
		return "null"
	}
}

// Definition reads a segment, or a bare rule, of the text of a file.
func Definition(file string, text []byte) (map[string]any, error) {
	v, err := object(file, text, segmentNext)
	if err != nil {
		return nil, err
	}
	for _, field := range []string{"rule", "kind", "id", "name", "description"} { // no rule has such a field
		if v[field] != nil {
			return v, nil
		}
	}
	return map[string]any{"rule": v}, nil
}

// Trait reads a trait's definition, with its names or bare.
func Trait(file string, text []byte) (map[string]any, error) {
	v, err := object(file, text, traitNext)
	if err != nil {
		return nil, err
	}
	if v["trait"] == nil {
		v = map[string]any{"trait": v}
	}
	in := map[string]any{}
	for _, field := range []string{"trait", "labels", "unit"} { // of what `trait show --json` prints, too
		if v[field] != nil && v[field] != "" {
			in[field] = v[field]
		}
	}
	return in, nil
}
