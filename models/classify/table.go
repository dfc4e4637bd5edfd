package classify

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"math"
	"slices"

	"github.com/dangol/dangol/models/gbdt"
	"github.com/dangol/dangol/models/glm"
)

// Column is a column of a table: numbers, in which NaN is a hole, or texts, in
// which "" is a hole. One of the two is set.
type Column = glm.Column

// size checks that columns have one length, distinct names and one kind each.
func size(table []Column) (int, error) {
	if len(table) == 0 {
		return 0, fail(InvalidData, "the table has no columns; give at least one beside the answer")
	}
	n, seen := -1, map[string]bool{}
	for j, c := range table {
		if seen[c.Name] {
			return 0, fail(InvalidData, "two columns are called %q; rename one", c.Name)
		}
		seen[c.Name] = true
		if (c.Numbers == nil) == (c.Texts == nil) {
			return 0, fail(InvalidData, "column %d (%q) must have either numbers or texts", j+1, c.Name)
		}
		rows := max(len(c.Numbers), len(c.Texts))
		if n >= 0 && rows != n {
			return 0, fail(InvalidData, "column %q has %d rows, the ones before have %d", c.Name, rows, n)
		}
		n = rows
		for i, x := range c.Numbers {
			if math.IsInf(x, 0) {
				return 0, fail(InvalidData, "row %d of column %q is infinite; leave it empty", i+1, c.Name)
			}
		}
	}
	return n, nil
}

// Above these, a text column is taken to name each row.
const (
	idLevels = 50
	idShare  = 0.5
)

// useful leaves out columns that say nothing and those that name each row.
func useful(table []Column, n int) (kept []Column, notes []Note) {
	for _, c := range table {
		switch levels := distinct(c); {
		case levels < 2:
			notes = append(notes, Note{LeftOut, fmt.Sprintf("Column %q has one value only and was left out.", c.Name)})
		case c.Texts != nil && levels > idLevels && float64(levels) > idShare*float64(n):
			notes = append(notes, Note{LeftOut, fmt.Sprintf("Column %q has %d different texts in %d rows, like a name, and was left out.", c.Name, levels, n)})
		default:
			kept = append(kept, c)
		}
	}
	return kept, notes
}

// distinct counts a column's values, holes being one.
func distinct(c Column) int {
	if c.Texts != nil {
		seen := map[string]struct{}{}
		for _, t := range c.Texts {
			seen[t] = struct{}{}
		}
		return len(seen)
	}
	seen := map[float64]struct{}{}
	holes := 0
	for _, x := range c.Numbers {
		if math.IsNaN(x) {
			holes = 1 // NaN would be a key of its own each time
		} else if seen[x] = struct{}{}; len(seen) > 2 {
			break
		}
	}
	return len(seen) + holes
}

// together numbers the groups whose rows stay in one fold: the caller's, or, where rows are repeated that should not be alike, rows
// that are equal in every column. nil leaves every row by itself. repeated counts the rows that equal an earlier one.
func together(table []Column, n int, groups []int) (joined []int, repeated int) {
	joined, distinct, pairs := alike(table, n)
	repeated = n - distinct
	if groups != nil {
		return slices.Clone(groups), repeated
	}
	if distinct < n/3 || pairs <= 10+10*chancePairs(table, n) {
		return nil, repeated
	}
	return joined, repeated
}

// alike finds the rows that are equal in every column: the first of its kind for each, how many kinds there are, and how many pairs are
// equal.
func alike(table []Column, n int) (first []int, distinct int, pairs float64) {
	seed := maphash.MakeSeed() // only equality matters
	met, count := map[uint64]int{}, make([]float64, n)
	first = make([]int, n)
	var h maphash.Hash
	for i := range n {
		h.SetSeed(seed)
		for _, c := range table {
			if c.Texts != nil {
				_, _ = h.WriteString(c.Texts[i])
				_ = h.WriteByte(0)
			} else {
				var b [8]byte
				binary.LittleEndian.PutUint64(b[:], math.Float64bits(c.Numbers[i]))
				_, _ = h.Write(b[:])
			}
		}
		sum := h.Sum64()
		at, known := met[sum]
		if !known {
			met[sum], at = i, i
			distinct++
		}
		first[i] = at
		pairs += count[at]
		count[at]++
	}
	return first, distinct, pairs
}

