package event

import (
	"encoding/binary"
	"fmt"

	"github.com/klauspost/compress/s2"

	"github.com/dangol/dangol/internal/kit/fault"
)

// A message of the log is two bytes, groupMark and groupVersion, and an s2 block. The block holds requests one after
// the other: uvarint of the time of arrival, a byte of flags, five texts (source, address, user agent, time of sending,
// shared context), uvarint of the number of events, and the events; a text or event is its uvarint length and its bytes.
const (
	groupMark    = 'E'
	groupVersion = 1
	directFlag   = 1 << 7 // of the flags; the lower bits are the type
	// maxGroupBytes bounds what a damaged message may ask for.
	maxGroupBytes = 64 << 20
)

// Request is what came in one call: a header and its raw events.
type Request struct {
	Header Header
	Events [][]byte
}

// AppendRequest appends a request to a group that is not yet packed.
func AppendRequest(group []byte, h *Header, events [][]byte) []byte {
	group = binary.AppendUvarint(group, uint64(h.ReceivedUS))
	flags := byte(h.Type)
	if h.Direct {
		flags |= directFlag
	}
	group = append(group, flags)
	for _, s := range []string{h.Source, h.IP, h.UserAgent, h.SentAt} {
		group = appendText(group, s)
	}
	group = binary.AppendUvarint(group, uint64(len(h.Shared)))
	group = append(group, h.Shared...)
	group = binary.AppendUvarint(group, uint64(len(events)))
	for _, e := range events {
		group = binary.AppendUvarint(group, uint64(len(e)))
		group = append(group, e...)
	}
	return group
}

// PackGroup makes the message of the log from a group of appended requests, in room where that suffices.
func PackGroup(room, group []byte) []byte {
	if need := 2 + s2.MaxEncodedLen(len(group)); cap(room) < need {
		room = make([]byte, need)
	}
	room = room[:cap(room)]
	room[0], room[1] = groupMark, groupVersion
	return room[:2+len(s2.Encode(room[2:], group))]
}

// AppendGroup appends to dst the message that holds the requests.
func AppendGroup(dst []byte, requests []Request) []byte {
	var group []byte
	for i := range requests {
		group = AppendRequest(group, &requests[i].Header, requests[i].Events)
	}
	return append(dst, PackGroup(nil, group)...)
}

// GroupSize is how many bytes the requests of a message take, unpacked; of one that cannot be read, the bytes that it has.
func GroupSize(message []byte) int {
	if len(message) < 2 {
		return len(message)
	}
	n, err := s2.DecodedLen(message[2:])
	if err != nil || n > maxGroupBytes {
		return len(message)
	}
	return n
}

// ReadGroup reads a message that AppendGroup made. The index of an event in the group is its position in all requests,
// in order. The events share one memory of their own.
func ReadGroup(message []byte) ([]Request, error) {
	if len(message) < 2 || message[0] != groupMark || message[1] != groupVersion {
		return nil, unreadable("it is of an unknown kind")
	}
	n, err := s2.DecodedLen(message[2:])
	if err != nil || n > maxGroupBytes {
		return nil, unreadable("its size is wrong")
	}
	block, err := s2.Decode(nil, message[2:])
	if err != nil {
		return nil, unreadable("its content is damaged")
	}
	r := groupReader{rest: block}
	var requests []Request
	events := 0
	for len(r.rest) > 0 && !r.bad {
		one := r.request()
		requests = append(requests, one)
		events += len(one.Events)
	}
	if r.bad {
		return nil, unreadable("a length in it is wrong")
	}
	if events > 1<<12 {
		return nil, unreadable(fmt.Sprintf("it has %d events", events))
	}
	return requests, nil
}

func unreadable(why string) error {
	return fault.New(fault.Internal, "event.unreadable_group", "a message of the event log cannot be read: "+why)
}

// groupReader takes a block apart; bad means that it ended too early.
type groupReader struct {
	rest []byte
	bad  bool
}

func (r *groupReader) number() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *groupReader) bytes() []byte {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *groupReader) request() (one Request) {
	h := &one.Header
	h.ReceivedUS = int64(r.number())
	if len(r.rest) == 0 {
		r.bad = true
		return one
	}
	h.Type, h.Direct = Type(r.rest[0]&^directFlag), r.rest[0]&directFlag != 0
	r.rest = r.rest[1:]
	h.Source, h.IP, h.UserAgent, h.SentAt = string(r.bytes()), string(r.bytes()), string(r.bytes()), string(r.bytes())
	if shared := r.bytes(); len(shared) > 0 {
		h.Shared = shared
	}
	n := r.number()
	if n > uint64(len(r.rest)) { // each takes a byte at least
		r.bad = true
		return one
	}
	one.Events = make([][]byte, n)
	for i := range one.Events {
		one.Events[i] = r.bytes()
	}
	return one
}
