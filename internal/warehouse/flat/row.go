package flat

import (
	"bytes"
	"slices"
)

// Columns is how many properties of the events of a name have columns.
const Columns = 6

// What Told gives: of events that nobody read yet, of those of which no column tells anything, of those of which as many properties as it is
// more than None are told, in the order of the name's list, and of those that have nothing but what is told.
const (
	Whole = 0
	None  = 1
	All   = 255
)

const (
	longest      = 256 // bytes of a value that is kept twice
	longestFirst = 64  // of the first value, or the property gets no column: rules look at what is short
	longestKey   = 64
	longestWord  = 24
)

// Columns are parted by what is likely to have few values and what is not, of which an engine makes dictionaries, which read several times as
// fast: the names share them, and one that numbers its orders would spoil the column of another's categories. Numbers of things and addresses
// cost most to keep, and get one.
var columnsFor = map[likely][]int{
	words:   {0, 1, 2, 4, 3},
	numbers: {3, 4, 2, 1, 0},
	others:  {5},
}

type likely uint8

const (
	words likely = iota
	numbers
	others
)

// Property is one that has a column.
type Property struct {
	Name   string
	Column int
}

// Row is what the columns of one event get.
type Row struct {
	List   []Property      // those of the name, in the order in which they were seen first; new ones are added to a copy
	Values [Columns][]byte // nil is nothing

	met   [Columns]bool
	other bool // there is something without a column
	odd   bool // the columns cannot tell what there is
}

// Read takes the properties of an event, a JSON object.
func (r *Row) Read(props []byte) {
	for s := Scan(props); s.Next(); {
		if s.OddKey {
			r.odd = true // it may mean one that has a column
			continue
		}
		i := r.column(&s)
		switch {
		case i < 0:
			r.other = r.other || s.Kind != Null
			continue
		case r.met[i], s.Kind == Odd, s.Kind == Nested, len(s.Text) > longest:
			r.odd = true
		case s.Kind == Plain:
			r.Values[i] = s.Text
		}
		r.met[i] = true
	}
}

// column finds a property's column, or gives it one; -1 where it has none.
func (r *Row) column(s *Scanner) int {
	for i := range r.List {
		if r.List[i].Name == string(s.Key) {
			return r.List[i].Column
		}
	}
	if !worthColumn(s) {
		return -1
	}
	for _, c := range columnsFor[likelyOf(s.Text)] {
		if !slices.ContainsFunc(r.List, func(p Property) bool { return p.Column == c }) {
			r.List = append(slices.Clip(r.List), Property{string(s.Key), c})
			return c
		}
	}
	return -1
}

// worthColumn says that a property may have a column: it can be named by a path of one step, and is short.
func worthColumn(s *Scanner) bool {
	return s.Kind == Plain && len(s.Text) <= longestFirst && len(s.Key) > 0 && len(s.Key) <= longestKey && !bytes.ContainsAny(s.Key, `."*#$[]/`)
}

// likelyOf guesses by the first value.
func likelyOf(text []byte) likely {
	switch {
	case len(text) > 0 && bytes.Trim(text, "-.0123456789") == nil, string(text) == "true", string(text) == "false":
		return numbers
	case len(text) <= longestWord && !bytes.ContainsAny(text, "0123456789/@:"):
		return words
	}
	return others
}

// Told says how much the columns tell, NULL in them being nothing. Of an event that has nothing else, those tell it too that its name's properties
// get later.
func (r *Row) Told() uint8 {
	switch {
	case r.odd:
		return None
	case r.other:
		return None + uint8(len(r.List))
	}
	return All
}
