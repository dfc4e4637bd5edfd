package event

// Request is what came in one call: a header and its raw events.
type Request struct {
	Header Header
	Events [][]byte
}

// AppendGroup appends to dst the message that holds the requests.
func AppendGroup(dst []byte, requests []Request) []byte { return dst }

// ReadGroup reads a message that AppendGroup made. The index of an event in the group is its position in all requests, in order.
func ReadGroup(message []byte) ([]Request, error) { return nil, nil }
