package audience

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/dangol/dangol/internal/kit/answers"
	"github.com/dangol/dangol/internal/market"
)

// bitsOf lays a bitmap out as the warehouse reads it: one bit a customer, the first one foremost.
func bitsOf(b *roaring.Bitmap) []byte {
	if b.IsEmpty() {
		return []byte{0}
	}
	bits := make([]byte, b.Maximum()/8+1)
	for it := b.Iterator(); it.HasNext(); {
		k := it.Next()
		bits[k/8] |= 0x80 >> (k % 8)
	}
	return bits
}

// isMember is the condition that a customer is in a bitmap, which blob gives as SQL of the type BLOB, of so many bytes.
func isMember(column, blob string, size int) string {
	return fmt.Sprintf(`CASE WHEN %[1]s < %[3]d THEN get_bit(%[2]s::BIT, %[1]s::INTEGER) = 1 ELSE FALSE END`, column, blob, 8*size)
}

// blobLiteral writes bytes into a statement that takes no arguments.
func blobLiteral(b []byte) string {
	text := hex.EncodeToString(b)
	var out strings.Builder
	out.Grow(2*len(text) + 8)
	out.WriteString("'")
	for i := 0; i < len(text); i += 2 {
		out.WriteString(`\x`)
		out.WriteString(text[i : i+2])
	}
	out.WriteString("'::BLOB")
	return out.String()
}

// worth is what the members of a segment have spent and are expected to.
type worth struct {
	spend    int64
	expected sql.NullInt64
}

// worthFor is how long the worth of segments is remembered: it changes little, and takes a scan a segment.
const worthFor = 5 * time.Minute

// worths computes what the members of segments are worth, as of the last analysis.
func (s *Service) worths(ctx context.Context, keys []uint32) (map[uint32]worth, error) {
	name := fmt.Sprintf("worth %v@%d %d", keys, s.StateVersion(), s.clock().UnixNano()/int64(worthFor))
	return answers.Of(ctx, s.answers, name, func(ctx context.Context) (map[uint32]worth, error) {
		found := map[uint32]worth{}
		for part := range slices.Chunk(keys, 16) { // so that a statement stays of a size
			if err := s.worthsOf(ctx, part, found); err != nil {
				return nil, err
			}
		}
		return found, nil
	})
}

func (s *Service) worthsOf(ctx context.Context, keys []uint32, found map[uint32]worth) error {
	columns, args, values, dest := []string{}, []any{}, make([]worth, len(keys)), []any{}
	for i, key := range keys {
		bits := bitsOf(s.engine.Recall.Members(key))
		args = append(args, bits)
		in := isMember("customer_key", fmt.Sprintf("$%d::BLOB", len(args)), len(bits))
		columns = append(columns, `coalesce(sum(spend) FILTER (`+in+`), 0)::BIGINT, (sum(expected_value_minor) FILTER (`+in+`))::BIGINT`)
		dest = append(dest, &values[i].spend, &values[i].expected)
	}
	err := s.eachRow(ctx, `SELECT `+strings.Join(columns, ", ")+` FROM customer_state`, args, func(rows *sql.Rows) error { return rows.Scan(dest...) })
	for i, key := range keys {
		found[key] = values[i]
	}
	return err
}

func (w worth) of(v *SegmentView, currency string) {
	v.Spend = market.New(w.spend, currency)
	if w.expected.Valid {
		m := market.New(w.expected.Int64, currency)
		v.ExpectedValue = &m
	}
}
