package orders

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Note is something that was assumed or done, for people: a sentence, and beside it a code with what stands in it, for those who
// say it in another language.
type Note struct {
	Code     string            `json:"code" doc:"stable name of the sentence"`
	Values   map[string]string `json:"values" doc:"what stands in it; count is the number that decides between one and several"`
	Sentence string            `json:"sentence" doc:"the note in English"`
}

// NoteOf makes a note; values are pairs of names and what they stand for.
func NoteOf(code, sentence string, values ...string) Note {
	n := Note{Code: code, Values: map[string]string{}, Sentence: sentence}
	for i := 0; i+1 < len(values); i += 2 {
		n.Values[values[i]] = values[i+1]
	}
	return n
}

// CountNote is a note of which the sentence has a form for one and one for several, each with room for the count.
func CountNote(code string, count int64, one, several string) Note {
	if count == 1 {
		several = one
	}
	return NoteOf(code, fmt.Sprintf(several, count), "count", strconv.FormatInt(count, 10))
}

// UnmarshalJSON also takes a bare sentence, as imports kept them before notes had codes.
func (n *Note) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*n = Note{Values: map[string]string{}}
		return json.Unmarshal(b, &n.Sentence)
	}
	type plain Note
	return json.Unmarshal(b, (*plain)(n))
}

// Notes say what became of sales that were called off or given back.
func (t *Totals) Notes() []Note {
	var notes []Note
	if n := t.SetAside[CancelledOrder]; n > 0 {
		notes = append(notes, CountNote("cancelled", n, "%d line is of a cancelled order: neither a sale nor a refund.", "%d lines are of cancelled orders: neither sales nor refunds."))
	}
	if n := t.RefundsBeside; n > 0 {
		notes = append(notes, CountNote("returned", n, "%d line was bought and given back, in whole or in part: it counts as a purchase and, beside it, as a refund.",
			"%d lines were bought and given back, in whole or in part: each counts as a purchase and, beside it, as a refund."))
	}
	return notes
}
