package churn

import (
	"math"
	"slices"
	"sort"
)

// never stands for a day that is not known.
const never = math.MinInt32

// happening is an order or a refund, as far as it bears on who leaves.
type happening struct {
	day, promised, delivered int32
	paidUntil                int32 // the last day that the order pays for
	minor                    int64
	market, channel          uint16
	refund, coupon           bool
}

// lateBy tells of a purchase how many days late its parcel was, as far as that is known on a day: a parcel that is overdue on that day and
// has not come is late by then. known is false where nothing was promised, or the parcel may still come in time.
func (h *happening) lateBy(cut int32) (days int32, known bool) {
	if h.promised == never {
		return 0, false
	}
	if h.delivered != never && h.delivered <= cut {
		return max(h.delivered-h.promised, 0), true
	}
	// One that was never told to have come is forgotten after a while: some shops do not tell.
	if overdue := cut - h.promised; overdue > 0 && overdue <= mostOverdue {
		return overdue, true
	}
	return 0, false
}

// mostOverdue is for how many days after the promised one a parcel that has not come counts as late.
const mostOverdue = 45

// book has every order and refund, by customer and time.
type book struct {
	keys     []uint32 // rising
	at       []int    // of customer i: list[at[i]:at[i+1]]
	list     []happening
	category []uint16 // of the first purchase, by customer

	markets, channels, categories *lexicon
	scale                         float64 // minor units in a major one
}

// lexicon numbers words; 0 is "". Words that it was not made with share one number.
type lexicon struct {
	words []string
	codes map[string]uint16
}

// mostWords bounds a lexicon.
const mostWords = 40

// beyond is the word for all that a lexicon does not know.
const beyond = "other"

// newLexicon knows these words, the most frequent first, as far as there is room.
func newLexicon(words ...string) *lexicon {
	l := &lexicon{codes: map[string]uint16{}}
	l.put("")
	for _, w := range words {
		if len(l.words) < mostWords-1 {
			l.put(w)
		}
	}
	l.put(beyond)
	return l
}

func (l *lexicon) put(word string) {
	if _, there := l.codes[word]; !there {
		l.codes[word] = uint16(len(l.words))
		l.words = append(l.words, word)
	}
}

func (l *lexicon) code(word string) uint16 {
	if c, known := l.codes[word]; known {
		return c
	}
	return l.codes[beyond]
}

// vocabulary are the words of a book: markets, channels and categories.
type vocabulary [words][]string

func newBook(scale float64, v vocabulary) *book {
	return &book{markets: newLexicon(v[place]...), channels: newLexicon(v[channel]...), categories: newLexicon(v[category]...), scale: scale, at: []int{0}}
}

// vocabulary is what a model keeps, so that what it is asked about later is read as what it learnt from was.
func (b *book) vocabulary() vocabulary {
	return vocabulary{b.markets.words, b.channels.words, b.categories.words}
}

// add appends a happening of a customer; customers come by rising key, and theirs by time.
func (b *book) add(key uint32, h happening) {
	if n := len(b.keys); n == 0 || b.keys[n-1] != key {
		b.keys = append(b.keys, key)
		b.category = append(b.category, 0)
		b.at = append(b.at, len(b.list))
	}
	b.list = append(b.list, h)
	b.at[len(b.keys)] = len(b.list)
}

// of is what is known of the i-th customer.
func (b *book) of(i int) []happening { return b.list[b.at[i]:b.at[i+1]] }

// find is the place of a customer; false where she is not in the book.
func (b *book) find(key uint32) (int, bool) { return slices.BinarySearch(b.keys, key) }

// until cuts a customer's happenings after a day.
func until(list []happening, cut int32) []happening {
	return list[:sort.Search(len(list), func(i int) bool { return list[i].day > cut })]
}

// begins is the first day of a purchase in the book; false where there is none.
func (b *book) begins() (first int32, some bool) {
	first = math.MaxInt32
	for i := range b.list {
		if h := &b.list[i]; !h.refund {
			first, some = min(first, h.day), true
		}
	}
	return first, some
}

// buys says whether a customer ordered after the cut, up to a day.
func buys(list []happening, cut, last int32) bool {
	from := sort.Search(len(list), func(i int) bool { return list[i].day > cut })
	for _, h := range list[from:] {
		if h.day > last {
			return false
		}
		if !h.refund {
			return true
		}
	}
	return false
}
