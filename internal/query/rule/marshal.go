package rule

import (
	"bytes"
	"encoding/json"
)

// MarshalJSON writes the rule in one form: what Parse reads as the same rule.
func (r *Rule) MarshalJSON() ([]byte, error) {
	type plain Rule
	return compact((*plain)(r))
}

// MarshalJSON writes a name alone, or what to take.
func (t *Trait) MarshalJSON() ([]byte, error) {
	if t.Name != "" {
		return json.Marshal(t.Name)
	}
	type plain Trait
	return compact((*plain)(t))
}

// UnmarshalJSON is Parse, for rules inside other documents.
func (r *Rule) UnmarshalJSON(text []byte) error {
	parsed, err := Parse(text)
	if err == nil {
		*r = *parsed
	}
	return err
}

// UnmarshalJSON reads a trait inside another document.
func (t *Trait) UnmarshalJSON(text []byte) error {
	n, err := readNode(text)
	if err != nil {
		return err
	}
	p := &parser{}
	*t = *p.trait(n, 0)
	return p.err()
}

// compact leaves < and > as they are: people read rules.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
