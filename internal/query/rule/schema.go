package rule

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema (2020-12) of rules. It accepts every rule that Parse accepts; Parse refuses some more,
// such as a window that ends before it begins.
func Schema() []byte { return slices.Clone(schema) }
