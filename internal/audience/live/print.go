package live

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/zeebo/xxh3"

	"github.com/dangol/dangol/internal/query/rule"
)

// fingerprint is of everything that a rule's answer depends on besides facts: what was bound holds the segments and traits that
// it names, resolved. A segment that has the same one after a start still has the members it had.
func fingerprint(b *rule.Bound) (string, error) {
	s := b.Set()
	var needs []string
	for _, n := range s.Needs() {
		needs = append(needs, n.ID())
	}
	zone := "UTC"
	if z := s.Zone(); z != nil {
		zone = z.String()
	}
	text, err := json.Marshal([]any{1, s.Selections, s.Exprs, s.Nodes, s.Roots, needs, zone})
	if err != nil {
		return "", fmt.Errorf("fingerprint of a rule: %w", err)
	}
	h := xxh3.Hash128(text).Bytes()
	return hex.EncodeToString(h[:]), nil
}