// chancePairs is how many pairs of rows would be equal if columns had nothing to do with each other: a table of few columns of few values
// repeats itself by nature, and to keep its equal rows in one fold would hide from every training what it is asked about.
func chancePairs(table []Column, n int) float64 {
	chance := 1.0
	for _, c := range table {
		counts := map[any]float64{}
		for i := range n {
			switch {
			case c.Texts != nil:
				counts[c.Texts[i]]++
			case math.IsNaN(c.Numbers[i]):
				counts[nil]++ // NaN would be a key of its own each time
			default:
				counts[c.Numbers[i]]++
			}
		}
		same := 0.0
		for _, k := range counts {
			same += k * (k - 1)
		}
		chance *= same / (float64(n) * float64(max(1, n-1)))
	}
	return chance * float64(n) * float64(n-1) / 2
}

// pick copies the given rows of a table.
func pick(table []Column, rows []int) []Column {
	out := make([]Column, len(table))
	for j, c := range table {
		out[j].Name = c.Name
		if c.Texts != nil {
			out[j].Texts = make([]string, len(rows))
			for k, i := range rows {
				out[j].Texts[k] = c.Texts[i]
			}
			continue
		}
		out[j].Numbers = make([]float64, len(rows))
		for k, i := range rows {
			out[j].Numbers[k] = c.Numbers[i]
		}
	}
	return out
}

func pickOf(values []float64, rows []int) []float64 {
	out := make([]float64, len(rows))
	for k, i := range rows {
		out[k] = values[i]
	}
	return out
}

// vocabulary gives the codes of a text column's values.
type vocabulary struct {
	Name   string   `json:"name"`
	Levels []string `json:"levels,omitempty"` // nil for numbers
	codes  map[string]int32
}

// learn makes the vocabularies of a training table, levels in order of their text.
func learn(table []Column) []vocabulary {
	words := make([]vocabulary, len(table))
	for j, c := range table {
		words[j].Name = c.Name
		if c.Texts == nil {
			continue
		}
		seen := map[string]bool{}
		words[j].Levels = []string{}
		for _, t := range c.Texts {
			if t != "" && !seen[t] {
				seen[t] = true
				words[j].Levels = append(words[j].Levels, t)
			}
		}
		slices.Sort(words[j].Levels)
		words[j].index()
	}
	return words
}

func (v *vocabulary) index() {
	v.codes = make(map[string]int32, len(v.Levels))
	for k, level := range v.Levels {
		v.codes[level] = int32(k)
	}
}

// code is that of a text: -1 for a hole, and one beyond the last for what was never met.
func (v *vocabulary) code(t string) int32 {
	if t == "" {
		return -1
	}
	if k, met := v.codes[t]; met {
		return k
	}
	return int32(len(v.Levels))
}

// arrange finds the model's columns in a table by name.
func arrange(table []Column, words []vocabulary) ([]Column, error) {
	out := make([]Column, len(words))
	for j := range words {
		at := slices.IndexFunc(table, func(c Column) bool { return c.Name == words[j].Name })
		if at < 0 {
			return nil, fail(InvalidData, "the table has no column %q, which the model was trained with", words[j].Name)
		}
		if out[j] = table[at]; (words[j].Levels != nil) != (out[j].Texts != nil) {
			return nil, fail(InvalidData, "column %q holds numbers in one table and texts in the other", words[j].Name)
		}
	}
	return out, nil
}

// forTrees makes the table of the trees; columns are in the order of the words.
func forTrees(table []Column, words []vocabulary) (*gbdt.Data, error) {
	columns := make([]gbdt.Column, len(table))
	for j, c := range table {
		if c.Texts == nil {
			columns[j] = gbdt.Float64(c.Name, c.Numbers)
			continue
		}
		codes := make([]int32, len(c.Texts))
		for i, t := range c.Texts {
			codes[i] = words[j].code(t)
		}
		columns[j] = gbdt.Categorical(c.Name, codes, words[j].Levels)
	}
	return gbdt.NewData(columns...)
}
