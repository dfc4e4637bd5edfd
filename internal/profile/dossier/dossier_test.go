package dossier

import (
	"encoding/json"
	"testing"
)

func TestValuesOfAttributesInTables(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{`"gold"`: "gold", `"=1+1"`: "'=1+1", `-5`: "-5", `["a",1]`: `["a",1]`, `true`: "true", `12345678901234567890`: "12345678901234567890"} {
		if got := csvValue(json.RawMessage(raw)); got != want {
			t.Errorf("%s is %q, want %q", raw, got, want)
		}
	}
}
