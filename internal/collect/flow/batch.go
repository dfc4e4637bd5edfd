package flow

import (
	"slices"
	"sync"

	"github.com/dangol/dangol/internal/bus"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/patient"
)

// aside is an event that cannot be used.
type aside struct {
	place  uint64
	header event.Header
	raw    []byte
	name   string
	event.Trouble
	claimed bool // its message id is taken: mended, it needs another
}

// batch is some messages of the log, decoded.
type batch struct {
	messages []bus.Message
	facts    []event.Fact
	asides   []aside
	ends     []int // of each message's facts
	asideEnd []int
	bytes    int    // of its messages, unpacked
	upTo     uint64 // of a batch without messages: the number up to which there is nothing to take
	alone    bool   // no other step is to begin before every stage has taken it
}

func (b *batch) seq() uint64 {
	if len(b.messages) == 0 {
		return b.upTo
	}
	return b.messages[len(b.messages)-1].Seq
}

// span is the batch of some of the messages, from <= i < to.
func (b *batch) span(from, to int) *batch {
	fact, aside := 0, 0
	if from > 0 {
		fact, aside = b.ends[from-1], b.asideEnd[from-1]
	}
	s := &batch{
		messages: b.messages[from:to:to], facts: b.facts[fact:b.ends[to-1]:b.ends[to-1]], asides: b.asides[aside:b.asideEnd[to-1]:b.asideEnd[to-1]], alone: b.alone,
	}
	for i := from; i < to; i++ {
		s.bytes += event.GroupSize(b.messages[i].Data)
		s.ends, s.asideEnd = append(s.ends, b.ends[i]-fact), append(s.asideEnd, b.asideEnd[i]-aside)
	}
	return s
}

// join adds what follows in the log, where one step has room for both.
func (b *batch) join(c *batch) bool {
	if len(b.facts)+len(c.facts) > stepFacts || b.bytes+c.bytes > stepBytes || len(b.messages)*len(c.messages) == 0 {
		return false
	}
	facts, asides := len(b.facts), len(b.asides)
	for i := range c.messages {
		b.ends, b.asideEnd = append(b.ends, facts+c.ends[i]), append(b.asideEnd, asides+c.asideEnd[i])
	}
	if have := len(b.facts); have+len(c.facts) > cap(b.facts) {
		b.facts = slices.Grow(b.facts, max(have, len(c.facts))) // twice as many: a step is joined from a hundred messages
	}
	b.messages, b.facts, b.asides = append(b.messages, c.messages...), append(b.facts, c.facts...), append(b.asides, c.asides...)
	b.bytes += c.bytes
	return true
}

// What a step takes at most. Its facts lie in memory several times over, as text and as columns, so that the largest step says
// how much the process needs; beyond some thousands a larger one is not faster.
const (
	stepFacts = 16_000
	stepBytes = 12 << 20 // of messages, unpacked
)

// share is how many of the messages are decoded together: one at least.
func share(messages []bus.Message) (n int) {
	size := event.GroupSize(messages[0].Data)
	for n = 1; n < len(messages); n++ {
		if size += event.GroupSize(messages[n].Data); size > stepBytes {
			break
		}
	}
	return n
}

// steps cuts a batch into those that one step takes.
func (b *batch) steps() []*batch {
	if len(b.facts) <= stepFacts {
		return []*batch{b}
	}
	var cut []*batch
	from, start := 0, 0
	for i := range b.messages {
		if i > from && b.ends[i]-start > stepFacts {
			cut = append(cut, b.span(from, i))
			from, start = i, b.ends[i-1]
		}
	}
	return append(cut, b.span(from, len(b.messages)))
}

// decoding reads messages, on two cores where there are several.
type decoding struct {
	decoders [2]*event.Decoder
}

func newDecoding(rename func(string) string) *decoding {
	d := &decoding{}
	for i := range d.decoders {
		d.decoders[i] = event.NewDecoder(event.DecoderOptions{Rename: rename})
	}
	return d
}

// decoded is one message's share of a batch.
type decoded struct {
	facts  []event.Fact
	asides []aside
}

func (d *decoding) batch(messages []bus.Message) *batch {
	parts := make([]decoded, len(messages))
	var side sync.WaitGroup
	work := func(decoder *event.Decoder, from int) {
		for i := from; i < len(messages); i += len(d.decoders) {
			parts[i] = decodeMessage(decoder, &messages[i])
		}
	}
	if len(messages) > 1 {
		side.Add(1)
		go patient.Do(func() {
			defer side.Done()
			work(d.decoders[1], 1)
		})
	}
	patient.Do(func() { work(d.decoders[0], 0) })
	side.Wait()
	total := 0
	for i := range parts {
		total += len(parts[i].facts)
	}
	b := &batch{messages: messages[:len(messages):len(messages)], facts: make([]event.Fact, 0, total)} // behind the messages lie those of the next
	for i := range parts {
		b.bytes += event.GroupSize(messages[i].Data)
		b.facts, b.asides = append(b.facts, parts[i].facts...), append(b.asides, parts[i].asides...)
		b.ends, b.asideEnd = append(b.ends, len(b.facts)), append(b.asideEnd, len(b.asides))
	}
	return b
}

func decodeMessage(decoder *event.Decoder, m *bus.Message) (d decoded) {
	requests, err := event.ReadGroup(m.Data)
	if err != nil {
		d.asides = append(d.asides, aside{place: event.PlaceOf(m.Seq, 0), header: event.Header{ReceivedUS: m.AtUS}, Trouble: event.Trouble{
			Reason: "unreadable_message", Sentence: "A message of the log cannot be read: " + err.Error() + ".", Next: "Send its events again.",
		}})
		return d
	}
	index, events := 0, 0
	for i := range requests {
		events += len(requests[i].Events)
	}
	d.facts = make([]event.Fact, 0, events)
	for i := range requests {
		r := &requests[i]
		for _, raw := range r.Events {
			place := event.PlaceOf(m.Seq, index)
			index++
			fact, trouble := decoder.Decode(&r.Header, raw, place)
			if trouble != nil {
				d.asides = append(d.asides, aside{place: place, header: r.Header, raw: raw, name: fact.Name, Trouble: *trouble})
				continue
			}
			d.facts = append(d.facts, fact)
		}
	}
	return d
}
