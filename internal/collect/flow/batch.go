package flow

import (
	"sync"

	"github.com/dangol/dangol/internal/bus"
	"github.com/dangol/dangol/internal/event"
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
	upTo     uint64 // of a batch without messages: the number up to which there is nothing to take
}

func (b *batch) seq() uint64 {
	if len(b.messages) == 0 {
		return b.upTo
	}
	return b.messages[len(b.messages)-1].Seq
}

// alone is the batch of one message.
func (b *batch) alone(i int) *batch {
	from, asideFrom := 0, 0
	if i > 0 {
		from, asideFrom = b.ends[i-1], b.asideEnd[i-1]
	}
	one := &batch{messages: b.messages[i : i+1], facts: b.facts[from:b.ends[i]], asides: b.asides[asideFrom:b.asideEnd[i]]}
	one.ends, one.asideEnd = []int{len(one.facts)}, []int{len(one.asides)}
	return one
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
		go func() {
			defer side.Done()
			work(d.decoders[1], 1)
		}()
	}
	work(d.decoders[0], 0)
	side.Wait()
	b := &batch{messages: messages}
	for i := range parts {
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
	index := 0
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
